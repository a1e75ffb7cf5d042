// SPDX-License-Identifier: Apache-2.0
// Takes one interrupt of the PL031 and never ends it, nor answers anything else.

#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "devtree.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "runtime.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031) summary of registers */
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_CR 0x0c
#define RTC_IMSC 0x10

#define ALARM_TIME 5

static void handler(void *arg)
{
	(void)arg;
	for (;;) {
		__asm__ volatile("wfi");
	}
}

int main(void)
{
	struct devtree_region region;
	struct devtree_irq irq;
	const int node = devtree_find_compatible("arm,pl031");
	uintptr_t rtc;

	if (node < 0 || devtree_region(node, 0, &region) != 0 ||
	    devtree_irq(node, 0, &irq) != 0 ||
	    mmu_map_device(region.address, region.size) != 0 ||
	    irq_request(irq.intid, handler, NULL, irq.is_edge) != 0) {
		printf("rtc-stuck: FAIL: no RTC\n");
		return EXIT_FAILURE;
	}
	rtc = (uintptr_t)region.address;
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_MR, ALARM_TIME);
	printf("rtc-stuck: the alarm rings now\n");
	fflush(stdout);
	mmio_write32(rtc + RTC_IMSC, 1);
	mmio_write32(rtc + RTC_LR, ALARM_TIME); /* the time is the alarm's */
	runtime_idle();
}
