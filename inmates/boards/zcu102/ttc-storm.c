// SPDX-License-Identifier: Apache-2.0
// Two triple timers, six lines: each interval that passed was served, exactly.
//
// "steady" runs the lines at a rate that can be served, over and over. "flood" first
// lets them fire far faster than that, then looks at the steady rate whether one of
// them is dead.

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

#define TTC_COUNT 2
#define LINE_COUNT (TTC_COUNT * TTC_COUNTERS)

/* 133 ticks of a clock of 133 MHz / 64 are 64 us: a period is so many of these. */
#define STEADY_PRESCALE 5
#define STEADY_UNIT_TICKS 133u
#define STEADY_UNIT_NS UINT64_C(64000)
#define STEADY_MS 400
#define SETTLE_MS 30

/* All at 50 us: 120000 a second. */
#define FLOOD_PRESCALE 0
#define FLOOD_TICKS 3325u
#define FLOOD_NS UINT64_C(50000)
#define FLOOD_MS 200
#define FLOOD_TIMEOUT_MS 20000
#define FLOOD_ROUNDS 3

/* Of no common measure, so that the lines meet in every way. */
static const uint32_t steady_units[LINE_COUNT] = {
	313, 331, 353, 383, 419, 449,
};

/* One counter. The handler writes, main() reads with interrupts masked. */
struct line {
	const struct ttc *ttc;
	unsigned int counter;
	uint64_t period_ns;
	uint64_t started_from_ns; /* it was started between these two */
	uint64_t started_to_ns;
	uint64_t index; /* of the last interval that was served */
	uint64_t served;
	uint64_t merged; /* intervals that passed before the last was served */
	uint64_t spurious;
	bool is_unclear; /* time was read too far from the access to tell */
	bool is_stopped;
};

static struct ttc ttcs[TTC_COUNT];
static struct line lines[LINE_COUNT];
static bool is_flood;
static uint64_t flood_end_ns;

static void line_disable(struct line *line)
{
	ttc_write(line->ttc, line->counter, TTC_COUNTER_CONTROL,
		  TTC_COUNTER_DISABLE | TTC_COUNTER_NO_WAVE);
	line->is_stopped = true;
}

/*
 * Intervals that had passed at a moment between two readings of the time, or the
 * line is unclear: the host may have held this CPU up between them.
 */
static uint64_t line_elapsed(struct line *line, uint64_t from_ns,
			     uint64_t to_ns)
{
	const uint64_t least =
		(from_ns - line->started_to_ns) / line->period_ns;
	const uint64_t most = (to_ns - line->started_from_ns) / line->period_ns;

	line->is_unclear = line->is_unclear || least != most;
	return most;
}

/* One access, as ttc-demo.c says why. */
static void storm_handler(void *arg)
{
	struct line *line = arg;
	const uint64_t from_ns = timer_now_ns();
	const uint32_t cause =
		ttc_read(line->ttc, line->counter, TTC_INTERRUPT);
	const uint64_t to_ns = timer_now_ns();
	uint64_t index;

	if ((cause & TTC_INTERRUPT_INTERVAL) == 0) {
		line->spurious++;
		return;
	}
	index = line_elapsed(line, from_ns, to_ns);
	line->served++;
	line->merged += index > line->index ? index - line->index - 1 : 0;
	line->index = index;
	if (is_flood && to_ns > flood_end_ns) {
		line_disable(line);
	}
}

static void line_start(struct line *line, uint32_t prescale, uint32_t ticks,
		       uint64_t period_ns)
{
	const uint64_t daif = cpu_irq_save();

	line->period_ns = period_ns;
	line->index = line->served = line->merged = line->spurious = 0;
	line->is_unclear = line->is_stopped = false;
	ttc_write(line->ttc, line->counter, TTC_CLOCK_CONTROL,
		  TTC_PRESCALE(prescale));
	ttc_write(line->ttc, line->counter, TTC_INTERVAL, ticks - 1);
	ttc_write(line->ttc, line->counter, TTC_INTERRUPT_ENABLE,
		  TTC_INTERRUPT_INTERVAL);
	line->started_from_ns = timer_now_ns();
	ttc_write(line->ttc, line->counter, TTC_COUNTER_CONTROL,
		  TTC_COUNTER_INTERVAL | TTC_COUNTER_RESTART |
			  TTC_COUNTER_NO_WAVE);
	line->started_to_ns = timer_now_ns();
	cpu_irq_restore(daif);
}

/*
 * Stop in the midst of an interval, so that it is plain how many have passed, and
 * let the handler have what has fired until then. Returns how many that were.
 */
static uint64_t line_stop(struct line *line)
{
	uint64_t daif, from_ns, to_ns, phase;

	for (;;) {
		daif = cpu_irq_save();
		from_ns = timer_now_ns();
		phase = (from_ns - line->started_to_ns) % line->period_ns;
		if (phase > line->period_ns / 4 &&
		    phase < line->period_ns / 2) {
			break;
		}
		cpu_irq_restore(daif);
		timer_delay_ms(1);
	}
	line_disable(line);
	to_ns = timer_now_ns();
	cpu_irq_restore(daif);
	return line_elapsed(line, from_ns, to_ns);
}

/*
 * A line that has fired and is not served by now is dead. Only what is enabled raises
 * it: a match register that another owner has left sets a bit of its own.
 */
static unsigned int lines_close(void)
{
	unsigned int dead = 0;

	timer_delay_ms(SETTLE_MS);
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		dead += ttc_read(lines[i].ttc, lines[i].counter,
				 TTC_INTERRUPT) &
			TTC_INTERRUPT_INTERVAL;
		ttc_stop(lines[i].ttc, lines[i].counter);
	}
	return dead;
}

/* Returns false when something is wrong, not when the host was too slow to tell. */
static bool steady_round(unsigned int number)
{
	uint64_t served = 0, merged = 0, elapsed = 0, spurious = 0;
	bool is_exact = true, is_unclear = false;
	uint64_t expected[LINE_COUNT];
	unsigned int dead;

	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		line_start(&lines[i], STEADY_PRESCALE,
			   steady_units[i] * STEADY_UNIT_TICKS,
			   steady_units[i] * STEADY_UNIT_NS);
	}
	timer_delay_ms(STEADY_MS);
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		expected[i] = line_stop(&lines[i]);
	}
	dead = lines_close();
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		is_exact = is_exact &&
			   lines[i].served + lines[i].merged == expected[i];
		is_unclear = is_unclear || lines[i].is_unclear;
		served += lines[i].served;
		merged += lines[i].merged;
		spurious += lines[i].spurious;
		elapsed += expected[i];
	}
	is_exact = is_exact && dead == 0 && spurious == 0;
	printf("ttc-storm: round %u: %lu elapsed, %lu served, %lu merged, "
	       "%lu spurious, %u dead: %s\n",
	       number, (unsigned long)elapsed, (unsigned long)served,
	       (unsigned long)merged, (unsigned long)spurious, dead,
	       is_unclear ? "unclear" :
	       is_exact	  ? "exact" :
			    "FAIL");
	return is_exact || (is_unclear && dead == 0);
}

static bool all_are_stopped(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		if (!__atomic_load_n(&lines[i].is_stopped, __ATOMIC_RELAXED)) {
			return false;
		}
	}
	return true;
}

/* Each line ends itself at its first interrupt after the flood's time. */
static bool flood_round(unsigned int number)
{
	uint64_t least = UINT64_MAX, served = 0, merged = 0;
	unsigned int dead;
	bool is_over;

	is_flood = true;
	flood_end_ns = timer_now_ns() + FLOOD_MS * UINT64_C(1000000);
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		line_start(&lines[i], FLOOD_PRESCALE, FLOOD_TICKS, FLOOD_NS);
	}
	is_over = timer_wait(all_are_stopped, NULL, FLOOD_TIMEOUT_MS);
	is_flood = false;
	dead = lines_close();
	for (unsigned int i = 0; i < LINE_COUNT; i++) {
		served += lines[i].served;
		merged += lines[i].merged;
		least = lines[i].served < least ? lines[i].served : least;
	}
	printf("ttc-storm: flood %u: %lu served, %lu merged, %lu of one line "
	       "at least, %u dead: %s\n",
	       number, (unsigned long)served, (unsigned long)merged,
	       (unsigned long)least, dead,
	       is_over && dead == 0 ? "over" : "FAIL");
	return is_over && dead == 0;
}

static int storm_open(void)
{
	int result = 0;

	for (unsigned int i = 0; i < TTC_COUNT && result == 0; i++) {
		result = ttc_open(&ttcs[i], i);
		for (unsigned int j = 0; j < TTC_COUNTERS && result == 0; j++) {
			struct line *line = &lines[i * TTC_COUNTERS + j];

			line->ttc = &ttcs[i];
			line->counter = j;
			result = irq_request(ttcs[i].intid[j], storm_handler,
					     line, false);
		}
	}
	return result;
}

int main(void)
{
	const void *fdt = devtree_blob();
	const char *kind = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"),
				       "bootargs", NULL);
	const bool is_flooding = kind != NULL && strcmp(kind, "flood") == 0;
	const int result = storm_open();
	bool is_pass = result == 0;

	printf("ttc-storm: in \"%s\", %s, error %d\n", devtree_cell_name(),
	       is_flooding ? "flood" : "steady", result);
	for (unsigned int i = 1; is_pass && (!is_flooding || i <= FLOOD_ROUNDS);
	     i++) {
		is_pass = (!is_flooding || flood_round(i)) && steady_round(i);
	}
	printf("ttc-storm: %s\n", is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	runtime_idle();
}
