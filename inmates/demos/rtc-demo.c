// SPDX-License-Identifier: Apache-2.0
// Ten alarms of an assigned PL031, each counted and its time checked.

#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "devtree.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "runtime.h"
#include "timer.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031) summary of registers */
#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_ICR 0x1c

#define ALARM_COUNT 10
#define ALARM_DEADLINE_MS 3000
/*
 * After an alarm the device is left alone for longer than the trapped config's
 * mmap-timeout-ms of 300, so that the accesses that follow find it mapped.
 */
#define SETTLE_MS 350
#define READ_COUNT 3
#define READ_STEP_MS 10
#define TICK_TIMEOUT_MS 3000
#define TICK_STEP_MS 10

static uintptr_t rtc;

/* Written by the handler, read by main() with interrupts masked. */
static bool is_armed;
static uint32_t match;
static uint32_t alarm_time;
static uint64_t alarm_us;
static unsigned int interrupt_count;
static unsigned int spurious_count;

static unsigned int alarm_count;
static unsigned int wrong_count;

/*
 * The clearing of the alarm comes first: where accesses are trapped, the first
 * one is the end of the interrupt, and the line must be low by then.
 */
static void rtc_handler(void *arg)
{
	(void)arg;
	mmio_write32(rtc + RTC_ICR, 1);

	const uint32_t now = mmio_read32(rtc + RTC_DR);

	interrupt_count++;
	if (!is_armed || (int32_t)(now - match) < 0) {
		spurious_count++; /* nothing was due */
		return;
	}
	alarm_time = now;
	alarm_us = timer_now_us();
	is_armed = false;
}

static bool alarm_is_over(void *arg)
{
	(void)arg;
	return !__atomic_load_n(&is_armed, __ATOMIC_RELAXED);
}

/* Leave the RTC alone a while, then read it, as a driver at rest would. */
static bool read_between(uint32_t not_before)
{
	bool is_right = true;

	timer_delay_ms(SETTLE_MS);
	for (unsigned int i = 0; i < READ_COUNT; i++) {
		const uint32_t now = mmio_read32(rtc + RTC_DR);

		is_right = is_right && (int32_t)(now - not_before) >= 0;
		timer_delay_ms(READ_STEP_MS);
	}
	return is_right;
}

/* Wait for a tick, so that no alarm is set just before the second it is for. */
static bool wait_for_tick(void)
{
	const uint32_t start = mmio_read32(rtc + RTC_DR);

	for (unsigned int i = 0; i < TICK_TIMEOUT_MS / TICK_STEP_MS; i++) {
		if (mmio_read32(rtc + RTC_DR) != start) {
			return true;
		}
		timer_delay_ms(TICK_STEP_MS);
	}
	return false;
}

static void arm_next_second(void)
{
	const uint64_t daif = cpu_irq_save();

	match = mmio_read32(rtc + RTC_DR) + 1;
	is_armed = true;
	mmio_write32(rtc + RTC_MR, match);
	cpu_irq_restore(daif);
}

static bool take_alarm(unsigned int number, uint64_t *last_us)
{
	arm_next_second();
	if (!timer_wait(alarm_is_over, NULL, ALARM_DEADLINE_MS)) {
		printf("rtc-demo: alarm %u: FAIL: no interrupt in %d ms, "
		       "RTC %lu, asked for %lu\n",
		       number, ALARM_DEADLINE_MS,
		       (unsigned long)mmio_read32(rtc + RTC_DR),
		       (unsigned long)match);
		return false;
	}
	alarm_count++;
	printf("rtc-demo: alarm %2u at RTC time %lu, %.3f s since the %s\n",
	       number, (unsigned long)alarm_time,
	       (double)(alarm_us - *last_us) / 1e6,
	       number == 1 ? "start" : "last");
	*last_us = alarm_us;
	/* One second late is a busy host; more is not what was asked for. */
	if (alarm_time - match > 1 || !read_between(alarm_time)) {
		printf("rtc-demo: alarm %u: FAIL: asked for %lu\n", number,
		       (unsigned long)match);
		wrong_count++;
	}
	return true;
}

static int rtc_open(void)
{
	struct devtree_region region;
	struct devtree_irq irq;
	const int node = devtree_find_compatible("arm,pl031");
	int result;

	if (node < 0) {
		printf("rtc-demo: FAIL: no \"arm,pl031\" in the device tree\n");
		return node;
	}
	result = devtree_region(node, 0, &region);
	if (result == 0) {
		result = devtree_irq(node, 0, &irq);
	}
	if (result == 0) {
		result = mmu_map_device(region.address, region.size);
	}
	if (result != 0) {
		printf("rtc-demo: FAIL: the RTC's node: error %d\n", result);
		return result;
	}
	rtc = (uintptr_t)region.address;
	printf("rtc-demo: PL031 at 0x%llx, INTID %u, %s\n",
	       (unsigned long long)region.address, (unsigned int)irq.intid,
	       irq.is_edge ? "edge" : "level");
	mmio_write32(rtc + RTC_IMSC, 0);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_CR, 1);
	return irq_request(irq.intid, rtc_handler, NULL, irq.is_edge);
}

static void run(void)
{
	uint64_t last_us;

	if (!wait_for_tick()) {
		printf("rtc-demo: FAIL: the RTC stands still\n");
		return;
	}
	last_us = timer_now_us();
	(void)read_between(0);
	/* The old match must not be the present second. */
	mmio_write32(rtc + RTC_MR, mmio_read32(rtc + RTC_DR) - 1);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	for (unsigned int i = 1; i <= ALARM_COUNT; i++) {
		if (!take_alarm(i, &last_us)) {
			break;
		}
	}
	mmio_write32(rtc + RTC_IMSC, 0);
}

int main(void)
{
	bool is_pass;

	printf("rtc-demo: in \"%s\"\n", devtree_cell_name());
	if (rtc_open() != 0) {
		return EXIT_FAILURE;
	}
	run();
	is_pass = alarm_count == ALARM_COUNT &&
		  interrupt_count == ALARM_COUNT && spurious_count == 0 &&
		  wrong_count == 0;
	printf("rtc-demo: %u alarms, %u interrupts, %u spurious, "
	       "%u wrong: %s\n",
	       alarm_count, interrupt_count, spurious_count, wrong_count,
	       is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	printf("rtc-demo: idle now; \"cell devices\" shows the same counts\n");
	runtime_idle();
}
