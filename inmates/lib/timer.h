/* SPDX-License-Identifier: Apache-2.0 */
/* Time, by the generic timer's virtual counter. All waiting sleeps in WFI. */
#ifndef INMATES_LIB_TIMER_H
#define INMATES_LIB_TIMER_H

#include <hyp/compiler.h>

/**
 * timer_init() - find the virtual timer's interrupt in the tree
 *
 * Called by the runtime after irq_init().
 *
 * Return: 0, -HYP_ENODEV (no timer node, or a counter without a frequency), or
 * the error of devtree_irq() or irq_request().
 */
int timer_init(void) MUST_CHECK;

/** timer_ticks() - the virtual counter, ordered after earlier instructions */
uint64_t timer_ticks(void);

/** timer_freq_hz() - ticks per second */
uint64_t timer_freq_hz(void);

/** timer_now_us() - microseconds since the counter started; never goes back */
uint64_t timer_now_us(void);

/** timer_now_ns() - the same in nanoseconds */
uint64_t timer_now_ns(void);

/** timer_delay_ms() - sleep; interrupts are taken meanwhile */
void timer_delay_ms(uint32_t delay_ms);

/**
 * timer_wait() - sleep until a condition holds
 * @is_done: looked at with interrupts masked, after each interrupt
 * @arg: handed to @is_done
 * @timeout_ms: the longest wait
 *
 * Return: whether the condition held in time.
 */
bool timer_wait(bool (*is_done)(void *arg), void *arg, uint32_t timeout_ms);

#endif /* INMATES_LIB_TIMER_H */
