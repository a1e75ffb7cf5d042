/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measured sequences, in assembly, so that the same instructions run bare and
 * in a cell. Each reads a counter, does one thing, and reads it again: right after,
 * or as the first instruction of the interrupt's vector.
 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#define PROBE_NO_INTERRUPT -1

/* How long a probe looks out for its interrupt: turns of a loop. */
#define PROBE_PATIENCE 100000

#ifndef __ASSEMBLER__
#include <stdint.h>

/*
 * VBAR_EL1 while a probe with an interrupt runs, by what is to be read in the
 * vector: PMCCNTR_EL0, event counter 0, or CNTVCT_EL0.
 */
extern char probe_vectors[];
extern char probe_vectors_retired[];
extern char probe_vectors_time[];

/** probe_nothing() - the counter around a NOP: what the reading itself costs */
int64_t probe_nothing(void);

/* One access of 4 bytes, or of 1. */
int64_t probe_load(uintptr_t address);
int64_t probe_store(uintptr_t address, uint32_t value);
int64_t probe_store_byte(uintptr_t address, uint32_t value);

/** probe_hvc() - HVC #0 with @function in x0 and zero in x1 to x3 */
int64_t probe_hvc(uint64_t function);

/*
 * From what raises an interrupt to the vector. They return with interrupts masked
 * and the interrupt neither acknowledged nor quieted.
 *
 * Return: the counter's difference, or PROBE_NO_INTERRUPT.
 */
int64_t probe_irq_store(uintptr_t address, uint32_t value);
int64_t probe_irq_timer(uint64_t control);   /* CNTV_CTL_EL0 := control */
int64_t probe_irq_sgi1r(uint64_t value);     /* ICC_SGI1R_EL1 := value */

/**
 * probe_irq_sleep() - from WFI to the vector, instructions only
 *
 * By event counter 0, which must count INST_RETIRED: the cycle counter would
 * count the sleep.
 */
int64_t probe_irq_sleep(uintptr_t address, uint32_t value);

/**
 * probe_send_store(), probe_send_sgi1r() - send an SGI to another CPU and step
 * aside by WFE until that has taken it
 * @taken: the receiver makes it other than 0
 *
 * Return: CNTVCT_EL0 before the sending.
 */
uint64_t probe_send_store(uintptr_t address, uint32_t value,
			  const uint64_t *taken);
uint64_t probe_send_sgi1r(uint64_t value, const uint64_t *taken);

/** probe_receive() - sleep until an interrupt; Return: CNTVCT_EL0 in the vector */
uint64_t probe_receive(void);

/** struct probe_start - what another CPU starts with, its MMU off */
struct probe_start {
	uint64_t ttbr0;
	uint64_t tcr;
	uint64_t mair;
	uint64_t sctlr;
	uint64_t stack; /* its top */
	uint64_t entry; /* a function of no argument that never returns */
};

/** probe_start_cpu - entry for PSCI CPU_ON, with a struct probe_start in x0 */
extern char probe_start_cpu[];
#endif /* __ASSEMBLER__ */

#endif /* BENCH_PROBE_H */
