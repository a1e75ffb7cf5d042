/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own failure: what it says, and what becomes of the machine. */
#ifndef HYP_PANIC_H
#define HYP_PANIC_H

#include <hyp/compiler.h>

/** struct panic_state - the CPU when it failed */
struct panic_state {
	const uint64_t *x; /* x0 to x30 */
	uint64_t pc;
	uint64_t sp;
	uint64_t spsr;
	uint64_t esr;
	uint64_t far;
	unsigned int level; /* exception level: 1 before anything works, else 2 */
};

/** panic_init() - how long after a panic the machine is reset, ms; 0: never */
void panic_init(uint32_t reset_ms);

/**
 * panic_report() - stop the other CPUs, say everything, reset or stay
 * @why: the exception, in words
 *
 * Addresses of the image are said relative to its start, for scripts/backtrace.py.
 * A panic within a panic ends the report.
 */
NORETURN void panic_report(const struct panic_state *state, const char *why);

#endif /* HYP_PANIC_H */
