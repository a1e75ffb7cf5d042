// SPDX-License-Identifier: Apache-2.0
/*
 * The checker on the host: what it says of several cells together. Called with
 * arguments, this program is the checker itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dts.h"

#define main config_check_main
#include "../host/config_check.c"
#undef main

static const char *program;
static char *board_file, *system_file;

static char *write_dtb(const char *text)
{
	size_t size;
	void *blob = dts_compile_text(text, &size);
	char *path = dts_write(blob, size);

	free(blob);
	return path;
}

static void drop(char *path)
{
	remove(path);
	free(path);
}

/* A cell that differs from all others but for what @more says. */
static char *write_cell(const char *name, unsigned int number, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "#include \"good-cell.dtsi\"\n"
		 "/delete-node/ &cell; &domains { cell: %s {"
		 "compatible = \"bulkhead,cell-v1\"; id = <%u>;"
		 "cpus = <&cpus 0x%x 1>; memory = <0 0x%x000000 0 0x1000>;"
		 "image = \"hello\"; }; };\n%s",
		 name, number, 1u << number, 0x60 + number, more);
	return write_dtb(text);
}

/* Runs the checker; its exit status, and what it printed. */
static int run_checker(const char *option, const char *a, const char *b,
		       char *output, size_t size)
{
	char command[1024];
	FILE *pipe;
	size_t length;
	int status;

	snprintf(command, sizeof(command), "'%s' %s '%s' '%s' '%s' %s%s%s",
		 program, option, board_file, system_file, a,
		 b != NULL ? "'" : "", b != NULL ? b : "",
		 b != NULL ? "'" : "");
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(output, 1, size - 1, pipe);
	output[length] = '\0';
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_two(const char *option, const char *name, unsigned int number,
		      const char *changes, const char *other_changes,
		      int status, const char *sentence)
{
	char *a = write_cell("one", 1, changes);
	char *b = write_cell(name, number, other_changes);
	char output[1024];

	assert_int_equal(run_checker(option, a, b, output, sizeof(output)),
			 status);
	if (sentence == NULL ? *output != '\0' :
			       strstr(output, sentence) == NULL) {
		fail_msg("said: %s", output);
	}
	drop(a);
	drop(b);
}

static void test_nothing_to_say(void **state)
{
	(void)state;
	check_two("", "two", 2, "", "", 0, NULL);
	check_two("--together", "two", 2, "", "", 0, NULL);
}

static void test_same_name(void **state)
{
	(void)state;
	check_two("", "one", 2, "", "", 1, "has a cell of that name");
}

static void test_same_id(void **state)
{
	(void)state;
	check_two("", "two", 2, "", "&cell { id = <1>; };", 1,
		  "cell two: id: cell one (");
}

static void test_same_cpu(void **state)
{
	static const char changes[] = "&cell { cpus = <&cpus 6 1>; };";

	(void)state;
	check_two("", "two", 2, "", changes, 0,
		  "note: cell two: has CPU 1, as cell one (");
	check_two("--together", "two", 2, "", changes, 1,
		  ": cell two: has CPU 1, as cell one (");
}

static void test_same_memory(void **state)
{
	static const char changes[] =
		"&cell { memory = <0 0x60fff000 0 0x2000>; };";

	(void)state;
	check_two("", "two", 2, "", changes, 0,
		  "note: cell two: has memory in 0x60fff000, size 0x2000, as");
	check_two("--together", "two", 2, "", changes, 1, "; choose another");
}

#define DEVICE(host)                                                          \
	"&cell { d { compatible = \"bulkhead,vfio-platform\"; host = \"" host \
	"\"; }; };"

static void test_same_device(void **state)
{
	(void)state;
	check_two("", "two", 2, DEVICE("pl031@9010000"),
		  DEVICE("pl031@9010000"), 0,
		  "note: cell two: has device pl031@9010000, as cell one (");
	check_two("--together", "two", 2, DEVICE("pl031@9010000"),
		  DEVICE("pl031@9010000"), 1, "device pl031@9010000");
	check_two("--together", "two", 2, DEVICE("pl031@9010000"),
		  DEVICE("pl061@9140000"), 0, NULL);
}

static void test_same_interrupt(void **state)
{
	(void)state;
	check_two("--together", "two", 2, DEVICE("pl031@9010000"),
		  DEVICE("odd@9120000"), 1,
		  "cell two: has an interrupt of odd@9120000, as cell one (");
}

#define RING                                                             \
	"&cell { r { compatible = \"bulkhead,shared-memory\"; region = " \
	"\"ring\"; access = \"read-write\"; }; };"

/* Two cells may share a region, a third may not while they exist. */
static void test_third_side(void **state)
{
	char *a = write_cell("one", 1, RING), *b = write_cell("two", 2, RING);
	char *c = write_cell("three", 3, RING);
	char both[256], output[1024];

	(void)state;
	check_two("--together", "two", 2, RING, RING, 0, NULL);
	snprintf(both, sizeof(both), "%s' '%s", b, c);
	assert_int_equal(
		run_checker("--together", a, both, output, sizeof(output)), 1);
	assert_non_null(strstr(output, ": cell three: has a side of \"ring\", "
				       "besides cell one, as cell two ("));
	assert_int_equal(run_checker("", a, both, output, sizeof(output)), 0);
	assert_non_null(strstr(output, ": note: cell three: has a side"));
	drop(a);
	drop(b);
	drop(c);
}

static void test_root_cell_that_may_not_manage(void **state)
{
	char *root = write_cell("root", 1, "");
	char output[1024];

	(void)state;
	assert_int_equal(run_checker("", root, NULL, output, sizeof(output)),
			 1);
	assert_non_null(strstr(output, "cell root: it is the root cell"));
	drop(root);
	root = write_cell("root", 1, "&cell { management; };");
	assert_int_equal(run_checker("", root, NULL, output, sizeof(output)),
			 0);
	drop(root);
}

/* One bad cell is no reason to be silent about the next. */
static void test_two_mistakes(void **state)
{
	(void)state;
	check_two("", "two", 2, "&cell { id = <0>; };",
		  "&cell { image = \"\"; };", 1, "cell one: /domains/one: id");
	check_two("", "two", 2, "&cell { id = <0>; };",
		  "&cell { image = \"\"; };", 1, "cell two: /domains/two: im");
}

static void test_no_such_file(void **state)
{
	char output[256];

	(void)state;
	assert_int_equal(run_checker("2>/dev/null", "no/such.dtb", NULL, output,
				     sizeof(output)),
			 2);
}

static int setup(void **state)
{
	(void)state;
	board_file = write_dtb("#include \"good-board.dtsi\"\n");
	system_file = write_dtb("#include \"good-system.dtsi\"\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	drop(board_file);
	drop(system_file);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_say),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_same_id),
		cmocka_unit_test(test_same_cpu),
		cmocka_unit_test(test_same_memory),
		cmocka_unit_test(test_same_device),
		cmocka_unit_test(test_same_interrupt),
		cmocka_unit_test(test_third_side),
		cmocka_unit_test(test_root_cell_that_may_not_manage),
		cmocka_unit_test(test_two_mistakes),
		cmocka_unit_test(test_no_such_file),
	};

	if (argc > 1) {
		return config_check_main(argc, argv);
	}
	program = argv[0];
	return cmocka_run_group_tests(tests, setup, teardown);
}
