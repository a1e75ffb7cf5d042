// SPDX-License-Identifier: Apache-2.0
// Takes one interrupt of a TTC and never ends it, nor answers anything else.

#include <stdio.h>
#include <stdlib.h>

#include "irq.h"
#include "runtime.h"
#include "ttc.h"

#define COUNTER 0

static void handler(void *arg)
{
	(void)arg;
	for (;;) {
		__asm__ volatile("wfi");
	}
}

int main(void)
{
	struct ttc ttc;

	if (ttc_open(&ttc, 0) != 0 ||
	    irq_request(ttc.intid[COUNTER], handler, NULL, false) != 0) {
		printf("ttc-stuck: FAIL: no TTC\n");
		return EXIT_FAILURE;
	}
	printf("ttc-stuck: the alarm rings now\n");
	fflush(stdout);
	ttc_write(&ttc, COUNTER, TTC_MATCH_1, 1);
	ttc_write(&ttc, COUNTER, TTC_INTERRUPT_ENABLE, TTC_INTERRUPT_MATCH_1);
	ttc_write(&ttc, COUNTER, TTC_COUNTER_CONTROL,
		  TTC_COUNTER_MATCH | TTC_COUNTER_RESTART |
			  TTC_COUNTER_NO_WAVE);
	runtime_idle();
}
