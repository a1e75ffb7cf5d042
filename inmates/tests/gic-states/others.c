// SPDX-License-Identifier: Apache-2.0
// Between the CPUs of the cell: SGIs, and SPIs that change their target or are changed by
// one CPU while another has them.

#include "cpu.h"
#include "mmio.h"
#include "smp.h"
#include "states.h"

#define GICR_TYPER 0x08
#define GICR_STRIDE 0x20000

/* It must come to CPU @cpu, which ends it. */
static void comes_to(unsigned int cpu, uint32_t intid, unsigned int sender)
{
	const uint32_t token = cpu == 0 ? gic_raw_take(TAKE_US) :
					  other_take(cpu, TAKE_US);

	tap_equal(GIC_RAW_INTID(token), intid, "what comes to CPU %u", cpu);
	if (!gic_raw.is_v3 && intid < SGI_COUNT) {
		tap_equal(GIC_RAW_SENDER(token), sender, "who sent SGI %u",
			  intid);
	}
	if (cpu == 0) {
		gic_raw_end(token);
	} else {
		other_end(cpu, token);
	}
}

static void nothing_anywhere(const char *when)
{
	nothing(when);
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		const uint32_t token = other_take(i, NOTHING_US);

		if (!tap_check(GIC_RAW_INTID(token) >= GIC_RAW_NONE,
			       "%s: %u does not come to CPU %u", when,
			       GIC_RAW_INTID(token), i)) {
			other_end(i, token);
		}
	}
}

/* Contiguous from the board's first, whichever of its CPUs the cell has. */
static void numbers(void)
{
	others_start();
	tap_equal(smp_index(), 0, "the first CPU");
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		tap_equal(other_facts(i), gic_raw.is_v3 ? i : 0x01010101U << i,
			  "what CPU %u says of itself", i);
	}
	for (unsigned int i = 0; gic_raw.is_v3 && i < gic_raw.cpu_count; i++) {
		const uint64_t typer = mmio_read64(
			gic_raw.redistributors + i * GICR_STRIDE + GICR_TYPER);

		tap_equal(typer >> 32, i, "affinity of redistributor %u", i);
		tap_equal(typer >> 8 & 0xffff, i, "its Processor_Number");
		tap_equal(typer >> 4 & 1, i + 1 == gic_raw.cpu_count,
			  "its Last");
	}
}

static void each_to_each(void)
{
	others_start();
	for (unsigned int from = 0; from < gic_raw.cpu_count; from++) {
		for (unsigned int to = 0; to < gic_raw.cpu_count; to++) {
			const uint32_t intid = from * 4 + to;

			if (from == 0) {
				gic_raw_sgi(intid % 16, 1U << to);
			} else {
				other_sgi(from, intid % 16, 1U << to);
			}
			comes_to(to, intid % 16, from);
		}
	}
	nothing_anywhere("each has come");
}

static void to_several(void)
{
	const unsigned int count = gic_raw.cpu_count;

	others_start();
	gic_raw_sgi(7, 0xff);
	for (unsigned int i = 0; i < count; i++) {
		comes_to(i, 7, 0);
	}
	sgi_send(8, TO_ALL_OTHERS);
	for (unsigned int i = 1; i < count; i++) {
		comes_to(i, 8, 0);
	}
	other_sgi(1, 9, TO_ALL_OTHERS);
	for (unsigned int i = 0; i < count; i++) {
		if (i != 1) {
			comes_to(i, 9, 1);
		}
	}
	nothing_anywhere("to all others");
}

/* GICv2 keeps senders apart; on GICv3 the same SGI is one. */
static void from_several(void)
{
	others_start();
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		other_sgi(i, 4, 1);
	}
	if (gic_raw.is_v3) {
		comes_to(0, 4, 0);
	}
	for (unsigned int i = 1; !gic_raw.is_v3 && i < gic_raw.cpu_count; i++) {
		comes_to(0, 4, i);
	}
	nothing_anywhere("each sender has come");
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		for (uint32_t intid = 0; intid < SGI_COUNT; intid++) {
			other_sgi(i, intid, 1);
			gic_raw_set_priority(intid, 8 * intid);
		}
	}
	for (uint32_t intid = 0; intid < SGI_COUNT; intid++) {
		comes_to(0, intid, 1);
		for (unsigned int i = 2;
		     !gic_raw.is_v3 && i < gic_raw.cpu_count; i++) {
			comes_to(0, intid, i);
		}
	}
	nothing_anywhere("16 of each sender");
}

/* GICv2: the registers that name senders */
static void senders(void)
{
	const uintptr_t set = gic_raw.distributor + GICD_SPENDSGIR;
	const uintptr_t clear = gic_raw.distributor + GICD_CPENDSGIR;

	others_start();
	if (gic_raw.is_v3) {
		return; /* reserved there: gic-sweep */
	}
	mmio_write8(set + 6, 7);
	tap_equal(mmio_read8(set + 6), 7, "GICD_SPENDSGIR");
	mmio_write8(clear + 6, 2);
	tap_equal(mmio_read8(clear + 6), 5, "GICD_CPENDSGIR");
	comes_to(0, 6, 0);
	tap_equal(mmio_read8(clear + 6), 4, "after the first");
	comes_to(0, 6, 2);
	tap_equal(mmio_read8(clear + 6), 0, "after the second");
	mmio_write8(set + 6, 4);
	mmio_write8(clear + 6, 4);
	nothing_anywhere("cleared");
}

static uint32_t rtc_at(unsigned int cpu)
{
	const uint32_t token = cpu == 0 ? gic_raw_take(TAKE_US) :
					  other_take(cpu, TAKE_US);

	tap_equal(GIC_RAW_INTID(token), rtc_intid, "the line at CPU %u", cpu);
	return token;
}

static void routed(void)
{
	uint32_t token;

	others_start();
	spi_ready(rtc_intid);
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		/* idle, then pending and not taken, then active */
		gic_raw_route(rtc_intid, i);
		rtc_raise();
		token = rtc_at(i);
		rtc_clear();
		other_end(i, token);
		gic_raw_route(rtc_intid, 0);
		rtc_raise();
		gic_raw_wait_us(NOTHING_US);
		gic_raw_route(rtc_intid, i);
		token = rtc_at(i);
		nothing("it is at another CPU");
		gic_raw_route(rtc_intid, 0);
		nothing("it is active at another CPU");
		state(rtc_intid, true, true, "active at another CPU");
		other_end(i, token);
		token = rtc_at(0);
		gic_raw_route(rtc_intid, i);
		rtc_clear();
		gic_raw_end(token);
		nothing_anywhere("it is down");
		gic_raw_route(rtc_intid, 0);
		rtc_alive();
	}
}

/* CPU 0 disables and clears what CPU 1 has. */
static void changed_from_afar(void)
{
	uint32_t token;

	others_start();
	spi_ready(rtc_intid);
	gic_raw_route(rtc_intid, 1);
	for (unsigned int round = 0; round < 4; round++) {
		rtc_raise();
		token = rtc_at(1);
		state(rtc_intid, true, true, "active at CPU 1");
		gic_raw_disable(rtc_intid);
		if (round >= 2) {
			gic_raw_set(GICD_ICACTIVER, rtc_intid);
			state(rtc_intid, true, false, "cleared from afar");
		}
		if (round % 2 != 0) {
			rtc_clear();
		}
		other_end(1, token);
		nothing_anywhere("disabled");
		gic_raw_enable(rtc_intid);
		if (round % 2 == 0) {
			token = rtc_at(1);
			rtc_clear();
			other_end(1, token);
		}
		nothing_anywhere("it is down");
	}
	rtc_raise();
	gic_raw_wait_us(NOTHING_US);
	gic_raw_disable(rtc_intid);
	nothing_anywhere("disabled from afar while pending");
	gic_raw_enable(rtc_intid);
	token = rtc_at(1);
	rtc_clear();
	other_end(1, token);
	gic_raw_route(rtc_intid, 0);
	rtc_alive();
}

/* With EOImode 1 any CPU may deactivate an SPI. */
static void deactivated_from_afar(void)
{
	uint32_t token;

	others_start();
	spi_ready(rtc_intid);
	gic_raw_route(rtc_intid, 1);
	gic_raw_eoimode(true);
	other_eoimode(1, true);
	for (unsigned int round = 0; round < 4; round++) {
		rtc_raise();
		token = rtc_at(1);
		other_end(1, token);
		nothing_anywhere("its priority has dropped");
		gic_raw_deactivate(token);
		token = rtc_at(1);
		rtc_clear();
		other_end(1, token);
		gic_raw_deactivate(token);
		state(rtc_intid, false, false, "deactivated");
		nothing_anywhere("deactivated");
	}
	other_eoimode(1, false);
	gic_raw_eoimode(false);
	gic_raw_route(rtc_intid, 0);
	rtc_alive();
}

/* Raised while its CPU is off: it waits until that one is back. */
static void target_off(void)
{
	uint32_t token;

	others_start();
	spi_ready(rtc_intid);
	gic_raw_route(rtc_intid, 1);
	for (unsigned int round = 0; round < 3; round++) {
		others_stop(1);
		rtc_raise();
		if (round == 1) {
			gic_raw_sgi(3, 2);
		}
		nothing("its CPU is off");
		tap_check(others_start_one(1), "CPU 1 starts again");
		if (round == 1) {
			gic_raw_set_priority(3, 0x10);
		}
		token = other_take(1, TAKE_US);
		if (GIC_RAW_INTID(token) == 3) {
			other_end(1, token);
			token = other_take(1, TAKE_US);
		}
		tap_equal(GIC_RAW_INTID(token), rtc_intid, "what waited");
		rtc_clear();
		other_end(1, token);
	}
	gic_raw_route(rtc_intid, 0);
	rtc_alive();
}

/* GICv3: one CPU sets an SGI of another pending in its redistributor. */
static void private_from_afar(void)
{
	others_start();
	if (!gic_raw.is_v3) {
		return; /* they are banked */
	}
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		const uintptr_t frame =
			gic_raw.redistributors + i * GICR_STRIDE + 0x10000;

		mmio_write32(frame + GICD_ISPENDR, 1U << 11);
		comes_to(i, 11, 0);
		mmio_write32(frame + GICD_ICENABLER, 1U << 11);
		mmio_write32(frame + GICD_ISPENDR, 1U << 11);
		nothing_anywhere("disabled from afar");
		tap_equal(mmio_read32(frame + GICD_ISPENDR) & 0xffff, 1U << 11,
			  "pending at CPU %u", i);
		mmio_write32(frame + GICD_ICPENDR, 1U << 11);
		mmio_write32(frame + GICD_ISENABLER, 1U << 11);
		nothing_anywhere("cleared from afar");
	}
}

const struct tap_test other_tests[] = {
	{ "CPUs: numbers from 0", numbers },
	{ "CPUs: an SGI from each to each", each_to_each },
	{ "CPUs: SGIs to several", to_several },
	{ "CPUs: SGIs from several", from_several },
	{ "CPUs: senders", senders },
	{ "CPUs: routed while idle, pending, active", routed },
	{ "CPUs: disabled and cleared from afar", changed_from_afar },
	{ "CPUs: deactivated from afar", deactivated_from_afar },
	{ "CPUs: private interrupts from afar", private_from_afar },
	{ "CPUs: raised while its CPU is off", target_off },
};
const unsigned int other_test_count = ARRAY_SIZE(other_tests);
