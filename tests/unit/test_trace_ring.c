// SPDX-License-Identifier: Apache-2.0
/* The ring of events: what is kept, what is counted as lost, and a race. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <hyp/trace.h>

#define SIZE ((uint64_t)CONFIG_TRACE_EVENTS)
#define RACE_COUNT 2000000

static struct trace_ring ring;

static int setup(void **state)
{
	(void)state;
	memset(&ring, 0, sizeof(ring));
	return 0;
}

/* All four words tell the event's number, so that a torn copy shows. */
static void put(uint64_t number)
{
	const struct trace_event event = { number + 1, number + 2, number + 3,
					   number + 4 };

	trace_ring_put(&ring, &event);
}

static bool is_whole(const struct trace_event *event, uint64_t number)
{
	return event->sequence == number + 1 && event->time == number + 2 &&
	       event->where == number + 3 && event->detail == number + 4;
}

static void check_get(uint64_t wanted, uint64_t got)
{
	struct trace_event event;
	uint64_t number = wanted;

	assert_true(trace_ring_get(&ring, &number, &event));
	assert_int_equal(number, got);
	assert_true(is_whole(&event, got));
}

static void check_none(uint64_t wanted, uint64_t next)
{
	struct trace_event event;
	uint64_t number = wanted;

	assert_false(trace_ring_get(&ring, &number, &event));
	assert_int_equal(number, next);
}

static void test_empty(void **state)
{
	(void)state;
	check_none(0, 0);
	check_none(UINT64_MAX, 0);
}

static void test_in_order(void **state)
{
	(void)state;
	put(0);
	check_get(0, 0);
	check_none(1, 1);
	put(1);
	check_get(0, 0); /* reading takes nothing away */
	check_get(1, 1);
	check_none(2, 2);
	check_none(UINT64_MAX, 2);
}

/* One is given up more than must be: it may be in the making. */
static void test_overwritten(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < SIZE - 1; i++) {
		put(i);
	}
	check_get(0, 0);
	put(SIZE - 1);
	check_get(0, 1);
	for (i = SIZE; i < 10 * SIZE; i++) {
		put(i);
	}
	check_get(0, 9 * SIZE + 1);
	check_get(9 * SIZE, 9 * SIZE + 1);
	check_get(9 * SIZE + 5, 9 * SIZE + 5);
	check_get(10 * SIZE - 1, 10 * SIZE - 1);
	check_none(10 * SIZE, 10 * SIZE);
}

static void *writer(void *unused)
{
	uint64_t i;

	(void)unused;
	for (i = 0; i < RACE_COUNT; i++) {
		put(i);
	}
	return NULL;
}

/* A reader beside a writer: every copy is whole, and none comes twice. */
static void test_race(void **state)
{
	struct trace_event event;
	uint64_t next = 0;
	uint64_t copied = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, writer, NULL), 0);
	while (next < RACE_COUNT) {
		uint64_t number = next;

		if (trace_ring_get(&ring, &number, &event)) {
			assert_true(number >= next);
			assert_true(is_whole(&event, number));
			number++;
			copied++;
		}
		assert_true(number >= next);
		next = number;
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_in_range(copied, 1, RACE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, setup),
		cmocka_unit_test_setup(test_in_order, setup),
		cmocka_unit_test_setup(test_overwritten, setup),
		cmocka_unit_test_setup(test_race, setup),
	};

	return cmocka_run_group_tests_name("trace ring", tests, NULL, NULL);
}
