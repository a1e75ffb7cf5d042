// SPDX-License-Identifier: Apache-2.0
/* Compiles device trees for tests with the tools that the build uses. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dts.h"

void *dts_run(const char *command, size_t *size)
{
	FILE *pipe = popen(command, "r");
	char *bytes = malloc(1 << 20);
	char *exact;

	assert_non_null(pipe);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 20, pipe);
	if (pclose(pipe) != 0) {
		fail_msg("failed: %s", command);
	}
	exact = malloc(*size + (*size == 0));
	assert_non_null(exact);
	memcpy(exact, bytes, *size);
	free(bytes);
	return exact;
}

void *dts_compile_file(const char *path, size_t *size)
{
	char command[512];
	int length = snprintf(command, sizeof(command),
			      "cpp -nostdinc -undef -x assembler-with-cpp "
			      "-I" DTS_FOLDER " '%s' | dtc -q -I dts -O dtb",
			      path);

	assert_in_range(length, 1, sizeof(command) - 1);
	return dts_run(command, size);
}

char *dts_write(const void *bytes, size_t size)
{
	const char *folder = getenv("TMPDIR");
	char name[256];
	int file;

	snprintf(name, sizeof(name), "%s/bulkhead-XXXXXX",
		 folder != NULL ? folder : "/tmp");
	file = mkstemp(name);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, size), size);
	close(file);
	return strdup(name);
}

void *dts_compile_text(const char *text, size_t *size)
{
	char *path = dts_write(text, strlen(text));
	void *blob = dts_compile_file(path, size);

	remove(path);
	free(path);
	return blob;
}
