// SPDX-License-Identifier: Apache-2.0
// A device without an interrupt: the real-time clock, read until its second changes.

#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "mmio.h"
#include "runtime.h"
#include "timer.h"

/* UG1087, module RTC */
#define RTC_CURRENT_TIME 0x10

#define TICK_COUNT 3
#define STEP_MS 50
#define STEPS_MAX 60

static uintptr_t rtc;

/* Wait for the next second; returns whether it is the next, and came in time. */
static bool clock_tick(void)
{
	const uint32_t before = mmio_read32(rtc + RTC_CURRENT_TIME);
	uint32_t now = before;

	for (unsigned int i = 0; i < STEPS_MAX && now == before; i++) {
		timer_delay_ms(STEP_MS);
		now = mmio_read32(rtc + RTC_CURRENT_TIME);
	}
	return now - before == 1;
}

int main(void)
{
	unsigned int right_count = 0;

	if (device_open("clock-demo", "xlnx,zynqmp-rtc", NULL, &rtc) != 0) {
		return EXIT_FAILURE;
	}
	for (unsigned int i = 0; i < TICK_COUNT; i++) {
		right_count += clock_tick();
	}
	printf("clock-demo: RTC time %lu, %u of %d seconds seen: %s\n",
	       (unsigned long)mmio_read32(rtc + RTC_CURRENT_TIME), right_count,
	       TICK_COUNT, right_count == TICK_COUNT ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return EXIT_SUCCESS;
	}
	runtime_idle();
}
