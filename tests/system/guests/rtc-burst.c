// SPDX-License-Identifier: Apache-2.0
// Sets the PL031's time to that of its alarm, over and over: many interrupts in no time.
// bootargs = "endless": it does not stop. "level": the line is still high when the first
// interrupts of each alarm end, so that each alarm is LEVEL_COUNT interrupts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "devtree.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "runtime.h"
#include "timer.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031) summary of registers */
#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_MIS 0x18
#define RTC_ICR 0x1c

#define COUNT 1000
#define DEADLINE_MS 2000
#define ATTEMPTS 3
#define ALARM_TIME 1000
#define LEVEL_COUNT 3

static uintptr_t rtc;
static unsigned int interrupt_count;
static unsigned int per_alarm = 1;

static void handler(void *arg)
{
	const unsigned int count =
		__atomic_add_fetch(&interrupt_count, 1, __ATOMIC_RELAXED);

	(void)arg;
	if (count % per_alarm == 0) {
		mmio_write32(rtc + RTC_ICR, 1);
	} else {
		(void)mmio_read32(rtc + RTC_DR);
	}
}

static bool has_come(void *arg)
{
	const unsigned int *number = arg;

	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED) >= *number;
}

static int rtc_open(void)
{
	struct devtree_region region;
	struct devtree_irq irq;
	const int node = devtree_find_compatible("arm,pl031");

	if (node < 0 || devtree_region(node, 0, &region) != 0 ||
	    devtree_irq(node, 0, &irq) != 0 ||
	    mmu_map_device(region.address, region.size) != 0) {
		return -1;
	}
	rtc = (uintptr_t)region.address;
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_LR, 0);
	mmio_write32(rtc + RTC_MR, ALARM_TIME);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	return irq_request(irq.intid, handler, NULL, irq.is_edge);
}

/*
 * The alarm rings when the time that is written is its own. The emulator looks at
 * the clock twice for that: if a second ends in between, nothing rings (RIS is 0).
 */
static bool ring(unsigned int number)
{
	number *= per_alarm;
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		mmio_write32(rtc + RTC_LR, ALARM_TIME);
		if (timer_wait(has_come, &number, DEADLINE_MS)) {
			return true;
		}
		if (mmio_read32(rtc + RTC_RIS) != 0) {
			break;
		}
	}
	return false;
}

static bool is_asked_for(const char *word)
{
	const char *bootargs = fdt_getprop(
		devtree_blob(), devtree_find_path("/chosen"), "bootargs", NULL);

	return bootargs != NULL && strcmp(bootargs, word) == 0;
}

int main(void)
{
	const bool endless = is_asked_for("endless");
	unsigned int number = 0;
	uint32_t left_over;

	if (rtc_open() != 0) {
		printf("rtc-burst: FAIL: no RTC\n");
		return EXIT_FAILURE;
	}
	if (is_asked_for("level")) {
		per_alarm = LEVEL_COUNT;
	}
	while (endless || number < COUNT) {
		number++;
		if (!ring(number)) {
			printf("rtc-burst: FAIL: interrupt %u did not come, "
			       "RIS %u\n",
			       number,
			       (unsigned int)mmio_read32(rtc + RTC_RIS));
			break;
		}
	}
	timer_delay_ms(50);
	left_over = mmio_read32(rtc + RTC_MIS);
	printf("rtc-burst: asked for %u, %u interrupts, %u spurious, "
	       "%u left: %s\n",
	       number, interrupt_count, irq_spurious_count(),
	       (unsigned int)left_over,
	       interrupt_count == COUNT * per_alarm && left_over == 0 ? "PASS" :
									"FAIL");
	runtime_idle();
}
