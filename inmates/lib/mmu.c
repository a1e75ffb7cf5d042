// SPDX-License-Identifier: Apache-2.0
// The inmate's identity map: 4 KiB granule, 39 bits, three levels.

#include <hyp/errno.h>

#include "cpu.h"
#include "mmu.h"

#define PAGE_SIZE UINT64_C(4096)
#define ENTRY_COUNT 512
#define LEVEL_FIRST 1
#define LEVEL_LAST 3
#define ADDRESS_LIMIT (UINT64_C(1) << 39)
#define TABLE_COUNT 24

/* DDI 0487, VMSAv8-64 translation table format descriptors */
#define DESCRIPTOR_VALID BIT(0)
#define DESCRIPTOR_TABLE BIT(1)		     /* at level 3: a page */
#define DESCRIPTOR_DEVICE (UINT64_C(1) << 2) /* AttrIndx: 0 is normal memory */
#define DESCRIPTOR_SH_INNER (UINT64_C(3) << 8)
#define DESCRIPTOR_AF BIT(10)
#define DESCRIPTOR_PXN BIT(53)
#define DESCRIPTOR_UXN BIT(54)
#define DESCRIPTOR_ADDRESS UINT64_C(0x0000fffffffff000)

#define ATTRIBUTES_MEMORY                                         \
	(DESCRIPTOR_VALID | DESCRIPTOR_SH_INNER | DESCRIPTOR_AF | \
	 DESCRIPTOR_UXN)
#define ATTRIBUTES_DEVICE                                       \
	(DESCRIPTOR_VALID | DESCRIPTOR_DEVICE | DESCRIPTOR_AF | \
	 DESCRIPTOR_PXN | DESCRIPTOR_UXN)

#define FDT_MAGIC 0xd00dfeed

struct table {
	uint64_t entry[ENTRY_COUNT];
} ALIGNED(4096);

static struct table tables[TABLE_COUNT]; /* [0]: level 1 */
static unsigned int table_count = 1;

static unsigned int level_shift(unsigned int level)
{
	return 12 + 9 * (LEVEL_LAST - level);
}

/*
 * Entries are stored one by one, as atomics: mmu_early() runs with the MMU off,
 * where a merged and unaligned store would fault.
 */
static void entry_set(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
}

static bool entry_is_table(uint64_t entry, unsigned int level)
{
	return level != LEVEL_LAST && (entry & DESCRIPTOR_VALID) != 0 &&
	       (entry & DESCRIPTOR_TABLE) != 0;
}

/* The table under @entry, made when there is none. NULL: none is left. */
static struct table *table_under(uint64_t *entry)
{
	if ((*entry & DESCRIPTOR_VALID) == 0) {
		if (table_count == TABLE_COUNT) {
			return NULL;
		}
		uintptr_t next = (uintptr_t)&tables[table_count];

		table_count++;
		entry_set(entry, next | DESCRIPTOR_VALID | DESCRIPTOR_TABLE);
	}
	return (struct table *)(uintptr_t)(*entry & DESCRIPTOR_ADDRESS);
}

/* Map as much at @address as one entry can. Return: bytes, or an errno. */
static int64_t map_one(uint64_t address, uint64_t size, uint64_t attributes)
{
	struct table *table = &tables[0];

	for (unsigned int level = LEVEL_FIRST;; level++) {
		const unsigned int shift = level_shift(level);
		const uint64_t span = UINT64_C(1) << shift;
		uint64_t *entry =
			&table->entry[(address >> shift) % ENTRY_COUNT];
		const bool is_whole = (address % span) == 0 && size >= span;

		if ((*entry & DESCRIPTOR_VALID) != 0 &&
		    !entry_is_table(*entry, level)) {
			const uint64_t kept = *entry & ~DESCRIPTOR_ADDRESS &
					      ~DESCRIPTOR_TABLE;
			const uint64_t rest = span - address % span;

			if (kept != attributes) {
				return -HYP_EEXIST;
			}
			return (int64_t)(rest < size ? rest : size);
		}
		if (is_whole && (*entry & DESCRIPTOR_VALID) == 0) {
			entry_set(entry, address | attributes |
						 (level == LEVEL_LAST ?
							  DESCRIPTOR_TABLE :
							  0));
			return (int64_t)span;
		}
		table = table_under(entry);
		if (table == NULL) {
			return -HYP_ENOMEM;
		}
	}
}

static int map_range(uint64_t address, uint64_t size, uint64_t attributes)
{
	if (size == 0) {
		return 0;
	}
	if (address >= ADDRESS_LIMIT || size > ADDRESS_LIMIT - address) {
		return -HYP_ERANGE;
	}

	const uint64_t end = (address + size + PAGE_SIZE - 1) &
			     ~(PAGE_SIZE - 1);
	uint64_t at = address & ~(PAGE_SIZE - 1);

	while (at < end) {
		const int64_t done = map_one(at, end - at, attributes);

		if (done < 0) {
			return (int)done;
		}
		at += (uint64_t)done;
	}
	/* Entries only turn valid: the walker must see them, no TLBI is due. */
	cpu_dsb();
	cpu_isb();
	return 0;
}

uintptr_t mmu_early(uintptr_t fdt, uintptr_t image_start, uintptr_t image_end)
{
	int result = map_range(image_start, image_end - image_start,
			       ATTRIBUTES_MEMORY);

	if (fdt != 0 && fdt % 8 == 0) {
		const uint32_t *header = (const uint32_t *)fdt;
		uint32_t size = 8; /* then runtime.c refuses it */

		if (__builtin_bswap32(header[0]) == FDT_MAGIC) {
			size = __builtin_bswap32(header[1]);
		}
		result |= map_range(fdt, size, ATTRIBUTES_MEMORY);
	}
	(void)result; /* what is not mapped faults, and is reported so */
	return (uintptr_t)&tables[0];
}

int mmu_map_memory(uint64_t address, uint64_t size)
{
	return map_range(address, size, ATTRIBUTES_MEMORY);
}

int mmu_map_device(uint64_t address, uint64_t size)
{
	return map_range(address, size, ATTRIBUTES_DEVICE);
}
