// SPDX-License-Identifier: Apache-2.0
/*
 * Replays every NAME.txt of a folder against the driver and compares the output
 * with NAME.expect.
 *
 *	replay FOLDER [--ignore-times]	compare; exit status 1 on any difference
 *	replay --run NAME.txt		print the output of one script
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

/* A text: with a NUL in it, what follows that would not be compared. */
static bool file_read(const char *path, struct text *text)
{
	bool is_text = true;

	FILE *file = fopen(path, "rb");
	char buffer[4096];
	size_t got;

	if (file == NULL) {
		return false;
	}
	text_add(text, "%s", "");
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0) {
		is_text = is_text && memchr(buffer, '\0', got) == NULL;
		text_add(text, "%.*s", (int)got, buffer);
	}
	fclose(file);
	return is_text;
}

/* Replace the digits that follow @key, if the line holds it at @at. */
static char *blank_after(char *at, const char *key, char *to)
{
	size_t length = strlen(key);
	size_t digits;

	if (strncmp(at, key, length) != 0) {
		return NULL;
	}
	digits = strspn(at + length, "0123456789");
	if (digits == 0) {
		return NULL;
	}
	/* The two may overlap, or be the same. */
	memmove(to, at, length);
	to[length] = '#';
	return at + length + digits;
}

/* The numbers of advance, timer, expire, now= and timer= become '#'. */
static void blank_times(char *text)
{
	static const char *const starts[] = { "> advance ", "timer ", "expire ",
					      "state now=" };
	char *to = text;

	while (*text != '\0') {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(starts); i++) {
			char *rest = blank_after(text, starts[i], to);

			if (rest != NULL) {
				to += strlen(starts[i]) + 1;
				text = rest;
				break;
			}
		}
		while (*text != '\0' && *text != '\n') {
			char *rest = i == 3 ? blank_after(text, " timer=", to) :
					      NULL;

			if (rest != NULL) {
				to += strlen(" timer=") + 1;
				text = rest;
			} else {
				*to++ = *text++;
			}
		}
		if (*text == '\n') {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

static int line_length(const char *line)
{
	return (int)strcspn(line, "\n");
}

/* What a line lacks that is not to be seen. */
static const char *line_lacks(const char *line)
{
	if (*line == '\0') {
		return " (the end)";
	}
	return line[line_length(line)] == '\0' ? " (without a newline)" : "";
}

/* Prints where the two texts part; false if they do. */
static bool compare(const char *name, const char *expected, const char *got)
{
	unsigned int line = 1;

	while (*expected != '\0' || *got != '\0') {
		int length = line_length(expected);
		bool same_end = expected[length] == got[line_length(got)];

		if (length != line_length(got) || !same_end ||
		    memcmp(expected, got, (size_t)length) != 0) {
			printf("%s: line %u: expected \"%.*s\"%s, got "
			       "\"%.*s\"%s\n",
			       name, line, length, expected,
			       line_lacks(expected), line_length(got), got,
			       line_lacks(got));
			return false;
		}
		expected += length;
		got += length;
		if (*expected == '\n') {
			expected++;
			got++;
		}
		line++;
	}
	return true;
}

static bool replay(const char *folder, const char *name, bool ignore_times)
{
	struct text path = { 0 };
	struct text script = { 0 };
	struct text expected = { 0 };
	struct script_error error;
	struct world world;
	const char *mistake;
	bool passed = false;

	world_init(&world);
	text_add(&path, "%s/%s.txt", folder, name);
	if (!file_read(path.bytes, &script)) {
		printf("%s: cannot be read as text\n", path.bytes);
		goto out;
	}
	path.size = 0;
	text_add(&path, "%s/%s.expect", folder, name);
	if (!file_read(path.bytes, &expected)) {
		printf("%s: cannot be read as text\n", path.bytes);
		goto out;
	}
	if (script_run(&world, script.bytes, &error) != 0) {
		printf("%s: script line %u: %s\n", name, error.line,
		       error.text);
		goto out;
	}
	if (ignore_times) {
		blank_times(expected.bytes);
		blank_times(world.out.bytes);
	}
	passed = compare(name, expected.bytes, world.out.bytes);
	mistake = world_finish(&world);
	if (mistake != NULL) {
		printf("%s: %s\n", name, mistake);
		passed = false;
	}
out:
	text_free(&path);
	text_free(&script);
	text_free(&expected);
	world_free(&world);
	return passed;
}

static int is_script(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && strcmp(entry->d_name + length - 4, ".txt") == 0;
}

static int replay_folder(const char *folder, bool ignore_times)
{
	struct dirent **entries = NULL;
	unsigned int passed = 0;
	unsigned int failed = 0;
	int count = scandir(folder, &entries, is_script, alphasort);
	int i;

	if (count <= 0) {
		printf("%s: no trace (NAME.txt) there\n", folder);
	}
	for (i = 0; i < count; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - 4] = '\0';
		if (replay(folder, name, ignore_times)) {
			passed++;
		} else {
			failed++;
		}
		free(entries[i]);
	}
	free(entries);
	printf("%u passed, %u failed\n", passed, failed);
	return passed != 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_one(const char *path)
{
	struct text script = { 0 };
	struct script_error error;
	struct world world;
	const char *mistake;
	int ret;

	if (!file_read(path, &script)) {
		fprintf(stderr, "%s: cannot be read as text\n", path);
		return EXIT_FAILURE;
	}
	world_init(&world);
	ret = script_run(&world, script.bytes, &error);
	fputs(world.out.bytes, stdout);
	if (ret != 0) {
		fprintf(stderr, "%s: line %u: %s\n", path, error.line,
			error.text);
	}
	mistake = world_finish(&world);
	if (mistake != NULL) {
		fprintf(stderr, "%s: %s\n", path, mistake);
		ret = -HYP_EINVAL;
	}
	text_free(&script);
	world_free(&world);
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--run") == 0) {
		return run_one(argv[2]);
	}
	if (argc == 2) {
		return replay_folder(argv[1], false);
	}
	if (argc == 3 && strcmp(argv[2], "--ignore-times") == 0) {
		return replay_folder(argv[1], true);
	}
	fprintf(stderr, "usage: %s FOLDER [--ignore-times] | --run NAME.txt\n",
		argv[0]);
	return EXIT_FAILURE;
}
