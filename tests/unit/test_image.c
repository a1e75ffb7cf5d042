// SPDX-License-Identifier: Apache-2.0
/* What a cell can be loaded with: Image, ELF, raw bytes, and what is none. */
#include <hyp/errno.h>
#include <hyp/image.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const ipa_t memory = { 0x60000000 };
static struct image_plan plan;
static struct message message;

static void store(unsigned char *bytes, uint64_t value, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++) {
		bytes[i] = (unsigned char)(value >> 8 * i);
	}
}

/* On the heap and of its exact size, so that a read past the end is seen. */
static int make(const unsigned char *bytes, size_t size, bool raw)
{
	void *copy = malloc(size);
	struct bundle_image image = { "it", 0, copy, size };
	int ret;

	memcpy(copy, bytes, size);
	ret = image_plan_make(&plan, &image, "c", memory, raw, ipa(0x1234000),
			      &message);
	free(copy);
	return ret;
}

static void test_arm64_image(void **state)
{
	unsigned char bytes[80] = { 0 };

	(void)state;
	store(bytes + 8, 0x80000, 8);
	store(bytes + 16, 0x20000, 8);
	memcpy(bytes + 56, "ARM\x64", 4);
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	assert_int_equal(plan.part_count, 1);
	assert_int_equal(plan.entry.raw, 0x60080000);
	assert_int_equal(plan.part[0].file_size, 80);
	assert_int_equal(plan.part[0].memory_size, 0x20000);
	/* An image_size below the file's own is not believed. */
	store(bytes + 16, 4, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	assert_int_equal(plan.part[0].memory_size, 80);
	/* One byte short of a header it is no Image. */
	assert_int_equal(make(bytes, 63, false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "neither an arm64 Image nor"));
}

/* What the header can be wrong in, and what it says before Linux 3.17. */
static void test_arm64_image_odd(void **state)
{
	unsigned char bytes[80] = { 0 };

	(void)state;
	memcpy(bytes + 56, "ARM\x64", 4);
	store(bytes + 8, 0x1234, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	assert_int_equal(plan.entry.raw, 0x60080000);
	assert_int_equal(plan.part[0].memory_size, 80);
	store(bytes + 16, 0x20000, 8);
	store(bytes + 24, 0xa, 8); /* little-endian, 4 KiB, anywhere */
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	assert_int_equal(plan.entry.raw, 0x60001234);
	store(bytes + 24, 0xb, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "is big-endian"));
	store(bytes + 24, 0, 8);
	store(bytes + 8, UINT64_MAX - 0x60000000 + 2, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "past any memory"));
}

/* Cut short anywhere: refused, or what is left is whole. Never a byte past the end. */
static void test_cut_short(void **state)
{
	unsigned char bytes[64 + 56 * 2 + 16] = { 0 };

	(void)state;
	memcpy(bytes, "\177ELF\2\1\1", 7);
	store(bytes + 16, 2, 2);
	store(bytes + 18, 183, 2);
	store(bytes + 24, 0x60001000, 8);
	store(bytes + 32, 64, 8);
	store(bytes + 54, 56, 2);
	store(bytes + 56, 2, 2);
	for (unsigned int i = 0; i < 2; i++) {
		store(bytes + 64 + 56 * i, 1, 4);
		store(bytes + 64 + 56 * i + 8, 64 + 56 * 2 + 8 * i, 8);
		store(bytes + 64 + 56 * i + 24, 0x60001000 + 0x1000 * i, 8);
		store(bytes + 64 + 56 * i + 32, 8, 8);
		store(bytes + 64 + 56 * i + 40, 8, 8);
	}
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	for (size_t size = 1; size < sizeof(bytes); size++) {
		assert_int_equal(make(bytes, size, false), -HYP_EBADMSG);
		assert_non_null(strstr(message.text,
				       size < 4 ? "neither" : "is cut short"));
	}
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + 56, "ARM\x64", 4);
	for (size_t size = 1; size < 64; size++) {
		assert_int_equal(make(bytes, size, false), -HYP_EBADMSG);
		assert_non_null(strstr(message.text, "neither an arm64 Image"));
	}
}

/* 32-bit, or big-endian: it says what is wrong with it. */
static void test_other_elf(void **state)
{
	unsigned char bytes[64] = "\177ELF\1\1\1";

	(void)state;
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "not 64-bit little-endian"));
	bytes[4] = bytes[5] = 2;
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "not 64-bit little-endian"));
}

static void test_raw_bytes(void **state)
{
	unsigned char bytes[3] = { 1, 2, 3 };

	(void)state;
	assert_int_equal(make(bytes, sizeof(bytes), true), 0);
	assert_int_equal(plan.part_count, 1);
	assert_int_equal(plan.entry.raw, 0x1234000);
	assert_int_equal(plan.part[0].memory_size, 3);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
}

static void elf_make(unsigned char *bytes, unsigned int segments)
{
	memcpy(bytes, "\177ELF\2\1\1", 7);
	store(bytes + 16, 2, 2);
	store(bytes + 18, 183, 2);
	store(bytes + 24, 0x60001000, 8);
	store(bytes + 32, 64, 8);
	store(bytes + 54, 56, 2);
	store(bytes + 56, segments, 2);
	for (unsigned int i = 0; i < segments; i++) {
		unsigned char *header = bytes + 64 + 56 * i;

		store(header, 1, 4);
		store(header + 8, 64 + 8 * i, 8);
		store(header + 24, 0x60001000 + 0x1000 * i, 8);
		store(header + 32, 8, 8);
		store(header + 40, 0x20, 8);
	}
}

static void test_elf(void **state)
{
	unsigned char bytes[64 + 56 * 9] = { 0 };

	(void)state;
	elf_make(bytes, 2);
	store(bytes + 64 + 56, 4, 4); /* PT_NOTE: not loaded */
	assert_int_equal(make(bytes, 64 + 56 * 2, false), 0);
	assert_int_equal(plan.part_count, 1);
	assert_int_equal(plan.entry.raw, 0x60001000);
	assert_int_equal(plan.part[0].offset, 64);
	assert_int_equal(plan.part[0].memory_size, 0x20);
	elf_make(bytes, IMAGE_PART_MAX);
	assert_int_equal(make(bytes, sizeof(bytes), false), 0);
	assert_int_equal(plan.part_count, IMAGE_PART_MAX);
	elf_make(bytes, IMAGE_PART_MAX + 1);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_E2BIG);
}

static void test_elf_damaged(void **state)
{
	unsigned char bytes[64 + 56] = { 0 };

	(void)state;
	elf_make(bytes, 0);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "has nothing to load"));
	elf_make(bytes, 1);
	assert_int_equal(make(bytes, sizeof(bytes) - 1, false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "program headers lie outside"));
	store(bytes + 32, UINT64_MAX - 8, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	elf_make(bytes, 1);
	store(bytes + 64 + 8, sizeof(bytes) - 7, 8);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "a segment lies outside"));
	elf_make(bytes, 1);
	store(bytes + 64 + 40, 7, 8); /* p_memsz below p_filesz */
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	elf_make(bytes, 1);
	store(bytes + 18, 62, 2);
	assert_int_equal(make(bytes, sizeof(bytes), false), -HYP_EBADMSG);
	assert_non_null(strstr(message.text, "no program for AArch64"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arm64_image),
		cmocka_unit_test(test_arm64_image_odd),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_other_elf),
		cmocka_unit_test(test_raw_bytes),
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_elf_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
