// SPDX-License-Identifier: Apache-2.0
// A level line that the guest does not lower before it ends the interrupt: it comes again,
// each time. No access to the device and none to the distributor helps the emulator's
// GICv2 here: EL2 does.

#include <stdio.h>

#include "cpu.h"
#include "devtree.h"
#include "gic_raw.h"
#include "mmio.h"
#include "mmu.h"
#include "tap.h"
#include "timer.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031), "Summary of registers" */
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c
#define ALARM_TIME 1000
#define ATTEMPTS 4

#define TIMES 30
#define TAKE_US 5000000

static uintptr_t rtc;
static uint32_t intid;
static uint64_t begun_us;

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
	intid = irq.intid;
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_LR, 0);
	mmio_write32(rtc + RTC_MR, ALARM_TIME);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	return 0;
}

static void rtc_raise(void)
{
	/* If a second ends within the write, it does not ring. */
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		mmio_write32(rtc + RTC_LR, ALARM_TIME);
		if (mmio_read32(rtc + RTC_RIS) != 0) {
			return;
		}
	}
	tap_check(false, "the RTC rings");
}

static void held(void)
{
	unsigned int count = 0;

	gic_raw_enable(intid);
	rtc_raise();
	for (unsigned int i = 0; i <= TIMES; i++) {
		const uint32_t token = gic_raw_take(TAKE_US);

		if (!tap_equal(GIC_RAW_INTID(token), intid, "turn %u", i)) {
			break;
		}
		count += i == 0 ? 0 : 1;
		if (i == TIMES) {
			mmio_write32(rtc + RTC_ICR, 1);
			cpu_dsb();
		}
		gic_raw_end(token);
	}
	tap_note("%u times", count);
	tap_check(GIC_RAW_INTID(gic_raw_take(5000)) >= GIC_RAW_NONE,
		  "it is quiet now");
}

/* Nothing in service: EL2 has no reason to go on. */
static void quiet(void)
{
	gic_raw_wait_us(20000);
	tap_note("%u ms", (unsigned int)((timer_now_us() - begun_us) / 1000));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "held over the end of interrupt", held },
		{ "quiet", quiet },
	};

	begun_us = timer_now_us();
	if (gic_raw_open() != 0 || rtc_open() != 0) {
		printf("Bail out! the cell lacks a device\n");
		return 1;
	}
	mmio_write32(gic_raw.distributor + GICD_CTLR,
		     gic_raw.is_v3 ? 0x10 | GICD_CTLR_GROUPS :
				     GICD_CTLR_GROUPS);
	gic_raw_cpu_init();
	gic_raw_setup_spi(intid, 0);
	return tap_run(tests, ARRAY_SIZE(tests));
}
