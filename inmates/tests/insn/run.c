// SPDX-License-Identifier: Apache-2.0
// An instruction on the device and in memory: both must do the same.

#include <string.h>

#include "cpu.h"
#include "insn.h"
#include "mmio.h"
#include "tap.h"

struct page {
	uint32_t word[1024];
} ALIGNED(4096);

struct place pages;
uint64_t device_accesses;

static struct page code_pages[2];
static uint64_t level2[512] ALIGNED(4096);
static uint64_t level3[512] ALIGNED(4096);

uint64_t insn_code(unsigned int number, uint32_t word, uint32_t last)
{
	struct page *page = &code_pages[number];

	page->word[0] = word;
	page->word[1] = last;
	__asm__ volatile("dc cvau, %0\n"
			 "dsb ish\n"
			 "ic ialluis\n"
			 "dsb ish\n"
			 "isb\n"
			 :
			 : "r"(page)
			 : "memory");
	return (uint64_t)(uintptr_t)page;
}

static void entry_set(unsigned int page, uint64_t entry)
{
	__atomic_store_n(&level3[page], entry, __ATOMIC_RELAXED);
	__asm__ volatile("dsb ish\n"
			 "tlbi vaae1is, %0\n"
			 "dsb ish\n"
			 "isb\n"
			 :
			 : "r"(WINDOW_PAGE(page) >> 12)
			 : "memory");
}

void insn_hide(unsigned int page)
{
	entry_set(page, 0);
}

void insn_show(unsigned int page, uint64_t physical, uint64_t attributes)
{
	uint64_t *root = (uint64_t *)(uintptr_t)(CPU_READ(ttbr0_el1) &
						 UINT64_C(0xfffffffff000));

	level2[0] = (uint64_t)(uintptr_t)level3 | 3;
	__atomic_store_n(&root[WINDOW >> 30], (uint64_t)(uintptr_t)level2 | 3,
			 __ATOMIC_RELAXED);
	entry_set(page, 0);
	entry_set(page, physical | attributes);
}

static uint64_t pattern(uint64_t seed)
{
	seed = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	return seed ^ seed >> 29;
}

static void context_fill(struct context *context, const struct shape *shape,
			 uint64_t base)
{
	memset(context, 0, sizeof(*context));
	for (unsigned int i = 0; i < 30; i++) {
		context->x[i] = pattern(i);
	}
	for (unsigned int i = 0; i < 32; i++) {
		context->v[i][0] = pattern(100 + i);
		context->v[i][1] = pattern(200 + i);
	}
	context->x[5] = shape->index;
	context->x[2] = base;
	context->sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) & ~15u;
	if (shape->is_sp_base) {
		context->sp = base;
		context->x[2] = 0;
	}
}

static void run(struct context *context, const struct shape *shape,
		uint64_t base)
{
	static uint64_t own;
	uint64_t code = shape->code;

	if (code == 0) {
		own = insn_code(0, shape->word,
				shape->is_el0 ? CODE_SVC : CODE_RET);
		code = own;
	}
	context_fill(context, shape, base);
	if (shape->is_el0) {
		insn_run_el0(context, code);
	} else {
		insn_run(context, code);
	}
}

/* What is left of a base register is told by its distance. */
static void context_normalise(struct context *context,
			      const struct shape *shape, uint64_t base)
{
	if (shape->is_sp_base) {
		context->sp -= base;
	} else {
		context->sp = 0;
		context->x[2] -= base;
	}
	context->x[30] = 0;
	context->saved_sp = 0;
	context->saved_x0 = 0;
}

static uint64_t area_word(uint64_t area, unsigned int i)
{
	return mmio_read64(area + 8 * i);
}

static struct context on_device;
static struct context on_plain;

static void area_fill(const struct place *area)
{
	for (unsigned int i = 0; i < AREA_WORDS; i++) {
		mmio_write64(area->device + 8 * i, pattern(300 + i));
		mmio_write64(area->plain + 8 * i, pattern(300 + i));
	}
}

static bool compare(const struct shape *shape, const struct place *base,
		    const struct place *area)
{
	bool is_same = true;

	device_accesses += 2 * AREA_WORDS + 1;
	context_normalise(&on_plain, shape, base->plain);
	context_normalise(&on_device, shape, base->device);
	is_same &= tap_check(on_plain.fault == 0,
			     "0x%08x in memory: ESR 0x%llx",
			     (unsigned int)shape->word,
			     (unsigned long long)on_plain.fault);
	is_same &= tap_check(
		memcmp(&on_device, &on_plain, sizeof(on_device)) == 0,
		"0x%08x: registers differ, ESR 0x%llx, base %+lld "
		"and %+lld",
		(unsigned int)shape->word, (unsigned long long)on_device.fault,
		(long long)on_device.x[2], (long long)on_plain.x[2]);
	for (unsigned int i = 0; i < AREA_WORDS; i++) {
		is_same &= tap_equal(area_word(area->device, i),
				     area_word(area->plain, i),
				     "0x%08x: doubleword %u",
				     (unsigned int)shape->word, i);
	}
	return is_same;
}

bool insn_compare(const struct shape *shape, const struct place *base,
		  const struct place *area)
{
	area_fill(area);
	run(&on_plain, shape, base->plain);
	run(&on_device, shape, base->device);
	return compare(shape, base, area);
}

bool insn_literal(const struct shape *shape, const struct place *base,
		  const struct place *area)
{
	struct shape placed = *shape;

	area_fill(area);
	placed.code = base->plain - 4096;
	run(&on_plain, &placed, base->plain);
	placed.code = base->device - 4096;
	run(&on_device, &placed, base->device);
	return compare(shape, base, area);
}

uint64_t insn_fault(uint32_t word, uint64_t address, uint64_t *far)
{
	static struct context context;
	const struct shape shape = { .word = word };

	run(&context, &shape, address);
	*far = context.far;
	return context.fault;
}
