// SPDX-License-Identifier: Apache-2.0
// Every load and store that has, or may have, no syndrome: DDI 0487, A64 "Loads and
// Stores". The base is X2 or SP, the index X5, the targets X7, X9 and XZR, V3 and V17.

#include "insn.h"
#include "tap.h"

#define POSITIONS 4

enum mode { POST = 1, OFFSET = 2, PRE = 3, HINT = 0 };

static const uint8_t targets[][2] = {
	{ 7, 9 }, { 3, 17 }, { 31, 9 }, { 9, 31 }
};

/* At each multiple of the width in some doublewords. @offset: of the access. */
static void try_positions(uint32_t word, int64_t offset, unsigned int width,
			  uint64_t index)
{
	for (unsigned int i = 0; i < POSITIONS; i++) {
		const uint64_t at =
			0x140 + (uint64_t)i * width - (uint64_t)offset;
		const struct place area = { pages.device + 0x100,
					    pages.plain + 0x100 };
		const struct place base = { pages.device + at,
					    pages.plain + at };
		struct shape shape = { .index = index };

		/* SP must be aligned; both bases are tried where it is. */
		shape.is_sp_base = at % 16 == 0 && i % 2 == 0;
		shape.word = word | (shape.is_sp_base ? 31u : 2u) << 5;
		insn_compare(&shape, &base, &area);
	}
}

static void try_pair(uint32_t size, bool is_vector, bool is_load,
		     unsigned int width)
{
	static const int steps[] = { 0, 1, -2 };

	for (uint32_t mode = HINT; mode <= PRE; mode++) {
		if (mode == HINT && !is_vector && size == 1) {
			continue; /* there is no LDPSW with a hint */
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
			/* The zero register is stored first, loaded second. */
			const unsigned int general = i == 0  ? 0 :
						     is_load ? 3 :
							       2;
			const uint8_t *t = targets[is_vector ? 1 : general];
			const uint32_t word =
				size << 30 | 5u << 27 |
				(is_vector ? 1u << 26 : 0) | mode << 23 |
				(is_load ? 1u << 22 : 0) |
				((uint32_t)steps[i] & 0x7f) << 15 |
				(uint32_t)t[1] << 10 | t[0];

			try_positions(word,
				      mode == POST ? 0 : steps[i] * (int)width,
				      width, 0);
		}
	}
}

static void try_offsets(uint32_t word, unsigned int width)
{
	const int w = (int)width;
	const int offsets[] = { 0, w, -w };

	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		const uint32_t imm9 = ((uint32_t)offsets[i] & 0x1ff) << 12;

		try_positions(word | imm9, offsets[i], width, 0);
		try_positions(word | imm9 | POST << 10, 0, width, 0);
		try_positions(word | imm9 | PRE << 10, offsets[i], width, 0);
	}
	try_positions(word | 1u << 24, 0, width, 0);
	try_positions(word | 1u << 24 | 3u << 10, 3 * w, width, 0);
}

static void try_index(uint32_t word, unsigned int width)
{
	for (uint32_t option = 2; option < 8; option++) {
		for (uint32_t shift = 0; shift < 2; shift++) {
			const int64_t factor = shift != 0 ? (int64_t)width : 1;
			const bool is_extended = option == 2 || option == 6;
			int64_t index = option == 2 ? 16 : -16;

			if ((option & 2) == 0) {
				continue; /* unallocated */
			}
			/* The upper half is not looked at by an extension. */
			try_positions(
				word | 1u << 21 | 5u << 16 | option << 13 |
					shift << 12 | 2u << 10,
				index * factor, width,
				is_extended ? ((uint64_t)index & UINT32_MAX) |
						      UINT64_C(0x5a) << 32 :
					      (uint64_t)index);
		}
	}
}

static void try_single(uint32_t size, bool is_vector, uint32_t opc,
		       unsigned int width)
{
	const uint32_t word = size << 30 | 7u << 27 |
			      (is_vector ? 1u << 26 : 0) | opc << 22 |
			      targets[is_vector ? 1 : 0][0];

	try_offsets(word, width);
	try_index(word, width);
}

void insn_forms(void)
{
	for (uint32_t load = 0; load < 2; load++) {
		for (uint32_t size = 0; size < 3; size++) {
			try_pair(size, true, load != 0, 4u << size);
			if (size != 1 || load != 0) {
				try_pair(size, false, load != 0,
					 size == 2 ? 8 : 4);
			}
		}
		for (uint32_t size = 0; size < 4; size++) {
			try_single(size, true, load, 1u << size);
			try_single(size, false, load, 1u << size);
			if (size < 3 && load != 0) {
				try_single(size, false, 2, 1u << size);
			}
			if (size < 2 && load != 0) {
				try_single(size, false, 3, 1u << size);
			}
		}
		try_single(0, true, 2 + load, 16);
	}
}
