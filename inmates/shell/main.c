// SPDX-License-Identifier: Apache-2.0
// The root cell's program: the commands that manage cells, on the console.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hyp/errno.h>

#include "cell.h"
#include "hypercall.h"
#include "line_edit.h"
#include "report.h"
#include "runtime.h"
#include "timer.h"
#include "trace.h"
#include "watch.h"

#define WORDS_MAX 6
#define PROMPT "bulkhead> "
#define CYCLE_LIFE_MS 8

static const char *const pool_words[] = {
	"pages in use",	       "pages left",	 "devices",
	"interrupt records",   "region records", "CPUs of cells",
	"interrupts of cells",
};

/** struct words - a command, split */
struct words {
	char *word[WORDS_MAX];
	unsigned int count;
};

/** struct verb - what may follow "cell" */
struct verb {
	const char *name;
	const char *meaning;
	int (*run)(unsigned int cell, const char *name, bool has_option);
	const char *option; /* the one that it takes, or NULL */
};

static int run_create(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	return cell_do(cell, name, BH_OP_CREATE, 0);
}

static int run_load(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	return cell_do(cell, name, BH_OP_LOAD, 0);
}

static int run_start(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	return cell_do(cell, name, BH_OP_START, 0);
}

static int run_shutdown(unsigned int cell, const char *name, bool is_forced)
{
	return cell_do(cell, name, BH_OP_SHUTDOWN, is_forced ? BH_OP_FORCE : 0);
}

static int run_destroy(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	return cell_do(cell, name, BH_OP_DESTROY, 0);
}

static int run_restart(unsigned int cell, const char *name, bool is_forced)
{
	return cell_do(cell, name, BH_OP_RESTART, is_forced ? BH_OP_FORCE : 0);
}

static int run_stats(unsigned int cell, const char *name, bool is_watching)
{
	report_stats(cell, name);
	if (is_watching) {
		watch_stats(cell, name);
	}
	return 0;
}

static int run_info(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	report_info(cell, name);
	return 0;
}

static int run_devices(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	report_devices(cell, name);
	return 0;
}

static int run_console(unsigned int cell, const char *name, bool has_option)
{
	(void)has_option;
	return cell_focus(cell, name);
}

/* Its whole life, quietly, killed where it happens to be by then. */
static int run_cycle(unsigned int cell, const char *name, bool is_forced)
{
	static unsigned int turn;
	static const enum bh_op ops[] = { BH_OP_CREATE, BH_OP_LOAD, BH_OP_START,
					  BH_OP_SHUTDOWN, BH_OP_DESTROY };
	const unsigned int life_ms = turn++ % CYCLE_LIFE_MS;

	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		int result;

		if (ops[i] == BH_OP_SHUTDOWN && life_ms != 0) {
			timer_delay_ms(life_ms);
		}
		result = cell_do_quietly(cell, name, ops[i],
					 ops[i] == BH_OP_SHUTDOWN && is_forced ?
						 BH_OP_FORCE :
						 0);
		if (result != 0) {
			return result;
		}
	}
	return 0;
}

static const struct verb verbs[] = {
	{ "create", "take its CPUs, memory and devices", run_create, NULL },
	{ "load", "copy its image, after checking the hash", run_load, NULL },
	{ "start", "run it from its entry", run_start, NULL },
	{ "shutdown", "stop it; --force does not ask it", run_shutdown,
	  "--force" },
	{ "restart", "shutdown, load and start in one", run_restart,
	  "--force" },
	{ "destroy", "give back all that it owns", run_destroy, NULL },
	{ "cycle", "its whole life, from create to destroy", run_cycle,
	  "--force" },
	{ "info", "its state, and why it stopped", run_info, NULL },
	{ "stats", "count its exits to EL2; --watch goes on", run_stats,
	  "--watch" },
	{ "console", "what is typed goes to it; Ctrl-] n: to the next",
	  run_console, NULL },
	{ "devices", "show its devices, their irqs and regions", run_devices,
	  NULL },
};

static void print_help(void)
{
	printf("  %-30s this list\n", "help");
	printf("  %-30s of the hypervisor and its calls\n", "version");
	printf("  %-30s what all cells together hold\n", "pool");
	printf("  %-30s do it again and again, until it fails\n",
	       "repeat COUNT COMMAND");
	printf("  %-30s every cell and its state\n", "cell list");
	for (unsigned int i = 0; i < ARRAY_SIZE(verbs); i++) {
		char usage[40];

		snprintf(usage, sizeof(usage),
			 verbs[i].option != NULL ? "cell %s [%s] NAME" :
						   "cell %s %sNAME",
			 verbs[i].name,
			 verbs[i].option != NULL ? verbs[i].option : "");
		printf("  %-30s %s\n", usage, verbs[i].meaning);
	}
	printf("  %-30s reset one of its devices\n", "cell reset NAME DEVICE");
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

static int run_verb(const struct verb *verb, const struct words *words)
{
	const char *name = NULL;
	bool has_option = false;

	for (unsigned int i = 2; i < words->count; i++) {
		if (verb->option != NULL &&
		    strcmp(words->word[i], verb->option) == 0) {
			has_option = true;
		} else if (words->word[i][0] == '-') {
			printf("error: \"cell %s\" knows no option \"%s\"\n",
			       verb->name, words->word[i]);
			return -HYP_EINVAL;
		} else if (name == NULL) {
			name = words->word[i];
		} else {
			printf("error: \"cell %s\" takes one name, not also "
			       "\"%s\"\n",
			       verb->name, words->word[i]);
			return -HYP_EINVAL;
		}
	}
	if (name == NULL) {
		printf("error: \"cell %s\" needs the name of a cell; "
		       "\"cell list\" shows them\n",
		       verb->name);
		return -HYP_EINVAL;
	}

	const int cell = cell_find(name);

	return cell < 0 ? cell :
			  verb->run((unsigned int)cell, name, has_option);
}

/* cell reset NAME DEVICE */
static int run_reset(const struct words *words)
{
	if (words->count != 4) {
		printf("error: \"cell reset\" needs the names of a cell and of "
		       "one of its devices; \"cell devices NAME\" shows "
		       "them\n");
		return -HYP_EINVAL;
	}

	const int cell = cell_find(words->word[2]);

	return cell < 0 ? cell :
			  cell_reset_device((unsigned int)cell, words->word[2],
					    words->word[3]);
}

static int run_cell(const struct words *words)
{
	if (words->count == 1) {
		printf("error: \"cell\" needs a command, as in \"cell list\"; "
		       "\"help\" shows them\n");
		return -HYP_EINVAL;
	}
	if (strcmp(words->word[1], "list") == 0) {
		report_list();
		return 0;
	}
	if (strcmp(words->word[1], "reset") == 0) {
		return run_reset(words);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(words->word[1], verbs[i].name) == 0) {
			return run_verb(&verbs[i], words);
		}
	}
	printf("error: unknown command \"cell %s\"; \"help\" shows them\n",
	       words->word[1]);
	return -HYP_EINVAL;
}

static int print_pool(void)
{
	struct hypercall call = { { 0 } };
	const int64_t result = hypercall(BH_POOL, &call);

	if (result < 0) {
		printf("error: the hypervisor does not say what is in use, "
		       "errno %d\n",
		       (int)-result);
		return (int)result;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pool_words); i++) {
		printf("%s: %llu\n", pool_words[i],
		       (unsigned long long)call.x[i]);
	}
	return 0;
}

static int run_once(const struct words *words)
{
	if (words->count == 0) {
		return 0;
	}
	if (strcmp(words->word[0], "help") == 0) {
		print_help();
	} else if (!runtime_is_cell()) {
		printf("error: no hypervisor runs below this shell\n");
		return -HYP_ENODEV;
	} else if (strcmp(words->word[0], "cell") == 0) {
		return run_cell(words);
	} else if (strcmp(words->word[0], "trace") == 0) {
		trace_command(&words->word[1], words->count - 1);
	} else if (strcmp(words->word[0], "version") == 0) {
		print_version();
	} else if (strcmp(words->word[0], "pool") == 0) {
		return print_pool();
	} else {
		printf("error: unknown command \"%s\"; \"help\" shows them\n",
		       words->word[0]);
		return -HYP_EINVAL;
	}
	return 0;
}

/* repeat COUNT COMMAND...: up to the first that fails */
static void run_repeat(const struct words *words)
{
	struct words rest = { .count = 0 };
	const long count = words->count < 3 ? 0 : atol(words->word[1]);
	long done = 0;

	if (count <= 0) {
		printf("error: \"repeat\" needs a count and a command, as in "
		       "\"repeat 10 cell cycle hello\"\n");
		return;
	}
	while (rest.count + 2 < words->count) {
		rest.word[rest.count] = words->word[rest.count + 2];
		rest.count++;
	}
	while (done < count && run_once(&rest) == 0) {
		done++;
	}
	printf("repeated %ld of %ld times\n", done, count);
}

static void run(const struct words *words)
{
	if (words->count != 0 && strcmp(words->word[0], "repeat") == 0) {
		run_repeat(words);
	} else {
		(void)run_once(words);
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
