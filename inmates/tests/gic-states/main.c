// SPDX-License-Identifier: Apache-2.0
// What becomes of interrupts, in all their states: the tests, and what they share.

#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "devtree.h"
#include "mmio.h"
#include "mmu.h"
#include "smp.h"
#include "states.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031), "Summary of registers" */
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c
#define ALARM_TIME 1000
#define ATTEMPTS 4

#define TESTS_MAX 64

uint32_t spi_of[SPI_COUNT];
uint32_t timer_of_cell = 27;
uint32_t rtc_intid;
static uintptr_t rtc;

int rtc_open(void)
{
	const int node = devtree_find_compatible("arm,pl031");
	struct devtree_region region;
	struct devtree_irq irq;

	if (node < 0 || devtree_region(node, 0, &region) != 0 ||
	    devtree_irq(node, 0, &irq) != 0 ||
	    mmu_map_device(region.address, region.size) != 0) {
		return -1;
	}
	rtc = (uintptr_t)region.address;
	rtc_intid = irq.intid;
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_LR, 0);
	mmio_write32(rtc + RTC_MR, ALARM_TIME);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	return 0;
}

/*
 * The alarm rings when the time that is written is its own. The emulator looks at the
 * clock twice for that: if a second ends in between, nothing rings (RIS is 0).
 */
void rtc_raise(void)
{
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		mmio_write32(rtc + RTC_LR, ALARM_TIME);
		if (mmio_read32(rtc + RTC_RIS) != 0) {
			return;
		}
	}
	tap_check(false, "the RTC rings");
}

/* Not at the alarm's time any more, so that the next write to MR or LR rings nothing. */
void rtc_clear(void)
{
	mmio_write32(rtc + RTC_ICR, 1);
	cpu_dsb();
}

uint32_t take(uint32_t intid)
{
	const uint32_t token = gic_raw_take(TAKE_US);

	tap_equal(GIC_RAW_INTID(token), intid, "the interrupt that comes");
	return token;
}

void take_and_end(uint32_t intid)
{
	const uint32_t token = take(intid);

	if (GIC_RAW_INTID(token) < GIC_RAW_NONE) {
		gic_raw_end(token);
	}
}

void nothing(const char *when)
{
	const uint32_t token = gic_raw_take(NOTHING_US);

	if (GIC_RAW_INTID(token) < GIC_RAW_NONE) {
		tap_check(false, "%s: interrupt %u does not come", when,
			  GIC_RAW_INTID(token));
		gic_raw_end(token);
	}
}

void state(uint32_t intid, bool is_pending, bool is_active, const char *when)
{
	tap_equal(gic_raw_is(GICD_ISPENDR, intid), is_pending,
		  "%s: interrupt %u pending", when, intid);
	tap_equal(gic_raw_is(GICD_ISACTIVER, intid), is_active,
		  "%s: interrupt %u active", when, intid);
}

void pend(uint32_t intid)
{
	if (intid < SGI_COUNT) {
		gic_raw_sgi(intid, 1U << smp_index());
	} else {
		gic_raw_set(GICD_ISPENDR, intid);
	}
}

void spi_ready(uint32_t intid)
{
	gic_raw_setup_spi(intid, smp_index());
	gic_raw_enable(intid);
}

void rtc_alive(void)
{
	nothing("before the RTC rings");
	for (unsigned int i = 0; i < 2; i++) {
		rtc_raise();
		const uint32_t token = take(rtc_intid);

		rtc_clear();
		gic_raw_end(token);
		state(rtc_intid, false, false, "after it rang");
		nothing("after it rang");
	}
}

static void end_all(void)
{
	for (unsigned int i = 0; i < 1000; i++) {
		const uint32_t token = gic_raw_acknowledge();

		if (GIC_RAW_INTID(token) >= GIC_RAW_NONE) {
			return;
		}
		gic_raw_end(token);
	}
}

void reset_all(void)
{
	mmio_write32(gic_raw.distributor + GICD_CTLR,
		     gic_raw.is_v3 ? 0x10 | GICD_CTLR_GROUPS :
				     GICD_CTLR_GROUPS);
	rtc_clear();
	gic_raw_cpu_init();
	end_all();
	for (uint32_t intid = 0; intid < 128; intid += 32) {
		const uintptr_t frame = gic_raw_frame(intid) + intid / 8;

		mmio_write32(frame + GICD_ICENABLER, UINT32_MAX);
		mmio_write32(frame + GICD_ICPENDR, UINT32_MAX);
		mmio_write32(frame + GICD_ICACTIVER, UINT32_MAX);
	}
	gic_raw_cpu_init();
	tap_equal(gic_raw_running(), IDLE_PRIORITY, "the running priority");
}

static int devices_open(void)
{
	const int node = devtree_find_compatible("test,device");
	struct devtree_irq irq;

	for (unsigned int i = 0; i < SPI_COUNT; i++) {
		if (node < 0 || devtree_irq(node, i, &irq) != 0) {
			return -1;
		}
		spi_of[i] = irq.intid;
	}
	return rtc_open();
}

static struct tap_test all[TESTS_MAX];
static unsigned int all_count;

static void add(const struct tap_test *tests, unsigned int count)
{
	memcpy(&all[all_count], tests, count * sizeof(*tests));
	all_count += count;
}

int main(void)
{
	if (gic_raw_open() != 0 || devices_open() != 0) {
		printf("Bail out! the cell lacks a device\n");
		return 1;
	}
	add(line_tests, line_test_count);
	add(state_tests, state_test_count);
	add(overflow_tests, overflow_test_count);
	if (gic_raw.cpu_count > 1) {
		add(other_tests, other_test_count);
	}
	return tap_run(all, all_count);
}
