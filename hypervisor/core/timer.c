// SPDX-License-Identifier: Apache-2.0
/* Deadlines on CNTHP: a binary heap per CPU, filled and run by that CPU alone. */
#include <arch/timer.h>
#include <hyp/cpu.h>
#include <hyp/timer.h>

uint64_t timer_now(void)
{
	return arch_timer_now();
}

uint64_t timer_ticks(uint64_t ms)
{
	uint64_t frequency = arch_timer_frequency();

	/* 2^32 ms at 1 GHz need 62 bits. */
	return (ms * frequency + 999) / 1000;
}

static void heap_place(struct timer_queue *queue, unsigned int at,
		       struct timer *timer)
{
	queue->heap[at] = timer;
	timer->position = at;
}

static void heap_up(struct timer_queue *queue, unsigned int at)
{
	struct timer *timer = queue->heap[at];

	while (at > 0) {
		unsigned int parent = (at - 1) / 2;

		if (queue->heap[parent]->deadline <= timer->deadline) {
			break;
		}
		heap_place(queue, at, queue->heap[parent]);
		at = parent;
	}
	heap_place(queue, at, timer);
}

static void heap_down(struct timer_queue *queue, unsigned int at)
{
	struct timer *timer = queue->heap[at];

	for (;;) {
		unsigned int child = 2 * at + 1;

		if (child + 1 < queue->count &&
		    queue->heap[child + 1]->deadline <
			    queue->heap[child]->deadline) {
			child++;
		}
		if (child >= queue->count ||
		    timer->deadline <= queue->heap[child]->deadline) {
			break;
		}
		heap_place(queue, at, queue->heap[child]);
		at = child;
	}
	heap_place(queue, at, timer);
}

/* By the CPU whose queue it is. */
static void timer_program(struct timer_queue *queue)
{
	uint64_t next = queue->count == 0 ? UINT64_MAX :
					    queue->heap[0]->deadline;

	if (queue->tick != 0 && queue->tick < next) {
		next = queue->tick;
	}
	queue->next = next;
	if (next == UINT64_MAX) {
		arch_timer_stop();
	} else {
		arch_timer_set(next);
	}
}

void timer_init(struct timer_queue *queue,
		void (*on_tick)(struct cpu *cpu, uint64_t now))
{
	queue->next = UINT64_MAX;
	queue->on_tick = on_tick;
}

static void timer_take(struct timer_queue *queue, struct timer *timer)
	REQUIRE_LOCK(queue->lock)
{
	unsigned int at = timer->position;
	struct timer *last = queue->heap[--queue->count];

	/* Pairs with the loads in timer_cancel() and in device_deadline_set(). */
	__atomic_store_n(&timer->cpu, NULL, __ATOMIC_RELEASE);
	if (last != timer) {
		heap_place(queue, at, last);
		heap_up(queue, at);
		heap_down(queue, last->position);
	}
}

static ALWAYS_INLINE void timer_put(struct timer_queue *queue,
				    struct timer *timer, uint64_t deadline)
{
	/* Too early does no harm, too late would. */
	if (deadline < queue->next) {
		queue->next = deadline;
		arch_timer_start(deadline);
	}
	/* Pairs with the loads in timer_cancel() and in device_deadline_set(). */
	__atomic_store_n(&timer->cpu, cpu_this(), __ATOMIC_RELEASE);
}

/* It is armed already, or not alone. */
static NOINLINE void timer_arm_more(struct timer_queue *queue,
				    struct timer *timer, uint64_t deadline)
	REQUIRE_LOCK(queue->lock) RELEASE_LOCK(queue->lock)
{
	if (timer->cpu == cpu_this()) {
		timer_take(queue, timer);
	}
	/* There is room: one timer per device, and EL2's few. */
	if (queue->count != TIMER_QUEUE_MAX) {
		timer->deadline = deadline;
		queue->heap[queue->count] = timer;
		heap_up(queue, queue->count++);
		timer_put(queue, timer, deadline);
	}
	spinlock_unlock(&queue->lock);
}

void timer_arm(struct timer *timer, uint64_t deadline)
{
	struct timer_queue *queue = &cpu_this()->timers;

	spinlock_lock(&queue->lock);
	if (UNLIKELY(queue->count != 0)) {
		timer_arm_more(queue, timer, deadline);
		return;
	}
	timer->deadline = deadline;
	queue->count = 1;
	heap_place(queue, 0, timer);
	timer_put(queue, timer, deadline);
	spinlock_unlock(&queue->lock);
}

void timer_cancel(struct timer *timer)
{
	struct cpu *cpu;

	/* It may expire, and be armed again elsewhere, until its queue is held. */
	while ((cpu = __atomic_load_n(&timer->cpu, __ATOMIC_ACQUIRE)) != NULL) {
		struct timer_queue *queue = &cpu->timers;

		spinlock_lock(&queue->lock);
		if (timer->cpu == cpu) {
			bool was_next = queue->heap[0] == timer;

			timer_take(queue, timer);
			if (cpu == cpu_this()) {
				timer_program(queue);
			} else if (was_next) {
				cpu_request(cpu, CPU_REQUEST_TIMER);
			}
		}
		spinlock_unlock(&queue->lock);
	}
}

void timer_reprogram(struct cpu *cpu)
{
	spinlock_lock(&cpu->timers.lock);
	timer_program(&cpu->timers);
	spinlock_unlock(&cpu->timers.lock);
}

void timer_interrupt(struct cpu *cpu)
{
	struct timer_queue *queue = &cpu->timers;
	struct timer *due = NULL;
	uint64_t now = timer_now();
	bool is_tick = queue->tick != 0 && queue->tick <= now;

	spinlock_lock(&queue->lock);
	if (is_tick) {
		queue->tick = 0;
	} else if (queue->count != 0 && queue->heap[0]->deadline <= now) {
		due = queue->heap[0];
		timer_take(queue, due);
	}
	timer_program(queue);
	spinlock_unlock(&queue->lock);
	if (is_tick) {
		queue->on_tick(cpu, now);
	} else if (due != NULL) {
		due->expire(due, now);
	}
}
