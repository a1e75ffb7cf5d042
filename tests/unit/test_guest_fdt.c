// SPDX-License-Identifier: Apache-2.0
/* The tree that a cell finds, read back with libfdt and with dtc. */
#include <hyp/errno.h>
#include <hyp/guest_fdt.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dts.h"

#define CONSOLE_INTID 22

static struct board board;
static struct system_config system_config;
static struct cell_config cell;
static struct image_part initrd;
static struct message message;
static void *board_fdt, *cell_blob;
static uint64_t buffer[8192 / 8];

/* A board and a cell on it: the good ones with something behind each. */
static void build(const char *board_changes, const char *cell_changes)
{
	char text[2048];
	size_t size;
	void *blob;
	int result;

	snprintf(text, sizeof(text), "#include \"good-board.dtsi\"\n%s",
		 board_changes);
	board_fdt = dts_compile_text(text, &size);
	assert_int_equal(board_read_console(&board, board_fdt, size, &message),
			 0);
	assert_int_equal(board_read(&board, &message), 0);
	blob = dts_compile_file(DTS_FOLDER "/good-system.dtsi", &size);
	assert_int_equal(system_config_read(&system_config, blob, size, &board,
					    &message),
			 0);
	free(blob);
	snprintf(text, sizeof(text), "#include \"good-cell.dtsi\"\n%s",
		 cell_changes);
	cell_blob = dts_compile_text(text, &size);
	if (cell_config_read(&cell, cell_blob, size, &board, &system_config,
			     &message) != 0) {
		fail_msg("%s", message.text);
	}
	result = guest_fdt_build(buffer, sizeof(buffer), &board, &cell, &initrd,
				 CONSOLE_INTID, &message);
	assert_true(result > 0);
	assert_int_equal(result, fdt_totalsize(buffer));
	assert_int_equal(fdt_check_full(buffer, (size_t)result), 0);
}

static int teardown(void **state)
{
	initrd = (struct image_part){ .file_size = 0 };
	(void)state;
	free(board_fdt);
	free(cell_blob);
	board_fdt = cell_blob = NULL;
	return 0;
}

static int node_at(const char *path)
{
	int node = fdt_path_offset(buffer, path);

	if (node < 0) {
		fail_msg("no %s in the cell's tree", path);
	}
	return node;
}

static void assert_cells(const char *path, const char *name,
			 const uint32_t *cells, size_t count)
{
	int length;
	const fdt32_t *value =
		fdt_getprop(buffer, node_at(path), name, &length);

	assert_non_null(value);
	assert_int_equal(length, count * 4);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(fdt32_to_cpu(value[i]), cells[i]);
	}
}

#define ASSERT_CELLS(path, name, ...)                               \
	assert_cells(path, name, (const uint32_t[]){ __VA_ARGS__ }, \
		     sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void assert_text(const char *path, const char *name, const char *text)
{
	int length;
	const char *value = fdt_getprop(buffer, node_at(path), name, &length);

	assert_non_null(value);
	assert_string_equal(value, text);
}

static void assert_absent(const char *path, const char *name)
{
	assert_null(fdt_getprop(buffer, node_at(path), name, NULL));
}

static uint32_t gic_phandle(void)
{
	return fdt_get_phandle(buffer, node_at("/intc@8000000"));
}

static void test_what_every_cell_has(void **state)
{
	(void)state;
	build("", "&cell { bootargs = \"verbose\"; };");
	ASSERT_CELLS("/", "#address-cells", 2);
	ASSERT_CELLS("/", "#size-cells", 2);
	assert_text("/", "compatible", "bulkhead,cell-v1");
	assert_non_null(fdt_getprop(buffer, 0, "model", NULL));
	ASSERT_CELLS("/", "interrupt-parent", gic_phandle());
	assert_text("/chosen", "bootargs", "verbose");
	assert_text("/psci", "compatible", "arm,psci-1.0");
	assert_text("/psci", "method", "hvc");
	assert_text("/memory@62000000", "device_type", "memory");
	ASSERT_CELLS("/memory@62000000", "reg", 0, 0x62000000, 0, 0x200000, 9,
		     0x1000, 0, 0x1000);
	assert_text("/hypervisor", "compatible", "bulkhead,hypervisor-v1");
	assert_text("/hypervisor", "method", "hvc");
	assert_text("/hypervisor", "cell-name", "bad");
	ASSERT_CELLS("/hypervisor", "interrupts", 1, CONSOLE_INTID - 16, 4);
}

static void test_no_bootargs(void **state)
{
	(void)state;
	build("", "");
	assert_absent("/chosen", "bootargs");
}

static void test_initrd(void **state)
{
	(void)state;
	build("", "");
	assert_absent("/chosen", "linux,initrd-start");
	assert_absent("/chosen", "linux,initrd-end");
	teardown(state);
	initrd.to = ipa(UINT64_C(0x962010000));
	initrd.file_size = 0x123;
	build("", "");
	ASSERT_CELLS("/chosen", "linux,initrd-start", 9, 0x62010000);
	ASSERT_CELLS("/chosen", "linux,initrd-end", 9, 0x62010123);
}

/* CPUs 1 and 2 of the board are 0 and 1 of the cell, each of its own kind. */
static void test_cpus(void **state)
{
	(void)state;
	build("", "");
	ASSERT_CELLS("/cpus", "#address-cells", 1);
	ASSERT_CELLS("/cpus", "#size-cells", 0);
	assert_text("/cpus/cpu@0", "compatible", "arm,cortex-a57");
	assert_text("/cpus/cpu@1", "compatible", "arm,cortex-a53");
	assert_text("/cpus/cpu@1", "enable-method", "psci");
	assert_text("/cpus/cpu@1", "device_type", "cpu");
	ASSERT_CELLS("/cpus/cpu@1", "reg", 1);
	assert_int_equal(fdt_path_offset(buffer, "/cpus/cpu@2"),
			 -FDT_ERR_NOTFOUND);
}

static void test_moved_memory(void **state)
{
	(void)state;
	build("", "&cell { memory-ipa = <0 0x40000000 0x10 0>; };");
	ASSERT_CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x200000,
		     0x10, 0, 0, 0x1000);
}

static void test_gic_v3(void **state)
{
	(void)state;
	build("", "");
	assert_text("/intc@8000000", "compatible", "arm,gic-v3");
	/* Two CPUs: two redistributors of two 64 KiB frames each. */
	ASSERT_CELLS("/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0,
		     0x080a0000, 0, 0x40000);
	ASSERT_CELLS("/intc@8000000", "#interrupt-cells", 3);
	assert_non_null(fdt_getprop(buffer, node_at("/intc@8000000"),
				    "interrupt-controller", NULL));
	/* Nothing of what only EL2 may see. */
	assert_absent("/intc@8000000", "interrupts");
	assert_int_equal(fdt_first_subnode(buffer, node_at("/intc@8000000")),
			 -FDT_ERR_NOTFOUND);
	ASSERT_CELLS("/timer", "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1,
		     10, 8);
	assert_non_null(
		fdt_getprop(buffer, node_at("/timer"), "always-on", NULL));
}

static void test_gic_v2(void **state)
{
	(void)state;
	build("&gic { compatible = \"arm,gic-400\"; reg = "
	      "<0 0x8000000 0 0x1000 0 0x8010000 0 0x2000 "
	      "0 0x8030000 0 0x2000 0 0x8040000 0 0x2000>; };"
	      "&timer { interrupts = <1 13 0xf08>, <1 14 0xf08>, "
	      "<1 11 0xf08>, <1 10 0xf08>; };",
	      "");
	assert_text("/intc@8000000", "compatible", "arm,gic-400");
	ASSERT_CELLS("/intc@8000000", "reg", 0, 0x08000000, 0, 0x1000, 0,
		     0x08010000, 0, 0x2000);
	/* The mask of CPUs in a PPI's flags is the cell's. */
	ASSERT_CELLS("/timer", "interrupts", 1, 13, 0x308, 1, 14, 0x308, 1, 11,
		     0x308, 1, 10, 0x308);
}

static void test_device(void **state)
{
	uint32_t clock;

	(void)state;
	build("", "");
	assert_text("/pl031@9010000", "compatible", "arm,pl031");
	ASSERT_CELLS("/pl031@9010000", "reg", 0, 0x09010000, 0, 0x1000);
	ASSERT_CELLS("/pl031@9010000", "interrupts", 0, 2, 4);
	assert_text("/pl031@9010000", "clock-names", "apb_pclk");
	clock = fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(
		buffer, node_at("/pl031@9010000"), "clocks", NULL));
	assert_int_equal(fdt_node_check_compatible(
				 buffer,
				 fdt_node_offset_by_phandle(buffer, clock),
				 "fixed-clock"),
			 0);
}

/* Two fixed clocks on the board, one of them used: one in the cell. */
static void test_only_used_clocks(void **state)
{
	int node, count = 0;

	(void)state;
	build("", "&cell { uart = \"none\"; };");
	for (node = fdt_node_offset_by_compatible(buffer, -1, "fixed-clock");
	     node >= 0; node = fdt_node_offset_by_compatible(buffer, node,
							     "fixed-clock")) {
		int length;

		assert_int_equal(
			fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(
				buffer, node, "clock-frequency", &length)),
			24000000);
		count++;
	}
	assert_int_equal(count, 1);
	teardown(NULL);
	build("", "&cell { uart = \"none\"; }; /delete-node/ &rtc;");
	assert_int_equal(fdt_node_offset_by_compatible(buffer, -1,
						       "fixed-clock"),
			 -FDT_ERR_NOTFOUND);
}

/* A UART where the board has its console's, with what Linux's driver asks for. */
static void test_uart(void **state)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	const fdt32_t *clocks;
	int length, clock;

	(void)state;
	build("", "");
	assert_text("/chosen", "stdout-path", "/serial@9000000");
	assert_memory_equal(fdt_getprop(buffer, node_at("/serial@9000000"),
					"compatible", &length),
			    compatible, sizeof(compatible));
	ASSERT_CELLS("/serial@9000000", "reg", 0, 0x09000000, 0, 0x1000);
	ASSERT_CELLS("/serial@9000000", "interrupts", 0, 1, 4);
	assert_memory_equal(fdt_getprop(buffer, node_at("/serial@9000000"),
					"clock-names", &length),
			    clock_names, sizeof(clock_names));
	clocks = fdt_getprop(buffer, node_at("/serial@9000000"), "clocks",
			     &length);
	assert_int_equal(length, 8);
	assert_int_equal(clocks[0], clocks[1]);
	clock = fdt_node_offset_by_phandle(buffer, fdt32_to_cpu(clocks[0]));
	assert_int_equal(
		fdt_node_check_compatible(buffer, clock, "fixed-clock"), 0);
	ASSERT_CELLS("/uart-clock", "#clock-cells", 0);
	ASSERT_CELLS("/uart-clock", "clock-frequency", 24000000);
}

static void test_uart_elsewhere(void **state)
{
	(void)state;
	build("", "&cell { uart-address = <0x1 0x1c090000>; "
		  "uart-interrupt = <37>; };");
	assert_text("/chosen", "stdout-path", "/serial@11c090000");
	ASSERT_CELLS("/serial@11c090000", "reg", 1, 0x1c090000, 0, 0x1000);
	ASSERT_CELLS("/serial@11c090000", "interrupts", 0, 5, 4);
}

static void test_uart_without_interrupt(void **state)
{
	(void)state;
	build("", "&cell { uart-interrupt = <0>; };");
	assert_absent("/serial@9000000", "interrupts");
}

/* Who has a UART of the board needs no other; who says none has none. */
static void test_no_uart(void **state)
{
	static const char second[] =
		"/ { serial@9200000 { compatible = \"arm,pl011\"; "
		"reg = <0 0x9200000 0 0x1000>; interrupts = <0 8 4>; }; };";
	static const char assigned[] =
		"tty { compatible = \"bulkhead,vfio-platform\"; "
		"host = \"serial@9200000\"; };";
	char text[256];

	(void)state;
	build("", "&cell { uart = \"none\"; };");
	assert_absent("/chosen", "stdout-path");
	assert_int_equal(fdt_path_offset(buffer, "/serial@9000000"),
			 -FDT_ERR_NOTFOUND);
	teardown(NULL);
	snprintf(text, sizeof(text), "&cell { %s };", assigned);
	build(second, text);
	assert_absent("/chosen", "stdout-path");
	teardown(NULL);
	snprintf(text, sizeof(text), "&cell { uart = \"pl011\"; %s };",
		 assigned);
	build(second, text);
	assert_text("/chosen", "stdout-path", "/serial@9000000");
	node_at("/serial@9200000");
}

/* What refers to nodes that the cell does not have stays out. */
static void test_device_references(void **state)
{
	static const char *const absent[] = {
		"clocks",
		"clock-names",
		"power-domains",
		"vcc-supply",
		"pinctrl-0",
		"pinctrl-names",
		"interrupts-extended",
		"interrupt-parent",
	};

	(void)state;
	build("&ttc { interrupt-parent = <&gpio>; };",
	      "&rtc { host = \"timer@9040000\"; waive = \"clocks\", "
	      "\"power-domains\", \"vcc-supply\", \"pinctrl-0\"; };");
	/* Level stays level and edge stays edge. */
	ASSERT_CELLS("/timer@9040000", "interrupts", 0, 36, 4, 0, 37, 1, 0, 38,
		     4);
	assert_text("/timer@9040000", "interrupt-names", "a");
	ASSERT_CELLS("/timer@9040000", "timer-width", 32);
	assert_non_null(fdt_getprop(buffer, node_at("/timer@9040000"),
				    "dma-coherent", NULL));
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		assert_absent("/timer@9040000", absent[i]);
	}
}

/* What the cell has too stays, and leads there. */
static void test_resolved_references(void **state)
{
	const fdt32_t *gpios;
	int size;

	(void)state;
	build("", "&rtc { host = \"leds@9054000\"; };"
		  "&cell { gpio { compatible = \"bulkhead,vfio-platform\"; "
		  "host = \"pl061@9030000\"; }; };");
	gpios = fdt_getprop(buffer, node_at("/leds@9054000"), "reset-gpios",
			    &size);
	assert_non_null(gpios);
	assert_int_equal(size, 7 * sizeof(*gpios));
	assert_int_equal(fdt_node_offset_by_phandle(buffer,
						    fdt32_to_cpu(gpios[0])),
			 node_at("/pl061@9030000"));
	assert_int_equal(fdt32_to_cpu(gpios[6]), 1);
	ASSERT_CELLS("/leds@9054000", "assigned-clock-rates", 1000);
	assert_non_null(
		fdt_getprop(buffer, node_at("/leds@9054000"), "clocks", &size));
	assert_int_equal(size, 2 * sizeof(*gpios));
	assert_non_null(fdt_getprop(buffer, node_at("/leds@9054000"),
				    "gpio-ranges", NULL));
	teardown(state);
	build("", "&rtc { host = \"bridge@9058000\"; "
		  "waive = \"interrupt-map\"; };");
	assert_absent("/bridge@9058000", "interrupt-map");
	assert_absent("/bridge@9058000", "interrupt-map-mask");
}

/* A device behind a bus: its name carries the address that the cell sees. */
static void test_device_behind_a_bus(void **state)
{
	(void)state;
	build("", "&rtc { path = \"/bus@a000000/gpio@1000\"; };");
	ASSERT_CELLS("/gpio@a001000", "reg", 0, 0x0a001000, 0, 0x200, 9,
		     0x80000000, 0, 0x1000);
	ASSERT_CELLS("/gpio@a001000", "interrupts", 0, 60, 1);
}

static void test_device_without_interrupt(void **state)
{
	(void)state;
	build("", "&rtc { host = \"pl061@9140000\"; };");
	assert_absent("/pl061@9140000", "interrupts");
}

#define RING(access)                                                        \
	"&cell { ring { compatible = \"bulkhead,shared-memory\"; region = " \
	"\"ring\"; access = \"" access "\"; }; };"

static void test_shared_memory(void **state)
{
	const char *path = "/shared-memory@64000000";

	(void)state;
	build("", RING("read-write"));
	cell.shared[0].intid = 32 + 255;
	assert_true(guest_fdt_build(buffer, sizeof(buffer), &board, &cell,
				    &initrd, CONSOLE_INTID, &message) > 0);
	assert_text(path, "compatible", "bulkhead,shared-memory-v1");
	assert_text(path, "label", "ring");
	ASSERT_CELLS(path, "reg", 0, 0x64000000, 0, 0x10000);
	ASSERT_CELLS(path, "interrupts", 0, 255, 1);
	ASSERT_CELLS(path, "bulkhead,doorbell", 0);
	assert_absent(path, "read-only");
	/* It is no memory to put anything else in. */
	ASSERT_CELLS("/memory@62000000", "reg", 0, 0x62000000, 0, 0x200000, 9,
		     0x1000, 0, 0x1000);
	teardown(NULL);
	build("", RING("read-only"));
	assert_non_null(fdt_getprop(buffer, node_at(path), "read-only", NULL));
	teardown(NULL);
	build("", "");
	assert_int_equal(fdt_path_offset(buffer, path), -FDT_ERR_NOTFOUND);
}

/* dtc reads it back, with no more to say than that it has unused labels. */
static void test_dtc_accepts_it(void **state)
{
	char command[512];
	char *path, *text;
	size_t size;

	(void)state;
	build("",
	      "&cell { ttc { compatible = \"bulkhead,vfio-platform\"; "
	      "host = \"timer@9040000\"; waive = \"clocks\", "
	      "\"power-domains\", \"vcc-supply\", \"pinctrl-0\"; }; };" RING(
		      "read-only"));
	path = dts_write(buffer, fdt_totalsize(buffer));
	snprintf(command, sizeof(command),
		 "dtc -I dtb -O dts -o /dev/null '%s' 2>&1", path);
	text = dts_run(command, &size);
	if (size != 0) {
		fail_msg("%.*s", (int)size, text);
	}
	free(text);
	remove(path);
	free(path);
}

/* Too small by any number of bytes: said so, and nothing written past it. */
static void test_every_size(void **state)
{
	size_t needed;

	(void)state;
	build("", "");
	needed = fdt_totalsize(buffer);
	for (size_t size = 0; size < needed + 64; size += 4) {
		void *exact = malloc(size + (size == 0));
		int result = guest_fdt_build(exact, size, &board, &cell,
					     &initrd, CONSOLE_INTID, &message);

		if (result < 0) {
			assert_int_equal(result, -HYP_E2BIG);
			assert_non_null(
				strstr(message.text, "does not fit in "));
		} else {
			assert_int_equal(result, needed);
			assert_memory_equal(exact, buffer, needed);
		}
		assert_true(result < 0 || size >= needed);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_what_every_cell_has, teardown),
		cmocka_unit_test_teardown(test_no_bootargs, teardown),
		cmocka_unit_test_teardown(test_initrd, teardown),
		cmocka_unit_test_teardown(test_cpus, teardown),
		cmocka_unit_test_teardown(test_moved_memory, teardown),
		cmocka_unit_test_teardown(test_gic_v3, teardown),
		cmocka_unit_test_teardown(test_gic_v2, teardown),
		cmocka_unit_test_teardown(test_device, teardown),
		cmocka_unit_test_teardown(test_only_used_clocks, teardown),
		cmocka_unit_test_teardown(test_uart, teardown),
		cmocka_unit_test_teardown(test_uart_elsewhere, teardown),
		cmocka_unit_test_teardown(test_uart_without_interrupt,
					  teardown),
		cmocka_unit_test_teardown(test_no_uart, teardown),
		cmocka_unit_test_teardown(test_device_references, teardown),
		cmocka_unit_test_teardown(test_resolved_references, teardown),
		cmocka_unit_test_teardown(test_device_behind_a_bus, teardown),
		cmocka_unit_test_teardown(test_device_without_interrupt,
					  teardown),
		cmocka_unit_test_teardown(test_shared_memory, teardown),
		cmocka_unit_test_teardown(test_dtc_accepts_it, teardown),
		cmocka_unit_test_teardown(test_every_size, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
