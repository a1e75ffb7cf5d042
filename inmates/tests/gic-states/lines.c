// SPDX-License-Identifier: Apache-2.0
// A level line of a device, in the hands of this CPU: nothing that the guest does to its
// GIC loses it, and nothing leaves it dead. The same whether it is linked or trapped.

#include "cpu.h"
#include "mmio.h"
#include "states.h"

static void begin(void)
{
	reset_all();
	spi_ready(rtc_intid);
}

/* The line went up before this cell had a driver, or a GIC that is on. */
static void before_the_driver(void)
{
	mmio_write32(gic_raw.distributor + GICD_CTLR, 0);
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	state(rtc_intid, true, false, "before the driver");
	gic_raw_cpu_init();
	mmio_write32(gic_raw.distributor + GICD_CTLR, GICD_CTLR_GROUPS);
	gic_raw_setup_spi(rtc_intid, 0);
	nothing("not enabled yet");
	gic_raw_enable(rtc_intid);
	const uint32_t token = take(rtc_intid);

	rtc_clear();
	gic_raw_end(token);
	rtc_alive();
}

static void many(void)
{
	begin();
	for (unsigned int i = 0; i < 20; i++) {
		rtc_alive();
	}
}

/* Still up at the end: again and again, until it is cleared. */
static void held_over_end(void)
{
	uint32_t token;

	begin();
	rtc_raise();
	for (unsigned int i = 0; i < 10; i++) {
		token = take(rtc_intid);
		state(rtc_intid, true, true, "its line is up");
		gic_raw_end(token);
	}
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	state(rtc_intid, false, false, "its line is down");
	rtc_alive();
}

static void disabled(void)
{
	uint32_t token;

	begin();
	gic_raw_disable(rtc_intid);
	rtc_raise();
	nothing("disabled");
	state(rtc_intid, true, false, "raised while disabled");
	gic_raw_enable(rtc_intid);
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);

	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	gic_raw_disable(rtc_intid);
	nothing("disabled while pending");
	state(rtc_intid, true, false, "disabled while pending");
	gic_raw_enable(rtc_intid);
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	rtc_alive();
}

/* It went while the guest did not listen: nothing is pending any more. */
static void gone_while_disabled(void)
{
	begin();
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	gic_raw_disable(rtc_intid);
	rtc_clear();
	gic_raw_wait_us(NOTHING_US);
	state(rtc_intid, false, false, "gone while disabled");
	gic_raw_enable(rtc_intid);
	rtc_alive();

	gic_raw_disable(rtc_intid);
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	rtc_clear();
	gic_raw_enable(rtc_intid);
	rtc_alive();
}

static void pending_cleared(void)
{
	uint32_t token;

	begin();
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	gic_raw_set(GICD_ICPENDR, rtc_intid);
	state(rtc_intid, true, false, "cleared while its line is up");
	token = take(rtc_intid);
	gic_raw_set(GICD_ICPENDR, rtc_intid);
	gic_raw_end(token);
	token = take(rtc_intid);
	gic_raw_disable(rtc_intid);
	gic_raw_set(GICD_ICPENDR, rtc_intid);
	gic_raw_end(token);
	gic_raw_set(GICD_ICPENDR, rtc_intid);
	nothing("disabled");
	state(rtc_intid, true, false, "cleared while disabled");
	gic_raw_enable(rtc_intid);
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	rtc_alive();
}

static void active_cleared(void)
{
	uint32_t token;

	begin();
	for (unsigned int i = 0; i < 5; i++) {
		rtc_raise();
		token = take(rtc_intid);
		gic_raw_set(GICD_ICACTIVER, rtc_intid);
		gic_raw_end(token);
		token = take(rtc_intid);
		rtc_clear();
		gic_raw_set(GICD_ICACTIVER, rtc_intid);
		state(rtc_intid, false, false, "cleared and down");
		gic_raw_end(token);
		rtc_alive();
	}
}

/* Disabled and made inactive while it is active, ended, enabled: all that can be. */
static void active_cleared_and_disabled(void)
{
	uint32_t token;

	begin();
	for (unsigned int i = 0; i < 5; i++) {
		rtc_raise();
		token = take(rtc_intid);
		gic_raw_disable(rtc_intid);
		gic_raw_set(GICD_ICACTIVER, rtc_intid);
		gic_raw_set(GICD_ICPENDR, rtc_intid);
		if (i % 2 == 0) {
			rtc_clear();
		}
		gic_raw_end(token);
		nothing("disabled");
		state(rtc_intid, i % 2 != 0, false, "disabled");
		gic_raw_enable(rtc_intid);
		if (i % 2 != 0) {
			token = take(rtc_intid);
			rtc_clear();
			gic_raw_end(token);
		}
		rtc_alive();
	}
}

/* Active, and all SGIs on top of it, active too: it has no list register left. */
static void evicted(void)
{
	uint32_t tokens[SGI_COUNT];
	uint32_t token;

	begin();
	gic_raw_set_priority(rtc_intid, 0xe0);
	for (unsigned int round = 0; round < 4; round++) {
		rtc_raise();
		token = take(rtc_intid);
		for (unsigned int i = 0; i < SGI_COUNT; i++) {
			gic_raw_set_priority(i, 0xd0 - 8 * i);
			pend(i);
			tokens[i] = take(i);
		}
		state(rtc_intid, true, true, "evicted");
		if (round % 2 == 0) {
			rtc_clear();
		}
		if (round == 3) {
			gic_raw_disable(rtc_intid);
		}
		for (unsigned int i = SGI_COUNT; i > 0; i--) {
			gic_raw_end(tokens[i - 1]);
		}
		state(rtc_intid, round % 2 != 0, true, "still active");
		gic_raw_end(token);
		gic_raw_enable(rtc_intid);
		if (round % 2 != 0) {
			token = take(rtc_intid);
			rtc_clear();
			gic_raw_end(token);
		}
		rtc_alive();
	}
}

/* Pending in a list register, until all SGIs come, which are more urgent. */
static void pushed_out(void)
{
	begin();
	for (unsigned int round = 0; round < 3; round++) {
		gic_raw_set_priority(rtc_intid, 0xe0);
		rtc_raise();
		gic_raw_wait_us(NOTHING_US);
		for (unsigned int i = 0; i < SGI_COUNT; i++) {
			gic_raw_set_priority(i, 0x40 + 8 * i);
			pend(i);
		}
		if (round == 1) {
			rtc_clear();
		} else if (round == 2) {
			gic_raw_set_priority(rtc_intid, 0x10);
			take_and_end(rtc_intid);
		}
		for (unsigned int i = 0; i < SGI_COUNT; i++) {
			if (round == 2) {
				break;
			}
			take_and_end(i);
		}
		if (round == 0) {
			const uint32_t token = take(rtc_intid);

			rtc_clear();
			gic_raw_end(token);
		}
		reset_all();
		spi_ready(rtc_intid);
		rtc_alive();
	}
}

/* What firmware, or a kernel that takes over, does: everything off, cleared, and on. */
static void gic_reset(void)
{
	mmio_write32(gic_raw.distributor + GICD_CTLR, 0);
	for (uint32_t intid = 0; intid < 128; intid += 32) {
		const uintptr_t frame = gic_raw_frame(intid) + intid / 8;

		mmio_write32(frame + GICD_ICENABLER, UINT32_MAX);
		mmio_write32(frame + GICD_ICACTIVER, UINT32_MAX);
		mmio_write32(frame + GICD_ICPENDR, UINT32_MAX);
		mmio_write32(frame + GICD_IGROUPR, 0);
	}
	for (uint32_t intid = 32; intid < 128; intid++) {
		gic_raw_set_priority(intid, 0);
	}
	gic_raw_cpu_init();
	mmio_write32(gic_raw.distributor + GICD_CTLR, GICD_CTLR_GROUPS);
}

static void gic_reset_by_guest(void)
{
	uint32_t token = 0;

	for (unsigned int round = 0; round < 6; round++) {
		const bool is_active = round % 3 != 0;

		begin();
		gic_raw_eoimode(round % 3 == 2);
		rtc_raise();
		if (is_active) {
			token = take(rtc_intid);
			if (round % 3 == 2) {
				gic_raw_end(token);
			}
		} else {
			gic_raw_wait_us(NOTHING_US);
		}
		if (round >= 3) {
			rtc_clear();
		}
		gic_reset();
		if (round % 3 == 1) {
			gic_raw_end(token);
		}
		state(rtc_intid, round < 3, false, "after the reset");
		nothing("nobody has enabled it");
		spi_ready(rtc_intid);
		if (round < 3) {
			token = take(rtc_intid);
			rtc_clear();
			gic_raw_end(token);
		}
		rtc_alive();
	}
}

static void split_end(void)
{
	uint32_t token;

	begin();
	gic_raw_eoimode(true);
	for (unsigned int i = 0; i < 5; i++) {
		rtc_raise();
		token = take(rtc_intid);
		gic_raw_end(token);
		nothing("active, although its priority has dropped");
		state(rtc_intid, true, true, "its priority has dropped");
		gic_raw_deactivate(token);
		token = take(rtc_intid);
		rtc_clear();
		gic_raw_end(token);
		state(rtc_intid, false, true, "its line is down");
		gic_raw_deactivate(token);
		state(rtc_intid, false, false, "deactivated");
		nothing("deactivated");
	}
	gic_raw_eoimode(false);
	rtc_alive();
}

/* GICD_ISPENDR latches beside the line; the acknowledge takes both. */
static void latch_and_line(void)
{
	uint32_t token;

	begin();
	pend(rtc_intid);
	take_and_end(rtc_intid);
	nothing("latched once");
	pend(rtc_intid);
	token = take(rtc_intid);
	pend(rtc_intid);
	state(rtc_intid, true, true, "latched while active");
	gic_raw_end(token);
	take_and_end(rtc_intid);
	nothing("latched twice");
	pend(rtc_intid);
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	nothing("latched and raised");
	rtc_raise();
	token = take(rtc_intid);
	pend(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	take_and_end(rtc_intid);
	rtc_alive();
}

static void distributor_off(void)
{
	uint32_t token;

	begin();
	mmio_write32(gic_raw.distributor + GICD_CTLR, 0);
	rtc_raise();
	nothing("the distributor is off");
	mmio_write32(gic_raw.distributor + GICD_CTLR, GICD_CTLR_GROUPS);
	token = take(rtc_intid);
	mmio_write32(gic_raw.distributor + GICD_CTLR, 0);
	gic_raw_end(token);
	nothing("the distributor is off again");
	state(rtc_intid, true, false, "the distributor is off again");
	mmio_write32(gic_raw.distributor + GICD_CTLR, GICD_CTLR_GROUPS);
	token = take(rtc_intid);
	rtc_clear();
	gic_raw_end(token);
	rtc_alive();
}

const struct tap_test line_tests[] = {
	{ "line: up before the driver exists", before_the_driver },
	{ "line: one interrupt per alarm", many },
	{ "line: held over the end", held_over_end },
	{ "line: raised and pending while disabled", disabled },
	{ "line: gone while disabled", gone_while_disabled },
	{ "line: pending cleared while it is up", pending_cleared },
	{ "line: active cleared", active_cleared },
	{ "line: active cleared and disabled", active_cleared_and_disabled },
	{ "line: active without a list register", evicted },
	{ "line: pending behind others", pushed_out },
	{ "line: the guest resets its GIC", gic_reset_by_guest },
	{ "line: EOImode 1", split_end },
	{ "line: latched by hand too", latch_and_line },
	{ "line: the distributor off and on", distributor_off },
};
const unsigned int line_test_count = ARRAY_SIZE(line_tests);
