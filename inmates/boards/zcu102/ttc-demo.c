// SPDX-License-Identifier: Apache-2.0
// Three interrupts of one device, two of which come while the third is in service.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "irq.h"
#include "runtime.h"
#include "timer.h"
#include "ttc.h"

/*
 * The counters fire one step after the other, in the order of the round, and come
 * round after 2 s. A step is a whole number of nanoseconds: QEMU's model, under
 * -icount, never gets to a match that is not, since it rounds the rest down to 0.
 */
#define PRESCALE 11 /* 133 MHz to 32.5 kHz */
#define STEP_TICKS 1330
#define STEP_US 40960
#define ROUND_TIMEOUT_MS 1000
/*
 * After a round the device is left alone for longer than the trapped configs'
 * mmap-timeout-ms of 300: it is stopped when its registers are mapped again.
 */
#define SETTLE_MS 350

static const uint8_t rounds[][TTC_COUNTERS] = {
	{ 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 },
	{ 2, 0, 1 }, { 0, 2, 1 }, { 1, 2, 0 },
};
#define ROUND_COUNT (sizeof(rounds) / sizeof(rounds[0]))

static struct ttc ttc;

/* Written by the handlers, read by main() with interrupts masked. */
static uint64_t all_fired_us;
static uint8_t order[TTC_COUNTERS];
static unsigned int order_count;
static unsigned int served[TTC_COUNTERS];
static unsigned int spurious_count;

static unsigned int wrong_count;

/*
 * One access, which reads and clears: where accesses are trapped, it is the end of
 * the interrupt. A second one could be taken for the end of the next.
 */
static void ttc_handler(void *arg)
{
	const uint8_t counter = (uint8_t)(uintptr_t)arg;

	if (order_count == 0) {
		while (timer_now_us() < all_fired_us) {
			cpu_yield(); /* a slow handler: the others fire now */
		}
	}
	if ((ttc_read(&ttc, counter, TTC_INTERRUPT) & TTC_INTERRUPT_MATCH_1) ==
	    0) {
		spurious_count++;
		return;
	}
	served[counter]++;
	if (order_count < TTC_COUNTERS) {
		order[order_count] = counter;
	}
	order_count++;
}

static bool round_is_over(void *arg)
{
	(void)arg;
	return __atomic_load_n(&order_count, __ATOMIC_RELAXED) >= TTC_COUNTERS;
}

static void round_arm(const uint8_t *counters)
{
	const uint64_t daif = cpu_irq_save();

	order_count = 0;
	for (uint32_t i = 0; i < TTC_COUNTERS; i++) {
		ttc_write(&ttc, counters[i], TTC_CLOCK_CONTROL,
			  TTC_PRESCALE(PRESCALE));
		ttc_write(&ttc, counters[i], TTC_MATCH_1, (i + 1) * STEP_TICKS);
		ttc_write(&ttc, counters[i], TTC_INTERRUPT_ENABLE,
			  TTC_INTERRUPT_MATCH_1);
	}
	for (uint32_t i = 0; i < TTC_COUNTERS; i++) {
		ttc_write(&ttc, counters[i], TTC_COUNTER_CONTROL,
			  TTC_COUNTER_MATCH | TTC_COUNTER_RESTART |
				  TTC_COUNTER_NO_WAVE);
	}
	all_fired_us = timer_now_us() + (TTC_COUNTERS + 1) * STEP_US;
	cpu_irq_restore(daif);
}

/*
 * The trapped path serves by arrival. Of several linked ones in list registers the
 * GIC takes which it likes, after the one that is in service.
 */
static bool order_is_right(bool is_trapped, const uint8_t *fired)
{
	return order_count == TTC_COUNTERS && order[0] == fired[0] &&
	       (!is_trapped || memcmp(order, fired, TTC_COUNTERS) == 0);
}

static void round_run(unsigned int number, bool is_trapped)
{
	const uint8_t *fired = rounds[number];
	bool is_right;

	round_arm(fired);
	is_right = timer_wait(round_is_over, NULL, ROUND_TIMEOUT_MS);
	timer_delay_ms(SETTLE_MS);
	is_right = is_right && order_is_right(is_trapped, fired);
	for (unsigned int i = 0; i < TTC_COUNTERS; i++) {
		ttc_stop(&ttc, i);
	}
	printf("ttc-demo: round %u: fired %u %u %u, served %u: %u %u %u%s\n",
	       number + 1, fired[0], fired[1], fired[2], order_count, order[0],
	       order[1], order[2], is_right ? "" : ": FAIL");
	wrong_count += is_right ? 0 : 1;
}

static int ttc_demo_open(void)
{
	int result = ttc_open(&ttc, 0);

	if (result != 0) {
		printf("ttc-demo: FAIL: the TTC: error %d\n", result);
		return result;
	}
	printf("ttc-demo: TTC at 0x%llx, INTIDs %u, %u, %u\n",
	       (unsigned long long)ttc.registers, (unsigned int)ttc.intid[0],
	       (unsigned int)ttc.intid[1], (unsigned int)ttc.intid[2]);
	for (uintptr_t i = 0; i < TTC_COUNTERS && result == 0; i++) {
		result = irq_request(ttc.intid[i], ttc_handler, (void *)i,
				     false);
	}
	return result;
}

int main(void)
{
	const void *fdt = devtree_blob();
	const char *path = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"),
				       "bootargs", NULL);
	bool is_pass;

	path = path == NULL ? "" : path;
	printf("ttc-demo: in \"%s\", %s\n", devtree_cell_name(), path);
	if (ttc_demo_open() != 0) {
		return EXIT_FAILURE;
	}
	for (unsigned int i = 0; i < ROUND_COUNT; i++) {
		round_run(i, strcmp(path, "trapped") == 0);
	}
	is_pass = served[0] == ROUND_COUNT && served[1] == ROUND_COUNT &&
		  served[2] == ROUND_COUNT && spurious_count == 0 &&
		  wrong_count == 0;
	printf("ttc-demo: %u rounds, served %u %u %u, %u spurious, %u wrong: "
	       "%s\n",
	       (unsigned int)ROUND_COUNT, served[0], served[1], served[2],
	       spurious_count, wrong_count, is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	printf("ttc-demo: idle now; \"cell devices\" shows the same counts\n");
	runtime_idle();
}
