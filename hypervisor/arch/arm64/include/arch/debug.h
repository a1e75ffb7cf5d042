/* SPDX-License-Identifier: Apache-2.0 */
/* The self-hosted debug registers of this CPU: a cell's own by its config, or nobody's. */
#ifndef ARCH_DEBUG_H
#define ARCH_DEBUG_H

#include <hyp/compiler.h>

struct cpu;

/**
 * debug_hand_over() - reset them, before this CPU's next guest
 * @granted: the guest may use them
 *
 * The OS lock is as after a cold reset: locked.
 *
 * Return: MDCR_EL2.TDA, TDOSA and TDRA for that guest.
 */
uint64_t debug_hand_over(struct cpu *cpu, bool granted);

/** debug_breakpoint_count() - of the cell's CPUs: 2 without "debug" in its config */
unsigned int debug_breakpoint_count(const struct cpu *cpu);

/** debug_watchpoint_count() - the same of watchpoints */
unsigned int debug_watchpoint_count(const struct cpu *cpu);

#endif /* ARCH_DEBUG_H */
