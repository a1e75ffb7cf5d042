// SPDX-License-Identifier: Apache-2.0
// The whole encoding space of MRS, MSR, SYS and SYSL, executed and compared with
// table.c, on the cell's last CPU. The bootargs "pmu" and "debug" say what the config
// grants. Interrupts are masked.

#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "irq.h"
#include "smp.h"
#include "table.h"
#include "tap.h"
#include "timer.h"

#define BLOCK 1024U /* encodings between two cache maintenances */
#define MISMATCHES_MAX 8
#define RET 0xd65f03c0U
#define NOP 0xd503201fU
/* DDI 0487, C6.2: MSR (register) and MRS, SYS and SYSL; Rt is x0 */
#define INSTRUCTION 0xd5000000U
#define INSTRUCTION_READ 0x00200000U
/* CPACR_EL1: SVE, FP and SME as far as EL1 decides */
#define CPACR_ALL UINT64_C(0x03330000)
#define SCTLR_ENIA (UINT64_C(1) << 31)
#define PSCI_AFFINITY_INFO 0xc4000004
#define PSCI_OFF 1

/* access.S */
uint64_t access_run(uint64_t value, const uint32_t *stub, uint64_t *result);
void access_sweep(uint64_t value, const uint32_t *stubs, uint64_t count,
		  uint32_t *esrs, uint64_t *results);
extern char access_vectors[];

struct mismatch {
	uint32_t encoding;
	const char *what;
	uint64_t is, expected;
};

static uint32_t stubs[2 * BLOCK] ALIGNED(4096);
static uint32_t esrs[BLOCK];
static uint64_t results[BLOCK];
static uint8_t scratch[4096] ALIGNED(4096);

static struct mismatch mismatches[MISMATCHES_MAX];
static unsigned int mismatch_count;
static unsigned int swept_count;   /* encodings */
static unsigned int granted_count; /* that were not undefined */
static uint32_t is_done;

static void mismatch(uint32_t encoding, const char *what, uint64_t is,
		     uint64_t expected)
{
	if (mismatch_count < MISMATCHES_MAX) {
		mismatches[mismatch_count] =
			(struct mismatch){ encoding, what, is, expected };
	}
	mismatch_count++;
}

/* ESR_EL1.EC: unknown reason */
static bool is_undefined(uint64_t esr)
{
	return esr != 0 && esr >> 26 == 0;
}

/*
 * A read of an ID register that there is not: with FEAT_IDST the syndrome is that of a
 * trapped MRS.
 */
static bool is_no_id(uint32_t encoding, uint64_t esr)
{
	return table_applies(WHEN_IDST) && esr >> 26 == 0x18 &&
	       encoding >> 14 == 3 && (encoding >> 6 & 0x1f) == 0;
}

/* Makes @count stubs fit to be executed. */
static void stubs_publish(unsigned int count)
{
	for (uintptr_t at = (uintptr_t)stubs; at < (uintptr_t)&stubs[2 * count];
	     at += 16) {
		__asm__ volatile("dc cvau, %0" ::"r"(at) : "memory");
	}
	__asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::
				 : "memory");
}

static void stub_make(unsigned int index, uint32_t encoding, bool is_read)
{
	stubs[2 * index] = INSTRUCTION | encoding << 5 |
			   (is_read ? INSTRUCTION_READ : 0);
	stubs[2 * index + 1] = RET;
}

/* One access by itself. */
static uint64_t access_one(uint32_t encoding, bool is_read, uint64_t *value)
{
	stub_make(0, encoding, is_read);
	stubs_publish(1);
	return access_run(*value, stubs, value);
}

static bool may_read(enum access access)
{
	return access == ACCESS_RW || access == ACCESS_RO ||
	       access == ACCESS_RAZ || access == ACCESS_RAZ_WI ||
	       access == ACCESS_GAP;
}

static bool may_write(enum access access)
{
	return access == ACCESS_RW || access == ACCESS_WO ||
	       access == ACCESS_RAZ_WI || access == ACCESS_GAP ||
	       access == ACCESS_LOOSE;
}

static void check_read(uint32_t encoding, uint32_t esr, uint64_t value)
{
	const struct entry *entry = table_find(encoding);
	const enum access access = entry == NULL ? ACCESS_NONE : entry->access;

	granted_count += esr == 0 ? 1 : 0;
	if (access == ACCESS_LOOSE) {
		if (esr != 0 && !is_undefined(esr)) {
			mismatch(encoding, entry->name, esr, 0);
		}
	} else if (access == ACCESS_GAP && is_undefined(esr)) {
		/* an emulator's */
	} else if (may_read(access)) {
		if (esr != 0) {
			mismatch(encoding, entry->name, esr, 0);
		} else if (access != ACCESS_RW && access != ACCESS_RO &&
			   value != 0) {
			mismatch(encoding, entry->name, value, 0);
		}
	} else if (!is_undefined(esr) && !is_no_id(encoding, esr)) {
		mismatch(encoding, "a read that is not undefined: ESR", esr,
			 0x2000000);
	}
}

static void sweep_reads(unsigned int op0)
{
	const uint32_t base = op0 * ENCODINGS_OF_OP0;

	for (uint32_t at = 0; at < ENCODINGS_OF_OP0; at += BLOCK) {
		for (unsigned int i = 0; i < BLOCK; i++) {
			stub_make(i, base + at + i, true);
		}
		stubs_publish(BLOCK);
		access_sweep(0, stubs, BLOCK, esrs, results);
		for (unsigned int i = 0; i < BLOCK; i++) {
			check_read(base + at + i, esrs[i], results[i]);
		}
		swept_count += BLOCK;
	}
}

/* Values that go on by themselves, or read otherwise than they were written. */
static bool is_volatile(const char *name)
{
	return strstr(name, "TVAL") != NULL || strncmp(name, "PM", 2) == 0 ||
	       strcmp(name, "NZCV") == 0;
}

/* What was read is written back, then with some bits the other way round. */
static void write_and_look(uint32_t encoding, const struct entry *entry)
{
	uint64_t before = 0, after = 0, value;
	uint64_t esr = access_one(encoding, true, &before);

	for (unsigned int turn = 0; turn < 2 && esr == 0; turn++) {
		const uint64_t wanted = turn == 0 ? before :
						    before ^ entry->value;

		value = wanted;
		esr = access_one(encoding, false, &value);
		esr = esr != 0 ? esr : access_one(encoding, true, &after);
		value = before;
		esr = esr != 0 ? esr : access_one(encoding, false, &value);
		if (esr == 0 && after != wanted && !is_volatile(entry->name)) {
			mismatch(encoding, entry->name, after, wanted);
		}
	}
	if (esr != 0) {
		mismatch(encoding, entry->name, esr, 0);
	}
}

static void write_ignored(uint32_t encoding, const struct entry *entry)
{
	uint64_t value = ~UINT64_C(0);
	uint64_t esr = access_one(encoding, false, &value);

	if (entry->access == ACCESS_GAP && is_undefined(esr)) {
		return;
	}
	value = 1;
	esr = esr != 0 ? esr : access_one(encoding, true, &value);
	if (esr != 0 || value != 0) {
		mismatch(encoding, entry->name, esr | value, 0);
	}
}

static void write_once(uint32_t encoding, const struct entry *entry)
{
	uint64_t value = entry->value;
	uint64_t esr;

	if (encoding >> 14 == 1) { /* an address that any of them may have */
		value = (uintptr_t)scratch;
	}
	esr = access_one(encoding, false, &value);
	if (entry->access == ACCESS_LOOSE ? esr != 0 && !is_undefined(esr) :
					    esr != 0) {
		mismatch(encoding, entry->name, esr, 0);
	}
}

static void write_granted(uint32_t encoding, const struct entry *entry)
{
	granted_count++;
	switch (entry->access) {
	case ACCESS_RW:
		write_and_look(encoding, entry);
		break;
	case ACCESS_RAZ_WI:
	case ACCESS_GAP:
		write_ignored(encoding, entry);
		break;
	case ACCESS_LOOSE:
		if (encoding >> 14 != 3) {
			write_once(encoding, entry);
		}
		break;
	case ACCESS_WO:
		write_once(encoding, entry);
		break;
	case ACCESS_NONE:
	case ACCESS_RO:
	case ACCESS_RAZ:
		break;
	}
}

static void sweep_writes(unsigned int op0)
{
	const uint32_t base = op0 * ENCODINGS_OF_OP0;

	for (uint32_t at = 0; at < ENCODINGS_OF_OP0; at += BLOCK) {
		for (unsigned int i = 0; i < BLOCK; i++) {
			const struct entry *entry = table_find(base + at + i);

			stub_make(i, base + at + i, false);
			if (entry != NULL && may_write(entry->access)) {
				stubs[2 * i] = NOP;
			}
		}
		stubs_publish(BLOCK);
		access_sweep(0, stubs, BLOCK, esrs, results);
		for (unsigned int i = 0; i < BLOCK; i++) {
			if (stubs[2 * i] != NOP && !is_undefined(esrs[i])) {
				mismatch(base + at + i,
					 "a write that is not undefined: ESR",
					 esrs[i], 0x2000000);
			}
		}
		for (unsigned int i = 0; i < BLOCK; i++) {
			const struct entry *entry = table_find(base + at + i);

			if (entry != NULL && may_write(entry->access)) {
				write_granted(base + at + i, entry);
			}
		}
		swept_count += BLOCK;
	}
}

/* ---- on the cell's last CPU ---- */

static void (*the_work)(void);

static void worker(void *arg)
{
	(void)arg;
	CPU_WRITE(cpacr_el1, CPACR_ALL);
	cpu_isb();
	the_work();
	__atomic_store_n(&is_done, 1, __ATOMIC_RELEASE);
}

/* A millisecond's sleep, so that the host's CPU is the sweep's. */
static void nap(void)
{
	CPU_WRITE(cntv_cval_el0, timer_ticks() + timer_freq_hz() / 1000);
	CPU_WRITE(cntv_ctl_el0, 1);
	__asm__ volatile("isb\n\tdsb sy\n\twfi" ::: "memory");
	irq_dispatch(); /* the vectors are not the runtime's */
	CPU_WRITE(cntv_ctl_el0, 0);
}

static bool is_off(unsigned int index)
{
	struct hypercall call = { { index, 0 } };

	return hypercall(PSCI_AFFINITY_INFO, &call) == PSCI_OFF;
}

static void run_on_last(void (*work)(void))
{
	const unsigned int last = devtree_cpu_count() - 1;

	the_work = work;
	mismatch_count = 0;
	swept_count = 0;
	granted_count = 0;
	is_done = 0;
	if (last == 0) {
		worker(NULL);
	} else if (tap_equal((uint64_t)smp_start(last, worker, NULL), 0,
			     "CPU_ON of CPU %u", last)) {
		while (__atomic_load_n(&is_done, __ATOMIC_ACQUIRE) == 0) {
			nap();
		}
		while (!is_off(last)) {
			nap();
		}
	}
}

static void report(unsigned int swept)
{
	for (unsigned int i = 0; i < mismatch_count && i < MISMATCHES_MAX;
	     i++) {
		const struct mismatch *at = &mismatches[i];
		const uint32_t code = at->encoding;

		tap_equal(at->is, at->expected, "S%u_%u_C%u_C%u_%u: %s",
			  code >> 14, code >> 11 & 7, code >> 7 & 15,
			  code >> 3 & 15, code & 7, at->what);
	}
	tap_equal(mismatch_count, 0, "mismatches");
	tap_equal(swept_count, swept, "encodings");
	tap_note("%u encodings, %u of them not undefined", swept_count,
		 granted_count);
}

static void debug_reads(void)
{
	sweep_reads(2);
}

static void debug_writes(void)
{
	sweep_writes(2);
}

static void system_reads(void)
{
	sweep_reads(3);
}

static void system_writes(void)
{
	sweep_writes(3);
}

static void instruction_reads(void)
{
	sweep_reads(1);
}

static void instruction_writes(void)
{
	sweep_writes(1);
}

static void test_debug_reads(void)
{
	run_on_last(debug_reads);
	report(ENCODINGS_OF_OP0);
}

static void test_debug_writes(void)
{
	run_on_last(debug_writes);
	report(ENCODINGS_OF_OP0);
}

static void test_system_reads(void)
{
	run_on_last(system_reads);
	report(ENCODINGS_OF_OP0);
}

static void test_system_writes(void)
{
	run_on_last(system_writes);
	report(ENCODINGS_OF_OP0);
}

static void test_instruction_reads(void)
{
	run_on_last(instruction_reads);
	report(ENCODINGS_OF_OP0);
}

static void test_instruction_writes(void)
{
	run_on_last(instruction_writes);
	report(ENCODINGS_OF_OP0);
}

/* ---- values ---- */

static uint64_t mpidr, oslsr[3];
static bool is_fresh = true;

static void look_at_values(void)
{
	mpidr = CPU_READ(mpidr_el1);
	oslsr[0] = CPU_READ(oslsr_el1);
	CPU_WRITE(oslar_el1, 0);
	cpu_isb();
	oslsr[1] = CPU_READ(oslsr_el1);
	CPU_WRITE(oslar_el1, 1);
	cpu_isb();
	oslsr[2] = CPU_READ(oslsr_el1);
}

/*
 * A CPU starts with the OS lock taken, as after a cold reset. The sweep's last write to
 * OSLAR_EL1 is a zero.
 */
static void test_values(void)
{
	run_on_last(look_at_values);
	tap_equal(mpidr, 0x80000000 | (devtree_cpu_count() - 1), "MPIDR_EL1");
	tap_equal(oslsr[0], is_fresh || devtree_cpu_count() > 1 ? 0xa : 0x8,
		  "OSLSR_EL1 at first");
	is_fresh = false;
	tap_equal(oslsr[1], 0x8, "OSLSR_EL1 with the lock released");
	tap_equal(oslsr[2], 0xa, "OSLSR_EL1 with the lock taken");
}

struct instruction {
	const char *name;
	uint32_t code;
};

static const struct instruction ungranted[] = {
	{ "RDVL (SVE)", 0x04bf5020 },  { "PTRUE (SVE)", 0x2518e3e0 },
	{ "RDSVL (SME)", 0x04bf5820 }, { "PACIZA", 0xdac123e0 },
	{ "LD64B", 0xf83fd000 },
};

static void run_ungranted(void)
{
	const uint64_t sctlr = CPU_READ(sctlr_el1);

	CPU_WRITE(sctlr_el1, sctlr | SCTLR_ENIA);
	cpu_isb();
	for (unsigned int i = 0; i < ARRAY_SIZE(ungranted); i++) {
		stubs[0] = ungranted[i].code;
		stubs[1] = RET;
		stubs_publish(1);
		esrs[i] = (uint32_t)access_run((uintptr_t)scratch, stubs,
					       &results[i]);
	}
	CPU_WRITE(sctlr_el1, sctlr);
	cpu_isb();
}

static void test_ungranted(void)
{
	run_on_last(run_ungranted);
	for (unsigned int i = 0; i < ARRAY_SIZE(ungranted); i++) {
		tap_check(is_undefined(esrs[i]), "%s: ESR_EL1 0x%x",
			  ungranted[i].name, esrs[i]);
	}
}

static void test_ids(void)
{
	run_on_last(ids_check);
}

static bool bootargs_have(const char *word)
{
	const int node = devtree_find_path("/chosen");
	const char *text =
		node < 0 ? NULL :
			   fdt_getprop(devtree_blob(), node, "bootargs", NULL);

	return text != NULL && strstr(text, word) != NULL;
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "values", test_values },
		{ "ID registers", test_ids },
		{ "debug registers read", test_debug_reads },
		{ "debug registers written", test_debug_writes },
		{ "system registers read", test_system_reads },
		{ "system registers written", test_system_writes },
		{ "system instructions with a result", test_instruction_reads },
		{ "system instructions", test_instruction_writes },
		{ "instructions that are not granted", test_ungranted },
		{ "values once more", test_values },
	};
	const int gic = devtree_find_compatible("arm,gic-v3");

	fflush(stdout);
	cpu_irq_disable();
	CPU_WRITE(vbar_el1, access_vectors);
	CPU_WRITE(cpacr_el1, CPACR_ALL);
	cpu_isb();
	table_init(gic >= 0, bootargs_have("pmu"), bootargs_have("debug"));
	return tap_run(tests, ARRAY_SIZE(tests));
}
