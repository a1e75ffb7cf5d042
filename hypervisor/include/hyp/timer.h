/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines on the EL2 physical timer (CNTHP), one queue per CPU: a binary heap,
 * earliest first. A CPU arms and runs the timers of its own queue only, in a guest or
 * not; any CPU may cancel them.
 */
#ifndef HYP_TIMER_H
#define HYP_TIMER_H

#include <arch/timer.h>
#include <hyp/lock.h>

struct cpu;

/** struct timer - zeroed means idle */
struct timer {
	uint64_t deadline; /* ticks of CNTPCT_EL0 */
	/* runs on the owner CPU with interrupts masked; may arm the timer again */
	void (*expire)(struct timer *timer, uint64_t now);
	struct cpu *cpu;   /* in whose queue, NULL: in none */
	uint32_t position; /* in the heap */
};

#define TIMER_QUEUE_MAX (CONFIG_DEVICES_MAX + CONFIG_CELLS_MAX)

/** struct timer_queue - guarded by @lock, but for what is the CPU's own */
struct timer_queue {
	struct spinlock lock;
	unsigned int count;
	/*
	 * The CPU's own: what CNTHP is set to, UINT64_MAX: it is off; and one deadline
	 * that needs neither the lock nor a place in the heap, 0: none.
	 */
	uint64_t next;
	uint64_t tick;
	void (*on_tick)(struct cpu *cpu, uint64_t now);
	struct timer *heap[TIMER_QUEUE_MAX];
};

/** timer_init() - before anything else; @on_tick: what expires, may arm it again */
void timer_init(struct timer_queue *queue,
		void (*on_tick)(struct cpu *cpu, uint64_t now));

/** timer_now() - ticks of CNTPCT_EL0 */
uint64_t timer_now(void);

/** timer_ticks() - milliseconds to ticks, rounded up, in 64 bits */
uint64_t timer_ticks(uint64_t ms);

/**
 * timer_arm() - run @timer->expire at @deadline or soon after, on this CPU
 *
 * A timer that waits in this CPU's queue is moved; one that waits in another
 * CPU's must not be armed here.
 */
void timer_arm(struct timer *timer, uint64_t deadline);

/** timer_tick_arm() - run on_tick() in @ticks, on this CPU whose @queue it is */
static inline void timer_tick_arm(struct timer_queue *queue, uint64_t ticks)
{
	uint64_t deadline = arch_timer_count() + ticks;

	queue->tick = deadline;
	if (deadline < queue->next) {
		queue->next = deadline;
		arch_timer_start(deadline);
	}
}

/**
 * timer_cancel() - idle it, in whatever queue it waits; any CPU may call
 *
 * Who arms it must have been kept from doing so again. @timer->expire may have begun
 * on another CPU, and then runs after this returns.
 */
void timer_cancel(struct timer *timer);

/** timer_reprogram() - another CPU has taken the first timer of this one's queue */
void timer_reprogram(struct cpu *cpu);

/** timer_interrupt() - CNTHP fired: run at most one timer, set the next */
void timer_interrupt(struct cpu *cpu);

#endif /* HYP_TIMER_H */
