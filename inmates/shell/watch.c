// SPDX-License-Identifier: Apache-2.0
// The counters of a cell, second by second. docs/inmates.md fixes the lines' form.

#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "console.h"
#include "report.h"
#include "timer.h"
#include "watch.h"

#define CPUS_MAX 64
#define TURN_MS 1000

static uint64_t last[CPUS_MAX][BH_STAT_NR];

/* What a restart has set back to zero has risen from there. */
static uint64_t rise(uint64_t before, uint64_t now)
{
	return now < before ? now : now - before;
}

/* Return: whether the cell has such a CPU. */
static bool watch_cpu(unsigned int cell, unsigned int index, const char *name,
		      uint64_t cpus, unsigned int ms)
{
	uint64_t value;
	bool is_idle = true;

	if (index == CPUS_MAX ||
	    report_stat(cell, index, BH_STAT_EXITS, &value) != 0) {
		return false;
	}
	if (ms != 0) {
		printf("cell %s, CPU %u, %u.%03u s:", name,
		       report_cpu_number(cpus, index), ms / 1000, ms % 1000);
	}
	for (unsigned int stat = 0; stat < BH_STAT_NR; stat++) {
		uint64_t risen = 0;

		if (report_stat(cell, index, (enum bh_stat)stat, &value) == 0) {
			risen = rise(last[index][stat], value);
			last[index][stat] = value;
		}
		if (ms != 0 && risen != 0) {
			printf("%s %s %llu", is_idle ? "" : ",",
			       report_stat_name((enum bh_stat)stat),
			       (unsigned long long)risen);
			is_idle = false;
		}
	}
	if (ms != 0) {
		printf(is_idle ? " nothing\n" : "\n");
	}
	return true;
}

/* @ms: since the last time, 0: there was none. */
static void watch_turn(unsigned int cell, const char *name, uint64_t cpus,
		       unsigned int ms)
{
	unsigned int index = 0;

	while (watch_cpu(cell, index, name, cpus, ms)) {
		index++;
	}
	fflush(stdout);
}

void watch_stats(unsigned int cell, const char *name)
{
	struct cell_info info;
	uint64_t then_us = timer_now_us();
	char key;

	if (cell_info(cell, &info) != 0 || info.state == BH_STATE_ABSENT) {
		return; /* the table had nothing to show and said why */
	}
	printf("a key ends this\n");
	memset(last, 0, sizeof(last));
	watch_turn(cell, name, info.cpus, 0);
	while (info.state == BH_STATE_RUNNING || info.job != 0) {
		uint64_t now_us;

		if (console_wait(TURN_MS)) {
			(void)console_read(&key, 1);
			return;
		}
		now_us = timer_now_us();
		watch_turn(cell, name, info.cpus,
			   (unsigned int)((now_us - then_us) / 1000));
		then_us = now_us;
		if (cell_info(cell, &info) != 0) {
			return;
		}
	}
	report_info(cell, name);
}
