// SPDX-License-Identifier: Apache-2.0
// ICENABLER between the acknowledge and the end of interrupt, the end, and enabled again,
// five times: five interrupts. With the line up at the end and with the line down, of a
// device and of the timer. (A hypervisor that forgets to deactivate the physical line
// delivers none after the first.)

#include <stdio.h>

#include "cpu.h"
#include "devtree.h"
#include "gic_raw.h"
#include "mmio.h"
#include "mmu.h"
#include "tap.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031), "Summary of registers" */
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c
#define ALARM_TIME 1000
#define ATTEMPTS 4

#define TIMER_INTID 27
#define TIMES 5
#define TAKE_US 5000000
#define NOTHING_US 1000

static uintptr_t rtc;
static uint32_t rtc_intid;

static int rtc_open(void)
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

static void rtc_line(bool is_up)
{
	if (!is_up) {
		mmio_write32(rtc + RTC_ICR, 1);
		return;
	}
	/* If a second ends within the write, it does not ring. */
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		mmio_write32(rtc + RTC_LR, ALARM_TIME);
		if (mmio_read32(rtc + RTC_RIS) != 0) {
			return;
		}
	}
	tap_check(false, "the RTC rings");
}

static void timer_line(bool is_up)
{
	CPU_WRITE(cntv_cval_el0, 0);
	CPU_WRITE(cntv_ctl_el0, is_up ? 1 : 0);
	cpu_isb();
}

/* @is_down: the handler quiets its device while the interrupt is disabled */
static void five(uint32_t intid, void (*line)(bool is_up), bool is_down)
{
	unsigned int count = 0;

	gic_raw_enable(intid);
	line(true);
	for (unsigned int i = 0; i < TIMES; i++) {
		const uint32_t token = gic_raw_take(TAKE_US);

		if (tap_equal(GIC_RAW_INTID(token), intid, "turn %u", i)) {
			count++;
		}
		gic_raw_disable(intid);
		if (is_down) {
			line(false);
		}
		gic_raw_end(token);
		tap_check(GIC_RAW_INTID(gic_raw_take(NOTHING_US)) >=
				  GIC_RAW_NONE,
			  "none comes while it is disabled");
		gic_raw_enable(intid);
		if (is_down) {
			line(true);
		}
	}
	tap_equal(count, TIMES, "interrupts");
	line(false);
	while (GIC_RAW_INTID(gic_raw_take(NOTHING_US)) == intid) {
		gic_raw_end(intid); /* the last one rang before it was quiet */
	}
	gic_raw_disable(intid);
}

static void device_up(void)
{
	five(rtc_intid, rtc_line, false);
}

static void device_down(void)
{
	five(rtc_intid, rtc_line, true);
}

static void timer_up(void)
{
	five(TIMER_INTID, timer_line, false);
}

static void timer_down(void)
{
	five(TIMER_INTID, timer_line, true);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a device, its line still up", device_up },
		{ "a device, its line down", device_down },
		{ "the timer, its line still up", timer_up },
		{ "the timer, its line down", timer_down },
		{ "a device once more", device_up },
	};

	if (gic_raw_open() != 0 || rtc_open() != 0) {
		printf("Bail out! the cell lacks a device\n");
		return 1;
	}
	mmio_write32(gic_raw.distributor + GICD_CTLR,
		     gic_raw.is_v3 ? 0x10 | GICD_CTLR_GROUPS :
				     GICD_CTLR_GROUPS);
	gic_raw_cpu_init();
	gic_raw_setup_spi(rtc_intid, 0);
	return tap_run(tests, ARRAY_SIZE(tests));
}
