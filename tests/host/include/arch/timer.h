/* SPDX-License-Identifier: Apache-2.0 */
/* The host's timer: the test that links core/timer.c plays the hardware. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <hyp/compiler.h>

uint64_t arch_timer_now(void);
uint64_t arch_timer_count(void);
uint64_t arch_timer_frequency(void);
void arch_timer_start(uint64_t deadline);
void arch_timer_set(uint64_t deadline);
void arch_timer_stop(void);

#endif /* ARCH_TIMER_H */
