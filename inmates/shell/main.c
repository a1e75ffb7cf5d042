// SPDX-License-Identifier: Apache-2.0
// The root cell's program: the commands that manage cells, on the console.

#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "hypercall.h"
#include "line_edit.h"
#include "report.h"
#include "runtime.h"
#include "trace.h"

#define WORDS_MAX 6
#define PROMPT "bulkhead> "

/** struct words - a command, split */
struct words {
	char *word[WORDS_MAX];
	unsigned int count;
};

/** struct verb - what may follow "cell" */
struct verb {
	const char *name;
	const char *meaning;
	void (*run)(unsigned int cell, const char *name, bool is_forced);
	bool takes_force;
};

static void run_create(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	(void)cell_do(cell, name, BH_OP_CREATE, 0);
}

static void run_load(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	(void)cell_do(cell, name, BH_OP_LOAD, 0);
}

static void run_start(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	(void)cell_do(cell, name, BH_OP_START, 0);
}

static void run_shutdown(unsigned int cell, const char *name, bool is_forced)
{
	(void)cell_do(cell, name, BH_OP_SHUTDOWN, is_forced ? BH_OP_FORCE : 0);
}

static void run_destroy(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	(void)cell_do(cell, name, BH_OP_DESTROY, 0);
}

static void run_restart(unsigned int cell, const char *name, bool is_forced)
{
	(void)cell_do(cell, name, BH_OP_RESTART, is_forced ? BH_OP_FORCE : 0);
}

static void run_stats(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	report_stats(cell, name);
}

static void run_devices(unsigned int cell, const char *name, bool is_forced)
{
	(void)is_forced;
	report_devices(cell, name);
}

static const struct verb verbs[] = {
	{ "create", "take its CPUs, memory and devices", run_create, false },
	{ "load", "copy its image, after checking the hash", run_load, false },
	{ "start", "run it from its entry", run_start, false },
	{ "shutdown", "stop it; --force does not ask it", run_shutdown, true },
	{ "restart", "shutdown, load and start in one", run_restart, true },
	{ "destroy", "give back all that it owns", run_destroy, false },
	{ "stats", "count its exits to EL2, by reason", run_stats, false },
	{ "devices", "show its devices, their irqs and regions", run_devices,
	  false },
};

static void print_help(void)
{
	printf("  %-30s this list\n", "help");
	printf("  %-30s of the hypervisor and its calls\n", "version");
	printf("  %-30s every cell and its state\n", "cell list");
	for (unsigned int i = 0; i < ARRAY_SIZE(verbs); i++) {
		char usage[40];

		snprintf(usage, sizeof(usage), "cell %s %sNAME", verbs[i].name,
			 verbs[i].takes_force ? "[--force] " : "");
		printf("  %-30s %s\n", usage, verbs[i].meaning);
	}
	printf("  %-30s what was done for devices since last time\n", "trace");
	printf("  %-30s record it; costs time while it is on\n",
	       "trace on|off");
	printf("  %-30s forget it; put a number into it\n",
	       "trace clear|mark NUMBER");
	printf("  keys: backspace, Ctrl-U and Ctrl-C clear, "
	       "up and down for earlier lines\n");
}

static void print_version(void)
{
	struct hypercall call = { { 0 } };
	const int64_t version = hypercall(BH_VERSION, &call);

	if (version < 0) {
		printf("error: the hypervisor does not say its version\n");
		return;
	}
	printf("Bulkhead, hypercall ABI %u.%u; this shell knows %u.%u\n",
	       (unsigned int)(version >> 16), (unsigned int)(version & 0xffff),
	       BH_ABI_MAJOR, BH_ABI_MINOR);
	if (version >> 16 != BH_ABI_MAJOR) {
		printf("warning: the two differ, commands may fail\n");
	}
}

static void run_verb(const struct verb *verb, const struct words *words)
{
	const char *name = NULL;
	bool is_forced = false;

	for (unsigned int i = 2; i < words->count; i++) {
		if (verb->takes_force &&
		    strcmp(words->word[i], "--force") == 0) {
			is_forced = true;
		} else if (words->word[i][0] == '-') {
			printf("error: \"cell %s\" knows no option \"%s\"\n",
			       verb->name, words->word[i]);
			return;
		} else if (name == NULL) {
			name = words->word[i];
		} else {
			printf("error: \"cell %s\" takes one name, not also "
			       "\"%s\"\n",
			       verb->name, words->word[i]);
			return;
		}
	}
	if (name == NULL) {
		printf("error: \"cell %s\" needs the name of a cell; "
		       "\"cell list\" shows them\n",
		       verb->name);
		return;
	}

	const int cell = cell_find(name);

	if (cell >= 0) {
		verb->run((unsigned int)cell, name, is_forced);
	}
}

static void run_cell(const struct words *words)
{
	if (words->count == 1) {
		printf("error: \"cell\" needs a command, as in \"cell list\"; "
		       "\"help\" shows them\n");
		return;
	}
	if (strcmp(words->word[1], "list") == 0) {
		report_list();
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(words->word[1], verbs[i].name) == 0) {
			run_verb(&verbs[i], words);
			return;
		}
	}
	printf("error: unknown command \"cell %s\"; \"help\" shows them\n",
	       words->word[1]);
}

static void run(const struct words *words)
{
	if (words->count == 0) {
		return;
	}
	if (strcmp(words->word[0], "help") == 0) {
		print_help();
	} else if (!runtime_is_cell()) {
		printf("error: no hypervisor runs below this shell\n");
	} else if (strcmp(words->word[0], "cell") == 0) {
		run_cell(words);
	} else if (strcmp(words->word[0], "trace") == 0) {
		trace_command(&words->word[1], words->count - 1);
	} else if (strcmp(words->word[0], "version") == 0) {
		print_version();
	} else {
		printf("error: unknown command \"%s\"; \"help\" shows them\n",
		       words->word[0]);
	}
}

/* Return: whether all words found a place. */
static bool split(char *line, struct words *words)
{
	static const char blanks[] = " \t";

	words->count = 0;
	for (line += strspn(line, blanks); *line != '\0';
	     line += strspn(line, blanks)) {
		if (words->count == WORDS_MAX) {
			return false;
		}
		words->word[words->count] = line;
		words->count++;
		line += strcspn(line, blanks);
		if (*line != '\0') {
			*line = '\0';
			line++;
		}
	}
	return true;
}

int main(void)
{
	struct hypercall raw = { { BH_CONSOLE_RAW } };
	char line[LINE_SIZE];

	if (!runtime_is_cell()) {
		printf("shell: no hypervisor runs below this shell\n");
	} else if (hypercall(BH_CONSOLE_MODE, &raw) != 0) {
		printf("shell: this cell may not manage cells: its config has "
		       "no \"management;\"\n");
	}
	printf("Bulkhead shell in cell \"%s\"; \"help\" shows the commands\n",
	       devtree_cell_name());
	for (;;) {
		struct words words;

		line_edit_read(PROMPT, line);
		if (split(line, &words)) {
			run(&words);
		} else {
			printf("error: a command has at most %d words\n",
			       WORDS_MAX);
		}
		fflush(stdout);
	}
}
