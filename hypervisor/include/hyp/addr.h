/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as types of their own: a guest's (IPA) and the machine's (PA)
 * cannot be mixed up, and no arithmetic on them escapes this file.
 */
#ifndef HYP_ADDR_H
#define HYP_ADDR_H

#include <hyp/compiler.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE UINT64_C(0x1000)
#define PAGE_MASK (PAGE_SIZE - 1)
#define BLOCK_SHIFT 21
#define BLOCK_SIZE UINT64_C(0x200000)
#define BLOCK_MASK (BLOCK_SIZE - 1)

/** struct paddr - a physical address, bytes */
typedef struct paddr {
	uint64_t raw;
} paddr_t;

/** struct ipa - an intermediate physical address (what a cell sees), bytes */
typedef struct ipa {
	uint64_t raw;
} ipa_t;

static ALWAYS_INLINE paddr_t pa(uint64_t raw)
{
	return (paddr_t){ raw };
}

static ALWAYS_INLINE ipa_t ipa(uint64_t raw)
{
	return (ipa_t){ raw };
}

static ALWAYS_INLINE paddr_t pa_add(paddr_t address, uint64_t bytes)
{
	return pa(address.raw + bytes);
}

static ALWAYS_INLINE ipa_t ipa_add(ipa_t address, uint64_t bytes)
{
	return ipa(address.raw + bytes);
}

/** struct pa_range - bytes [base, base + size) of physical address space */
struct pa_range {
	paddr_t base;
	uint64_t size;
};

/**
 * range_wraps() - does base + size exceed the 64-bit address space?
 *
 * A range that ends exactly at 2^64 does not wrap.
 */
static ALWAYS_INLINE bool range_wraps(uint64_t base, uint64_t size)
{
	return size != 0 && size - 1 > UINT64_MAX - base;
}

/**
 * range_overlaps() - do two ranges share a byte?
 *
 * Neither range may wrap. An empty range overlaps nothing.
 */
static ALWAYS_INLINE bool range_overlaps(uint64_t a, uint64_t a_size,
					 uint64_t b, uint64_t b_size)
{
	if (a_size == 0 || b_size == 0) {
		return false;
	}
	return a <= b ? b - a < a_size : a - b < b_size;
}

/** range_contains() - does [a, a + a_size) hold all of [b, b + b_size)? */
static ALWAYS_INLINE bool range_contains(uint64_t a, uint64_t a_size,
					 uint64_t b, uint64_t b_size)
{
	return b >= a && b_size <= a_size && b - a <= a_size - b_size;
}

#endif /* HYP_ADDR_H */
