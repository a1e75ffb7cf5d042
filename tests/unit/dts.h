/* SPDX-License-Identifier: Apache-2.0 */
/* Device trees for tests, compiled from source as the build does. */
#ifndef UNIT_DTS_H
#define UNIT_DTS_H

#include <stddef.h>
#include <stdint.h>

/* The tests run in the tree's root. */
#define DTS_FOLDER "tests/config"

/**
 * dts_compile_file() - run cpp and dtc on a file
 * @size: of the result, bytes
 *
 * Fails the test when they do. Return: an allocation of exactly @size bytes, so
 * that a sanitizer sees a read past the end.
 */
void *dts_compile_file(const char *path, size_t *size);

/** dts_compile_text() - the same of text, with DTS_FOLDER to include from */
void *dts_compile_text(const char *text, size_t *size);

/** dts_run() - the output of a shell command, which must not fail */
void *dts_run(const char *command, size_t *size);

/** dts_write() - a file with these bytes; its path, to free and remove */
char *dts_write(const void *bytes, size_t size);

#endif /* UNIT_DTS_H */
