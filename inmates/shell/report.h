/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that the shell prints. */
#ifndef SHELL_REPORT_H
#define SHELL_REPORT_H

/** report_list() - every cell on a line */
void report_list(void);

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
