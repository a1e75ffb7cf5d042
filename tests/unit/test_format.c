// SPDX-License-Identifier: Apache-2.0
/* Our formatted text against the host's, on random fields and in exact buffers. */
#include <hyp/message.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define ROUNDS 20000
#define SEED UINT64_C(0x2545f4914f6cdd1d)
#define BUFFER_SIZE 128

static uint64_t random_state;

/* xorshift64: the same numbers every time */
static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned int random_below(unsigned int bound)
{
	return (unsigned int)(random_number() >> 32) % bound;
}

static int setup(void **state)
{
	(void)state;
	random_state = SEED;
	return 0;
}

/* Numbers of all lengths: most random ones are long. */
static uint64_t random_value(void)
{
	return random_number() >> random_below(64);
}

/* Both print into a block of exactly @size bytes, which the sanitizer watches. */
static void assert_same(size_t size, const char *format, ...)
	PRINTF_FORMAT(2, 3);

static void assert_same(size_t size, const char *format, ...)
{
	char *ours = malloc(size != 0 ? size : 1);
	char *theirs = malloc(size != 0 ? size : 1);
	va_list args;
	size_t our_length;
	int their_length;

	assert_non_null(ours);
	assert_non_null(theirs);
	ours[0] = theirs[0] = '?';
	va_start(args, format);
	our_length =
		text_format_va(size != 0 ? ours : NULL, size, format, args);
	va_end(args);
	va_start(args, format);
	their_length = vsnprintf(theirs, size, format, args);
	va_end(args);
	if (our_length != (size_t)their_length ||
	    (size != 0 && strcmp(ours, theirs) != 0)) {
		fail_msg("\"%s\" in %zu bytes: \"%s\" (%zu), not \"%s\" (%d)",
			 format, size, ours, our_length, theirs, their_length);
	}
	free(ours);
	free(theirs);
}

/* "%" flags width, without the conversion. */
static void random_field(char *field, const char *flags)
{
	char width[16] = "";

	if (random_below(2) != 0) {
		snprintf(width, sizeof(width), "%u", 1 + random_below(30));
	}
	sprintf(field, "%%%s%s", flags, width);
}

/*
 * Format is no literal here, so that the compiler does not warn of flags that
 * contradict each other.
 */
static void test_numbers(void **state)
{
	static const char *const flags[] = { "", "-", "0", "-0", "0-" };
	static const char conversions[] = "diuxX";

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char format[64];
		char *end;
		uint64_t value = random_value();
		size_t size = random_below(BUFFER_SIZE);

		if (random_below(2) != 0) {
			value = 0 - value;
		}
		strcpy(format, "a");
		random_field(format + 1, flags[random_below(5)]);
		end = format + strlen(format);
		switch (random_below(4)) {
		case 0:
			sprintf(end, "%cz", conversions[random_below(5)]);
			assert_same(size, format, (int)value);
			break;
		case 1:
			sprintf(end, "l%cz", conversions[random_below(5)]);
			assert_same(size, format, (long)value);
			break;
		case 2:
			sprintf(end, "ll%cz", conversions[random_below(5)]);
			assert_same(size, format, (long long)value);
			break;
		default:
			sprintf(end, "z%cz", conversions[random_below(5)]);
			assert_same(size, format, (size_t)value);
			break;
		}
	}
}

static void test_extremes(void **state)
{
	(void)state;
	assert_same(BUFFER_SIZE, "%d %d %d", INT32_MIN, INT32_MAX, 0);
	assert_same(BUFFER_SIZE, "%ld %ld", INT64_MIN, INT64_MAX);
	assert_same(BUFFER_SIZE, "%u %x %X", UINT32_MAX, UINT32_MAX,
		    UINT32_MAX);
	assert_same(BUFFER_SIZE, "%lu %lx %lX", UINT64_MAX, UINT64_MAX,
		    UINT64_MAX);
	assert_same(BUFFER_SIZE, "%025ld|%-25ld|%25ld", INT64_MIN, INT64_MIN,
		    INT64_MIN);
	assert_same(BUFFER_SIZE, "%01d|%01d|%02d|%03d", -7, 7, -7, -7);
}

static void test_strings(void **state)
{
	static const char *const flags[] = { "", "-" };

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		char format[64];
		char text[41] = "";

		for (unsigned int j = random_below(41); j-- != 0;) {
			text[j] = (char)('a' + j % 26);
		}
		strcpy(format, "<");
		random_field(format + 1, flags[random_below(2)]);
		if (random_below(2) != 0) {
			sprintf(format + strlen(format), ".%u",
				random_below(50));
		}
		strcat(format, "s>");
		assert_same(random_below(BUFFER_SIZE), format, text);
	}
}

/* A precision is a promise that no more is read: no NUL need follow. */
static void test_precision_bounds_the_string(void **state)
{
	(void)state;
	for (size_t size = 1; size < 32; size++) {
		char *text = malloc(size);
		char format[16];

		memset(text, 'x', size);
		sprintf(format, "%%.%zus", size);
		assert_same(BUFFER_SIZE, format, text);
		free(text);
	}
}

static void test_rest(void **state)
{
	const char *volatile nothing = NULL; /* no warning of "%s" */
	char text[BUFFER_SIZE];

	(void)state;
	assert_same(BUFFER_SIZE, "plain");
	assert_same(BUFFER_SIZE, "%s", "");
	assert_same(BUFFER_SIZE, "100%%, %c%c", 'o', 'k');
	assert_same(BUFFER_SIZE, "%p", (void *)(uintptr_t)0x12345678);
	/* Where the host's own answer differs from system to system: */
	assert_int_equal(text_format(text, sizeof(text), "%p", (void *)0), 3);
	assert_string_equal(text, "0x0");
	text_format(text, sizeof(text), "%s", nothing);
	assert_string_equal(text, "(null)");
}

/* A mistake in a format may look odd but reads nothing past its end. */
static void test_bad_formats(void **state)
{
	static const char *const formats[] = { "%",   "a%-", "a%08",
					       "a%l", "a%.", "a%.3" };
	char text[BUFFER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *format = strdup(formats[i]);

		text_format(text, sizeof(text), format, 1);
		assert_string_equal(text, formats[i][0] == 'a' ? "a" : "");
		free(format);
	}
}

static void test_size_0_and_1(void **state)
{
	char text[] = "keep";

	(void)state;
	assert_int_equal(text_format(NULL, 0, "%u bytes", 12u), 8);
	assert_int_equal(text_format(text, 0, "%u bytes", 12u), 8);
	assert_string_equal(text, "keep");
	assert_int_equal(text_format(text, 1, "%u bytes", 12u), 8);
	assert_string_equal(text, "");
}

static void test_message(void **state)
{
	struct message message;
	char longer[2 * MESSAGE_SIZE];

	(void)state;
	assert_int_equal(message_set(&message, -22, "%s: %u", "cell", 7u), -22);
	assert_string_equal(message.text, "cell: 7");
	assert_int_equal(message_set(NULL, -5, "%s", "nobody reads it"), -5);
	memset(longer, 'y', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(message_set(&message, 0, "%s", longer), 0);
	assert_int_equal(strlen(message.text), MESSAGE_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_precision_bounds_the_string),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_bad_formats),
		cmocka_unit_test(test_size_0_and_1),
		cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
