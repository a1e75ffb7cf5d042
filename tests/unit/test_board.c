// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a board: QEMU's own trees, a tree with every form that "reg", "ranges"
 * and "interrupts" take, and damaged ones. The sentences of unusable boards are
 * tests/config/board-*.dts, see test_config.c.
 */
#include <hyp/board.h>
#include <hyp/errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dts.h"

static struct board board;
static struct message message;

static void read_board(const void *fdt, size_t size)
{
	if (board_read_console(&board, fdt, size, &message) != 0 ||
	    board_read(&board, &message) != 0) {
		fail_msg("%s", message.text);
	}
}

/* Reads good-board.dtsi with something behind it. */
static void *read_changed(const char *changes)
{
	char text[2048];
	size_t size;
	void *fdt;

	snprintf(text, sizeof(text), "#include \"good-board.dtsi\"\n%s",
		 changes);
	fdt = dts_compile_text(text, &size);
	read_board(fdt, size);
	return fdt;
}

/* The tree that QEMU makes for its virt machine. */
static void *read_virt(unsigned int gic_version)
{
	char *path = dts_write("", 0);
	char command[512];
	size_t size;
	void *fdt;

	snprintf(command, sizeof(command),
		 "qemu-system-aarch64 -M virt,virtualization=on,acpi=off,"
		 "gic-version=%u,dumpdtb=%s -cpu cortex-a57 -smp 4 -m 1G "
		 "-display none -nic none >/dev/null && cat %s",
		 gic_version, path, path);
	fdt = dts_run(command, &size);
	remove(path);
	free(path);
	read_board(fdt, size);
	return fdt;
}

static void assert_range(struct pa_range range, uint64_t base, uint64_t size)
{
	assert_int_equal(range.base.raw, base);
	assert_int_equal(range.size, size);
}

static void check_virt(void)
{
	struct board_region region;
	struct board_irq irq;
	int node;

	assert_int_equal(board.psci, BOARD_CONDUIT_SMC);
	assert_int_equal(board.console.uart, BOARD_UART_PL011);
	assert_range(board.console.registers, 0x09000000, 0x1000);
	assert_int_equal(board.console.intid, 33);
	assert_range(board.gic.distributor, 0x08000000, 0x10000);
	assert_int_equal(board.gic.maintenance_intid, 25);
	assert_int_equal(board.timer.secure, 29);
	assert_int_equal(board.timer.physical, 30);
	assert_int_equal(board.timer.virtual, 27);
	assert_int_equal(board.timer.hypervisor, 26);
	assert_int_equal(board.memory_count, 1);
	assert_range(board.memory[0], 0x40000000, 0x40000000);
	assert_int_equal(board.cpu_count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(board.cpu_mpidr[i], i);
	}
	assert_int_equal(board.initrd.size, 0);
	node = board_find_device(&board, NULL, "pl031@9010000", &message);
	assert_true(node > 0);
	assert_int_equal(board_region_count(&board, node, &message), 1);
	assert_int_equal(board_region(&board, node, 0, &region, &message), 0);
	assert_range(region.range, 0x09010000, 0x1000);
	assert_int_equal(board_irq_count(&board, node, &message), 1);
	assert_int_equal(board_irq(&board, node, 0, &irq, &message), 0);
	assert_int_equal(irq.intid, 34);
	assert_true(irq.is_level);
	node = board_find_device(&board, NULL, "virtio_mmio@a003e00", &message);
	assert_int_equal(board_irq(&board, node, 0, &irq, &message), 0);
	assert_int_equal(irq.intid, 79);
	assert_false(irq.is_level);
}

static void test_virt_gic_v3(void **state)
{
	void *fdt = read_virt(3);

	(void)state;
	check_virt();
	assert_int_equal(board.gic.version, BOARD_GIC_V3);
	assert_int_equal(board.gic.redistributor_count, 1);
	assert_range(board.gic.redistributor[0], 0x080a0000, 0xf60000);
	assert_int_equal(board.gic.redistributor_stride, 0);
	assert_int_equal(board.gic.cpu_interface.size, 0);
	free(fdt);
}

static void test_virt_gic_v2(void **state)
{
	void *fdt = read_virt(2);

	(void)state;
	check_virt();
	assert_int_equal(board.gic.version, BOARD_GIC_V2);
	assert_range(board.gic.cpu_interface, 0x08010000, 0x10000);
	assert_range(board.gic.hyp_interface, 0x08030000, 0x10000);
	assert_range(board.gic.virtual_interface, 0x08040000, 0x10000);
	assert_int_equal(board.gic.interface_stride, 0x1000);
	assert_int_equal(board.gic.redistributor_count, 0);
	free(fdt);
}

/* A second kind of board: another console, GICC's pages 64 KiB apart. */
static void test_zcu102(void **state)
{
	struct board_irq irq;
	size_t size;
	void *fdt = dts_compile_file("configs/zcu102/tree/board.dts", &size);
	int node;

	(void)state;
	read_board(fdt, size);
	assert_int_equal(board.psci, BOARD_CONDUIT_SMC);
	assert_int_equal(board.console.uart, BOARD_UART_CADENCE);
	assert_range(board.console.registers, 0xff000000, 0x1000);
	assert_int_equal(board.console.intid, 53);
	assert_int_equal(board.gic.version, BOARD_GIC_V2);
	assert_range(board.gic.cpu_interface, 0xf9020000, 0x20000);
	assert_int_equal(board.gic.interface_stride, 0x10000);
	assert_int_equal(board.cpu_count, 4);
	node = board_find_device(&board, NULL, "timer@ff110000", &message);
	assert_int_equal(board_irq_count(&board, node, &message), 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(board_irq(&board, node, i, &irq, &message), 0);
		assert_int_equal(irq.intid, 68 + i);
		assert_true(irq.is_level);
	}
	free(fdt);
}

/* GICC and GICV are mapped alike, so both must be as wide. */
static void test_interface_stride(void **state)
{
	static const struct {
		const char *interface, *virtual;
		uint64_t stride;
	} cases[] = {
		{ "0x1000", "0x2000", 0x1000 },
		{ "0x2000", "0x2000", 0x1000 },
		{ "0x10000", "0x10000", 0x1000 },
		{ "0x20000", "0x10000", 0x1000 },
		{ "0x2000", "0x20000", 0x1000 },
		{ "0x20000", "0x20000", 0x10000 },
	};
	char changes[400];
	void *fdt;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(changes, sizeof(changes),
			 "&gic { compatible = \"arm,gic-400\"; "
			 "reg = <0 0x8000000 0 0x1000>, <0 0x8020000 0 %s>, "
			 "<0 0x8040000 0 0x2000>, <0 0x8060000 0 %s>; };",
			 cases[i].interface, cases[i].virtual);
		fdt = read_changed(changes);
		assert_int_equal(board.gic.interface_stride, cases[i].stride);
		free(fdt);
	}
}

static void test_facts(void **state)
{
	void *fdt = read_changed("");

	(void)state;
	/* An empty bank is left out, and bit 31 of a "reg" is no affinity. */
	assert_int_equal(board.memory_count, 2);
	assert_range(board.memory[1], 0x900000000, 0x10000000);
	assert_int_equal(board.cpu_count, 4);
	assert_int_equal(board.cpu_mpidr[0], 0);
	assert_int_equal(board.cpu_mpidr[3], 0x101);
	assert_string_equal(board_node_name(&board, board.cpu_node[2]),
			    "cpu@100");
	assert_range(board.initrd, 0x48000000, 0x1000);
	assert_int_equal(board.timer.flags, 8);
	free(fdt);
}

static void test_redistributors(void **state)
{
	void *fdt = read_changed(
		"&gic { #redistributor-regions = <2>; "
		"redistributor-stride = <0x0 0x40000>; "
		"reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x40000 "
		"0 0x81a0000 0 0x80000 0 0x8400000 0 0x2000>; };");

	(void)state;
	assert_int_equal(board.gic.redistributor_count, 2);
	assert_range(board.gic.redistributor[1], 0x081a0000, 0x80000);
	assert_int_equal(board.gic.redistributor_stride, 0x40000);
	free(fdt);
}

static void test_cpus_past_the_table(void **state)
{
	char text[2048] = "&cpus {";
	void *fdt;

	(void)state;
	for (unsigned int i = 0; i < CONFIG_CPUS_MAX; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used,
			 "cpu@%x { device_type = \"cpu\"; reg = <%u>; };",
			 0x200 + i, 0x200 + i);
	}
	strcat(text, "};");
	fdt = read_changed(text);
	assert_int_equal(board.cpu_count, CONFIG_CPUS_MAX);
	free(fdt);
}

static void test_cpu_status(void **state)
{
	/* Off until it is started, as against broken. */
	void *fdt = read_changed("&cpu1 { status = \"disabled\"; };"
				 "&cpu2 { status = \"fail\"; };");

	(void)state;
	assert_int_equal(board.cpu_count, 3);
	assert_int_equal(board.cpu_mpidr[1], 1);
	assert_int_equal(board.cpu_mpidr[2], 0x101);
	free(fdt);
}

static void test_psci_by_hvc(void **state)
{
	void *fdt = read_changed("&psci { method = \"hvc\"; };");

	(void)state;
	assert_int_equal(board.psci, BOARD_CONDUIT_HVC);
	free(fdt);
}

/* What the console is, by what /chosen and the UARTs say. */
static void test_console(void **state)
{
	static const struct {
		const char *changes;
		enum board_uart uart;
		uint64_t base;
	} cases[] = {
		{ "&chosen { stdout-path = \"/pl011@9000000:9600\"; };",
		  BOARD_UART_PL011, 0x9000000 },
		{ "&chosen { /delete-property/ stdout-path; };",
		  BOARD_UART_PL011, 0x9000000 },
		{ "&chosen { stdout-path = \"serial7\"; };", BOARD_UART_PL011,
		  0x9000000 },
		{ "/delete-node/ &chosen; /delete-node/ &aliases;",
		  BOARD_UART_PL011, 0x9000000 },
		/* An alias of itself must not go round for ever. */
		{ "&aliases { serial0 = \"serial0\"; };", BOARD_UART_PL011,
		  0x9000000 },
		{ "&chosen { stdout-path = \"/bus@a000000/gpio@1000\"; };",
		  BOARD_UART_NONE, 0 },
		{ "&chosen { stdout-path = \"/bus@a000000/twin@2000\"; };"
		  "&twin0 { compatible = \"xlnx,xuartps\"; };",
		  BOARD_UART_CADENCE, 0xa002000 },
		{ "/delete-node/ &uart; &twin0 { compatible = "
		  "\"cdns,uart-r1p8\"; };",
		  BOARD_UART_CADENCE, 0xa002000 },
		{ "/delete-node/ &uart;", BOARD_UART_NONE, 0 },
		{ "&uart { status = \"disabled\"; };"
		  "&chosen { /delete-property/ stdout-path; };",
		  BOARD_UART_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *fdt = read_changed(cases[i].changes);

		if (board.console.uart != cases[i].uart ||
		    board.console.registers.base.raw != cases[i].base) {
			fail_msg("%s", cases[i].changes);
		}
		free(fdt);
	}
}

static void test_regions_through_ranges(void **state)
{
	void *fdt = read_changed("");
	struct board_region region;
	int node = board_find_device(&board, "/bus@a000000/gpio@1000", NULL,
				     &message);

	(void)state;
	assert_int_equal(board_region_count(&board, node, &message), 2);
	assert_int_equal(board_region(&board, node, 0, &region, &message), 0);
	assert_range(region.range, 0x0a001000, 0x200);
	assert_int_equal(board_region(&board, node, 1, &region, &message), 0);
	assert_range(region.range, 0x980000000, 0x1000);
	assert_int_equal(board_region(&board, node, 2, &region, &message),
			 -HYP_EINVAL);
	assert_string_equal(message.text,
			    "region 2 of gpio@1000: its \"reg\" in the board's "
			    "tree has too few entries");
	free(fdt);
}

/* A region must be in one range as a whole, not with its first byte only. */
static void test_region_past_its_range(void **state)
{
	void *fdt = read_changed("&edge { reg = <0xff000 0x2000>; };");
	/* The other of that name is on a disabled bus and does not count. */
	int node = board_find_device(&board, NULL, "gpio@1000", &message);

	(void)state;
	assert_true(node > 0);
	assert_int_equal(board_region_count(&board, node, &message),
			 -HYP_EINVAL);
	free(fdt);
}

static void test_interrupts_extended(void **state)
{
	static const uint32_t intids[] = { 68, 69, 70 };
	static const bool is_level[] = { true, false, true };
	void *fdt = read_changed("");
	int node = board_find_device(&board, NULL, "timer@9040000", &message);
	struct board_irq irq;

	(void)state;
	assert_int_equal(board_irq_count(&board, node, &message), 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(board_irq(&board, node, i, &irq, &message), 0);
		assert_int_equal(irq.intid, intids[i]);
		assert_int_equal(irq.is_level, is_level[i]);
	}
	assert_int_equal(board_irq(&board, node, 3, &irq, &message),
			 -HYP_EINVAL);
	assert_string_equal(message.text,
			    "interrupt 3 of timer@9040000 in the board's tree "
			    "does not exist, so it cannot be assigned");
	free(fdt);
}

/* Specifiers of two controllers with unlike numbers of cells in one list. */
static void test_interrupts_of_two_controllers(void **state)
{
	void *fdt = read_changed("&rtc { interrupts-extended = <&gpio 1 4>, "
				 "<&gic 0 90 2>; };");
	int node = board_find_device(&board, NULL, "pl031@9010000", &message);
	struct board_irq irq;

	(void)state;
	assert_int_equal(board_irq_count(&board, node, &message), 2);
	assert_int_equal(board_irq(&board, node, 0, &irq, &message),
			 -HYP_EINVAL);
	assert_int_equal(board_irq(&board, node, 1, &irq, &message), 0);
	assert_int_equal(irq.intid, 122);
	assert_false(irq.is_level);
	free(fdt);
}

static void test_interrupt_parent_of_a_bus(void **state)
{
	void *fdt = read_changed("&soc { interrupt-parent = <&gpio>; };");
	int node = board_find_device(&board, "/bus@a000000/gpio@1000", NULL,
				     &message);
	struct board_irq irq;

	(void)state;
	/* Three cells where the GPIO's specifiers have two: malformed. */
	assert_int_equal(board_irq_count(&board, node, &message), -HYP_EINVAL);
	assert_int_equal(board_irq(&board, node, 0, &irq, &message),
			 -HYP_EINVAL);
	free(fdt);
}

static bool is_used(const uint32_t *used, uint32_t spi)
{
	return (used[spi / 32] >> spi % 32 & 1) != 0;
}

static void test_spis_used(void **state)
{
	static const uint32_t named[] = { 1, 2, 7, 36, 37, 38, 40, 41, 60 };
	uint32_t used[BOARD_SPI_WORDS];
	unsigned int count = 0;
	void *fdt = read_changed(
		"&edge { interrupts = <0 987 1>; };"
		"&twin0 { interrupts-extended = <&gpio 5 4>, <&gic 0 300 4>; };"
		"/ { pcie { #interrupt-cells = <1>; interrupt-map = "
		"<0 0 0 99 &gic 0 0 0 400 4 0 0 0 98 &gic 0 0 0 401 4>, <0>; };"
		"};");

	(void)state;
	board_spis_used(&board, used);
	for (size_t i = 0; i < ARRAY_SIZE(named) - 1; i++) {
		assert_true(is_used(used, named[i]));
	}
	assert_true(is_used(used, 987));
	assert_true(is_used(used, 300)); /* behind one of another controller */
	assert_true(is_used(used, 400));
	assert_true(is_used(used, 401));
	/* PPI 9, what was overwritten, a GPIO's 5, and no other. */
	assert_false(is_used(used, 9));
	assert_false(is_used(used, 60));
	assert_false(is_used(used, 5));
	for (uint32_t spi = 0; spi < 32 * BOARD_SPI_WORDS; spi++) {
		count += is_used(used, spi) ? 1 : 0;
	}
	/* And 100 to 164 of many@90c0000, 51 of one with a bad trigger. */
	assert_int_equal(count, 8 + 1 + 1 + 2 + 65 + 1);
	free(fdt);
}

static void test_compatibles(void **state)
{
	void *fdt = read_changed("");

	(void)state;
	assert_int_equal(board_compatible_count(
				 &board,
				 board_find_device(&board, NULL,
						   "pl031@9010000", &message),
				 &message),
			 2);
	assert_int_equal(board_compatible_count(&board,
						fdt_path_offset(fdt, "/chosen"),
						&message),
			 0);
	free(fdt);
}

static void test_offset_that_is_no_node(void **state)
{
	void *fdt = read_changed("");
	int node = board_find_device(&board, NULL, "pl031@9010000", &message);
	struct board_region region;

	(void)state;
	assert_int_equal(board_region(&board, node + 4, 0, &region, &message),
			 -HYP_EINVAL);
	assert_memory_equal(message.text, "no node at offset ", 18);
	assert_int_equal(board_irq_count(&board, 1 << 20, NULL), -HYP_EINVAL);
	free(fdt);
}

static void test_damaged_headers(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *problem;
	} cases[] = {
		{ offsetof(struct fdt_header, magic), 0x27051956,
		  "does not begin with a device tree's magic number" },
		{ offsetof(struct fdt_header, totalsize), 0x7fffffff,
		  "is cut short" },
		{ offsetof(struct fdt_header, totalsize), 0, "is cut short" },
		{ offsetof(struct fdt_header, version), 16,
		  "is of another version than 17" },
		{ offsetof(struct fdt_header, last_comp_version), 18,
		  "is of another version than 17" },
		{ offsetof(struct fdt_header, off_dt_struct), 0,
		  "has a damaged header" },
		{ offsetof(struct fdt_header, off_dt_struct), 0xfffffffc,
		  "has a damaged header" },
		{ offsetof(struct fdt_header, off_dt_strings), 0xfffffffc,
		  "has a damaged header" },
		{ offsetof(struct fdt_header, size_dt_struct), 0xfffffffc,
		  "has a damaged header" },
		{ offsetof(struct fdt_header, size_dt_struct), 0,
		  "is damaged" },
		{ offsetof(struct fdt_header, size_dt_strings), 0,
		  "is damaged" },
		{ offsetof(struct fdt_header, off_mem_rsvmap), 0xfffffff8,
		  "has a damaged header" },
	};
	size_t size;
	uint8_t *fdt = dts_compile_file(DTS_FOLDER "/good-board.dtsi", &size);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t kept[4];
		const uint32_t value = cpu_to_fdt32(cases[i].value);

		memcpy(kept, fdt + cases[i].offset, 4);
		memcpy(fdt + cases[i].offset, &value, 4);
		assert_int_equal(board_read_console(&board, fdt, size,
						    &message),
				 -HYP_EBADMSG);
		assert_memory_equal(message.text, "the board's device tree ",
				    24);
		assert_string_equal(message.text + 24, cases[i].problem);
		memcpy(fdt + cases[i].offset, kept, 4);
	}
	assert_int_equal(board_read_console(&board, fdt, size, &message), 0);
	assert_int_equal(board_read_console(&board, fdt, 39, &message),
			 -HYP_EBADMSG);
	free(fdt);
}

static void test_nested_too_deep(void **state)
{
	size_t size;
	void *fdt = dts_compile_text(
		"/dts-v1/; / { a { a { a { a { a { a { a { a { a { a { a { a {"
		"}; }; }; }; }; }; }; }; }; }; }; }; };",
		&size);

	(void)state;
	assert_int_equal(board_read_console(&board, fdt, size, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text,
			    "the board's device tree is nested deeper than 12 "
			    "nodes");
	free(fdt);
}

/* The length that fdt_next_tag() of libfdt 1.6.1 takes for no step at all. */
static void test_property_length_that_does_not_end(void **state)
{
	size_t size;
	uint8_t *fdt = dts_compile_text("/dts-v1/; / { a = <1>; };", &size);
	uint8_t *length = fdt + fdt_off_dt_struct(fdt) + 12;

	(void)state;
	assert_int_equal(length[3], 4);
	memcpy(length, "\xff\xff\xff\xf4", 4);
	assert_int_equal(board_read_console(&board, fdt, size, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text, "the board's device tree is damaged");
	free(fdt);
}

/*
 * Every byte set to some values: refused or not, but never a crash, and what
 * is accepted is accepted by libfdt's own check too.
 */
static void test_any_byte_may_be_wrong(void **state)
{
	static const uint8_t values[] = { 0x00, 0x02, 0x09, 0x7f, 0x80, 0xff };
	size_t size;
	uint8_t *good = dts_compile_file(DTS_FOLDER "/good-board.dtsi", &size);

	(void)state;
	for (size_t at = 0; at < size; at += at < 512 ? 1 : 7) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t *fdt = malloc(size);
			struct board_region region;
			struct board_irq irq;
			int node;

			memcpy(fdt, good, size);
			fdt[at] = values[i];
			if (board_read_console(&board, fdt, size, NULL) != 0 ||
			    board_read(&board, NULL) != 0) {
				free(fdt);
				continue;
			}
			assert_int_equal(fdt_check_full(fdt, size), 0);
			node = board_find_device(&board, NULL, "timer@9040000",
						 NULL);
			if (node >= 0 &&
			    board_irq(&board, node, 2, &irq, NULL) == 0 &&
			    board_region(&board, node, 0, &region, NULL) == 0) {
				assert_in_range(irq.intid, 32, 1019);
			}
			free(fdt);
		}
	}
	free(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_virt_gic_v3),
		cmocka_unit_test(test_virt_gic_v2),
		cmocka_unit_test(test_zcu102),
		cmocka_unit_test(test_interface_stride),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_redistributors),
		cmocka_unit_test(test_cpus_past_the_table),
		cmocka_unit_test(test_cpu_status),
		cmocka_unit_test(test_psci_by_hvc),
		cmocka_unit_test(test_console),
		cmocka_unit_test(test_regions_through_ranges),
		cmocka_unit_test(test_region_past_its_range),
		cmocka_unit_test(test_interrupts_extended),
		cmocka_unit_test(test_interrupts_of_two_controllers),
		cmocka_unit_test(test_interrupt_parent_of_a_bus),
		cmocka_unit_test(test_spis_used),
		cmocka_unit_test(test_compatibles),
		cmocka_unit_test(test_offset_that_is_no_node),
		cmocka_unit_test(test_damaged_headers),
		cmocka_unit_test(test_nested_too_deep),
		cmocka_unit_test(test_property_length_that_does_not_end),
		cmocka_unit_test(test_any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
