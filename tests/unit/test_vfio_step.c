// SPDX-License-Identifier: Apache-2.0
/*
 * The state machine of the assignment driver, compared in every reachable state
 * of a few IRQs with a second, naive one: one state per IRQ, scans, a list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/vfio_platform/vfio_platform.h"
#include "vfio_platform_check.h"

#define NAIVE_MAX 4
#define STATES_MAX 65536

/* What the rules say, word by word, without a thought for speed. */
struct naive {
	unsigned int irq_count;
	char state[NAIVE_MAX]; /* 'I', 'P' or 'A' */
	unsigned int queue[NAIVE_MAX];
	unsigned int queue_count;
	bool is_level[NAIVE_MAX];
	bool is_mappable;
	bool is_mapped;
	bool has_timeout;
	char log[256];
};

static void say(struct naive *naive, const char *what, int irq)
{
	size_t size = strlen(naive->log);

	snprintf(naive->log + size, sizeof(naive->log) - size,
		 irq < 0 ? "%s " : "%s(%d) ", what, irq);
}

static bool naive_is_busy(const struct naive *naive)
{
	unsigned int i;

	for (i = 0; i < naive->irq_count; i++) {
		if (naive->state[i] != 'I') {
			return true;
		}
	}
	return false;
}

static void naive_fire(struct naive *naive, unsigned int irq, bool has_event)
{
	if (naive->state[irq] == 'P') {
		return;
	}
	if (naive->state[irq] == 'I' && naive_is_busy(naive)) {
		naive->state[irq] = 'P';
		naive->queue[naive->queue_count++] = irq;
		say(naive, "queue", -1);
		return;
	}
	if (!has_event) {
		say(naive, "report", -1);
	}
	naive->state[irq] = 'A';
	if (naive->is_mapped) {
		naive->is_mapped = false;
		say(naive, "trap", -1);
	}
	say(naive, "up", (int)irq);
	if (naive->has_timeout) {
		say(naive, "deadline", -1);
	}
}

static void naive_eoi(struct naive *naive)
{
	unsigned int i;

	for (i = naive->irq_count; i-- > 0;) {
		if (naive->state[i] == 'A') {
			naive->state[i] = 'I';
			say(naive, "down", (int)i);
			if (naive->is_level[i]) {
				say(naive, "unmask", (int)i);
			}
			break;
		}
	}
	if (naive->queue_count != 0) {
		unsigned int head = naive->queue[0];

		naive->state[head] = 'A';
		say(naive, "up", (int)head);
		naive->queue_count--;
		memmove(naive->queue, naive->queue + 1,
			naive->queue_count * sizeof(naive->queue[0]));
		say(naive, "queue", -1);
	}
}

static void naive_expire(struct naive *naive)
{
	unsigned int i;

	for (i = 0; i < naive->irq_count; i++) {
		if (naive->state[i] == 'A') {
			say(naive, "deadline", -1);
			return;
		}
	}
	if (naive->is_mappable && !naive->is_mapped) {
		naive->is_mapped = true;
		say(naive, "map", -1);
	}
}

static void naive_step(struct naive *naive, enum vfio_platform_event event,
		       unsigned int irq)
{
	naive->log[0] = '\0';
	switch (event) {
	case VFIO_PLATFORM_FIRE:
		naive_fire(naive, irq, true);
		break;
	case VFIO_PLATFORM_FIRE_WITHOUT_EVENT:
		naive_fire(naive, irq, false);
		break;
	case VFIO_PLATFORM_EOI:
		naive_eoi(naive);
		break;
	case VFIO_PLATFORM_EXPIRE:
		naive_expire(naive);
		break;
	case VFIO_PLATFORM_NR_EVENTS:
		break;
	}
}

/* The step's actions in the words of the naive log. */
static void step_text(struct vfio_platform_step step, struct naive *out)
{
	out->log[0] = '\0';
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_REPORT)) {
		say(out, "report", -1);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_TRAP)) {
		say(out, "trap", -1);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_DOWN)) {
		say(out, "down", (int)vfio_platform_step_retired(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_UNMASK)) {
		say(out, "unmask", (int)vfio_platform_step_retired(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_UP)) {
		say(out, "up", (int)vfio_platform_step_raised(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_QUEUE)) {
		say(out, "queue", -1);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_DEADLINE)) {
		say(out, "deadline", -1);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_MAP)) {
		say(out, "map", -1);
	}
}

static void assert_same_state(const struct vfio_platform_machine *machine,
			      const struct naive *naive)
{
	static const char letters[] = "IPA";
	const char *mistake =
		vfio_platform_machine_check(machine, naive->irq_count);
	unsigned int i;

	if (mistake != NULL) {
		fail_msg("%s", mistake);
	}
	assert_int_equal(machine->queue_count, naive->queue_count);
	for (i = 0; i < naive->irq_count; i++) {
		assert_int_equal(letters[vfio_platform_irq_state(machine, i)],
				 naive->state[i]);
	}
	for (i = 0; i < naive->queue_count; i++) {
		assert_int_equal(vfio_platform_queue_at(machine, i),
				 naive->queue[i]);
	}
	assert_int_equal(machine->mapping == VFIO_PLATFORM_MAPPED,
			 naive->is_mapped);
	assert_int_equal(machine->mapping != VFIO_PLATFORM_UNMAPPABLE,
			 naive->is_mappable);
}

/* The two, side by side, in one state. */
struct pair {
	struct vfio_platform_machine machine;
	struct naive naive;
};

static struct pair found[STATES_MAX];
static unsigned int found_count;

static bool same_pair(const struct pair *a, const struct pair *b)
{
	return memcmp(a->naive.state, b->naive.state, sizeof(a->naive.state)) ==
		       0 &&
	       a->naive.queue_count == b->naive.queue_count &&
	       memcmp(a->naive.queue, b->naive.queue,
		      a->naive.queue_count * sizeof(a->naive.queue[0])) == 0 &&
	       a->naive.is_mapped == b->naive.is_mapped &&
	       a->machine.queue_head == b->machine.queue_head;
}

static void add_found(const struct pair *pair)
{
	unsigned int i;

	for (i = 0; i < found_count; i++) {
		if (same_pair(&found[i], pair)) {
			return;
		}
	}
	assert_true(found_count < STATES_MAX);
	found[found_count++] = *pair;
}

/* Slots of the FIFO are followed over its end, not all the way round. */
#define HEAD_FIRST (VFIO_PLATFORM_IRQS_MAX - 2)
static bool is_followed(const struct pair *pair)
{
	return pair->machine.queue_head >= HEAD_FIRST ||
	       pair->machine.queue_head <= 2;
}

static void try_event(const struct pair *from, enum vfio_platform_event event,
		      unsigned int irq)
{
	struct pair to = *from;
	struct naive text = { 0 };
	struct vfio_platform_step step;

	step = vfio_platform_irq_step(&to.machine, event, irq);
	naive_step(&to.naive, event, irq);
	step_text(step, &text);
	assert_string_equal(text.log, to.naive.log);
	assert_same_state(&to.machine, &to.naive);
	if (is_followed(&to)) {
		add_found(&to);
	}
}

static void explore(unsigned int irq_count, unsigned int level,
		    bool is_mappable, bool has_timeout)
{
	struct pair start;
	unsigned int i;
	unsigned int irq;

	memset(&start, 0, sizeof(start));
	start.machine.wired = BIT(irq_count) - 1;
	start.machine.level = level;
	start.machine.active = VFIO_PLATFORM_NO_IRQ;
	start.machine.mapping = is_mappable ? VFIO_PLATFORM_MAPPED :
					      VFIO_PLATFORM_UNMAPPABLE;
	start.machine.timeout_ticks = has_timeout ? 7 : 0;
	start.machine.queue_head = HEAD_FIRST;
	start.naive.irq_count = irq_count;
	memset(start.naive.state, 'I', sizeof(start.naive.state));
	start.naive.is_mappable = is_mappable;
	start.naive.is_mapped = is_mappable;
	start.naive.has_timeout = has_timeout;
	for (i = 0; i < irq_count; i++) {
		start.naive.is_level[i] = (level & BIT(i)) != 0;
	}
	found_count = 0;
	add_found(&start);
	for (i = 0; i < found_count; i++) {
		for (irq = 0; irq < irq_count; irq++) {
			try_event(&found[i], VFIO_PLATFORM_FIRE, irq);
			try_event(&found[i], VFIO_PLATFORM_FIRE_WITHOUT_EVENT,
				  irq);
		}
		try_event(&found[i], VFIO_PLATFORM_EOI, 0);
		/* Without a timeout no deadline is ever set. */
		if (has_timeout) {
			try_event(&found[i], VFIO_PLATFORM_EXPIRE, 0);
		}
	}
	/*
	 * All states: idle, or one active and any sequence of others waiting.
	 */
	assert_true(found_count > irq_count);
}

static void test_equals_naive_model_in_all_states(void **state)
{
	unsigned int irq_count;
	unsigned int level;
	unsigned int kind;

	(void)state;
	for (irq_count = 1; irq_count <= NAIVE_MAX; irq_count++) {
		for (level = 0; level < BIT(irq_count); level++) {
			for (kind = 0; kind < 4; kind++) {
				explore(irq_count, level, (kind & 1) != 0,
					(kind & 2) != 0);
			}
		}
	}
}

static void test_rules_are_named(void **state)
{
	struct vfio_platform_machine machine = {
		.wired = 7,
		.level = 1,
		.active = VFIO_PLATFORM_NO_IRQ,
		.mapping = VFIO_PLATFORM_MAPPED,
		.timeout_ticks = 5,
	};
	static const struct {
		enum vfio_platform_event event;
		unsigned int irq;
		enum vfio_platform_rule rule;
	} steps[] = {
		{ VFIO_PLATFORM_EOI, 3, VFIO_PLATFORM_RULE_EOI_IDLE },
		{ VFIO_PLATFORM_FIRE, 0, VFIO_PLATFORM_RULE_INJECT },
		{ VFIO_PLATFORM_FIRE, 1, VFIO_PLATFORM_RULE_QUEUE },
		{ VFIO_PLATFORM_FIRE, 0, VFIO_PLATFORM_RULE_RAISE_AGAIN },
		{ VFIO_PLATFORM_FIRE, 1, VFIO_PLATFORM_RULE_STAY_QUEUED },
		{ VFIO_PLATFORM_EXPIRE, 0, VFIO_PLATFORM_RULE_REARM },
		{ VFIO_PLATFORM_EOI, 2, VFIO_PLATFORM_RULE_RETIRE_NEXT },
		{ VFIO_PLATFORM_EOI, 1, VFIO_PLATFORM_RULE_RETIRE },
		{ VFIO_PLATFORM_EXPIRE, 0, VFIO_PLATFORM_RULE_RESTORE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		struct vfio_platform_step step = vfio_platform_irq_step(
			&machine, steps[i].event, steps[i].irq);

		assert_int_equal(vfio_platform_step_rule(step), steps[i].rule);
		if (steps[i].event == VFIO_PLATFORM_EOI) {
			assert_int_equal(vfio_platform_step_region(step),
					 steps[i].irq);
		} else if (steps[i].event == VFIO_PLATFORM_FIRE) {
			assert_int_equal(vfio_platform_step_raised(step),
					 steps[i].irq);
		}
	}
	assert_int_equal(vfio_platform_irq_step(&machine,
						VFIO_PLATFORM_NR_EVENTS, 0)
				 .bits,
			 0);
	assert_int_equal(vfio_platform_irq_step(&machine,
						(enum vfio_platform_event)99, 0)
				 .bits,
			 0);
}

/* 64 IRQs: the FIFO holds the 63 others, in order, over its end. */
static void test_queue_holds_all_others(void **state)
{
	struct vfio_platform_machine machine = {
		.wired = UINT64_MAX,
		.active = VFIO_PLATFORM_NO_IRQ,
		.mapping = VFIO_PLATFORM_UNMAPPABLE,
	};
	unsigned int round;
	unsigned int i;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < VFIO_PLATFORM_IRQS_MAX; i++) {
			(void)vfio_platform_irq_step(&machine,
						     VFIO_PLATFORM_FIRE, i);
			assert_null(vfio_platform_machine_check(
				&machine, VFIO_PLATFORM_IRQS_MAX));
		}
		assert_int_equal(machine.queue_count,
				 VFIO_PLATFORM_IRQS_MAX - 1);
		for (i = 0; i < VFIO_PLATFORM_IRQS_MAX; i++) {
			assert_int_equal(machine.active, i);
			(void)vfio_platform_irq_step(&machine,
						     VFIO_PLATFORM_EOI, 0);
			assert_null(vfio_platform_machine_check(
				&machine, VFIO_PLATFORM_IRQS_MAX));
		}
		assert_int_equal(machine.active, VFIO_PLATFORM_NO_IRQ);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equals_naive_model_in_all_states),
		cmocka_unit_test(test_rules_are_named),
		cmocka_unit_test(test_queue_holds_all_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
