// SPDX-License-Identifier: Apache-2.0
// How many instructions an interrupt, an access or a call costs, by the CPU's own
// counter. Runs bare and in a cell; scripts/bench.py subtracts one from the other.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "bench_gic.h"
#include "hypercall.h"
#include "mmio.h"
#include "mmu.h"
#include "other_cpu.h"
#include "pmu.h"
#include "probe.h"
#include "psci.h"
#include "restart.h"
#include "runtime.h"
#include "timer.h"

/* DDI 0224B 3.2, PrimeCell RTC (PL031) summary of registers */
#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_IMSC 0x10
#define RTC_ICR 0x1c

#define SAMPLE_COUNT 8
/*
 * After this, nothing is left to do for the interrupt before: on the emulator's GICv2
 * the hypervisor looks after it once more within a millisecond, see docs/performance.md.
 */
#define SETTLE_MS 2
/* Longer than mmap-timeout-ms of the trapped cell's config. */
#define REST_MS 50
#define TIMER_NODE_VIRTUAL 2

extern char vectors[];

static int64_t overhead; /* of two readings of the counter, and one NOP */
static uintptr_t rtc;	 /* 0: the board or the cell has none */
static uint32_t rtc_intid;
static uintptr_t sub_page;    /* a register in a page that is never mapped */
static unsigned int own_cell; /* its index, for BH_CELL_STAT */
static bool is_failed;
static char arguments[128];
static const char *only_row; /* NULL: all */

/*
 * The bootargs: "linked", "trapped", or "restart", for what the cell's config makes
 * possible (none: linked and trapped), and perhaps the name of a single row.
 */
static void read_arguments(void)
{
	const int chosen = devtree_find_path("/chosen");
	const char *text = NULL;

	if (chosen >= 0) {
		text = fdt_getprop(devtree_blob(), chosen, "bootargs", NULL);
	}
	snprintf(arguments, sizeof(arguments), "%s", text == NULL ? "" : text);
	only_row = strchr(arguments, ' ');
	if (only_row != NULL) {
		arguments[only_row - arguments] = '\0';
		only_row++;
	}
}

static bool is_wanted(const char *word)
{
	return arguments[0] == '\0' || strcmp(arguments, word) == 0;
}

static bool is_row_wanted(const char *name)
{
	return only_row == NULL || strcmp(only_row, name) == 0;
}

/** struct row - what the samples of one figure were */
struct row {
	const char *name;
	int64_t least;
	int64_t most;
	unsigned int count;
};

static void row_add(struct row *row, int64_t sample)
{
	if (row->count == 0 || sample < row->least) {
		row->least = sample;
	}
	if (row->count == 0 || sample > row->most) {
		row->most = sample;
	}
	row->count++;
}

static void row_print(const struct row *row)
{
	if (row->least < 0) {
		is_failed = true;
		printf("bench: %s FAIL: no interrupt came\n", row->name);
		return;
	}
	printf("bench: %s %lld %lld\n", row->name, (long long)row->least,
	       (long long)row->most);
}

static void run(const char *name, int64_t (*sample)(unsigned int turn))
{
	struct row row = { .name = name };

	if (!is_row_wanted(name)) {
		return;
	}
	for (unsigned int i = 0; i < SAMPLE_COUNT; i++) {
		const int64_t value = sample(i);

		row_add(&row, value < 0 ? value : value - overhead);
	}
	row_print(&row);
}

/* Between these, an interrupt ends a probe. Interrupts are masked throughout. */
static void probes_begin(const char *table)
{
	cpu_irq_disable();
	CPU_WRITE(vbar_el1, (uintptr_t)table);
	cpu_isb();
}

static void probes_end(void)
{
	CPU_WRITE(vbar_el1, (uintptr_t)vectors);
	cpu_isb();
	cpu_irq_enable();
}

static bool is_right(uint32_t acknowledged, uint32_t intid)
{
	if ((acknowledged & 0x3ff) == intid) {
		return true;
	}
	is_failed = true;
	printf("bench: FAIL: INTID %u came, not %u\n",
	       (unsigned int)acknowledged, (unsigned int)intid);
	return false;
}

/* The match has come and is masked: the next write of IMSC raises the line. */
static void rtc_match(void)
{
	mmio_write32(rtc + RTC_IMSC, 0);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_LR, 1000);
	mmio_write32(rtc + RTC_MR, 1000);
	cpu_dsb();
}

static void rtc_finish(void)
{
	const uint32_t acknowledged = bench_gic_acknowledge();

	(void)is_right(acknowledged, rtc_intid);
	mmio_write32(rtc + RTC_ICR, 1);
	bench_gic_end(acknowledged);
}

static int64_t sample_spi_linked(unsigned int turn)
{
	int64_t value;

	(void)turn;
	rtc_match();
	probes_begin(probe_vectors);
	value = probe_irq_store(rtc + RTC_IMSC, 1);
	if (value >= 0) {
		rtc_finish();
	}
	probes_end();
	return value;
}

/* Without an interrupt, unlike timer_delay_ms(). */
static void settle(void)
{
	const uint64_t end =
		timer_ticks() + SETTLE_MS * (timer_freq_hz() / 1000);

	while (timer_ticks() < end) {
		__asm__ volatile("yield");
	}
}

static int64_t sample_spi_linked_wfi(unsigned int turn)
{
	int64_t value;

	(void)turn;
	settle();
	rtc_match();
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	probes_begin(probe_vectors_retired);
	value = probe_irq_sleep(rtc + RTC_MR, mmio_read32(rtc + RTC_DR) + 1);
	rtc_finish();
	probes_end();
	return value;
}

static uint64_t exits(void)
{
	struct hypercall call = { { own_cell, 0, BH_STAT_EXITS } };

	return hypercall(BH_CELL_STAT, &call) == 0 ? call.x[0] : 0;
}

/* From the assertion to the end, and the second question itself. */
static int64_t sample_spi_linked_exits(unsigned int turn)
{
	uint64_t before;

	(void)turn;
	if (!runtime_is_cell()) {
		return overhead;
	}
	before = exits();
	if (sample_spi_linked(turn) < 0) {
		return PROBE_NO_INTERRUPT;
	}
	return (int64_t)(exits() - before) - 1 + overhead;
}

/* One interrupt of the trapped path is the sample of two rows. */
static void run_spi_trapped(void)
{
	struct row fire = { .name = "spi_trapped" };
	struct row end = { .name = "access_trapped_eoi" };

	if (!is_row_wanted(fire.name) && !is_row_wanted(end.name)) {
		return;
	}
	for (unsigned int i = 0; i < SAMPLE_COUNT; i++) {
		uint32_t acknowledged;
		int64_t value;

		timer_delay_ms(REST_MS); /* the registers are mapped again */
		rtc_match();
		probes_begin(probe_vectors);
		value = probe_irq_store(rtc + RTC_IMSC, 1);
		row_add(&fire, value < 0 ? value : value - overhead);
		if (value >= 0) {
			acknowledged = bench_gic_acknowledge();
			(void)is_right(acknowledged, rtc_intid);
			row_add(&end, probe_store(rtc + RTC_ICR, 1) - overhead);
			bench_gic_end(acknowledged);
		}
		probes_end();
	}
	row_print(&fire);
	row_print(&end);
}

static int64_t sample_access_trapped(unsigned int turn)
{
	(void)turn;
	return probe_load(sub_page);
}

static int64_t sample_access_mapped(unsigned int turn)
{
	(void)turn;
	return probe_load(rtc + RTC_DR);
}

static int64_t sample_vtimer(unsigned int turn)
{
	uint32_t acknowledged;
	int64_t value;

	(void)turn;
	probes_begin(probe_vectors);
	CPU_WRITE(cntv_cval_el0, 0);
	cpu_isb();
	value = probe_irq_timer(1);
	if (value >= 0) {
		acknowledged = bench_gic_acknowledge();
		CPU_WRITE(cntv_ctl_el0, 0);
		cpu_isb();
		bench_gic_end(acknowledged);
	}
	probes_end();
	return value;
}

static int64_t sample_sgi_self(unsigned int turn)
{
	uint32_t acknowledged;
	int64_t value;

	(void)turn;
	probes_begin(probe_vectors);
	if (bench_gic.is_v3) {
		value = probe_irq_sgi1r(bench_gic_sgi(0));
	} else {
		value = probe_irq_store(bench_gic_sgir(),
					(uint32_t)bench_gic_sgi(0));
	}
	if (value >= 0) {
		acknowledged = bench_gic_acknowledge();
		(void)is_right(acknowledged, BENCH_SGI);
		bench_gic_end(acknowledged);
	}
	probes_end();
	return value;
}

static int64_t sample_typer(unsigned int turn)
{
	(void)turn;
	return probe_load(bench_gic.distributor + BENCH_TYPER);
}

/* Enables what was disabled, and nothing else. */
static int64_t sample_isenabler_one(unsigned int turn)
{
	const uintptr_t offset = rtc_intid / 32 * 4;
	const uint32_t bit = 1U << rtc_intid % 32;

	(void)turn;
	mmio_write32(bench_gic.distributor + BENCH_ICENABLER + offset, bit);
	return probe_store(bench_gic.distributor + BENCH_ISENABLER + offset,
			   bit);
}

static int64_t sample_isenabler_zero(unsigned int turn)
{
	(void)turn;
	return probe_store(bench_gic.distributor + BENCH_ISENABLER +
				   rtc_intid / 32 * 4,
			   0);
}

/* Always another priority than before. */
static int64_t sample_ipriorityr(unsigned int turn)
{
	return probe_store_byte(bench_gic.distributor + BENCH_IPRIORITYR +
					rtc_intid,
				turn % 2 == 0 ? 0x90 : 0xa0);
}

static int64_t sample_hypercall(unsigned int turn)
{
	(void)turn;
	return probe_hvc(BH_VERSION);
}

static int64_t sample_psci_version(unsigned int turn)
{
	(void)turn;
	return probe_hvc(PSCI_VERSION);
}

static void find_own_cell(void)
{
	for (;; own_cell++) {
		struct hypercall call = { { own_cell } };
		char name[BH_NAME_SIZE + 1] = "";

		if (hypercall(BH_CELL_NAME, &call) != 0) {
			own_cell = 0;
			return;
		}
		memcpy(name, call.x, BH_NAME_SIZE);
		if (strcmp(name, devtree_cell_name()) == 0) {
			return;
		}
	}
}

static int find_device(const char *compatible, uintptr_t *address,
		       uint32_t *intid)
{
	const int node = devtree_find_compatible(compatible);
	struct devtree_region region;
	struct devtree_irq irq;
	int result = node < 0 ? node : devtree_region(node, 0, &region);

	if (result == 0) {
		result = devtree_irq(node, 0, &irq);
	}
	if (result == 0) {
		result = mmu_map_device(region.address, region.size);
	}
	if (result == 0) {
		*address = (uintptr_t)region.address;
		*intid = irq.intid;
	}
	return result;
}

static int set_up(void)
{
	uint32_t unused;
	int result = pmu_start();

	if (result == 0) {
		result = bench_gic_init();
	}
	if (result != 0) {
		return result;
	}
	if (runtime_is_cell()) {
		find_own_cell();
	}
	if (find_device("arm,pl031", &rtc, &rtc_intid) == 0) {
		rtc_match();
		mmio_write32(rtc + RTC_ICR, 1);
		bench_gic_enable(rtc_intid);
	}
	(void)find_device("virtio,mmio", &sub_page, &unused);
	bench_gic_enable(BENCH_SGI);
	overhead = probe_nothing();
	return 0;
}

static void run_linked(void)
{
	if (rtc != 0) {
		run("spi_linked", sample_spi_linked);
		run("spi_linked_exits", sample_spi_linked_exits);
		run("spi_linked_wfi", sample_spi_linked_wfi);
		run("access_mapped", sample_access_mapped);
		run("gicd_isenabler_write_one_bit", sample_isenabler_one);
		run("gicd_isenabler_write_zero", sample_isenabler_zero);
		run("gicd_ipriorityr_write", sample_ipriorityr);
	}
	run("vtimer_ppi", sample_vtimer);
	run("sgi_self", sample_sgi_self);
	run("gicd_typer_read", sample_typer);
	run("psci_version", sample_psci_version);
	if (runtime_is_cell()) {
		run("hypercall_null", sample_hypercall);
	}
	if (is_row_wanted("sgi_other") && other_cpu_start() == 0) {
		run("sgi_other", other_cpu_sample);
	}
}

static void run_trapped(void)
{
	if (rtc != 0) {
		run_spi_trapped();
	}
	if (sub_page != 0) {
		run("access_trapped", sample_access_trapped);
	}
}

int main(void)
{
	int result;

	read_arguments();
	if (strcmp(arguments, "restart") == 0) {
		return restart_run();
	}
	result = set_up();
	printf("bench: in \"%s\", a reading costs %lld\n", devtree_cell_name(),
	       (long long)overhead);
	if (result != 0) {
		printf("bench: FAIL: there is no PMU, or no GIC that is known "
		       "(error %d)\n",
		       result);
		return EXIT_FAILURE;
	}
	if (is_wanted("linked")) {
		run_linked();
	}
	if (is_wanted("trapped")) {
		run_trapped();
	}
	printf("bench: %s\n", is_failed ? "FAIL" : "done");
	return is_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
