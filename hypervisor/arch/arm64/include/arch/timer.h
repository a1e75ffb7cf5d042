/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timer as EL2 uses it: the counter, and CNTHP for deadlines. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <arch/barrier.h>
#include <arch/sysreg.h>

static inline uint64_t arch_timer_now(void)
{
	barrier_isb(); /* the counter is not read ahead of what came before */
	return SYSREG_READ(CNTPCT_EL0);
}

/* The same, or what it was just before. */
static inline uint64_t arch_timer_count(void)
{
	return SYSREG_READ(CNTPCT_EL0);
}

static inline uint64_t arch_timer_frequency(void)
{
	return SYSREG_READ(CNTFRQ_EL0);
}

/* It takes effect on the way into the guest at the latest. */
static inline void arch_timer_start(uint64_t deadline)
{
	SYSREG_WRITE(CNTHP_CVAL_EL2, deadline);
	SYSREG_WRITE(CNTHP_CTL_EL2, 1);
}

static inline void arch_timer_set(uint64_t deadline)
{
	arch_timer_start(deadline);
	barrier_isb(); /* the interrupt's level follows before it is looked at */
}

static inline void arch_timer_stop(void)
{
	SYSREG_WRITE(CNTHP_CTL_EL2, 0);
	barrier_isb();
}

#endif /* ARCH_TIMER_H */
