// SPDX-License-Identifier: Apache-2.0
/* Deadlines: in order, moved, cancelled, and as many as there is room for. */
#include <arch/timer.h>
#include <hyp/cpu.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define ROUNDS 200
#define NEVER UINT64_MAX
#define SEED UINT64_C(0x9e3779b97f4a7c15)

/* The hardware: a counter and one comparator, NEVER when it is off. */
static uint64_t now;
static uint64_t frequency;
static uint64_t comparator;

static struct cpu cpus[2];
static struct cpu *this_cpu;
static struct timer timers[TIMER_QUEUE_MAX];
static uint64_t expired[TIMER_QUEUE_MAX]; /* when it ran, 0: did not */
static unsigned int expired_count;
static uint64_t rearm_after; /* 0: a timer that runs is done */
static uint64_t random_state;

uint64_t arch_timer_now(void)
{
	return now;
}

uint64_t arch_timer_count(void)
{
	return now;
}

uint64_t arch_timer_frequency(void)
{
	return frequency;
}

void arch_timer_start(uint64_t deadline)
{
	comparator = deadline;
}

void arch_timer_set(uint64_t deadline)
{
	comparator = deadline;
}

void arch_timer_stop(void)
{
	comparator = NEVER;
}

struct cpu *cpu_this(void)
{
	return this_cpu;
}

void cpu_request(struct cpu *cpu, enum cpu_request request)
{
	cpu->requests |= request;
}

static void expire(struct timer *timer, uint64_t at)
{
	assert_false(host_lock_is_held(&this_cpu->timers.lock));
	assert_int_equal(at, now);
	assert_null(timer->cpu); /* it may be armed again from here */
	expired[timer - timers] = at;
	expired_count++;
	if (rearm_after != 0) {
		timer_arm(timer, at + rearm_after);
	}
}

static unsigned int tick_count;
static uint64_t ticked_at;

static void tick(struct cpu *cpu, uint64_t at)
{
	assert_ptr_equal(cpu, this_cpu);
	assert_false(host_lock_is_held(&cpu->timers.lock));
	assert_int_equal(at, now);
	assert_int_equal(cpu->timers.tick, 0); /* it may be armed again */
	ticked_at = at;
	tick_count++;
	if (rearm_after != 0) {
		timer_tick_arm(&cpu->timers, rearm_after);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(cpus, 0, sizeof(cpus));
	timer_init(&cpus[0].timers, tick);
	timer_init(&cpus[1].timers, tick);
	tick_count = 0;
	memset(timers, 0, sizeof(timers));
	memset(expired, 0, sizeof(expired));
	expired_count = 0;
	rearm_after = 0;
	now = 1000;
	frequency = 62500000;
	comparator = NEVER;
	this_cpu = &cpus[0];
	random_state = SEED;
	for (unsigned int i = 0; i < TIMER_QUEUE_MAX; i++) {
		timers[i].expire = expire;
	}
	return 0;
}

static unsigned int random_below(unsigned int bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 32) % bound;
}

/* Every timer is where it says, none is later than those below it. */
static void assert_heap(void)
{
	const struct timer_queue *queue = &this_cpu->timers;

	assert_true(queue->count <= TIMER_QUEUE_MAX);
	for (unsigned int i = 0; i < queue->count; i++) {
		assert_int_equal(queue->heap[i]->position, i);
		assert_ptr_equal(queue->heap[i]->cpu, this_cpu);
		assert_true(queue->heap[(i == 0 ? 0 : i - 1) / 2]->deadline <=
			    queue->heap[i]->deadline);
	}
	/* Too early costs an interrupt, too late would be a mistake. */
	if (queue->count != 0) {
		assert_true(comparator <= queue->heap[0]->deadline);
	}
}

/* Let the hardware fire as long as something is due, as CNTHP's level does. */
static void advance(uint64_t to)
{
	while (comparator <= to) {
		if (comparator > now) {
			now = comparator;
		}
		timer_interrupt(this_cpu);
		assert_heap();
		if (this_cpu->timers.count == 0) {
			assert_int_equal(comparator, NEVER);
		}
	}
	now = to;
}

static void test_ticks(void **state)
{
	(void)state;
	assert_int_equal(timer_ticks(0), 0);
	assert_int_equal(timer_ticks(1), 62500);
	assert_int_equal(timer_ticks(1100), 68750000);
	frequency = 32768;
	assert_int_equal(timer_ticks(1), 33); /* never early */
	frequency = 1000000000;
	assert_int_equal(timer_ticks(UINT32_MAX),
			 UINT64_C(4294967295) * 1000000);
}

static void test_one(void **state)
{
	(void)state;
	timer_arm(&timers[0], 2000);
	assert_heap();
	assert_ptr_equal(timers[0].cpu, this_cpu);
	timer_interrupt(this_cpu); /* too soon: an interrupt of no meaning */
	assert_int_equal(expired_count, 0);
	advance(1999);
	assert_int_equal(expired_count, 0);
	advance(2000);
	assert_int_equal(expired[0], 2000);
	assert_int_equal(comparator, NEVER);
	assert_null(timers[0].cpu);
	advance(5000);
	assert_int_equal(expired_count, 1);
}

/* A deadline that has passed runs at the next interrupt, which comes at once. */
static void test_late(void **state)
{
	(void)state;
	timer_arm(&timers[0], 3);
	assert_int_equal(comparator, 3);
	advance(now);
	assert_int_equal(expired[0], 1000);
}

/* Several that are due: one an interrupt, the earliest first. */
static void test_one_per_interrupt(void **state)
{
	(void)state;
	timer_arm(&timers[0], 1300);
	timer_arm(&timers[1], 1100);
	timer_arm(&timers[2], 1200);
	now = 2000;
	for (unsigned int i = 1; i <= 3; i++) {
		timer_interrupt(this_cpu);
		assert_int_equal(expired_count, i);
		assert_int_equal(expired[1] != 0, 1);
		assert_int_equal(expired[2] != 0, i >= 2);
		assert_int_equal(expired[0] != 0, i >= 3);
		assert_heap();
	}
}

static void test_order(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int count = 1 + random_below(TIMER_QUEUE_MAX);
		uint64_t start = now;

		memset(expired, 0, sizeof(expired));
		expired_count = 0;
		for (unsigned int i = 0; i < count; i++) {
			/* many at the same time too */
			timer_arm(&timers[i], start + 1 + random_below(50));
			assert_heap();
		}
		advance(start + 100);
		assert_int_equal(expired_count, count);
		for (unsigned int i = 0; i < count; i++) {
			assert_int_equal(expired[i], timers[i].deadline);
		}
	}
}

/* Armed again: moved, not twice in the queue. */
static void test_rearm(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TIMER_QUEUE_MAX; i++) {
		timer_arm(&timers[i], 2000 + 10 * i);
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		timer_arm(&timers[random_below(TIMER_QUEUE_MAX)],
			  2000 + random_below(1000));
		assert_int_equal(this_cpu->timers.count, TIMER_QUEUE_MAX);
		assert_heap();
	}
	/* Later than it was, from the head, and earlier, from the end. */
	timer_arm(&timers[0], 1500);
	assert_int_equal(comparator, 1500);
	timer_arm(&timers[0], 9000);
	assert_heap();
	timer_arm(&timers[0], 1400);
	assert_int_equal(comparator, 1400);
	advance(10000);
	assert_int_equal(expired_count, TIMER_QUEUE_MAX);
	assert_int_equal(expired[0], 1400);
}

/* As the driver does under an active IRQ: each expiry sets the next. */
static void test_rearm_from_expire(void **state)
{
	(void)state;
	rearm_after = 100;
	timer_arm(&timers[0], 1100);
	timer_arm(&timers[1], 1150);
	advance(2000);
	assert_int_equal(expired_count, 10 + 9);
	assert_int_equal(expired[0], 2000);
	assert_int_equal(expired[1], 1950);
	assert_int_equal(comparator, 2050);
}

static void test_cancel(void **state)
{
	(void)state;
	timer_cancel(&timers[0]); /* idle: nothing happens */
	assert_int_equal(comparator, NEVER);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int gone = random_below(TIMER_QUEUE_MAX);
		uint64_t start = now;

		memset(expired, 0, sizeof(expired));
		for (unsigned int i = 0; i < TIMER_QUEUE_MAX; i++) {
			timer_arm(&timers[i], start + 1 + random_below(50));
		}
		timer_cancel(&timers[gone]);
		assert_null(timers[gone].cpu);
		assert_heap();
		timer_cancel(&timers[gone]);
		assert_int_equal(this_cpu->timers.count, TIMER_QUEUE_MAX - 1);
		advance(start + 100);
		for (unsigned int i = 0; i < TIMER_QUEUE_MAX; i++) {
			assert_int_equal(expired[i],
					 i == gone ? 0 : timers[i].deadline);
		}
	}
}

/* One more than fits is dropped; those that wait are not harmed. */
static void test_full(void **state)
{
	struct timer one_more = { .expire = expire };

	(void)state;
	for (unsigned int i = 0; i < TIMER_QUEUE_MAX; i++) {
		timer_arm(&timers[i], 2000 + i);
	}
	timer_arm(&one_more, 1500);
	assert_null(one_more.cpu);
	assert_int_equal(comparator, 2000);
	assert_heap();
	timer_arm(&timers[7], 1600); /* moving one still works */
	assert_int_equal(comparator, 1600);
	advance(9000);
	assert_int_equal(expired_count, TIMER_QUEUE_MAX);
}

/* A CPU's queue is its own: nobody else runs it. */
static void test_two_cpus(void **state)
{
	(void)state;
	timer_arm(&timers[0], 2000);
	this_cpu = &cpus[1];
	comparator = NEVER;
	timer_arm(&timers[1], 3000);
	assert_int_equal(comparator, 3000);
	assert_ptr_equal(timers[1].cpu, &cpus[1]);
	now = 9000;
	timer_interrupt(this_cpu);
	assert_int_equal(expired[0], 0);
	assert_int_equal(expired[1], 9000);
	this_cpu = &cpus[0];
	timer_interrupt(this_cpu);
	assert_int_equal(expired[0], 9000);
}

/* The owner is told only if its hardware waits for just that timer. */
static void test_cancel_elsewhere(void **state)
{
	(void)state;
	timer_arm(&timers[0], 2000);
	timer_arm(&timers[1], 3000);
	timer_arm(&timers[2], 4000);
	this_cpu = &cpus[1];
	timer_cancel(&timers[1]);
	assert_null(timers[1].cpu);
	assert_int_equal(cpus[0].requests, 0);
	timer_cancel(&timers[0]);
	assert_null(timers[0].cpu);
	assert_int_equal(cpus[0].requests, CPU_REQUEST_TIMER);
	assert_int_equal(comparator, 2000); /* not ours to change */
	timer_arm(&timers[0], 5000);	    /* it can be used again, here */
	assert_ptr_equal(timers[0].cpu, &cpus[1]);
	this_cpu = &cpus[0];
	timer_reprogram(this_cpu);
	assert_heap();
	assert_int_equal(comparator, 4000);
	advance(9000);
	assert_int_equal(expired_count, 1);
	assert_int_equal(expired[2], 4000);
}

/* The CPU's own deadline goes beside the heap: neither delays the other. */
static void test_tick(void **state)
{
	struct timer_queue *queue = &cpus[0].timers;

	(void)state;
	timer_tick_arm(queue, 500);
	assert_int_equal(comparator, 1500);
	timer_arm(&timers[0], 2000);
	assert_int_equal(comparator, 1500);
	now = 1500;
	timer_interrupt(this_cpu);
	assert_int_equal(tick_count, 1);
	assert_int_equal(expired_count, 0);
	assert_int_equal(comparator, 2000);
	timer_tick_arm(queue, 1000); /* later than the heap's first */
	assert_int_equal(comparator, 2000);
	now = 2000;
	timer_interrupt(this_cpu);
	assert_int_equal(tick_count, 1);
	assert_int_equal(expired[0], 2000);
	assert_int_equal(comparator, 2500);
	timer_cancel(&timers[0]); /* idle already */
	timer_arm(&timers[1], 2600);
	timer_cancel(&timers[1]);
	assert_int_equal(comparator, 2500);
	rearm_after = 100;
	now = 2500;
	timer_interrupt(this_cpu);
	assert_int_equal(ticked_at, 2500);
	assert_int_equal(comparator, 2600);
	rearm_after = 0;
	now = 3000;
	timer_interrupt(this_cpu);
	assert_int_equal(tick_count, 3);
	assert_int_equal(comparator, NEVER);
}

/* Both are due: one of them for each interrupt, and none is lost. */
static void test_tick_and_timer(void **state)
{
	(void)state;
	timer_arm(&timers[0], 2000);
	timer_tick_arm(&cpus[0].timers, 1000);
	now = 5000;
	timer_interrupt(this_cpu);
	timer_interrupt(this_cpu);
	assert_int_equal(tick_count, 1);
	assert_int_equal(expired[0], 5000);
	assert_int_equal(comparator, NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_ticks, setup),
		cmocka_unit_test_setup(test_one, setup),
		cmocka_unit_test_setup(test_late, setup),
		cmocka_unit_test_setup(test_one_per_interrupt, setup),
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_rearm, setup),
		cmocka_unit_test_setup(test_rearm_from_expire, setup),
		cmocka_unit_test_setup(test_cancel, setup),
		cmocka_unit_test_setup(test_full, setup),
		cmocka_unit_test_setup(test_two_cpus, setup),
		cmocka_unit_test_setup(test_cancel_elsewhere, setup),
		cmocka_unit_test_setup(test_tick, setup),
		cmocka_unit_test_setup(test_tick_and_timer, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
