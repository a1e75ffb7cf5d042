// SPDX-License-Identifier: Apache-2.0
// A cell that minds its own business and would notice if another one disturbed it: its
// memory, its device's registers and interrupts (a PL031 or a TTC, told to fire at once), its
// timer. The test outside reads the record, whose address is printed.

#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "devtree.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "runtime.h"
#include "timer.h"
#include "ttc.h"

#define RECORD_MAGIC UINT64_C(0x31304d4954434956) /* "VICTIM01" */
#define PATTERN_WORDS 8192
#define PAUSE_MS 1
#define PATIENCE_MS \
	3000 /* the host may be busy; a lost interrupt takes for ever */

#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_CR 0x0c
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c

/* Of a TTC, one counter: it fires 31 us after its start, and again 2 s later. */
#define TTC_PRESCALE_LOG2 11
#define TTC_FIRST 0

enum complaint {
	NO_COMPLAINT = 0,
	MEMORY_CHANGED = 1,
	INTERRUPT_LOST = 2,
	INTERRUPT_TWICE = 3,
	INTERRUPT_UNKNOWN = 4,
	REGISTER_CHANGED = 5,
	TIME_WENT_BACK = 6,
	LINE_STUCK = 7,
};

static struct {
	uint64_t magic;
	uint64_t round_count;
	uint64_t interrupt_count;
	uint64_t complaint_count;
	uint64_t first_complaint; /* enum complaint */
	uint64_t longest_us;	  /* from the trigger to the handler */
} record;

static uint64_t pattern[PATTERN_WORDS];
static uintptr_t rtc;
static struct ttc ttc;
static bool has_ttc;
static unsigned int taken;

static void complain(enum complaint complaint)
{
	if (record.complaint_count++ == 0) {
		record.first_complaint = complaint;
		printf("victim: FAIL: complaint %u in round %llu\n",
		       (unsigned int)complaint,
		       (unsigned long long)record.round_count);
		fflush(stdout);
	}
}

static void rtc_handler(void *arg)
{
	(void)arg;
	mmio_write32(rtc + RTC_ICR, 1);
	__atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
}

static void ttc_handler(void *arg)
{
	(void)arg;
	if (ttc_read(&ttc, TTC_FIRST, TTC_INTERRUPT) != 0) {
		__atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
	}
	ttc_write(&ttc, TTC_FIRST, TTC_COUNTER_CONTROL,
		  TTC_COUNTER_DISABLE | TTC_COUNTER_NO_WAVE);
}

static bool is_taken(void *arg)
{
	(void)arg;
	return __atomic_load_n(&taken, __ATOMIC_RELAXED) != 0;
}

static bool rtc_open(void)
{
	const int node = devtree_find_compatible("arm,pl031");
	struct devtree_region region;
	struct devtree_irq irq;

	if (node < 0 || devtree_region(node, 0, &region) != 0 ||
	    devtree_irq(node, 0, &irq) != 0 ||
	    mmu_map_device(region.address, region.size) != 0) {
		return false;
	}
	rtc = (uintptr_t)region.address;
	mmio_write32(rtc + RTC_IMSC, 0);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	return irq_request(irq.intid, rtc_handler, NULL, irq.is_edge) == 0;
}

static bool ttc_victim_open(void)
{
	if (ttc_open(&ttc, 0) != 0) {
		return false;
	}
	has_ttc = true;
	ttc_write(&ttc, TTC_FIRST, TTC_CLOCK_CONTROL,
		  TTC_PRESCALE(TTC_PRESCALE_LOG2));
	ttc_write(&ttc, TTC_FIRST, TTC_MATCH_1, 1);
	ttc_write(&ttc, TTC_FIRST, TTC_INTERRUPT_ENABLE, TTC_INTERRUPT_MATCH_1);
	return irq_request(ttc.intid[TTC_FIRST], ttc_handler, NULL, false) == 0;
}

/* By itself, so that a test finds where an interrupt begins; it ends in rtc_handler(). */
static __attribute__((noinline)) void rtc_fire(uint32_t now)
{
	mmio_write32(rtc + RTC_MR, now);
}

/* Have the device fire; false: it may not have. */
static bool device_trigger(void)
{
	uint32_t now;

	if (has_ttc) {
		ttc_write(&ttc, TTC_FIRST, TTC_COUNTER_CONTROL,
			  TTC_COUNTER_MATCH | TTC_COUNTER_RESTART |
				  TTC_COUNTER_NO_WAVE);
		return true;
	}
	now = mmio_read32(rtc + RTC_DR);
	rtc_fire(now);
	/* Unless a second began between the two, it has fired. */
	return mmio_read32(rtc + RTC_DR) == now;
}

/* Make it quiet; returns whether it had fired and was not heard. */
static bool device_quiet(void)
{
	bool is_up;

	if (has_ttc) {
		ttc_write(&ttc, TTC_FIRST, TTC_COUNTER_CONTROL,
			  TTC_COUNTER_DISABLE | TTC_COUNTER_NO_WAVE);
		return ttc_read(&ttc, TTC_FIRST, TTC_INTERRUPT) != 0;
	}
	is_up = (mmio_read32(rtc + RTC_RIS) & 1) != 0;
	mmio_write32(rtc + RTC_ICR, 1);
	return is_up;
}

static bool device_is_intact(void)
{
	return has_ttc ? ttc_read(&ttc, TTC_FIRST, TTC_INTERRUPT_ENABLE) ==
				 TTC_INTERRUPT_MATCH_1 :
			 mmio_read32(rtc + RTC_IMSC) == 1;
}

static void check_interrupt(void)
{
	const uint64_t start_us = timer_now_us();
	uint64_t wait_us;

	__atomic_store_n(&taken, 0, __ATOMIC_RELAXED);
	if (!device_trigger() && !timer_wait(is_taken, NULL, PAUSE_MS)) {
		return;
	}
	if (!timer_wait(is_taken, NULL, PATIENCE_MS)) {
		complain(device_quiet() ? INTERRUPT_LOST : LINE_STUCK);
		return;
	}
	wait_us = timer_now_us() - start_us;
	if (wait_us > record.longest_us) {
		record.longest_us = wait_us;
	}
	record.interrupt_count++;
	if (__atomic_load_n(&taken, __ATOMIC_RELAXED) != 1) {
		complain(INTERRUPT_TWICE);
	}
}

static void check_memory(uint64_t seed)
{
	for (unsigned int i = 0; i < PATTERN_WORDS; i++) {
		if (pattern[i] != (seed ^ i) * UINT64_C(0x9e3779b97f4a7c15)) {
			complain(MEMORY_CHANGED);
			return;
		}
	}
}

static void fill_memory(uint64_t seed)
{
	for (unsigned int i = 0; i < PATTERN_WORDS; i++) {
		pattern[i] = (seed ^ i) * UINT64_C(0x9e3779b97f4a7c15);
	}
}

int main(void)
{
	uint64_t last_us = 0;

	record.magic = RECORD_MAGIC;
	if (!rtc_open() && !ttc_victim_open()) {
		printf("victim: FAIL: no RTC and no TTC\n");
		return EXIT_FAILURE;
	}
	printf("victim: \"%s\" has its record at 0x%llx\n", devtree_cell_name(),
	       (unsigned long long)(uintptr_t)&record);
	fflush(stdout);
	for (;;) {
		const uint64_t now_us = timer_now_us();

		fill_memory(record.round_count);
		check_interrupt();
		timer_delay_ms(PAUSE_MS);
		check_memory(record.round_count);
		if (!device_is_intact()) {
			complain(REGISTER_CHANGED);
		}
		if (irq_unclaimed_count() != 0) {
			complain(INTERRUPT_UNKNOWN);
		}
		if (now_us < last_us) {
			complain(TIME_WENT_BACK);
		}
		last_us = now_us;
		record.round_count++;
	}
}
