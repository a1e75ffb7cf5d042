// SPDX-License-Identifier: Apache-2.0
// One interrupt at a time: pending, active, enabled, its group and priority. Without lines.

#include "cpu.h"
#include "mmio.h"
#include "states.h"

static void sgi_states(void)
{
	uint32_t token;

	reset_all();
	for (uint32_t intid = 0; intid < SGI_COUNT; intid++) {
		state(intid, false, false, "at first");
		pend(intid);
		state(intid, true, false, "sent");
		pend(intid);
		token = take(intid);
		state(intid, false, true, "taken");
		pend(intid);
		state(intid, true, true, "sent while active");
		nothing("while it is active");
		gic_raw_end(token);
		state(intid, true, false, "ended");
		take_and_end(intid);
		state(intid, false, false, "at last");
		nothing("sent twice");
	}
}

/* Latched by GICD_ISPENDR, whatever the trigger. */
static void spi_states(void)
{
	uint32_t token;

	reset_all();
	for (unsigned int i = 0; i < SPI_COUNT; i++) {
		const uint32_t intid = spi_of[i];

		spi_ready(intid);
		pend(intid);
		state(intid, true, false, "set pending");
		token = take(intid);
		state(intid, false, true, "taken");
		pend(intid);
		state(intid, true, true, "set while active");
		nothing("while it is active");
		gic_raw_end(token);
		take_and_end(intid);
		state(intid, false, false, "at last");
		nothing("set twice");
		token = 0;
	}
}

static void spi_pending_cleared(void)
{
	uint32_t token;

	reset_all();
	for (unsigned int i = 0; i < SPI_COUNT; i++) {
		const uint32_t intid = spi_of[i];

		spi_ready(intid);
		pend(intid);
		gic_raw_set(GICD_ICPENDR, intid);
		state(intid, false, false, "cleared");
		nothing("cleared");
		pend(intid);
		token = take(intid);
		pend(intid);
		gic_raw_set(GICD_ICPENDR, intid);
		state(intid, false, true, "cleared while active");
		gic_raw_end(token);
		nothing("cleared while active");
		pend(intid);
		take_and_end(intid);
	}
}

static void spi_disabled(void)
{
	uint32_t token;

	reset_all();
	for (unsigned int i = 0; i < SPI_COUNT; i++) {
		const uint32_t intid = spi_of[i];

		gic_raw_setup_spi(intid, 0);
		pend(intid);
		state(intid, true, false, "set while disabled");
		nothing("while disabled");
		gic_raw_enable(intid);
		take_and_end(intid);

		pend(intid);
		gic_raw_disable(intid);
		nothing("disabled while pending");
		state(intid, true, false, "disabled while pending");
		gic_raw_enable(intid);
		token = take(intid);

		gic_raw_disable(intid);
		state(intid, false, true, "disabled while active");
		pend(intid);
		gic_raw_end(token);
		state(intid, true, false, "ended while disabled");
		nothing("ended while disabled");
		gic_raw_enable(intid);
		take_and_end(intid);
		state(intid, false, false, "at last");
		nothing("at last");
	}
}

static void active_by_hand(void)
{
	uint32_t token;

	reset_all();
	for (unsigned int i = 0; i <= SPI_COUNT; i++) {
		const uint32_t intid = i == SPI_COUNT ? 5 : spi_of[i];

		if (intid >= GIC_SPI_FIRST) {
			spi_ready(intid);
		}
		gic_raw_set(GICD_ISACTIVER, intid);
		state(intid, false, true, "made active");
		pend(intid);
		nothing("made active");
		state(intid, true, true, "pending and made active");
		gic_raw_set(GICD_ICACTIVER, intid);
		token = take(intid);

		gic_raw_set(GICD_ICACTIVER, intid);
		state(intid, false, false, "made inactive");
		tap_equal(gic_raw_running(), PRIORITY, "the running priority");
		gic_raw_end(token);
		tap_equal(gic_raw_running(), IDLE_PRIORITY, "priority after");
		nothing("made inactive");
		pend(intid);
		gic_raw_set(GICD_ISACTIVER, intid);
		nothing("made active while pending");
		gic_raw_set(GICD_ICACTIVER, intid);
		take_and_end(intid);
		state(intid, false, false, "at last");
	}
}

static void distributor_off(void)
{
	const uint32_t on = mmio_read32(gic_raw.distributor + GICD_CTLR);

	reset_all();
	spi_ready(spi_of[0]);
	pend(spi_of[0]);
	pend(3);
	mmio_write32(gic_raw.distributor + GICD_CTLR, on & ~3U);
	nothing("the distributor is off");
	state(spi_of[0], true, false, "the distributor is off");
	pend(spi_of[1]);
	spi_ready(spi_of[1]);
	nothing("the distributor is off");
	mmio_write32(gic_raw.distributor + GICD_CTLR, on | GICD_CTLR_GROUPS);
	gic_raw_set_priority(spi_of[0], 0x10);
	gic_raw_set_priority(spi_of[1], 0x20);
	take_and_end(spi_of[0]);
	take_and_end(spi_of[1]);
	take_and_end(3);
	nothing("at last");
}

static uint32_t acknowledge_group0(void)
{
	return gic_raw.is_v3 ? (uint32_t)CPU_READ(icc_iar0_el1) :
			       gic_raw_acknowledge();
}

/* Group 0 is acknowledged by another register on GICv3. */
static void groups(void)
{
	const uint32_t intid = spi_of[1];
	const uintptr_t group =
		gic_raw.distributor + GICD_IGROUPR + intid / 32 * 4;
	const uint32_t bit = 1U << intid % 32;
	const uint32_t ctlr = mmio_read32(gic_raw.distributor + GICD_CTLR) &
			      ~(uint32_t)GICD_CTLR_GROUPS;
	uint32_t token;

	reset_all();
	spi_ready(intid);
	pend(intid);
	mmio_write32(group, mmio_read32(group) & ~bit);
	mmio_write32(gic_raw.distributor + GICD_CTLR, ctlr | 2);
	gic_raw_wait_us(NOTHING_US);
	tap_check(GIC_RAW_INTID(acknowledge_group0()) >= GIC_RAW_NONE,
		  "group 0 is off");
	mmio_write32(gic_raw.distributor + GICD_CTLR, ctlr | 1);
	if (gic_raw.is_v3) {
		nothing("it is in group 0");
	}
	token = acknowledge_group0();
	tap_equal(GIC_RAW_INTID(token), intid, "the interrupt of group 0");
	if (gic_raw.is_v3) {
		CPU_WRITE(icc_eoir0_el1, token);
		cpu_isb();
	} else {
		gic_raw_end(token);
	}
	state(intid, false, false, "ended");
	pend(intid);
	mmio_write32(group, mmio_read32(group) | bit);
	nothing("group 1 is off");
	state(intid, true, false, "group 1 is off");
	mmio_write32(gic_raw.distributor + GICD_CTLR, ctlr | 3);
	take_and_end(intid);
}

static void priority_mask(void)
{
	reset_all();
	spi_ready(spi_of[0]);
	gic_raw_priority_mask(PRIORITY);
	pend(spi_of[0]);
	nothing("its priority is masked");
	gic_raw_set_priority(spi_of[0], PRIORITY - 8);
	take_and_end(spi_of[0]);
	pend(spi_of[0]);
	gic_raw_set_priority(spi_of[0], PRIORITY + 8);
	nothing("its priority is masked again");
	gic_raw_priority_mask(0xff);
	take_and_end(spi_of[0]);
}

static void split_end(void)
{
	const uint32_t intids[] = { 2, spi_of[0], spi_of[3] };
	uint32_t token;

	reset_all();
	gic_raw_eoimode(true);
	for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++) {
		if (intids[i] >= GIC_SPI_FIRST) {
			spi_ready(intids[i]);
		}
		pend(intids[i]);
		token = take(intids[i]);
		gic_raw_end(token);
		state(intids[i], false, true, "its priority has dropped");
		tap_equal(gic_raw_running(), IDLE_PRIORITY, "priority");
		pend(intids[i]);
		nothing("still active");
		gic_raw_deactivate(token);
		token = take(intids[i]);
		gic_raw_end(token);
		gic_raw_deactivate(token);
		state(intids[i], false, false, "deactivated");
	}
	gic_raw_eoimode(false);
}

static void timer_line(bool is_up)
{
	CPU_WRITE(cntv_cval_el0, 0);
	CPU_WRITE(cntv_ctl_el0, is_up ? 1 : 0);
	cpu_isb();
}

/* The timer's line is a level: it is up until the timer is told otherwise. */
static void timer(void)
{
	uint32_t token;

	reset_all();
	gic_raw_enable(timer_of_cell);
	for (unsigned int i = 0; i < 5; i++) {
		timer_line(true);
		token = take(timer_of_cell);
		gic_raw_disable(timer_of_cell);
		gic_raw_end(token);
		nothing("it is disabled");
		state(timer_of_cell, true, false, "disabled, and its line up");
		gic_raw_enable(timer_of_cell);
		take_and_end(timer_of_cell);
		token = take(timer_of_cell);
		gic_raw_set(GICD_ICPENDR, timer_of_cell);
		timer_line(false);
		gic_raw_end(token);
		state(timer_of_cell, false, false, "its line is down");
		nothing("its line is down");
	}
	/*
	 * It came and went. A line that is linked to a list register may still come
	 * once: EL2 is not told that it fell. docs/architecture.md says so.
	 */
	timer_line(true);
	gic_raw_wait_us(NOTHING_US);
	timer_line(false);
	token = gic_raw_take(NOTHING_US);
	if (GIC_RAW_INTID(token) == timer_of_cell) {
		gic_raw_end(token);
	}
	nothing("it came and went");
	state(timer_of_cell, false, false, "it came and went");
}

/* An SPI to a CPU that is not there waits. */
static void routed_nowhere(void)
{
	reset_all();
	spi_ready(spi_of[2]);
	if (gic_raw.is_v3) {
		gic_raw_route(spi_of[2], 200);
	} else if (gic_raw.cpu_count > 1) {
		mmio_write8(gic_raw.distributor + GICD_ITARGETSR + spi_of[2],
			    0);
	} else {
		return; /* GICD_ITARGETSR is RAZ/WI for one CPU */
	}
	pend(spi_of[2]);
	nothing("its target is not there");
	state(spi_of[2], true, false, "its target is not there");
	gic_raw_route(spi_of[2], 0);
	take_and_end(spi_of[2]);
}

const struct tap_test state_tests[] = {
	{ "SGI: pending, active, both", sgi_states },
	{ "SPI: pending, active, both", spi_states },
	{ "pending cleared", spi_pending_cleared },
	{ "disabled and enabled in every state", spi_disabled },
	{ "active set and cleared by hand", active_by_hand },
	{ "the distributor off and on", distributor_off },
	{ "groups", groups },
	{ "priority mask", priority_mask },
	{ "EOImode 1", split_end },
	{ "the timer's line", timer },
	{ "routed to nobody", routed_nowhere },
};
const unsigned int state_test_count = ARRAY_SIZE(state_tests);
