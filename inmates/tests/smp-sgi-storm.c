// SPDX-License-Identifier: Apache-2.0
// 100 000 SGIs between the first three CPUs of the cell, none lost. An SGI that is still
// pending swallows the next one of its kind, so each CPU has five of its own, and sends
// each of them to each other CPU again when it was counted there. Interrupts are on all the
// time; now and then a CPU sleeps until one comes: none is lost over WFI either.

#include <stdio.h>

#include "cpu.h"
#include "gic_raw.h"
#include "irq.h"
#include "mmio.h"
#include "smp.h"
#include "tap.h"
#include "timer.h"

#define CPUS 3
#define TOTAL 100000U
#define KINDS 5 /* SGIs of each sender: INTID sender * 5 onwards */
#define STREAMS (CPUS * (CPUS - 1) * KINDS)
#define PER_STREAM ((TOTAL + STREAMS - 1) / STREAMS)
#define LOST_US 20000000 /* nothing has come for so long */
#define START_US 20000000
#define SLEEP_US 1000
#define SLEEP_EVERY 64 /* looks at what was counted */
#define LOOKS 64       /* between two at the clock */
#define TIMER_INTID 27 /* the library has its handler */

/* [from][to][kind]; each CPU writes its own */
static uint32_t sent[CPUS][CPUS][KINDS] ALIGNED(64);
struct count {
	uint32_t of[CPUS][KINDS]; /* from each */
	uint32_t sum;
	uint32_t wrong; /* not an SGI of the storm, or of another sender */
	uint32_t is_up;
	uint32_t is_done;
} ALIGNED(64);
static struct count taken[CPUS];
static bool is_begun;

/* On the CPU that it came to. @arg: INTID */
static void take(void *arg)
{
	const uint32_t intid = (uint32_t)(uintptr_t)arg;
	const unsigned int self = smp_index();
	const unsigned int from = intid / KINDS;
	uint32_t *count;

	if (from == self) {
		taken[self].wrong++;
		return;
	}
	count = &taken[self].of[from][intid % KINDS];
	__atomic_store_n(count, *count + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&taken[self].sum, taken[self].sum + 1,
			 __ATOMIC_RELEASE);
}

/* Again what was counted. Return: how many are on their way. */
static unsigned int send_again(unsigned int self, unsigned int to)
{
	unsigned int count = 0;

	for (unsigned int kind = 0; kind < KINDS; kind++) {
		uint32_t *number = &sent[self][to][kind];

		if (__atomic_load_n(&taken[to].of[self][kind],
				    __ATOMIC_ACQUIRE) != *number) {
			count++;
		} else if (*number != PER_STREAM) {
			*number += 1;
			gic_raw_sgi(self * KINDS + kind, 1U << to);
			count++;
		}
	}
	return count;
}

static bool send_all(unsigned int self)
{
	unsigned int count = 0;

	for (unsigned int to = 0; to < CPUS; to++) {
		count += to == self ? 0 : send_again(self, to);
	}
	return count == 0;
}

/*
 * Until an SGI comes, or for a moment: what this CPU waits for may be that another counts
 * one, and no interrupt tells that.
 */
static void sleep_until_one(void)
{
	cpu_irq_disable();
	CPU_WRITE(cntv_cval_el0,
		  timer_ticks() + timer_freq_hz() / 1000000 * SLEEP_US);
	CPU_WRITE(cntv_ctl_el0, 1);
	cpu_isb();
	cpu_wait_for_interrupt();
	CPU_WRITE(cntv_ctl_el0, 0);
	cpu_irq_enable();
}

static uint32_t sum_of(unsigned int self)
{
	return __atomic_load_n(&taken[self].sum, __ATOMIC_ACQUIRE);
}

static void storm(unsigned int self)
{
	const uint32_t all = (CPUS - 1) * KINDS * PER_STREAM;
	uint64_t last = timer_now_us();
	unsigned int turn = 0;
	uint32_t before = 0;

	cpu_irq_enable();
	while (!send_all(self) || sum_of(self) < all) {
		if (++turn % SLEEP_EVERY == 0) {
			sleep_until_one();
		} else {
			cpu_yield();
		}
		if (turn % LOOKS != 0) {
			continue;
		}
		if (sum_of(self) != before) {
			before = sum_of(self);
			last = timer_now_us();
		} else if (timer_now_us() - last > LOST_US) {
			break;
		}
	}
	gic_raw_wait_us(1000);
	cpu_irq_disable();
}

static void other_cpu(void *arg)
{
	const unsigned int self = smp_index();

	(void)arg;
	gic_raw_cpu_init();
	gic_raw_enable(TIMER_INTID);
	__atomic_store_n(&taken[self].is_up, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&is_begun, __ATOMIC_ACQUIRE)) {
		cpu_yield();
	}
	storm(self);
	__atomic_store_n(&taken[self].is_done, 1, __ATOMIC_RELEASE);
}

static void wait_for(const uint32_t *flag, const char *what, unsigned int cpu)
{
	const uint64_t start = timer_now_us();

	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE)) {
		if (timer_now_us() - start > START_US + LOST_US) {
			tap_check(false, "CPU %u %s", cpu, what);
			return;
		}
		cpu_yield();
	}
}

static void starts(void)
{
	tap_check(gic_raw.cpu_count >= CPUS, "three CPUs");
	for (unsigned int i = 1; i < CPUS; i++) {
		tap_equal((uint64_t)smp_start(i, other_cpu, NULL), 0,
			  "CPU_ON of CPU %u", i);
		wait_for(&taken[i].is_up, "comes up", i);
	}
}

static void none_lost(void)
{
	uint32_t sum = 0;

	__atomic_store_n(&is_begun, true, __ATOMIC_RELEASE);
	storm(0);
	for (unsigned int i = 1; i < CPUS; i++) {
		wait_for(&taken[i].is_done, "ends", i);
	}
	for (unsigned int i = 0; i < CPUS * CPUS * KINDS; i++) {
		const unsigned int from = i / CPUS / KINDS;
		const unsigned int to = i / KINDS % CPUS;

		tap_equal(taken[to].of[from][i % KINDS],
			  from == to ? 0 : PER_STREAM,
			  "SGI %u of CPU %u at CPU %u", i % KINDS, from, to);
	}
	for (unsigned int to = 0; to < CPUS; to++) {
		sum += taken[to].sum;
		tap_equal(taken[to].wrong, 0, "SGIs of its own at CPU %u", to);
	}
	tap_check(sum >= TOTAL, "%u SGIs in all: %u", TOTAL, sum);
	tap_note("%u SGIs", sum);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the other CPUs start", starts },
		{ "no SGI is lost", none_lost },
	};

	if (gic_raw_open() != 0) {
		printf("Bail out! no GIC\n");
		return 1;
	}
	mmio_write32(gic_raw.distributor + GICD_CTLR,
		     gic_raw.is_v3 ? 0x10 | GICD_CTLR_GROUPS :
				     GICD_CTLR_GROUPS);
	gic_raw_cpu_init();
	gic_raw_enable(TIMER_INTID);
	for (uint32_t intid = 0; intid < CPUS * KINDS; intid++) {
		if (irq_request(intid, take, (void *)(uintptr_t)intid, true) !=
		    0) {
			printf("Bail out! SGI %u has a handler\n", intid);
			return 1;
		}
	}
	return tap_run(tests, ARRAY_SIZE(tests));
}
