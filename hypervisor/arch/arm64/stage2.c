// SPDX-License-Identifier: Apache-2.0
/* Stage 2 translation tables; see <arch/stage2.h>. */
#include <arch/barrier.h>
#include <arch/stage2.h>
#include <arch/sysreg.h>
#include <hyp/errno.h>
#include <hyp/page.h>

#define DESC_ADDRESS UINT64_C(0x0000fffffffff000)
#define DESC_MEMATTR_MASK (UINT64_C(0xf) << 2)
#define DESC_MEMATTR_NORMAL (UINT64_C(0xf) << 2)
#define DESC_MEMATTR_DEVICE (UINT64_C(0x1) << 2) /* nGnRE */
#define DESC_READ BIT(6)
#define DESC_WRITE BIT(7)
#define DESC_INNER_SHAREABLE (UINT64_C(3) << 8)
#define DESC_ACCESSED BIT(10)
#define DESC_NO_EXECUTE BIT(54)

/* VTCR_EL2: T0SZ, start at level 1, write-back, inner shareable, 4 KiB; RES1 */
#define VTCR_VALUE                                                          \
	(UINT64_C(0x80000000) | (64 - STAGE2_IPA_BITS) | UINT64_C(1) << 6 | \
	 UINT64_C(1) << 8 | UINT64_C(1) << 10 | UINT64_C(3) << 12)
#define VTCR_PS_SHIFT 16
#define VTTBR_VMID_SHIFT 48

static uint64_t kind_attributes(enum stage2_kind kind)
{
	uint64_t common = STAGE2_VALID | DESC_READ | DESC_ACCESSED;

	switch (kind) {
	case STAGE2_MEMORY:
		return common | DESC_WRITE | DESC_INNER_SHAREABLE |
		       DESC_MEMATTR_NORMAL;
	case STAGE2_SHARED:
		return common | DESC_WRITE | DESC_INNER_SHAREABLE |
		       DESC_NO_EXECUTE | DESC_MEMATTR_NORMAL;
	case STAGE2_SHARED_READ_ONLY:
		return common | DESC_INNER_SHAREABLE | DESC_NO_EXECUTE |
		       DESC_MEMATTR_NORMAL;
	case STAGE2_DEVICE:
		return common | DESC_WRITE | DESC_NO_EXECUTE |
		       DESC_MEMATTR_DEVICE;
	case STAGE2_DEVICE_READ_ONLY:
		break;
	}
	return common | DESC_NO_EXECUTE | DESC_MEMATTR_DEVICE;
}

int stage2_create(struct stage2 *stage2, uint8_t vmid)
{
	stage2->root = page_alloc();
	if (stage2->root == NULL) {
		return -HYP_ENOMEM;
	}
	stage2->vttbr = (uintptr_t)stage2->root | (uint64_t)vmid
							  << VTTBR_VMID_SHIFT;
	return 0;
}

void stage2_destroy(struct stage2 *stage2)
{
	if (stage2->root == NULL) {
		return;
	}
	stage2_invalidate_all(stage2);
	for (unsigned int i = 0; i < STAGE2_ENTRIES; i++) {
		uint64_t *level2 = stage2_table(stage2->root[i]);

		if (!stage2_is_table(stage2->root[i])) {
			continue;
		}
		for (unsigned int j = 0; j < STAGE2_ENTRIES; j++) {
			if (stage2_is_table(level2[j])) {
				page_free(stage2_table(level2[j]));
			}
		}
		page_free(level2);
	}
	page_free(stage2->root);
	stage2->root = NULL;
}

static uint64_t *table_below(uint64_t *entry)
{
	uint64_t *table;

	if (stage2_is_table(*entry)) {
		return stage2_table(*entry);
	}
	if ((*entry & STAGE2_VALID) != 0) {
		return NULL; /* a block is there: the ranges overlap */
	}
	table = page_alloc();
	if (table != NULL) {
		/* The table's zeroes are seen before the entry that names it. */
		barrier_dsb_ishst();
		*entry = (uintptr_t)table | STAGE2_TABLE | STAGE2_VALID;
	}
	return table;
}

static uint64_t *leaf_of(struct stage2 *stage2, uint64_t address,
			 unsigned int shift)
{
	uint64_t *table = table_below(
		&stage2->root[stage2_index(address, STAGE2_LEVEL1_SHIFT)]);

	if (table != NULL && shift == STAGE2_LEVEL3_SHIFT) {
		table = table_below(
			&table[stage2_index(address, STAGE2_LEVEL2_SHIFT)]);
	}
	return table == NULL ? NULL : &table[stage2_index(address, shift)];
}

static bool is_out_of_bounds(uint64_t address, uint64_t size)
{
	return range_wraps(address, size) ||
	       !range_contains(0, UINT64_C(1) << STAGE2_IPA_BITS, address,
			       size);
}

int stage2_map(struct stage2 *stage2, ipa_t to, paddr_t from, uint64_t size,
	       enum stage2_kind kind)
{
	uint64_t attributes = kind_attributes(kind);

	if (is_out_of_bounds(to.raw, size) || range_wraps(from.raw, size)) {
		return -HYP_ERANGE;
	}
	while (size != 0) {
		bool block = kind <= STAGE2_SHARED_READ_ONLY &&
			     size >= BLOCK_SIZE &&
			     ((to.raw | from.raw) & BLOCK_MASK) == 0;
		uint64_t step = block ? BLOCK_SIZE : PAGE_SIZE;
		uint64_t *leaf = leaf_of(stage2, to.raw,
					 block ? STAGE2_LEVEL2_SHIFT :
						 STAGE2_LEVEL3_SHIFT);

		if (leaf == NULL) {
			return -HYP_ENOMEM;
		}
		*leaf = from.raw | attributes | (block ? 0 : STAGE2_TABLE);
		to = ipa_add(to, step);
		from = pa_add(from, step);
		size -= step;
	}
	barrier_dsb_ishst(); /* the walkers see them before the guest runs */
	return 0;
}

/* The entry that maps an address, and the size that it maps; 0: none does. */
static uint64_t entry_of(const struct stage2 *stage2, uint64_t address,
			 uint64_t *size)
{
	uint64_t entry;

	if (address >> STAGE2_IPA_BITS != 0) {
		return 0;
	}
	entry = stage2->root[stage2_index(address, STAGE2_LEVEL1_SHIFT)];
	if (!stage2_is_table(entry)) {
		return 0;
	}
	*size = BLOCK_SIZE;
	entry = stage2_table(entry)[stage2_index(address, STAGE2_LEVEL2_SHIFT)];
	if (!stage2_is_table(entry)) {
		return entry;
	}
	*size = PAGE_SIZE;
	return __atomic_load_n(
		&stage2_table(
			entry)[stage2_index(address, STAGE2_LEVEL3_SHIFT)],
		__ATOMIC_RELAXED);
}

int stage2_find_code(const struct stage2 *stage2, ipa_t address,
		     paddr_t *result)
{
	uint64_t size;
	uint64_t entry = entry_of(stage2, address.raw, &size);

	if ((entry & STAGE2_VALID) == 0 || (entry & DESC_NO_EXECUTE) != 0 ||
	    (entry & DESC_MEMATTR_MASK) != DESC_MEMATTR_NORMAL) {
		return -HYP_EFAULT;
	}
	*result = pa((entry & DESC_ADDRESS & ~(size - 1)) |
		     (address.raw & (size - 1)));
	return 0;
}

int stage2_tag_pages(struct stage2 *stage2, ipa_t at, uint64_t size,
		     uint64_t tag)
{
	if (is_out_of_bounds(at.raw, size)) {
		return -HYP_ERANGE;
	}
	while (size != 0) {
		bool block = size >= BLOCK_SIZE && (at.raw & BLOCK_MASK) == 0;
		uint64_t step = block ? BLOCK_SIZE : PAGE_SIZE;
		uint64_t *leaf = leaf_of(stage2, at.raw,
					 block ? STAGE2_LEVEL2_SHIFT :
						 STAGE2_LEVEL3_SHIFT);

		if (leaf == NULL || stage2_is_table(*leaf)) {
			return -HYP_ENOMEM;
		}
		*leaf = tag;
		at = ipa_add(at, step);
		size -= step;
	}
	return 0;
}

int stage2_switch_prepare(struct stage2 *stage2, struct stage2_switch *sw,
			  ipa_t base, uint64_t size, enum stage2_kind kind,
			  uint64_t tag)
{
	bool blocks = ((base.raw | size) & BLOCK_MASK) == 0;
	unsigned int shift = blocks ? STAGE2_LEVEL2_SHIFT : STAGE2_LEVEL3_SHIFT;
	uint64_t last = base.raw + size - 1;

	if (is_out_of_bounds(base.raw, size)) {
		return -HYP_ERANGE;
	}
	if (base.raw >> (shift + 9) != last >> (shift + 9)) {
		return -HYP_E2BIG;
	}
	sw->entries = leaf_of(stage2, base.raw, shift);
	if (sw->entries == NULL) {
		return -HYP_ENOMEM;
	}
	sw->step = blocks ? BLOCK_SIZE / PAGE_SIZE : 1;
	sw->mapped = base.raw | kind_attributes(kind) |
		     (blocks ? 0 : STAGE2_TABLE);
	sw->page = base.raw >> PAGE_SHIFT;
	sw->count = (uint32_t)(size / PAGE_SIZE / sw->step);
	stage2_switch_clear(sw, tag);
	return 0;
}

void stage2_switch_map(const struct stage2_switch *sw)
{
	uint64_t entry = sw->mapped;

	for (uint32_t i = 0; i < sw->count; i++) {
		sw->entries[i] = entry;
		entry += sw->step * PAGE_SIZE;
	}
	barrier_dsb_ishst(); /* the walkers see them; no TLB holds invalid ones */
	barrier_isb();
}

void stage2_invalidate_all(const struct stage2 *stage2)
{
	uint64_t before = SYSREG_READ(VTTBR_EL2);

	SYSREG_WRITE(VTTBR_EL2, stage2->vttbr);
	barrier_isb(); /* the invalidation is for this VMID */
	__asm__ volatile("dsb ishst\n"
			 "tlbi vmalls12e1is\n"
			 "dsb ish\n"
			 "isb\n"
			 :
			 :
			 : "memory");
	SYSREG_WRITE(VTTBR_EL2, before);
	barrier_isb();
}

void stage2_enter(const struct stage2 *stage2)
{
	uint64_t range = SYSREG_READ(ID_AA64MMFR0_EL1) & 0xf;

	SYSREG_WRITE(VTCR_EL2, VTCR_VALUE | (range > 5 ? 5 : range)
						    << VTCR_PS_SHIFT);
	SYSREG_WRITE(VTTBR_EL2, stage2 == NULL ? 0 : stage2->vttbr);
	barrier_isb();
}
