// SPDX-License-Identifier: Apache-2.0
// Accesses without a syndrome to registers that always trap: what each does on the
// device is what it does in memory, where nothing traps.
//
// The device is tests/system/rig.py's made-up one, two pages of plain memory as
// registers, each access trapped. tests/system/test_insn.py counts along.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "gic.h"
#include "insn.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "runtime.h"
#include "smp.h"
#include "tap.h"

#define PAGE 4096
#define DEVICE_EDGE_IRQ 3
#define SWAPS_WANTED 200
#define EC_DATA_ABORT 0x25
#define EC_CODE_ABORT 0x21
#define ESR_WNR BIT(6)
#define ESR_DFSC 0x3f
#define DFSC_EXTERNAL 0x10

#define LDP_X7_X9 UINT32_C(0xa9402447) /* ldp x7, x9, [x2] */
#define STP_X7_X9 UINT32_C(0xa9002447)
#define LDP_Q3_Q17_POST UINT32_C(0xacc14443) /* ldp q3, q17, [x2], 32 */
#define STR_W7_PRE UINT32_C(0xb8004c47)	     /* str w7, [x2, 4]! */
#define LDR_X7_POST UINT32_C(0xf8408447)     /* ldr x7, [x2], 8 */
#define LDXR UINT32_C(0xc85f7c47) /* ldxr x7, [x2] */
#define LDXP UINT32_C(0xc87f2447) /* ldxp x7, x9, [x2] */
#define LDAXR_W UINT32_C(0x885ffc47)
#define LD1 UINT32_C(0x4c407043) /* ld1 {v3.16b}, [x2] */
#define ST1 UINT32_C(0x4c007043)
#define DC_ZVA UINT32_C(0xd50b7422) /* dc zva, x2 */

static uint8_t plain_pages[2 * PAGE] ALIGNED(4096);
static uint64_t distributor;
static struct devtree_irq edge;

static void test_forms(void)
{
	insn_forms();
}

static void show_both(uint64_t first, uint64_t second)
{
	insn_show(1, pages.device + first, WINDOW_DEVICE);
	insn_show(2, pages.device + second, WINDOW_DEVICE);
	insn_show(4, pages.plain + first, WINDOW_MEMORY);
	insn_show(5, pages.plain + second, WINDOW_MEMORY);
}

/* A literal lies near the code, so the code is shown before each. */
static void test_literals(void)
{
	static const uint32_t words[] = { 0x18000007, 0x58000007, 0x98000007,
					  0x1c000003, 0x5c000003, 0x9c000003 };
	const struct place base = { WINDOW_PAGE(1), WINDOW_PAGE(4) };
	const struct place area = { pages.device + 0x100, pages.plain + 0x100 };

	show_both(0, PAGE);
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		struct shape shape = {
			.word = words[i] | (PAGE + 0x140) / 4 << 5,
		};
		const uint64_t code = insn_code(0, shape.word, CODE_RET);

		insn_show(0, code, WINDOW_CODE);
		insn_show(3, code, WINDOW_CODE);
		insn_literal(&shape, &base, &area);
	}
}

/* The code stands where its address does not say, for EL1 and for EL0. */
static void test_code_elsewhere(void)
{
	static const uint32_t words[] = { LDP_X7_X9, STP_X7_X9, LDP_Q3_Q17_POST,
					  STR_W7_PRE, LDR_X7_POST };
	const struct place area = { pages.device + 0x100, pages.plain + 0x100 };

	show_both(0, PAGE);
	for (unsigned int i = 0; i < 4 * ARRAY_SIZE(words); i++) {
		const bool is_sp = (i & 1) != 0;
		const uint32_t word = words[i / 4];
		const struct place base = { WINDOW_PAGE(1) + 0x140,
					    WINDOW_PAGE(4) + 0x140 };
		struct shape shape = {
			.word = is_sp ? word | 31u << 5 : word,
			.is_sp_base = is_sp,
			.is_el0 = (i & 2) != 0,
			.code = WINDOW_PAGE(7),
		};

		insn_show(7,
			  insn_code(0, shape.word,
				    shape.is_el0 ? CODE_SVC : CODE_RET),
			  WINDOW_CODE);
		insn_compare(&shape, &base, &area);
	}
}

/* Two pages that follow each other in the guest's view, and in the device's or not. */
static void test_two_pages(void)
{
	for (unsigned int i = 0; i < 8; i++) {
		const bool is_swapped = (i & 1) != 0;
		const struct place base = { WINDOW_PAGE(2) - 8,
					    WINDOW_PAGE(5) - 8 };
		const uint64_t first = is_swapped ? PAGE : 0;
		const struct place low = { pages.device + first + PAGE - 128,
					   pages.plain + first + PAGE - 128 };
		const struct place high = { pages.device + PAGE - first,
					    pages.plain + PAGE - first };
		struct shape shape = {
			.word = (i & 2) != 0 ? LDP_X7_X9 : STP_X7_X9,
			.is_el0 = (i & 4) != 0,
			.code = WINDOW_PAGE(7),
		};

		show_both(first, PAGE - first);
		insn_show(7,
			  insn_code(0, shape.word,
				    shape.is_el0 ? CODE_SVC : CODE_RET),
			  WINDOW_CODE);
		insn_compare(&shape, &base, &low);
		insn_compare(&shape, &base, &high);
	}
}

static uint64_t swap_code[2];
static bool swap_stop;
static bool swap_stopped;

static void swap(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&swap_stop, __ATOMIC_ACQUIRE)) {
		insn_show(7, swap_code[0], WINDOW_CODE);
		cpu_yield();
		insn_show(7, swap_code[1], WINDOW_CODE);
		cpu_yield();
	}
	__atomic_store_n(&swap_stopped, true, __ATOMIC_RELEASE);
}

/* What the code's page may be gone for: before the access, or after it at the "ret". */
static bool is_fetch_fault(const struct context *context)
{
	return context->fault >> 26 == EC_CODE_ABORT;
}

/* One of the two instructions is carried out, wholly, or neither. */
static bool swap_once(unsigned int *seen)
{
	static struct context context;
	const uint64_t start = pages.device + 0x140;
	const uint64_t low = mmio_read64(start);
	const uint64_t high = mmio_read64(start + 8);
	bool is_pair;

	device_accesses += 2;
	memset(&context, 0, sizeof(context));
	context.x[2] = start;
	context.sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) & ~15u;
	insn_run(&context, WINDOW_PAGE(7));
	if (is_fetch_fault(&context) && context.x[2] == start &&
	    context.x[7] == 0 && context.x[9] == 0) {
		seen[2]++;
		return true;
	}
	device_accesses++;
	is_pair = context.x[2] == start;
	seen[is_pair ? 0 : 1]++;
	return tap_check((context.fault == 0 || is_fetch_fault(&context)) &&
				 context.x[7] == low &&
				 context.x[9] == (is_pair ? high : 0) &&
				 context.x[2] == (is_pair ? start : start + 8),
			 "%s: ESR 0x%llx, 0x%llx 0x%llx",
			 is_pair ? "the pair" : "the single one",
			 (unsigned long long)context.fault,
			 (unsigned long long)context.x[7],
			 (unsigned long long)context.x[9]);
}

static void test_code_that_changes(void)
{
	unsigned int seen[3] = { 0 };

	swap_code[0] = insn_code(0, LDP_X7_X9, CODE_RET);
	swap_code[1] = insn_code(1, LDR_X7_POST, CODE_RET);
	insn_show(7, swap_code[0], WINDOW_CODE);
	tap_check(smp_start(1, swap, NULL) == 0, "the second CPU starts");
	while (seen[0] < SWAPS_WANTED || seen[1] < SWAPS_WANTED) {
		if (!swap_once(seen)) {
			break;
		}
	}
	__atomic_store_n(&swap_stop, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&swap_stopped, __ATOMIC_ACQUIRE)) {
		cpu_yield();
	}
	tap_note("%u pairs, %u single ones, %u times no code", seen[0], seen[1],
		 seen[2]);
}

static void check_abort(uint32_t word, uint64_t address, bool is_write)
{
	uint64_t far;
	const uint64_t esr = insn_fault(word, address, &far);

	tap_check(esr >> 26 == EC_DATA_ABORT &&
			  (esr & ESR_DFSC) == DFSC_EXTERNAL &&
			  ((esr & ESR_WNR) != 0) == is_write,
		  "0x%08x: ESR 0x%llx", (unsigned int)word,
		  (unsigned long long)esr);
	tap_equal(far, address + (word == STR_W7_PRE ? 4 : 0), "0x%08x: FAR",
		  (unsigned int)word);
}

static void test_refused(void)
{
	uint64_t esr;
	uint64_t far;
	const uint64_t before = mmio_read64(pages.device + 0x140);

	device_accesses += 2;
	check_abort(LDXR, pages.device + 0x140, false);
	check_abort(LDXP, pages.device + 0x140, false);
	check_abort(LDAXR_W, pages.device + 0x140, false);
	check_abort(LD1, pages.device + 0x140, false);
	check_abort(ST1, pages.device + 0x140, true);
	check_abort(DC_ZVA, pages.device + 0x140, true);
	check_abort(LDP_X7_X9, pages.device + 0x144, false);
	check_abort(STP_X7_X9, pages.device + 0x141, true);
	/* The second half is past the region's end. */
	check_abort(STP_X7_X9, pages.device + 2 * PAGE - 8, true);
	/* The first half is memory. */
	insn_show(1, pages.plain, WINDOW_MEMORY);
	insn_show(2, pages.device, WINDOW_DEVICE);
	far = WINDOW_PAGE(2);
	esr = insn_fault(LDP_X7_X9, far - 8, &far);
	tap_check(esr >> 26 == EC_DATA_ABORT && far == WINDOW_PAGE(2),
		  "half in memory: ESR 0x%llx", (unsigned long long)esr);
	tap_equal(mmio_read64(pages.device + 0x140), before, "the register");
}

/* Emulated registers answer to a pair and to write-back as to plain accesses. */
static void test_distributor(void)
{
	volatile uint32_t *const plain =
		(volatile uint32_t *)(uintptr_t)distributor;
	const uint32_t control = plain[0];
	const uint32_t type = plain[1];
	uint64_t at = distributor - 4;
	uint64_t first;
	uint64_t second;

	__asm__ volatile("ldp %w0, %w1, [%2]"
			 : "=&r"(first), "=&r"(second)
			 : "r"(distributor)
			 : "memory");
	tap_check(first == control && second == type,
		  "a pair reads %#llx %#llx, plain loads %#x %#x",
		  (unsigned long long)first, (unsigned long long)second,
		  (unsigned int)control, (unsigned int)type);
	__asm__ volatile("str %w1, [%0, #4]!"
			 : "+r"(at)
			 : "r"(control)
			 : "memory");
	tap_check(at == distributor && plain[0] == control,
		  "write-back leaves %#llx, the register reads %#x",
		  (unsigned long long)at, (unsigned int)plain[0]);
}

static volatile unsigned int handled;

/* Its only access to the device is a pair. */
static void handle(void *arg)
{
	uint64_t low;
	uint64_t high;

	(void)arg;
	__asm__ volatile("ldp %0, %1, [%2]"
			 : "=&r"(low), "=&r"(high)
			 : "r"(pages.device + 0x140)
			 : "memory");
	device_accesses++;
	handled++;
}

static void test_interrupt(void)
{
	tap_check(irq_request(edge.intid, handle, NULL, edge.is_edge) == 0,
		  "the interrupt is free");
	irq_enable(edge.intid);
	printf("# waiting for an edge\n");
	fflush(stdout);
	while (handled == 0) {
		cpu_wait_for_interrupt();
	}
	tap_equal(handled, 1, "interrupts");
}

static const struct tap_test tests[] = {
	{ "every form", test_forms },
	{ "literals", test_literals },
	{ "code elsewhere, EL1 and EL0", test_code_elsewhere },
	{ "a pair on two pages", test_two_pages },
	{ "another CPU changes the code", test_code_that_changes },
	{ "what is refused", test_refused },
	{ "the distributor", test_distributor },
	{ "an interrupt ended by a pair", test_interrupt },
};

static bool find_device(void)
{
	const int node = devtree_find_compatible("test,device");
	const int gic = devtree_find_compatible("arm,gic-v3") >= 0 ?
				devtree_find_compatible("arm,gic-v3") :
				devtree_find_compatible("arm,cortex-a15-gic");
	struct devtree_region region;

	if (node < 0 || gic < 0 || devtree_region(node, 0, &region) != 0 ||
	    region.size != sizeof(plain_pages) ||
	    mmu_map_device(region.address, region.size) != 0 ||
	    devtree_irq(node, DEVICE_EDGE_IRQ, &edge) != 0) {
		return false;
	}
	pages.device = region.address;
	pages.plain = (uint64_t)(uintptr_t)plain_pages;
	if (devtree_region(gic, 0, &region) != 0) {
		return false;
	}
	distributor = region.address;
	return true;
}

int main(void)
{
	int status;

	if (!find_device()) {
		printf("1..0 # there is no device for the test\n");
		return EXIT_FAILURE;
	}
	status = tap_run(tests, ARRAY_SIZE(tests));
	printf("# %llu accesses to the device\n",
	       (unsigned long long)device_accesses);
	return status;
}
