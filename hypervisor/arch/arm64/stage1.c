// SPDX-License-Identifier: Apache-2.0
/* EL2's own translation tables: 4 KiB granule, 39 bits, starting at level 1. */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/stage1.h>
#include <arch/sysreg.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/lock.h>
#include <hyp/page.h>

#define ADDRESS_BITS 39
#define TABLE_ENTRIES 512
#define LEVEL1_SHIFT 30
#define LEVEL2_SHIFT 21
#define LEVEL3_SHIFT 12

#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1) /* level 1 and 2: table; level 3: page */
#define DESC_ATTR_SHIFT 2
#define DESC_AP_EL0_RES1 BIT(6) /* AP[1], RES1 in a single-level regime */
#define DESC_READ_ONLY BIT(7)
#define DESC_INNER_SHAREABLE (UINT64_C(3) << 8)
#define DESC_ACCESSED BIT(10)
#define DESC_NO_EXECUTE BIT(54)
#define DESC_ADDRESS UINT64_C(0x0000fffffffff000)
#define DESC_COUNT_SHIFT 55 /* bits 58:55 are software's: times mapped */
#define DESC_COUNT_MAX UINT64_C(0xf)

/* MAIR_EL2: attribute 0 Normal write-back, 1 Device-nGnRE */
#define MAIR_VALUE UINT64_C(0x04ff)
#define ATTR_NORMAL UINT64_C(0)
#define ATTR_DEVICE UINT64_C(1)

/* TCR_EL2 (E2H = 0): T0SZ, write-back, inner shareable, 4 KiB; bits 31, 23 RES1 */
#define TCR_VALUE                                                        \
	(UINT64_C(0x80800000) | (64 - ADDRESS_BITS) | UINT64_C(1) << 8 | \
	 UINT64_C(1) << 10 | UINT64_C(3) << 12)
#define TCR_PS_SHIFT 16

/* The last GiB: stacks from its start, windows from its middle. */
#define PRIVATE_BASE ((UINT64_C(1) << ADDRESS_BITS) - (UINT64_C(1) << 30))
#define STACK_SLOT (UINT64_C(2) * CPU_STACK_SIZE)
#define WINDOW_BASE (PRIVATE_BASE + (UINT64_C(1) << 29))

extern uint64_t arch_mmu_on(uint64_t table, uint64_t mair, uint64_t tcr,
			    uint64_t sctlr);

static uint64_t root[TABLE_ENTRIES] ALIGNED(4096);
static struct spinlock lock;

static uint64_t kind_attributes(enum stage1_kind kind)
{
	uint64_t common = DESC_VALID | DESC_AP_EL0_RES1 | DESC_ACCESSED;

	switch (kind) {
	case STAGE1_TEXT:
		return common | DESC_INNER_SHAREABLE | DESC_READ_ONLY |
		       ATTR_NORMAL << DESC_ATTR_SHIFT;
	case STAGE1_READ_ONLY:
		return common | DESC_INNER_SHAREABLE | DESC_READ_ONLY |
		       DESC_NO_EXECUTE | ATTR_NORMAL << DESC_ATTR_SHIFT;
	case STAGE1_DATA:
		return common | DESC_INNER_SHAREABLE | DESC_NO_EXECUTE |
		       ATTR_NORMAL << DESC_ATTR_SHIFT;
	case STAGE1_DEVICE:
		break;
	}
	return common | DESC_NO_EXECUTE | ATTR_DEVICE << DESC_ATTR_SHIFT;
}

static uint64_t *entry_table(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & DESC_ADDRESS);
}

/* The table that an entry points to, made if it is empty. */
static uint64_t *table_below(uint64_t *entry)
{
	uint64_t *table;

	if ((*entry & DESC_VALID) != 0) {
		return entry_table(*entry);
	}
	table = page_alloc();
	if (table != NULL) {
		/* The table's zeroes are seen before the entry that names it. */
		barrier_dsb_ishst();
		*entry = (uintptr_t)table | DESC_TABLE | DESC_VALID;
	}
	return table;
}

static unsigned int index_at(uint64_t address, unsigned int shift)
{
	return (unsigned int)(address >> shift) % TABLE_ENTRIES;
}

/* The level 3 entry of an address, or NULL: no page left or no such address. */
static uint64_t *leaf_of(uint64_t address)
{
	uint64_t *level2;
	uint64_t *level3;

	if (address >> ADDRESS_BITS != 0) {
		return NULL;
	}
	level2 = table_below(&root[index_at(address, LEVEL1_SHIFT)]);
	if (level2 == NULL) {
		return NULL;
	}
	level3 = table_below(&level2[index_at(address, LEVEL2_SHIFT)]);
	return level3 == NULL ? NULL : &level3[index_at(address, LEVEL3_SHIFT)];
}

static int map_block(uint64_t address, uint64_t attributes)
{
	uint64_t *level2 = table_below(&root[index_at(address, LEVEL1_SHIFT)]);

	if (level2 == NULL) {
		return -HYP_ENOMEM;
	}
	level2[index_at(address, LEVEL2_SHIFT)] = address | attributes;
	return 0;
}

int stage1_map(struct pa_range range, enum stage1_kind kind)
{
	uint64_t attributes = kind_attributes(kind);
	uint64_t at = range.base.raw;
	uint64_t end = at + range.size;

	if (range_wraps(at, range.size) || end > PRIVATE_BASE) {
		return -HYP_ERANGE;
	}
	while (at < end) {
		uint64_t *leaf;

		if (at % BLOCK_SIZE == 0 && end - at >= BLOCK_SIZE) {
			if (map_block(at, attributes) != 0) {
				return -HYP_ENOMEM;
			}
			at += BLOCK_SIZE;
			continue;
		}
		leaf = leaf_of(at);
		if (leaf == NULL) {
			return -HYP_ENOMEM;
		}
		*leaf = at | attributes | DESC_TABLE;
		at += PAGE_SIZE;
	}
	barrier_dsb_ishst(); /* the walkers see the entries before we use them */
	barrier_isb();
	return 0;
}

static uint64_t device_pages_end(struct pa_range range)
{
	return (range.base.raw + range.size + PAGE_MASK) & ~PAGE_MASK;
}

static void device_page_put(uint64_t address)
{
	uint64_t *leaf = leaf_of(address);
	uint64_t count = *leaf >> DESC_COUNT_SHIFT & DESC_COUNT_MAX;

	if (count > 1) {
		*leaf -= BIT(DESC_COUNT_SHIFT);
		return;
	}
	*leaf = 0;
	barrier_dsb_ishst(); /* no walk finds it after the invalidation */
	__asm__ volatile("tlbi vae2is, %0" : : "r"(address >> PAGE_SHIFT));
	barrier_dsb_ish();
	barrier_isb();
}

void *stage1_map_device(struct pa_range range)
{
	uint64_t start = range.base.raw & ~PAGE_MASK;
	uint64_t end = device_pages_end(range);
	uint64_t at = start;

	spinlock_lock(&lock);
	for (; at < end; at += PAGE_SIZE) {
		uint64_t *leaf = leaf_of(at);

		if (leaf == NULL || (*leaf >> DESC_COUNT_SHIFT &
				     DESC_COUNT_MAX) == DESC_COUNT_MAX) {
			break;
		}
		if (*leaf == 0) {
			*leaf = at | kind_attributes(STAGE1_DEVICE) |
				DESC_TABLE;
		}
		*leaf += BIT(DESC_COUNT_SHIFT);
	}
	if (at < end) {
		while (at > start) {
			at -= PAGE_SIZE;
			device_page_put(at);
		}
		spinlock_unlock(&lock);
		return NULL;
	}
	barrier_dsb_ishst(); /* the walkers see the entries before we use them */
	barrier_isb();
	spinlock_unlock(&lock);
	return (void *)(uintptr_t)range.base.raw;
}

void stage1_unmap_device(struct pa_range range)
{
	uint64_t end = device_pages_end(range);

	spinlock_lock(&lock);
	for (uint64_t at = range.base.raw & ~PAGE_MASK; at < end;
	     at += PAGE_SIZE) {
		device_page_put(at);
	}
	spinlock_unlock(&lock);
}

void stage1_boot_values(struct cpu_boot *boot)
{
	uint64_t range = SYSREG_READ(ID_AA64MMFR0_EL1) & 0xf;

	boot->table = (uintptr_t)root;
	boot->mair = MAIR_VALUE;
	boot->tcr = TCR_VALUE | (range > 5 ? 5 : range) << TCR_PS_SHIFT;
	boot->sctlr = SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA |
		      SCTLR_WXN;
}

void stage1_enable(void)
{
	struct cpu_boot boot;

	stage1_boot_values(&boot);
	arch_mmu_on(boot.table, boot.mair, boot.tcr, boot.sctlr);
}

uint64_t stage1_map_stack(unsigned int cpu)
{
	uint64_t end = PRIVATE_BASE + (cpu + 1) * STACK_SLOT;

	for (uint64_t at = end - CPU_STACK_SIZE; at < end; at += PAGE_SIZE) {
		uint64_t *leaf = leaf_of(at);
		void *page = page_alloc();

		if (leaf == NULL || page == NULL) {
			return 0;
		}
		*leaf = (uintptr_t)page | kind_attributes(STAGE1_DATA) |
			DESC_TABLE;
	}
	/* So that the first window needs no table later. */
	if (table_below(&root[index_at(WINDOW_BASE, LEVEL1_SHIFT)]) == NULL) {
		return 0;
	}
	barrier_dsb_ishst(); /* the walkers see the entries before we use them */
	barrier_isb();
	return end;
}

static uint64_t window_address(void)
{
	return WINDOW_BASE + (uint64_t)cpu_this()->index * BLOCK_SIZE;
}

static void window_set(uint64_t value)
{
	uint64_t address = window_address();
	uint64_t *level2 = entry_table(root[index_at(address, LEVEL1_SHIFT)]);
	uint64_t *entry = &level2[index_at(address, LEVEL2_SHIFT)];

	/* Break before make; no other CPU uses this address. */
	*entry = 0;
	barrier_dsb_ishst();
	__asm__ volatile("tlbi vae2, %0" : : "r"(address >> PAGE_SHIFT));
	barrier_dsb_ish();
	*entry = value;
	barrier_dsb_ishst();
	barrier_isb();
}

void *stage1_window(paddr_t address, uint64_t *size)
{
	uint64_t offset = address.raw & BLOCK_MASK;

	window_set((address.raw & ~BLOCK_MASK) | kind_attributes(STAGE1_DATA));
	if (size != NULL) {
		*size = BLOCK_SIZE - offset;
	}
	return (void *)(uintptr_t)(window_address() + offset);
}

void stage1_window_close(void)
{
	window_set(0);
}
