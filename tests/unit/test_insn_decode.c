// SPDX-License-Identifier: Apache-2.0
/*
 * The decoder of loads and stores against a table of their encodings (DDI 0487, A64
 * "Loads and Stores", each instruction's own page): every row with many values of its
 * fields, and random words, which no row may know if the decoder does not, and the other
 * way round.
 */
#include <hyp/errno.h>
#include <hyp/insn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FILLS 4000
#define RANDOM_WORDS 3000000

enum { NOTHING = 0, VECTOR = 1, SIGNED = 2, WIDE = 4, UNSIGNED_OFFSET = 8 };
enum {
	OFFSET = INSN_INDEX_OFFSET,
	PRE = INSN_INDEX_PRE,
	POST = INSN_INDEX_POST
};

/*
 * Bits 31 to 0; 0 and 1 are fixed. t, n, u, m: Rt, Rn, Rt2, Rm; i: the immediate;
 * a, b: bits 2 and 0 of the extension; s: shift by the width; r: the low bits of the
 * top immediate of a literal.
 */
struct row {
	const char *pattern;
	const char *name;
	unsigned int width;
	bool is_write;
	unsigned int mode;
	unsigned int flags;
};

#define PAIR(size, vector, load, name, width, flags)                     \
	{ size "101" vector "010" load "iiiiiiiuuuuunnnnnttttt",         \
	  name,                                                          \
	  width,                                                         \
	  load[0] == '0',                                                \
	  OFFSET,                                                        \
	  flags },                                                       \
		{ size "101" vector "001" load "iiiiiiiuuuuunnnnnttttt", \
		  name " post",                                          \
		  width,                                                 \
		  load[0] == '0',                                        \
		  POST,                                                  \
		  flags },                                               \
	{                                                                \
		size "101" vector "011" load "iiiiiiiuuuuunnnnnttttt",   \
			name " pre", width, load[0] == '0', PRE, flags   \
	}
#define PAIR_HINT(size, vector, load, name, width, flags)                   \
	PAIR(size, vector, load, name, width, flags),                       \
	{                                                                   \
		size "101" vector "000" load "iiiiiiiuuuuunnnnnttttt",      \
			name " no-allocate", width, load[0] == '0', OFFSET, \
			flags                                               \
	}
#define SINGLE(size, vector, opc, name, width, is_write, flags)        \
	{ size "111" vector "01" opc "iiiiiiiiiiiinnnnnttttt",         \
	  name,                                                        \
	  width,                                                       \
	  is_write,                                                    \
	  OFFSET,                                                      \
	  (flags) | UNSIGNED_OFFSET },                                 \
		{ size "111" vector "00" opc "0iiiiiiiii00nnnnnttttt", \
		  name " unscaled",                                    \
		  width,                                               \
		  is_write,                                            \
		  OFFSET,                                              \
		  flags },                                             \
		{ size "111" vector "00" opc "0iiiiiiiii01nnnnnttttt", \
		  name " post",                                        \
		  width,                                               \
		  is_write,                                            \
		  POST,                                                \
		  flags },                                             \
		{ size "111" vector "00" opc "0iiiiiiiii11nnnnnttttt", \
		  name " pre",                                         \
		  width,                                               \
		  is_write,                                            \
		  PRE,                                                 \
		  flags },                                             \
	{                                                              \
		size "111" vector "00" opc "1mmmmma1bs10nnnnnttttt",   \
			name " index", width, is_write, OFFSET, flags  \
	}
#define GENERAL(size, opc, name, width, is_write, flags)                     \
	SINGLE(size, "0", opc, name, width, is_write, flags),                \
	{                                                                    \
		size "111"                                                   \
		     "0"                                                     \
		     "00" opc "0iiiiiiiii10nnnnnttttt",                      \
			name " unprivileged", width, is_write, OFFSET, flags \
	}
#define LITERAL(size, vector, name, width, flags)                    \
	{                                                            \
		size "011" vector "00iiiiiiiiiiiiiiiiiiittttt",      \
			name " literal", width, false, OFFSET, flags \
	}

static const struct row rows[] = {
	PAIR_HINT("00", "0", "0", "stp w", 4, WIDE),
	PAIR_HINT("00", "0", "1", "ldp w", 4, WIDE),
	PAIR("01", "0", "1", "ldpsw", 4, SIGNED | WIDE),
	PAIR_HINT("10", "0", "0", "stp x", 8, WIDE),
	PAIR_HINT("10", "0", "1", "ldp x", 8, WIDE),
	PAIR_HINT("00", "1", "0", "stp s", 4, VECTOR),
	PAIR_HINT("00", "1", "1", "ldp s", 4, VECTOR),
	PAIR_HINT("01", "1", "0", "stp d", 8, VECTOR),
	PAIR_HINT("01", "1", "1", "ldp d", 8, VECTOR),
	PAIR_HINT("10", "1", "0", "stp q", 16, VECTOR),
	PAIR_HINT("10", "1", "1", "ldp q", 16, VECTOR),
	GENERAL("00", "00", "strb", 1, true, WIDE),
	GENERAL("00", "01", "ldrb", 1, false, WIDE),
	GENERAL("00", "10", "ldrsb x", 1, false, SIGNED | WIDE),
	GENERAL("00", "11", "ldrsb w", 1, false, SIGNED),
	GENERAL("01", "00", "strh", 2, true, WIDE),
	GENERAL("01", "01", "ldrh", 2, false, WIDE),
	GENERAL("01", "10", "ldrsh x", 2, false, SIGNED | WIDE),
	GENERAL("01", "11", "ldrsh w", 2, false, SIGNED),
	GENERAL("10", "00", "str w", 4, true, WIDE),
	GENERAL("10", "01", "ldr w", 4, false, WIDE),
	GENERAL("10", "10", "ldrsw", 4, false, SIGNED | WIDE),
	GENERAL("11", "00", "str x", 8, true, WIDE),
	GENERAL("11", "01", "ldr x", 8, false, WIDE),
	SINGLE("00", "1", "00", "str b", 1, true, VECTOR),
	SINGLE("00", "1", "01", "ldr b", 1, false, VECTOR),
	SINGLE("01", "1", "00", "str h", 2, true, VECTOR),
	SINGLE("01", "1", "01", "ldr h", 2, false, VECTOR),
	SINGLE("10", "1", "00", "str s", 4, true, VECTOR),
	SINGLE("10", "1", "01", "ldr s", 4, false, VECTOR),
	SINGLE("11", "1", "00", "str d", 8, true, VECTOR),
	SINGLE("11", "1", "01", "ldr d", 8, false, VECTOR),
	SINGLE("00", "1", "10", "str q", 16, true, VECTOR),
	SINGLE("00", "1", "11", "ldr q", 16, false, VECTOR),
	LITERAL("00", "0", "ldr w", 4, WIDE),
	LITERAL("01", "0", "ldr x", 8, WIDE),
	LITERAL("10", "0", "ldrsw", 4, SIGNED | WIDE),
	LITERAL("00", "1", "ldr s", 4, VECTOR),
	LITERAL("01", "1", "ldr d", 8, VECTOR),
	LITERAL("10", "1", "ldr q", 16, VECTOR),
};

static uint32_t row_mask[ARRAY_SIZE(rows)];
static uint32_t row_bits[ARRAY_SIZE(rows)];

static int make_masks(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		assert_int_equal(strlen(rows[r].pattern), 32);
		for (unsigned int i = 0; i < 32; i++) {
			char c = rows[r].pattern[i];

			if (c == '0' || c == '1') {
				row_mask[r] |= UINT32_C(1) << (31 - i);
				row_bits[r] |= (uint32_t)(c - '0') << (31 - i);
			}
		}
	}
	return 0;
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*state >> 32);
}

/* The field named @letter of @insn; @size: its bits, 0: the row has none. */
static uint32_t field(const struct row *row, uint32_t insn, char letter,
		      unsigned int *size)
{
	uint32_t value = 0;

	*size = 0;
	for (unsigned int i = 0; i < 32; i++) {
		if (row->pattern[i] == letter) {
			value = value << 1 | (insn >> (31 - i) & 1);
			(*size)++;
		}
	}
	return value;
}

static int64_t expected_offset(const struct row *row, uint32_t insn)
{
	unsigned int size;
	int64_t value = field(row, insn, 'i', &size);

	if (size == 19) {
		return (value - (value >> 18 << 19)) * 4;
	}
	if ((row->flags & UNSIGNED_OFFSET) != 0) {
		return value * row->width;
	}
	if (size != 0) {
		value -= value >> (size - 1) << size;
	}
	return size == 7 ? value * row->width : value;
}

/* CONSTRAINED UNPREDICTABLE ones are refused. */
static bool is_unpredictable(const struct row *row, uint32_t insn)
{
	unsigned int has_second;
	unsigned int ignored;
	uint32_t t = field(row, insn, 't', &ignored);
	uint32_t n = field(row, insn, 'n', &ignored);
	uint32_t u = field(row, insn, 'u', &has_second);

	if (has_second != 0 && !row->is_write && t == u) {
		return true;
	}
	return row->mode != OFFSET && (row->flags & VECTOR) == 0 && n != 31 &&
	       (t == n || (has_second != 0 && u == n));
}

static void check_row(const struct row *row, uint32_t insn)
{
	struct insn_access access;
	unsigned int size;
	uint32_t value;
	int ret = insn_decode(insn, &access);

	if (is_unpredictable(row, insn)) {
		assert_int_equal(ret, -HYP_EINVAL);
		return;
	}
	if (ret != 0) {
		fail_msg("%s: 0x%08x is not known", row->name, insn);
	}
	assert_int_equal(access.width, row->width);
	assert_int_equal(access.is_write, row->is_write);
	assert_int_equal(access.is_vector, (row->flags & VECTOR) != 0);
	if (!access.is_vector && !access.is_write) {
		assert_int_equal(access.sign_extend,
				 (row->flags & SIGNED) != 0);
		if (access.sign_extend) {
			assert_int_equal(access.is_64bit,
					 (row->flags & WIDE) != 0);
		}
	}
	assert_int_equal(access.index_mode, row->mode);
	assert_int_equal(access.target[0], field(row, insn, 't', &size));
	value = field(row, insn, 'u', &size);
	assert_int_equal(access.count, size == 0 ? 1 : 2);
	if (size != 0) {
		assert_int_equal(access.target[1], value);
	}
	value = field(row, insn, 'n', &size);
	assert_int_equal(access.base, size == 0 ? INSN_BASE_PC : value);
	value = field(row, insn, 'm', &size);
	assert_int_equal(access.index, size == 0 ? INSN_NO_INDEX : value);
	if (size == 0) {
		assert_true(access.offset == expected_offset(row, insn));
		assert_true(insn_offset(&access, UINT64_MAX) ==
			    (uint64_t)expected_offset(row, insn));
	}
}

/* What the index gives: by its extension, then its shift. */
static void check_index(const struct row *row, uint32_t insn, uint64_t index)
{
	struct insn_access access;
	unsigned int ignored;
	unsigned int option = field(row, insn, 'a', &ignored) << 2 | 2 |
			      field(row, insn, 'b', &ignored);
	uint64_t expected = index;

	if (field(row, insn, 'm', &ignored), ignored == 0) {
		return;
	}
	assert_int_equal(insn_decode(insn, &access), 0);
	if (option == 2) {
		expected = (uint32_t)index;
	} else if (option == 6) {
		expected = (uint64_t)(int64_t)(int32_t)index;
	}
	if (field(row, insn, 's', &ignored) != 0) {
		expected *= row->width;
	}
	assert_true(insn_offset(&access, index) == expected);
}

static void test_every_form(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		for (unsigned int i = 0; i < FILLS; i++) {
			uint32_t insn = (next_random(&seed) & ~row_mask[r]) |
					row_bits[r];
			uint64_t index = (uint64_t)next_random(&seed) << 32 |
					 next_random(&seed);

			check_row(&rows[r], insn);
			check_index(&rows[r], insn, index);
		}
	}
}

static const struct row *find_row(uint32_t insn)
{
	const struct row *found = NULL;

	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		if ((insn & row_mask[r]) == row_bits[r]) {
			assert_null(found); /* the table contradicts itself */
			found = &rows[r];
		}
	}
	return found;
}

/* Half of them among the loads and stores. */
static void test_random_words(void **state)
{
	uint64_t seed = 2;
	unsigned int known = 0;

	(void)state;
	for (unsigned int i = 0; i < RANDOM_WORDS; i++) {
		uint32_t insn = next_random(&seed);
		struct insn_access access;
		const struct row *row;

		if (i % 2 == 0) {
			insn = (insn & ~UINT32_C(0x0a000000)) | 0x08000000;
		}
		row = find_row(insn);
		if (row != NULL) {
			check_row(row, insn);
			known++;
		} else if (insn_decode(insn, &access) == 0) {
			fail_msg("0x%08x is no row, but is known", insn);
		}
	}
	assert_in_range(known, RANDOM_WORDS / 8, RANDOM_WORDS);
}

/* As an assembler writes them, so that table and decoder cannot be wrong alike. */
static void test_assembled(void **state)
{
	static const struct {
		uint32_t insn;
		int ret;
		unsigned int width, count, base, mode;
		int64_t offset;
	} cases[] = {
		{ 0xa97f0861, 0, 8, 2, 3, OFFSET,
		  -16 },			     /* ldp x1, x2, [x3, -16] */
		{ 0x28c10861, 0, 4, 2, 3, POST, 8 }, /* ldp w1, w2, [x3], 8 */
		{ 0xadbf0be1, 0, 16, 2, 31, PRE,
		  -32 }, /* stp q1, q2, [sp, -32]! */
		{ 0x68c10861, 0, 4, 2, 3, POST, 8 }, /* ldpsw x1, x2, [x3], 8 */
		{ 0xf8408c41, 0, 8, 1, 2, PRE, 8 },  /* ldr x1, [x2, 8]! */
		{ 0x381ff441, 0, 1, 1, 2, POST, -1 },	 /* strb w1, [x2], -1 */
		{ 0x3dc00441, 0, 16, 1, 2, OFFSET, 16 }, /* ldr q1, [x2, 16] */
		{ 0x5c000081, 0, 8, 1, INSN_BASE_PC, OFFSET,
		  16 },					    /* ldr d1, .+16 */
		{ 0xc85f7c41, -HYP_EINVAL, 0, 0, 0, 0, 0 }, /* ldxr x1, [x2] */
		{ 0xf8210041, -HYP_EINVAL, 0, 0, 0, 0,
		  0 }, /* ldadd x1, x1, [x2] */
		{ 0xc8211444, -HYP_EINVAL, 0, 0, 0, 0,
		  0 }, /* stxp w1, x4, ... */
		{ 0xd50b7421, -HYP_EINVAL, 0, 0, 0, 0, 0 }, /* dc zva, x1 */
		{ 0x4c407041, -HYP_EINVAL, 0, 0, 0, 0,
		  0 }, /* ld1 {v1.16b}, [x2] */
		{ 0xf9800041, -HYP_EINVAL, 0, 0, 0, 0, 0 }, /* prfm */
		{ 0xf8200441, -HYP_EINVAL, 0, 0, 0, 0, 0 }, /* ldraa x1, [x2] */
		{ 0xd503201f, -HYP_EINVAL, 0, 0, 0, 0, 0 }, /* nop */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct insn_access access;

		assert_int_equal(insn_decode(cases[i].insn, &access),
				 cases[i].ret);
		if (cases[i].ret == 0) {
			assert_int_equal(access.width, cases[i].width);
			assert_int_equal(access.count, cases[i].count);
			assert_int_equal(access.base, cases[i].base);
			assert_int_equal(access.index_mode, cases[i].mode);
			assert_true(access.offset == cases[i].offset);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form),
		cmocka_unit_test(test_random_words),
		cmocka_unit_test(test_assembled),
	};

	return cmocka_run_group_tests(tests, make_masks, NULL);
}
