/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cell's address space: 39 bits of IPA, 4 KiB granule, starting at level 1.
 *
 * An entry that maps nothing can hold a tag in the bits that the hardware ignores:
 * who emulates the accesses there. So a trapped access finds its owner by one walk.
 */
#ifndef ARCH_STAGE2_H
#define ARCH_STAGE2_H

#include <arch/barrier.h>
#include <hyp/addr.h>

#define STAGE2_IPA_BITS 39

struct stage2 {
	uint64_t *root;
	uint64_t vttbr; /* root and VMID */
};

/* A table of each level, and what makes an entry of it that of another table. */
#define STAGE2_ENTRIES 512
#define STAGE2_LEVEL1_SHIFT 30
#define STAGE2_LEVEL2_SHIFT 21
#define STAGE2_LEVEL3_SHIFT 12
#define STAGE2_VALID BIT(0)
#define STAGE2_TABLE BIT(1) /* level 1 and 2: table; level 3: page */

static ALWAYS_INLINE unsigned int stage2_index(uint64_t address,
					       unsigned int shift)
{
	return (unsigned int)(address >> shift) % STAGE2_ENTRIES;
}

static ALWAYS_INLINE uint64_t *stage2_table(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & UINT64_C(0x0000fffffffff000));
}

static ALWAYS_INLINE bool stage2_is_table(uint64_t entry)
{
	return (entry & (STAGE2_TABLE | STAGE2_VALID)) ==
	       (STAGE2_TABLE | STAGE2_VALID);
}

/** enum stage2_kind - what is mapped, and how */
enum stage2_kind {
	STAGE2_MEMORY,
	STAGE2_SHARED, /* with another cell: nothing is executed from there */
	STAGE2_SHARED_READ_ONLY,
	STAGE2_DEVICE,
	STAGE2_DEVICE_READ_ONLY,
};

/** enum stage2_owner - who answers a trapped access */
enum stage2_owner {
	STAGE2_NOBODY = 0,
	STAGE2_DISTRIBUTOR,
	STAGE2_REDISTRIBUTOR,
	STAGE2_INTERFACE, /* GICv2: the second page of GICV */
	STAGE2_REGION, /* of an assigned device; the tag has its record's number */
	STAGE2_UART, /* the cell's virtual one */
};

/** STAGE2_MAPPED - instead of a tag, which has an even number */
#define STAGE2_MAPPED UINT64_C(1)

static ALWAYS_INLINE uint64_t stage2_tag(enum stage2_owner owner,
					 uint32_t number)
{
	return (uint64_t)number << 16 | (uint64_t)owner << 2;
}

static ALWAYS_INLINE enum stage2_owner stage2_tag_owner(uint64_t tag)
{
	return (enum stage2_owner)(tag >> 2 & 0xf);
}

static ALWAYS_INLINE uint32_t stage2_tag_number(uint64_t tag)
{
	return (uint32_t)(tag >> 16);
}

/**
 * stage2_create() - an empty address space
 * @vmid: 1 to 255, this cell's own
 *
 * Return: 0 or -HYP_ENOMEM.
 */
int stage2_create(struct stage2 *stage2, uint8_t vmid) MUST_CHECK;

/** stage2_destroy() - give all tables back; no CPU runs on them any more */
void stage2_destroy(struct stage2 *stage2);

/**
 * stage2_map() - map whole pages; blocks of 2 MiB where they fit, for memory
 *
 * Return: 0, -HYP_ENOMEM, or -HYP_ERANGE (IPA or PA out of bounds).
 */
int stage2_map(struct stage2 *stage2, ipa_t to, paddr_t from, uint64_t size,
	       enum stage2_kind kind) MUST_CHECK;

/** stage2_tag_pages() - tag whole pages; errors as of stage2_map() */
int stage2_tag_pages(struct stage2 *stage2, ipa_t at, uint64_t size,
		     uint64_t tag) MUST_CHECK;

/**
 * stage2_lookup() - the tag of an address, 0: none, or STAGE2_MAPPED
 *
 * One read of each level. Another CPU may map or trap the address meanwhile: the
 * answer is what one of the two gives.
 */
static ALWAYS_INLINE uint64_t stage2_lookup(const struct stage2 *stage2,
					    ipa_t address)
{
	uint64_t entry;

	if (UNLIKELY(address.raw >> STAGE2_IPA_BITS != 0)) {
		return 0;
	}
	/* At level 1 there are tables or nothing. */
	entry = stage2->root[address.raw >> STAGE2_LEVEL1_SHIFT];
	if (LIKELY((entry & STAGE2_VALID) != 0)) {
		entry = stage2_table(
			entry)[stage2_index(address.raw, STAGE2_LEVEL2_SHIFT)];
	}
	if (LIKELY(stage2_is_table(entry))) {
		entry = __atomic_load_n(
			&stage2_table(entry)[stage2_index(address.raw,
							  STAGE2_LEVEL3_SHIFT)],
			__ATOMIC_RELAXED);
	}
	return (entry & STAGE2_VALID) != 0 ? STAGE2_MAPPED : entry;
}

/**
 * stage2_find_code() - where the byte at @address is, if it may be executed
 *
 * Right while a CPU runs the guest: the cell's memory stays where it is.
 *
 * Return: 0, or -HYP_EFAULT: no memory of the cell's own.
 */
int stage2_find_code(const struct stage2 *stage2, ipa_t address,
		     paddr_t *result) MUST_CHECK;

/**
 * struct stage2_switch - the entries of a region that is mapped or trapped
 *
 * They stand in one table: pages within 2 MiB, or blocks within 1 GiB.
 */
struct stage2_switch {
	uint64_t *entries;
	uint64_t mapped; /* what the first one is when mapped */
	uint64_t page;	 /* of the first one: IPA / PAGE_SIZE */
	uint32_t step;	 /* pages: 1, or those of a block */
	uint32_t count;
};

/**
 * stage2_switch_prepare() - make the tables, all entries invalid and tagged
 *
 * Return: 0, -HYP_ENOMEM, -HYP_ERANGE, or -HYP_E2BIG: not within one table.
 */
int stage2_switch_prepare(struct stage2 *stage2, struct stage2_switch *sw,
			  ipa_t base, uint64_t size, enum stage2_kind kind,
			  uint64_t tag) MUST_CHECK;

/** stage2_switch_map() - map it; nothing to invalidate, it was invalid */
void stage2_switch_map(const struct stage2_switch *sw);

/**
 * stage2_switch_clear() - make the entries invalid and tagged; the caller goes on
 * with stage2_switch_invalidate() for it and ends with stage2_invalidate_done();
 * its count is not 0
 */
static ALWAYS_INLINE void stage2_switch_clear(const struct stage2_switch *sw,
					      uint64_t tag)
{
	uint64_t *entry = sw->entries;
	uint32_t count = sw->count;

	do {
		*entry++ = tag;
	} while (--count != 0);
}

/**
 * stage2_switch_invalidate() - drop the entries from all TLBs, by IPA
 * stage2_invalidate_done() - complete it: no access goes through any more
 *
 * On a CPU whose VTTBR_EL2 is the cell's.
 */
static ALWAYS_INLINE void
stage2_switch_invalidate(const struct stage2_switch *sw)
{
	uint64_t page = sw->page;
	uint64_t step = sw->step;
	uint32_t count = sw->count;

	barrier_dsb_ishst(); /* the cleared entries are seen by every walker */
	do {
		__asm__ volatile("tlbi ipas2e1is, %0" : : "r"(page));
		page += step;
	} while (--count != 0);
}

static ALWAYS_INLINE void stage2_invalidate_done(void)
{
	/* Stage 2 entries first, then the combined ones made from them. */
	__asm__ volatile("dsb ish\n"
			 "tlbi vmalle1is\n"
			 "dsb ish\n"
			 "isb\n"
			 :
			 :
			 : "memory");
}

/** stage2_invalidate_all() - drop everything of this address space, any CPU */
void stage2_invalidate_all(const struct stage2 *stage2);

/** stage2_enter() - this CPU's guest uses it from now on; NULL: none */
void stage2_enter(const struct stage2 *stage2);

#endif /* ARCH_STAGE2_H */
