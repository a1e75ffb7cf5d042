// SPDX-License-Identifier: Apache-2.0
// Starts a counter of a TTC whose match is at its first tick, over and over: many
// interrupts in no time. bootargs = "endless": it does not stop.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "devtree.h"
#include "irq.h"
#include "runtime.h"
#include "timer.h"
#include "ttc.h"

#define COUNT 1000
#define DEADLINE_MS 2000
#define PRESCALE 11 /* 31 us to the match, 2 s until the counter comes round */
#define COUNTER 0

static struct ttc ttc;
static unsigned int interrupt_count;
static unsigned int spurious_count;

/* One access: on the trapped path it is the end of the interrupt. */
static void handler(void *arg)
{
	(void)arg;
	if (ttc_read(&ttc, COUNTER, TTC_INTERRUPT) == 0) {
		spurious_count++;
		return;
	}
	__atomic_add_fetch(&interrupt_count, 1, __ATOMIC_RELAXED);
}

static bool has_come(void *arg)
{
	const unsigned int *number = arg;

	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED) >= *number;
}

static bool is_endless(void)
{
	const char *bootargs = fdt_getprop(
		devtree_blob(), devtree_find_path("/chosen"), "bootargs", NULL);

	return bootargs != NULL && strcmp(bootargs, "endless") == 0;
}

static int burst_open(void)
{
	const int result = ttc_open(&ttc, 0);

	if (result != 0) {
		return result;
	}
	ttc_write(&ttc, COUNTER, TTC_CLOCK_CONTROL, TTC_PRESCALE(PRESCALE));
	ttc_write(&ttc, COUNTER, TTC_MATCH_1, 1);
	ttc_write(&ttc, COUNTER, TTC_INTERRUPT_ENABLE, TTC_INTERRUPT_MATCH_1);
	return irq_request(ttc.intid[COUNTER], handler, NULL, false);
}

int main(void)
{
	const bool endless = is_endless();
	unsigned int number = 0;

	if (burst_open() != 0) {
		printf("ttc-burst: FAIL: no TTC\n");
		return EXIT_FAILURE;
	}
	while (endless || number < COUNT) {
		number++;
		ttc_write(&ttc, COUNTER, TTC_COUNTER_CONTROL,
			  TTC_COUNTER_MATCH | TTC_COUNTER_RESTART |
				  TTC_COUNTER_NO_WAVE);
		if (!timer_wait(has_come, &number, DEADLINE_MS)) {
			printf("ttc-burst: FAIL: interrupt %u did not come\n",
			       number);
			break;
		}
	}
	ttc_stop(&ttc, COUNTER);
	printf("ttc-burst: asked for %u, %u interrupts, %u spurious: %s\n",
	       number, interrupt_count, irq_spurious_count() + spurious_count,
	       interrupt_count == COUNT ? "PASS" : "FAIL");
	runtime_idle();
}
