/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what becomes of interrupts: which, when, in what order, how often. Interrupts
 * are masked at the CPUs, and taken by polling.
 */
#ifndef GIC_STATES_STATES_H
#define GIC_STATES_STATES_H

#include "gic_raw.h"
#include "tap.h"

#define SGI_COUNT 16
#define SPI_COUNT 4	/* of the device that has no driver here */
#define TAKE_US 5000000 /* what must come does, unless it is lost */
#define NOTHING_US 1000 /* what must not would have come in that time */
#define PRIORITY 0xa0
#define IDLE_PRIORITY 0xff

extern uint32_t spi_of[SPI_COUNT]; /* lines that nothing drives */
extern uint32_t timer_of_cell;	   /* PPI of the virtual timer */
extern uint32_t rtc_intid;

/** reset_all() - idle, and as gic_raw_cpu_init() leaves it; between tests */
void reset_all(void);

/** take() - it must come here: acknowledge it. Return: for gic_raw_end(). */
uint32_t take(uint32_t intid);

/** take_and_end() - the same, and end it */
void take_and_end(uint32_t intid);

/** nothing() - none must come here now; if one does it is ended */
void nothing(const char *when);

/** state() - "pending" and "active" of one must be so */
void state(uint32_t intid, bool is_pending, bool is_active, const char *when);

/** pend() - make it pending: an SGI to oneself, or by GICD_ISPENDR */
void pend(uint32_t intid);

/** spi_ready() - an SPI set up for this CPU, and enabled */
void spi_ready(uint32_t intid);

/* The PL031: a level under this CPU's control. */
int rtc_open(void);
void rtc_raise(void);
void rtc_clear(void);

/** rtc_alive() - one alarm is one interrupt; none was left over */
void rtc_alive(void);

/* ---- on another CPU of the cell: each returns when it is done there ---- */

/** others_start() - the cell's other CPUs, and their GIC */
void others_start(void);

/** others_start_one() - the same for one. Return: whether it has. */
bool others_start_one(unsigned int cpu);

/** others_stop() - switch one off; others_start() starts it again */
void others_stop(unsigned int cpu);
uint32_t other_take(unsigned int cpu, uint32_t wait_us);
void other_end(unsigned int cpu, uint32_t token);
void other_deactivate(unsigned int cpu, uint32_t token);
void other_eoimode(unsigned int cpu, bool is_split);

#define TO_ALL_OTHERS 0x100 /* @targets of these two */

/** sgi_send() - an SGI from this CPU; other_sgi(): from another */
void sgi_send(uint32_t intid, uint32_t targets);
void other_sgi(unsigned int cpu, uint32_t intid, uint32_t targets);

/** other_facts() - GICv2: GICD_ITARGETSR0; GICv3: its index in MPIDR */
uint32_t other_facts(unsigned int cpu);

/* The tests, by file. */
extern const struct tap_test state_tests[];
extern const unsigned int state_test_count;
extern const struct tap_test overflow_tests[];
extern const unsigned int overflow_test_count;
extern const struct tap_test line_tests[];
extern const unsigned int line_test_count;
extern const struct tap_test other_tests[];
extern const unsigned int other_test_count;

#endif /* GIC_STATES_STATES_H */
