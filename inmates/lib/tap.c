// SPDX-License-Identifier: Apache-2.0
// Tests that report in TAP.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

#define TOLD_MAX 8 /* failures of one test that are printed */

static unsigned int failed_checks;
static unsigned int failed_tests;

static bool failure(void)
{
	failed_checks++;
	return failed_checks <= TOLD_MAX;
}

bool tap_check(bool is_so, const char *what, ...)
{
	va_list arguments;

	if (!is_so && failure()) {
		va_start(arguments, what);
		printf("# false: ");
		vprintf(what, arguments);
		printf("\n");
		va_end(arguments);
	}
	return is_so;
}

bool tap_equal(uint64_t value, uint64_t expected, const char *what, ...)
{
	va_list arguments;

	if (value != expected && failure()) {
		va_start(arguments, what);
		printf("# ");
		vprintf(what, arguments);
		printf(": 0x%llx, expected 0x%llx\n", (unsigned long long)value,
		       (unsigned long long)expected);
		va_end(arguments);
	}
	return value == expected;
}

void tap_note(const char *what, ...)
{
	va_list arguments;

	va_start(arguments, what);
	printf("# ");
	vprintf(what, arguments);
	printf("\n");
	va_end(arguments);
}

int tap_run(const struct tap_test *tests, unsigned int count)
{
	printf("1..%u\n", count);
	for (unsigned int i = 0; i < count; i++) {
		failed_checks = 0;
		tests[i].run();
		if (failed_checks > TOLD_MAX) {
			printf("# %u further failures\n",
			       failed_checks - TOLD_MAX);
		}
		printf("%s %u - %s\n", failed_checks == 0 ? "ok" : "not ok",
		       i + 1, tests[i].name);
		failed_tests += failed_checks == 0 ? 0 : 1;
	}
	fflush(stdout);
	return failed_tests == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
