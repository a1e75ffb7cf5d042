/* SPDX-License-Identifier: Apache-2.0 */
/* The other CPUs of the cell: started by PSCI into C, with the MMU on. */
#ifndef INMATES_LIB_SMP_H
#define INMATES_LIB_SMP_H

#include <hyp/compiler.h>

#define SMP_CPUS_MAX 8

/** smp_index() - which CPU of the cell this is: 0, 1, ... */
unsigned int smp_index(void);

/**
 * smp_start() - have another CPU run a function
 * @index: of the CPU, from 1; its affinity in a cell
 * @entry: runs with this CPU's tables and vectors, interrupts masked, and a stack of 16
 * KiB; its GIC is as after a reset. Where it returns the CPU is switched off
 * @arg: handed to @entry
 *
 * Return: 0, or the error that PSCI CPU_ON gave.
 */
int64_t smp_start(unsigned int index, void (*entry)(void *arg),
		  void *arg) MUST_CHECK;

#endif /* INMATES_LIB_SMP_H */
