// SPDX-License-Identifier: Apache-2.0
// More interrupts than there are list registers (4 on the board), pending or active: in the
// order of their priorities, each once.

#include "states.h"

#define COUNT (SGI_COUNT + SPI_COUNT)

static uint32_t intids[COUNT];

/* All of them, each at a priority of its own: rank 0 is the most urgent. */
static uint32_t priority_of(unsigned int rank)
{
	return 0x20 + rank * 8;
}

/* A permutation of 0 to COUNT - 1; 7 has no divisor in common with 20. */
static unsigned int scrambled(unsigned int i)
{
	return (i * 7 + 3) % COUNT;
}

static void begin(void)
{
	reset_all();
	for (unsigned int i = 0; i < COUNT; i++) {
		intids[i] = i < SGI_COUNT ? i : spi_of[i - SGI_COUNT];
		if (i >= SGI_COUNT) {
			spi_ready(intids[i]);
		}
	}
}

/* intids[rank], so that neighbours in rank are not neighbours in INTID */
static void rank_scrambled(void)
{
	uint32_t by_rank[COUNT];

	for (unsigned int i = 0; i < COUNT; i++) {
		by_rank[scrambled(i)] = intids[i];
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		intids[i] = by_rank[i];
		gic_raw_set_priority(intids[i], priority_of(i));
	}
}

static void all_in_order(void)
{
	for (unsigned int i = 0; i < COUNT; i++) {
		take_and_end(intids[i]);
	}
	nothing("all have come");
}

static void urgent_last(void)
{
	begin();
	rank_scrambled();
	for (unsigned int i = COUNT; i > 0; i--) {
		pend(intids[i - 1]);
	}
	all_in_order();
}

static void urgent_first(void)
{
	begin();
	rank_scrambled();
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
	}
	all_in_order();
}

static void any_order(void)
{
	begin();
	rank_scrambled();
	for (unsigned int round = 0; round < 4; round++) {
		for (unsigned int i = 0; i < COUNT; i++) {
			pend(intids[(scrambled(i) + round * 5) % COUNT]);
		}
		for (unsigned int i = 0; i < COUNT; i++) {
			state(intids[i], true, false, "all wait");
		}
		all_in_order();
	}
}

/* What waits behind others gets another priority, both ways. */
static void priority_changed(void)
{
	begin();
	rank_scrambled();
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
	}
	gic_raw_set_priority(intids[COUNT - 1], 0x10);
	gic_raw_set_priority(intids[0], 0xf0);
	take_and_end(intids[COUNT - 1]);
	for (unsigned int i = 1; i < COUNT - 1; i++) {
		take_and_end(intids[i]);
	}
	take_and_end(intids[0]);
	nothing("all have come");
}

static void disabled_in_queue(void)
{
	begin();
	rank_scrambled();
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		if (intids[i] >= SGI_COUNT) {
			gic_raw_disable(intids[i]);
		}
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		if (intids[i] < SGI_COUNT) {
			take_and_end(intids[i]);
		}
	}
	nothing("the others are disabled");
	for (unsigned int i = 0; i < COUNT; i++) {
		if (intids[i] >= SGI_COUNT) {
			gic_raw_enable(intids[i]);
			take_and_end(intids[i]);
		}
	}
}

/* Each pre-empts the one before: all of them are active in the end. */
static void nest(uint32_t *tokens)
{
	for (unsigned int i = COUNT; i > 0; i--) {
		pend(intids[i - 1]);
		tokens[i - 1] = take(intids[i - 1]);
		tap_equal(gic_raw_running(), priority_of(i - 1),
			  "running priority of rank %u", i - 1);
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		state(intids[i], false, true, "all are active");
	}
}

static void all_active(void)
{
	uint32_t tokens[COUNT];

	begin();
	rank_scrambled();
	for (unsigned int round = 0; round < 2; round++) {
		nest(tokens);
		nothing("all are active");
		for (unsigned int i = 0; i < COUNT; i++) {
			gic_raw_end(tokens[i]);
			state(intids[i], false, false, "ended");
			tap_equal(gic_raw_running(),
				  i + 1 < COUNT ? priority_of(i + 1) :
						  IDLE_PRIORITY,
				  "running priority behind rank %u", i);
		}
		nothing("all are ended");
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
	}
	all_in_order();
}

/* All active, all asked for once more: each comes again when it has ended. */
static void all_active_and_pending(void)
{
	uint32_t tokens[COUNT];

	begin();
	rank_scrambled();
	nest(tokens);
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[scrambled(i)]);
	}
	nothing("all are active");
	for (unsigned int i = 0; i < COUNT; i++) {
		state(intids[i], true, true, "active and pending");
		gic_raw_end(tokens[i]);
		take_and_end(intids[i]);
	}
	nothing("each has come twice");
}

/* With EOImode 1 the order of deactivation is free. */
static void all_split(void)
{
	uint32_t tokens[COUNT];

	begin();
	rank_scrambled();
	gic_raw_eoimode(true);
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
		tokens[i] = take(intids[i]);
		gic_raw_end(tokens[i]);
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		const unsigned int at = scrambled(i);

		state(intids[at], false, true, "its priority has dropped");
		if (i % 2 == 0) {
			pend(intids[at]);
			nothing("it is active");
		}
		gic_raw_deactivate(tokens[at]);
		if (i % 2 == 0) {
			tokens[at] = take(intids[at]);
			gic_raw_end(tokens[at]);
			gic_raw_deactivate(tokens[at]);
		}
		state(intids[at], false, false, "deactivated");
	}
	gic_raw_eoimode(false);
	nothing("all are deactivated");
}

/* Deactivated by the distributor, while the guest means to end them itself. */
static void all_cleared(void)
{
	uint32_t tokens[COUNT];

	begin();
	rank_scrambled();
	nest(tokens);
	for (unsigned int i = 0; i < COUNT; i++) {
		gic_raw_set(GICD_ICACTIVER, intids[i]);
		state(intids[i], false, false, "made inactive");
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		gic_raw_end(tokens[i]);
	}
	tap_equal(gic_raw_running(), IDLE_PRIORITY, "the running priority");
	nothing("all are ended");
	for (unsigned int i = 0; i < COUNT; i++) {
		pend(intids[i]);
	}
	all_in_order();
}

const struct tap_test overflow_tests[] = {
	{ "20 pending, the most urgent last", urgent_last },
	{ "20 pending, the most urgent first", urgent_first },
	{ "20 pending in any order", any_order },
	{ "priorities change behind others", priority_changed },
	{ "disabled behind others", disabled_in_queue },
	{ "20 active at once", all_active },
	{ "20 active and pending", all_active_and_pending },
	{ "20 active, EOImode 1", all_split },
	{ "20 active, cleared by hand", all_cleared },
};
const unsigned int overflow_test_count = ARRAY_SIZE(overflow_tests);
