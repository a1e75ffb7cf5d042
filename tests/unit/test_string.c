// SPDX-License-Identifier: Apache-2.0
/* Our bytes and strings against the host's, on random input in exact blocks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

/* tests.mk gives ours these names in the host's build. */
void *hyp_memcpy(void *restrict to, const void *restrict from, size_t size);
void *hyp_memmove(void *to, const void *from, size_t size);
void *hyp_memset(void *to, int value, size_t size);
int hyp_memcmp(const void *a, const void *b, size_t size);
void *hyp_memchr(const void *bytes, int value, size_t size);
size_t hyp_strlen(const char *text);
size_t hyp_strnlen(const char *text, size_t max);
int hyp_strcmp(const char *a, const char *b);
int hyp_strncmp(const char *a, const char *b, size_t max);
char *hyp_strchr(const char *text, int character);
char *hyp_strrchr(const char *text, int character);

#define ROUNDS 20000
#define SIZE_MAX_TESTED 100
#define SEED UINT64_C(0x9e3779b97f4a7c15)

static uint64_t random_state;

/* xorshift64: the same numbers every time */
static unsigned int random_below(unsigned int bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 32) % bound;
}

static int setup(void **state)
{
	(void)state;
	random_state = SEED;
	return 0;
}

/*
 * A block that begins @skew bytes past malloc()'s alignment and ends where the
 * sanitizer watches: one byte too many is a failure.
 */
struct block {
	unsigned char *whole;
	unsigned char *bytes;
	size_t size;
};

static struct block block_make(size_t size, unsigned int skew)
{
	struct block block = { malloc(size + skew), NULL, size };

	assert_non_null(block.whole);
	block.bytes = block.whole + skew;
	return block;
}

static void fill(unsigned char *bytes, size_t size, unsigned int values)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] = (unsigned char)random_below(values);
	}
}

static struct block block_random(size_t size, unsigned int values)
{
	struct block block = block_make(size, random_below(16) + (size == 0));

	fill(block.bytes, size, values);
	return block;
}

/* Few letters, so that much is equal; no NUL but the last. */
static char *text_random(void)
{
	size_t length = random_below(SIZE_MAX_TESTED);
	char *text = malloc(length + 1);

	assert_non_null(text);
	for (size_t i = 0; i < length; i++) {
		/* above 127 too: as unsigned char they are the larger */
		text[i] = (char)("ab\xff\x80"[random_below(4)]);
	}
	text[length] = '\0';
	return text;
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void test_memcpy(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		size_t size = random_below(SIZE_MAX_TESTED);
		struct block from = block_random(size, 256);
		struct block to = block_random(size, 256);

		assert_ptr_equal(hyp_memcpy(to.bytes, from.bytes, size),
				 to.bytes);
		assert_memory_equal(to.bytes, from.bytes, size);
		free(from.whole);
		free(to.whole);
	}
}

static void test_memmove(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct block ours = block_random(SIZE_MAX_TESTED, 256);
		unsigned char theirs[SIZE_MAX_TESTED];
		size_t size = random_below(SIZE_MAX_TESTED);
		unsigned int from = random_below(SIZE_MAX_TESTED - size + 1);
		unsigned int to = random_below(SIZE_MAX_TESTED - size + 1);

		memcpy(theirs, ours.bytes, sizeof(theirs));
		memmove(theirs + to, theirs + from, size);
		assert_ptr_equal(hyp_memmove(ours.bytes + to, ours.bytes + from,
					     size),
				 ours.bytes + to);
		assert_memory_equal(ours.bytes, theirs, sizeof(theirs));
		free(ours.whole);
	}
}

static void test_memset(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct block ours = block_random(SIZE_MAX_TESTED, 256);
		unsigned char theirs[SIZE_MAX_TESTED];
		size_t size = random_below(SIZE_MAX_TESTED);
		unsigned int at = random_below(SIZE_MAX_TESTED - size + 1);
		int value = (int)random_below(1024) - 512;

		memcpy(theirs, ours.bytes, sizeof(theirs));
		memset(theirs + at, value, size);
		assert_ptr_equal(hyp_memset(ours.bytes + at, value, size),
				 ours.bytes + at);
		assert_memory_equal(ours.bytes, theirs, sizeof(theirs));
		free(ours.whole);
	}
}

static void test_memcmp(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		size_t size = random_below(SIZE_MAX_TESTED);
		struct block a = block_random(size, 256);
		struct block b = block_random(size, 256);

		if (size != 0 && random_below(4) != 0) {
			/* equal, or unequal in one byte */
			memcpy(b.bytes, a.bytes, size);
			b.bytes[random_below((unsigned int)size)] ^=
				(unsigned char)random_below(3);
		}
		assert_int_equal(sign(hyp_memcmp(a.bytes, b.bytes, size)),
				 sign(memcmp(a.bytes, b.bytes, size)));
		free(a.whole);
		free(b.whole);
	}
}

static void test_memchr(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct block block =
			block_random(random_below(SIZE_MAX_TESTED), 256);
		int value = (int)random_below(256) + 256 * (i & 1);

		assert_ptr_equal(hyp_memchr(block.bytes, value, block.size),
				 memchr(block.bytes, value, block.size));
		free(block.whole);
	}
}

static void test_lengths(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char *text = text_random();
		size_t max = random_below(2 * SIZE_MAX_TESTED);

		assert_int_equal(hyp_strlen(text), strlen(text));
		assert_int_equal(hyp_strnlen(text, max), strnlen(text, max));
		free(text);
	}
}

/* What is not terminated may be read up to the limit and no further. */
static void test_limits(void **state)
{
	(void)state;
	for (size_t size = 0; size < SIZE_MAX_TESTED; size++) {
		struct block a = block_make(size, 1);
		struct block b = block_make(size, 1);

		memset(a.bytes, 'x', size);
		memset(b.bytes, 'x', size);
		assert_int_equal(hyp_strnlen((char *)a.bytes, size), size);
		assert_int_equal(
			hyp_strncmp((char *)a.bytes, (char *)b.bytes, size), 0);
		free(a.whole);
		free(b.whole);
	}
}

static void test_comparisons(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char *a = text_random();
		char *b = random_below(3) != 0 ? text_random() : strdup(a);
		size_t max = random_below(2 * SIZE_MAX_TESTED);

		assert_int_equal(sign(hyp_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(hyp_strncmp(a, b, max)),
				 sign(strncmp(a, b, max)));
		free(a);
		free(b);
	}
}

static void test_searches(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char *text = text_random();
		int character = "ab\xff\x80?"[random_below(6)];

		/* the NUL counts as a part of the text */
		assert_ptr_equal(hyp_strchr(text, character),
				 strchr(text, character));
		assert_ptr_equal(hyp_strrchr(text, character),
				 strrchr(text, character));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memcpy),
		cmocka_unit_test(test_memmove),
		cmocka_unit_test(test_memset),
		cmocka_unit_test(test_memcmp),
		cmocka_unit_test(test_memchr),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_searches),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
