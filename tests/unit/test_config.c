// SPDX-License-Identifier: Apache-2.0
/*
 * The configs: what a good one means, and one file under tests/config for each
 * mistake, whose first line is the sentence that it must be answered with.
 */
#include <glob.h>
#include <hyp/config.h>
#include <hyp/errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dts.h"

#define EXPECT "// expect: "
#define SENTENCES_MAX 256

static struct board board;
static struct system_config system_config;
static struct cell_config cell;
static struct message message;

static int setup(void **state)
{
	size_t size;
	void *fdt = dts_compile_file(DTS_FOLDER "/good-board.dtsi", &size);
	void *blob;

	(void)state;
	assert_int_equal(board_read_console(&board, fdt, size, &message), 0);
	assert_int_equal(board_read(&board, &message), 0);
	blob = dts_compile_file(DTS_FOLDER "/good-system.dtsi", &size);
	assert_int_equal(system_config_read(&system_config, blob, size, &board,
					    &message),
			 0);
	free(blob);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free((void *)(uintptr_t)board.fdt);
	return 0;
}

/* Reads a cell from good-cell.dtsi with something behind it. */
static int read_cell(const char *changes, void **blob)
{
	char text[2048];
	size_t size;

	snprintf(text, sizeof(text), "#include \"good-cell.dtsi\"\n%s",
		 changes);
	*blob = dts_compile_text(text, &size);
	return cell_config_read(&cell, *blob, size, &board, &system_config,
				&message);
}

static void test_good_system(void **state)
{
	(void)state;
	assert_int_equal(system_config.memory.base.raw, 0x50000000);
	assert_int_equal(system_config.memory.size, 0x01000000);
	assert_string_equal(system_config.root_cell, "root");
	assert_int_equal(system_config.panic_reset_ms, CONFIG_PANIC_RESET_MS);
	assert_int_equal(system_config.shared_count, 1);
	assert_string_equal(system_config.shared[0].name, "ring");
	assert_int_equal(system_config.shared[0].memory.base.raw, 0x64000000);
	assert_int_equal(system_config.shared[0].memory.size, 0x10000);
}

static void test_system_panic_reset(void **state)
{
	struct system_config config;
	size_t size;
	void *blob =
		dts_compile_text("#include \"good-system.dtsi\"\n"
				 "&hypervisor { panic-reset-ms = <500>; };",
				 &size);

	(void)state;
	assert_int_equal(
		system_config_read(&config, blob, size, &board, &message), 0);
	assert_int_equal(config.panic_reset_ms, 500);
	free(blob);
}

static void test_good_cell(void **state)
{
	const struct device_config *device = &cell.device[0];
	void *blob;

	(void)state;
	assert_int_equal(read_cell("", &blob), 0);
	assert_ptr_equal(cell.blob, blob);
	assert_string_equal(cell.name, "bad");
	assert_int_equal(cell.id, 7);
	assert_int_equal(cell.cpus, 6);
	assert_int_equal(cell.memory_count, 2);
	assert_int_equal(cell.memory[0].base.raw, 0x62000000);
	assert_int_equal(cell.memory[0].ipa.raw, 0x62000000);
	assert_int_equal(cell.memory[0].size, 0x200000);
	assert_int_equal(cell.memory[1].base.raw, 0x900001000);
	assert_int_equal(cell.memory[1].ipa.raw, 0x900001000);
	assert_string_equal(cell.image, "rtc-demo");
	assert_string_equal(cell.bootargs, "");
	assert_false(cell.may_manage);
	assert_int_equal(cell.device_count, 1);
	assert_string_equal(device->name, "rtc");
	assert_string_equal(fdt_get_name(blob, device->config_node, NULL),
			    "rtc");
	assert_string_equal(board_node_name(&board, device->node),
			    "pl031@9010000");
	assert_int_equal(device->timeout_ms, 1100);
	assert_false(device->no_mmap);
	assert_int_equal(device->dma, DEVICE_DMA_NONE);
	assert_int_equal(device->region_count, 1);
	assert_int_equal(device->irq_count, 1);
	assert_int_equal(device->irqfd, 1);
	free(blob);
}

static void test_cell_options(void **state)
{
	void *blob;

	(void)state;
	assert_int_equal(
		read_cell("&cell { management; pmu; debug; bootargs = \"-v\"; "
			  "os,type = \"baremetal\"; #address-cells = <2>; "
			  "memory-ipa = <0 0x40000000 0x10 0>; };",
			  &blob),
		0);
	assert_true(cell.may_manage);
	assert_true(cell.has_pmu);
	assert_true(cell.has_debug);
	assert_string_equal(cell.bootargs, "-v");
	assert_int_equal(cell.memory[0].base.raw, 0x62000000);
	assert_int_equal(cell.memory[0].ipa.raw, 0x40000000);
	assert_int_equal(cell.memory[1].ipa.raw, 0x1000000000);
	free(blob);
}

static void test_shared_memory(void **state)
{
	void *blob;

	(void)state;
	assert_int_equal(
		read_cell("&cell { ring { compatible = "
			  "\"bulkhead,shared-memory\"; region = \"ring\"; "
			  "access = \"read-write\"; }; };",
			  &blob),
		0);
	assert_int_equal(cell.device_count, 1);
	assert_int_equal(cell.shared_count, 1);
	assert_ptr_equal(cell.shared[0].region, &system_config.shared[0]);
	assert_true(cell.shared[0].is_writable);
	assert_int_equal(cell.shared[0].intid, 0);
	free(blob);
	assert_int_equal(
		read_cell("&cell { ring { compatible = "
			  "\"bulkhead,shared-memory\"; region = \"ring\"; "
			  "access = \"read-only\"; }; };",
			  &blob),
		0);
	assert_false(cell.shared[0].is_writable);
	free(blob);
}

static void test_device_options(void **state)
{
	const struct device_config *device = &cell.device[0];
	void *blob;

	(void)state;
	assert_int_equal(read_cell("&rtc { mmap-timeout-ms = <0>; x-no-mmap; "
				   "x-irqfd = <0>; reset = \"none\"; };",
				   &blob),
			 0);
	assert_int_equal(device->timeout_ms, 0);
	assert_true(device->no_mmap);
	assert_int_equal(device->irqfd, 0);
	assert_true(device->reset_none);
	assert_int_equal(device->reset_write_count, 0);
	free(blob);
}

static void test_reset_writes(void **state)
{
	const struct device_config *device = &cell.device[0];
	struct reset_write_config write;
	void *blob;

	(void)state;
	assert_int_equal(read_cell("&rtc { reset-writes = <0x10 4 0xdeadbeef>, "
				   "<0xfff 1 2>; };",
				   &blob),
			 0);
	assert_false(device->reset_none);
	assert_int_equal(device->reset_write_count, 2);
	write = device_config_reset_write(&cell, device, 0);
	assert_int_equal(write.offset, 0x10);
	assert_int_equal(write.width, 4);
	assert_int_equal(write.value, 0xdeadbeef);
	write = device_config_reset_write(&cell, device, 1);
	assert_int_equal(write.offset, 0xfff);
	assert_int_equal(write.width, 1);
	assert_int_equal(write.value, 2);
	free(blob);
}

static void test_irqfd_per_interrupt(void **state)
{
	static const struct {
		const char *value;
		uint64_t irqfd;
	} cases[] = { { "", 7 },
		      { "x-irqfd = <1>;", 7 },
		      { "x-irqfd = <0>;", 0 },
		      { "x-irqfd = <1 0 1>;", 5 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char changes[256];
		void *blob;

		snprintf(changes, sizeof(changes),
			 "&cell { ttc { compatible = \"bulkhead,vfio-platform\""
			 "; host = \"timer@9040000\"; waive = \"clocks\", "
			 "\"power-domains\", \"vcc-supply\", "
			 "\"pinctrl-0\"; %s }; };",
			 cases[i].value);
		assert_int_equal(read_cell(changes, &blob), 0);
		assert_int_equal(cell.device_count, 2);
		assert_int_equal(cell.device[1].irq_count, 3);
		assert_int_equal(cell.device[1].irqfd, cases[i].irqfd);
		free(blob);
	}
}

static void test_device_by_path(void **state)
{
	void *blob;

	(void)state;
	/* The path wins, though the host would not be found. */
	assert_int_equal(read_cell("&rtc { host = \"no/such\"; "
				   "path = \"/bus@a000000/gpio@1000\"; };",
				   &blob),
			 0);
	assert_int_equal(cell.device[0].region_count, 2);
	assert_string_equal(board_node_name(&board, cell.device[0].node),
			    "gpio@1000");
	free(blob);
}

static void test_device_without_interrupt(void **state)
{
	void *blob;

	(void)state;
	assert_int_equal(
		read_cell("&rtc { host = \"pl061@9140000\"; };", &blob), 0);
	assert_int_equal(cell.device[0].irq_count, 0);
	assert_int_equal(cell.device[0].irqfd, 0);
	free(blob);
}

static void test_device_dma(void **state)
{
	void *blob;

	(void)state;
	assert_int_equal(read_cell("&rtc { host = \"dma@9060000\"; "
				   "dma = \"none\"; };",
				   &blob),
			 0);
	assert_int_equal(cell.device[0].dma, DEVICE_DMA_NONE);
	free(blob);
	assert_int_equal(read_cell("&rtc { host = \"dma@9060000\"; "
				   "dma = \"identity-unprotected\"; };",
				   &blob),
			 0);
	assert_int_equal(cell.device[0].dma, DEVICE_DMA_IDENTITY_UNPROTECTED);
	free(blob);
}

static void test_shipped_configs(void **state)
{
	struct system_config config;
	glob_t files;
	size_t size;
	void *blob = dts_compile_file("configs/virt/system.dts", &size);

	(void)state;
	if (system_config_read(&config, blob, size, &board, &message) != 0) {
		fail_msg("%s", message.text);
	}
	free(blob);
	assert_int_equal(glob("configs/virt/*.dts", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];

		if (strstr(path, "/system.dts") != NULL) {
			continue;
		}
		blob = dts_compile_file(path, &size);
		if (cell_config_read(&cell, blob, size, &board, &config,
				     &message) != 0) {
			fail_msg("%s: %s", path, message.text);
		}
		free(blob);
	}
	assert_true(files.gl_pathc >= 5);
	globfree(&files);
}

/* A board is read, a system or a cell: by the first word of the file's name. */
static int read_mistake(const char *path, const void *blob, size_t size)
{
	const char *name = strrchr(path, '/') + 1;
	struct system_config config;
	struct board own;

	if (strncmp(name, "board-", 6) == 0) {
		int error = board_read_console(&own, blob, size, &message);

		return error != 0 ? error : board_read(&own, &message);
	}
	if (strncmp(name, "system-", 7) == 0) {
		return system_config_read(&config, blob, size, &board,
					  &message);
	}
	return cell_config_read(&cell, blob, size, &board, &system_config,
				&message);
}

static void read_expectation(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(line, (int)size, file));
	fclose(file);
	assert_memory_equal(line, EXPECT, strlen(EXPECT));
	line[strcspn(line, "\n")] = '\0';
	memmove(line, line + strlen(EXPECT), strlen(line + strlen(EXPECT)) + 1);
}

static void test_each_mistake(void **state)
{
	unsigned int wrong = 0;
	glob_t files;

	(void)state;
	assert_int_equal(glob(DTS_FOLDER "/*.dts", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];
		char line[512];
		size_t size;
		void *blob = dts_compile_file(path, &size);
		int error;

		read_expectation(path, line, sizeof(line));
		strcpy(message.text, "(no sentence)");
		error = read_mistake(path, blob, size);
		if (error >= 0 || strcmp(message.text, line) != 0) {
			print_error("%s: %d\n  expected %s\n  said     %s\n",
				    path, error, line, message.text);
			wrong++;
		}
		free(blob);
	}
	assert_int_equal(wrong, 0);
	assert_true(files.gl_pathc > 100);
	globfree(&files);
}

/* The format of the sentence at a call, joined; NULL when it has none. */
static char *next_sentence(const char *call, char *sentence, size_t size)
{
	size_t used = 0;
	int depth = 0;

	for (const char *c = call; *c != '\0'; c++) {
		if (*c == '"') {
			for (c++; *c != '"' && used < size - 1; c++) {
				c += *c == '\\' ? 1 : 0;
				sentence[used++] = *c;
			}
			c += strspn(c + 1, " \t\n");
			if (c[1] != '"') {
				break;
			}
		} else if (*c == '(') {
			depth++;
		} else if (*c == ')' && --depth == 0) {
			return NULL;
		} else if (*c == ';') {
			return NULL;
		}
	}
	sentence[used] = '\0';
	return used != 0 ? sentence : NULL;
}

/* Could that format, with some values, be the end of that text? */
static bool is_from(const char *format, const char *text)
{
	if (*format == '\0') {
		return *text == '\0';
	}
	if (*format == '%') {
		format += 1 + strcspn(format + 1, "sdux");
		do {
			if (is_from(format + 1, text)) {
				return true;
			}
		} while (*text++ != '\0');
		return false;
	}
	return *format == *text && is_from(format + 1, text + 1);
}

static bool has_file(const char *format, char lines[][512], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (const char *end = lines[i]; *end != '\0'; end++) {
			if (is_from(format, end)) {
				return true;
			}
		}
	}
	return false;
}

/* Sentences that no source file of dtc can provoke: a test below does. */
static const char *const without_file[] = {
	"the compiled tree %s; compile it with dtc",
	"more than %d devices; raise CELL_DEVICES_MAX in menuconfig",
	"more than %d regions; raise SHARED_MAX in menuconfig",
	"the board's device tree %s",
	"no node at offset %d of the board's tree",
};

static bool is_without_file(const char *format)
{
	for (size_t i = 0; i < ARRAY_SIZE(without_file); i++) {
		if (strcmp(format, without_file[i]) == 0) {
			return true;
		}
	}
	return false;
}

static unsigned int check_source(const char *path, char lines[][512],
				 size_t count, unsigned int *missing)
{
	static const char *const calls[] = { "config_error(", "message_set(" };
	unsigned int sentences = 0;
	size_t size;
	char command[256], sentence[512];
	char *source;

	snprintf(command, sizeof(command), "cat '%s'; printf '\\0'", path);
	source = dts_run(command, &size);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const char *at = source;

		while ((at = strstr(at, calls[i])) != NULL) {
			at += strlen(calls[i]) - 1;
			if (next_sentence(at, sentence, sizeof(sentence)) ==
			    NULL) {
				continue;
			}
			sentences++;
			if (!is_without_file(sentence) &&
			    !has_file(sentence, lines, count)) {
				print_error("%s: no file under " DTS_FOLDER
					    " provokes \"%s\"\n",
					    path, sentence);
				(*missing)++;
			}
		}
	}
	free(source);
	return sentences;
}

static void test_every_sentence_has_a_file(void **state)
{
	static char lines[SENTENCES_MAX][512];
	unsigned int sentences = 0, missing = 0;
	glob_t files;
	size_t count;

	(void)state;
	assert_int_equal(glob(DTS_FOLDER "/*.dts", 0, NULL, &files), 0);
	count = files.gl_pathc;
	assert_true(count <= SENTENCES_MAX);
	for (size_t i = 0; i < count; i++) {
		read_expectation(files.gl_pathv[i], lines[i], sizeof(lines[i]));
	}
	globfree(&files);
	assert_int_equal(glob("hypervisor/core/config_*.c", 0, NULL, &files),
			 0);
	assert_int_equal(
		glob("hypervisor/core/board*.c", GLOB_APPEND, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		sentences +=
			check_source(files.gl_pathv[i], lines, count, &missing);
	}
	globfree(&files);
	assert_int_equal(missing, 0);
	assert_true(sentences > 70); /* the search itself works */
}

static void test_damaged_tree(void **state)
{
	struct system_config config;
	size_t size;
	void *blob = dts_compile_file(DTS_FOLDER "/good-cell.dtsi", &size);

	(void)state;
	assert_int_equal(cell_config_read(&cell, blob, size - 1, &board,
					  &system_config, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text, "cell config: the compiled tree is "
					  "cut short; compile it with dtc");
	assert_int_equal(cell_config_read(&cell, "nonsense", 8, &board,
					  &system_config, NULL),
			 -HYP_EBADMSG);
	assert_int_equal(system_config_read(&config, blob, 39, &board,
					    &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text,
			    "system config: the compiled tree is too short for "
			    "a device tree; compile it with dtc");
	free(blob);
}

static void test_too_many_devices(void **state)
{
	static char text[65536];
	static struct board wide;
	char expected[128];
	size_t used = 0, size, blob_size;
	void *fdt, *blob;

	(void)state;
	used += (size_t)sprintf(text, "#include \"good-board.dtsi\"\n/ {");
	for (unsigned int i = 0; i <= CONFIG_CELL_DEVICES_MAX; i++) {
		used += (size_t)sprintf(text + used,
					"g@%x { compatible = \"arm,pl061\"; "
					"reg = <0x20 0x%x 0 0x1000>; };\n",
					i, i << 12);
	}
	strcpy(text + used, "};");
	fdt = dts_compile_text(text, &size);
	assert_int_equal(board_read_console(&wide, fdt, size, &message), 0);
	assert_int_equal(board_read(&wide, &message), 0);
	used = (size_t)sprintf(text, "#include \"good-cell.dtsi\"\n"
				     "/delete-node/ &rtc; &cell {");
	for (unsigned int i = 0; i <= CONFIG_CELL_DEVICES_MAX; i++) {
		used += (size_t)sprintf(
			text + used,
			"d%u { compatible = \"bulkhead,vfio-platform\"; "
			"host = \"g@%x\"; };\n",
			i, i);
	}
	strcpy(text + used, "};");
	blob = dts_compile_text(text, &blob_size);
	assert_int_equal(cell_config_read(&cell, blob, blob_size, &wide,
					  &system_config, &message),
			 -HYP_E2BIG);
	snprintf(expected, sizeof(expected),
		 "cell bad: /domains/bad: more than %d devices; raise "
		 "CELL_DEVICES_MAX in menuconfig",
		 CONFIG_CELL_DEVICES_MAX);
	assert_string_equal(message.text, expected);
	free(blob);
	free(fdt);
}

static void test_too_many_regions(void **state)
{
	static char text[16384];
	struct system_config config;
	char expected[128];
	size_t used, size;
	void *blob;

	(void)state;
	used = (size_t)sprintf(text,
			       "#include \"good-system.dtsi\"\n&shared {\n");
	for (unsigned int i = 0; i < CONFIG_SHARED_MAX; i++) {
		used += (size_t)sprintf(
			text + used, "r%u { memory = <0 0x%x 0 0x1000>; };\n",
			i, 0x70000000 + (i << 12));
	}
	strcpy(text + used, "};");
	blob = dts_compile_text(text, &size);
	assert_int_equal(system_config_read(&config, blob, size, &board,
					    &message),
			 -HYP_E2BIG);
	snprintf(expected, sizeof(expected),
		 "system config: /hypervisor/shared-memory/r%u: more than %d "
		 "regions; raise SHARED_MAX in menuconfig",
		 CONFIG_SHARED_MAX - 1, CONFIG_SHARED_MAX);
	assert_string_equal(message.text, expected);
	free(blob);
}

/* Every byte of a config set to some values: refused or not, never a crash. */
static void test_any_byte_may_be_wrong(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x03, 0x04, 0x41,
					  0x7f, 0x80, 0xf4, 0xff };
	unsigned int accepted = 0, refused = 0;
	void *good;
	size_t size;

	(void)state;
	good = dts_compile_file(DTS_FOLDER "/good-cell.dtsi", &size);
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t *blob = malloc(size);

			memcpy(blob, good, size);
			blob[at] = values[i];
			if (cell_config_read(&cell, blob, size, &board,
					     &system_config, &message) == 0) {
				accepted++;
			} else {
				refused++;
			}
			free(blob);
		}
	}
	assert_true(refused > accepted && accepted > 0);
	free(good);
}

/* The same for the system config, which decides whose memory is whose. */
static void test_any_byte_of_system_may_be_wrong(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x04, 0x7f, 0xf4, 0xff };
	unsigned int accepted = 0, refused = 0;
	void *good;
	size_t size;

	(void)state;
	good = dts_compile_file(DTS_FOLDER "/good-system.dtsi", &size);
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t *blob = malloc(size);
			struct system_config config;

			memcpy(blob, good, size);
			blob[at] = values[i];
			if (system_config_read(&config, blob, size, &board,
					       &message) == 0) {
				accepted++;
			} else {
				refused++;
			}
			free(blob);
		}
	}
	assert_true(refused > accepted && accepted > 0);
	free(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_system),
		cmocka_unit_test(test_system_panic_reset),
		cmocka_unit_test(test_good_cell),
		cmocka_unit_test(test_cell_options),
		cmocka_unit_test(test_shared_memory),
		cmocka_unit_test(test_device_options),
		cmocka_unit_test(test_reset_writes),
		cmocka_unit_test(test_irqfd_per_interrupt),
		cmocka_unit_test(test_device_by_path),
		cmocka_unit_test(test_device_without_interrupt),
		cmocka_unit_test(test_device_dma),
		cmocka_unit_test(test_shipped_configs),
		cmocka_unit_test(test_each_mistake),
		cmocka_unit_test(test_every_sentence_has_a_file),
		cmocka_unit_test(test_damaged_tree),
		cmocka_unit_test(test_too_many_devices),
		cmocka_unit_test(test_too_many_regions),
		cmocka_unit_test(test_any_byte_may_be_wrong),
		cmocka_unit_test(test_any_byte_of_system_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
