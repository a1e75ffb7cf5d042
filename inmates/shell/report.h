/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that the shell prints. */
#ifndef SHELL_REPORT_H
#define SHELL_REPORT_H

#include <hyp/abi.h>
#include <hyp/compiler.h>

/** report_list() - every cell on a line */
void report_list(void);

/**
 * report_info() - one cell's state, and why it stopped
 * @cell: from 0
 * @name: its name
 */
void report_info(unsigned int cell, const char *name);

/**
 * report_stat() - one counter
 * @cell: from 0
 * @index: of the CPU within the cell
 *
 * Return: 0, or the hypervisor's errno: there is no such CPU.
 */
int report_stat(unsigned int cell, unsigned int index, enum bh_stat stat,
		uint64_t *value) MUST_CHECK;

/** report_stat_name() - as the table shows it */
const char *report_stat_name(enum bh_stat stat);

/** report_cpu_number() - the board's number of a cell's CPU @index */
unsigned int report_cpu_number(uint64_t cpus, unsigned int index);

/**
 * report_stats() - the exits of each CPU of a cell, by reason
 * @cell: from 0
 * @name: its name
 */
void report_stats(unsigned int cell, const char *name);

/**
 * report_devices() - the assigned devices, their interrupts and regions
 * @cell: from 0
 * @name: its name
 */
void report_devices(unsigned int cell, const char *name);

#endif /* SHELL_REPORT_H */
