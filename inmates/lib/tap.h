/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that report in TAP: a plan, then "ok" or "not ok" for each, with what was wrong
 * in lines that begin with "#". tests/system/tap.py reads it.
 */
#ifndef INMATES_LIB_TAP_H
#define INMATES_LIB_TAP_H

#include <hyp/compiler.h>

/** struct tap_test - one test; it has failed if any of its checks has */
struct tap_test {
	const char *name; /* printed; a few words */
	void (*run)(void);
};

/**
 * tap_run() - print the plan, run all tests in order
 *
 * Return: the exit status for main(), 0 if none has failed.
 */
int tap_run(const struct tap_test *tests, unsigned int count);

/**
 * tap_check() - note a fact
 * @is_so: what it should be
 * @what: the claim, printed where it is false
 *
 * On the CPU that runs tap_run(). The first few failures of a test are printed.
 *
 * Return: @is_so.
 */
bool tap_check(bool is_so, const char *what, ...) PRINTF_FORMAT(2, 3);

/**
 * tap_equal() - note that a value is the expected one
 *
 * Return: whether it is.
 */
bool tap_equal(uint64_t value, uint64_t expected, const char *what, ...)
	PRINTF_FORMAT(3, 4);

/** tap_note() - a line for the reader */
void tap_note(const char *what, ...) PRINTF_FORMAT(1, 2);

#endif /* INMATES_LIB_TAP_H */
