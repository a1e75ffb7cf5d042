// SPDX-License-Identifier: Apache-2.0
/* Writes the device tree that a cell finds: what every cell has, whoever it is. */
#include <hyp/errno.h>
#include <hyp/vuart.h>
#include <string.h>

#include "guest_fdt_writer.h"

/* The GIC's phandle where the board's tree gives it none */
#define GUEST_GIC_PHANDLE 0x7ffffffe

/* That of the virtual UART's clock, and its rate */
#define GUEST_UART_PHANDLE 0x7ffffffd
#define GUEST_UART_HZ 24000000
#define GUEST_UART_NAME_SIZE 32

/* A redistributor of GICv3 is two frames: IHI 0069H.b 12.10, RD_base, SGI_base */
#define GUEST_REDISTRIBUTOR_SIZE UINT64_C(0x20000)

#define GUEST_IRQ_LEVEL_HIGH 4u
#define GUEST_IRQ_EDGE_RISING 1u

void guest_begin(struct guest_writer *writer, const char *name)
{
	if (writer->error == 0) {
		writer->error = fdt_begin_node(writer->fdt, name);
	}
}

void guest_end(struct guest_writer *writer)
{
	if (writer->error == 0) {
		writer->error = fdt_end_node(writer->fdt);
	}
}

void *guest_space(struct guest_writer *writer, const char *name, size_t size)
{
	void *value = NULL;

	if (writer->error == 0) {
		writer->error = fdt_property_placeholder(writer->fdt, name,
							 (int)size, &value);
	}
	return writer->error == 0 ? value : NULL;
}

void guest_bytes(struct guest_writer *writer, const char *name,
		 const void *value, size_t size)
{
	void *to = guest_space(writer, name, size);

	if (to != NULL && size != 0) {
		memcpy(to, value, size);
	}
}

void guest_text(struct guest_writer *writer, const char *name, const char *text)
{
	guest_bytes(writer, name, text, strlen(text) + 1);
}

void guest_cell(struct guest_writer *writer, const char *name, uint32_t value)
{
	uint8_t *to = guest_space(writer, name, sizeof(value));

	if (to != NULL) {
		guest_store(to, value);
	}
}

uint8_t *guest_store(uint8_t *to, uint32_t cell)
{
	to[0] = (uint8_t)(cell >> 24);
	to[1] = (uint8_t)(cell >> 16);
	to[2] = (uint8_t)(cell >> 8);
	to[3] = (uint8_t)cell;
	return to + 4;
}

uint8_t *guest_store_range(uint8_t *to, uint64_t base, uint64_t size)
{
	to = guest_store(to, (uint32_t)(base >> 32));
	to = guest_store(to, (uint32_t)base);
	to = guest_store(to, (uint32_t)(size >> 32));
	return guest_store(to, (uint32_t)size);
}

static unsigned int guest_cpu_count(const struct cell_config *config)
{
	unsigned int count = 0;

	/* A built-in would want a function of libgcc, which EL2 lacks. */
	for (uint32_t cpus = config->cpus; cpus != 0; cpus &= cpus - 1) {
		count++;
	}
	return count;
}

static uint32_t guest_gic_phandle(const struct board *board)
{
	uint32_t phandle = fdt_get_phandle(board->fdt, board->gic.node);

	return phandle != 0 ? phandle : GUEST_GIC_PHANDLE;
}

static void guest_write_psci(struct guest_writer *writer)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	guest_begin(writer, "psci");
	guest_bytes(writer, "compatible", compatible, sizeof(compatible));
	guest_text(writer, "method", "hvc");
	guest_end(writer);
}

static NOINLINE void guest_write_cpus(struct guest_writer *writer)
{
	const struct board *board = writer->board;
	uint32_t index = 0;

	guest_begin(writer, "cpus");
	guest_cell(writer, "#address-cells", 1);
	guest_cell(writer, "#size-cells", 0);
	for (unsigned int i = 0; i < board->cpu_count; i++) {
		char name[16];
		int size;
		const void *compatible;

		if ((writer->config->cpus >> i & 1) == 0) {
			continue;
		}
		text_format(name, sizeof(name), "cpu@%x", index);
		guest_begin(writer, name);
		guest_text(writer, "device_type", "cpu");
		compatible = fdt_getprop(board->fdt, board->cpu_node[i],
					 "compatible", &size);
		if (compatible != NULL) {
			guest_bytes(writer, "compatible", compatible,
				    (size_t)size);
		}
		guest_cell(writer, "reg", index++);
		guest_text(writer, "enable-method", "psci");
		guest_end(writer);
	}
	guest_end(writer);
}

static NOINLINE void guest_write_memory(struct guest_writer *writer)
{
	const struct cell_config *config = writer->config;
	char name[32];
	uint8_t *to;

	text_format(name, sizeof(name), "memory@%llx",
		    (unsigned long long)config->memory[0].ipa.raw);
	guest_begin(writer, name);
	guest_text(writer, "device_type", "memory");
	to = guest_space(writer, "reg", config->memory_count * 16);
	for (unsigned int i = 0; to != NULL && i < config->memory_count; i++) {
		to = guest_store_range(to, config->memory[i].ipa.raw,
				       config->memory[i].size);
	}
	guest_end(writer);
}

/* Shared memory; its number is the one that BH_DOORBELL takes. */
static NOINLINE void guest_write_shared(struct guest_writer *writer,
					unsigned int index)
{
	const struct shared_use *use = &writer->config->shared[index];
	const struct pa_range *memory = &use->region->memory;
	char name[40];
	uint8_t *to;

	text_format(name, sizeof(name), "shared-memory@%llx",
		    (unsigned long long)memory->base.raw);
	guest_begin(writer, name);
	guest_text(writer, "compatible", "bulkhead,shared-memory-v1");
	to = guest_space(writer, "reg", 16);
	if (to != NULL) {
		guest_store_range(to, memory->base.raw, memory->size);
	}
	to = guest_space(writer, "interrupts", 12);
	if (to != NULL) {
		to = guest_store(to, TREE_IRQ_SPI);
		to = guest_store(to, use->intid - TREE_INTID_SPI);
		guest_store(to, GUEST_IRQ_EDGE_RISING);
	}
	guest_text(writer, "label", use->region->name);
	guest_cell(writer, "bulkhead,doorbell", index);
	if (!use->is_writable) {
		guest_bytes(writer, "read-only", NULL, 0);
	}
	guest_end(writer);
}

/* The virtual GIC: frames at the board's addresses, but only what a cell has. */
static NOINLINE void guest_write_gic(struct guest_writer *writer)
{
	const struct board_gic *gic = &writer->board->gic;
	struct pa_range second = gic->cpu_interface;
	char name[32];
	int size;
	const void *compatible =
		fdt_getprop(writer->board->fdt, gic->node, "compatible", &size);
	uint8_t *to;

	if (gic->version == BOARD_GIC_V3) {
		second.base = gic->redistributor[0].base;
		second.size = guest_cpu_count(writer->config) *
			      GUEST_REDISTRIBUTOR_SIZE;
	}
	text_format(name, sizeof(name), "intc@%llx",
		    (unsigned long long)gic->distributor.base.raw);
	guest_begin(writer, name);
	guest_bytes(writer, "compatible", compatible, (size_t)size);
	guest_bytes(writer, "interrupt-controller", NULL, 0);
	guest_cell(writer, "#interrupt-cells", 3);
	guest_cell(writer, "#address-cells", 2);
	guest_cell(writer, "#size-cells", 2);
	to = guest_space(writer, "reg", 32);
	if (to != NULL) {
		to = guest_store_range(to, gic->distributor.base.raw,
				       gic->distributor.size);
		guest_store_range(to, second.base.raw, second.size);
	}
	guest_cell(writer, "phandle", guest_gic_phandle(writer->board));
	guest_end(writer);
}

static NOINLINE void guest_write_timer(struct guest_writer *writer)
{
	const struct board_timer *timer = &writer->board->timer;
	const uint32_t intids[] = { timer->secure, timer->physical,
				    timer->virtual, timer->hypervisor };
	uint32_t flags = timer->flags & 0xf;
	uint8_t *to;

	if (writer->board->gic.version == BOARD_GIC_V2) {
		/* Bits 15:8 of a PPI's flags: the CPUs that have it. */
		uint32_t cpus = UINT32_C(1) << guest_cpu_count(writer->config);

		flags |= (cpus - 1) << 8;
	}
	guest_begin(writer, "timer");
	guest_copy(writer, timer->node);
	to = guest_space(writer, "interrupts", ARRAY_SIZE(intids) * 12);
	for (unsigned int i = 0; to != NULL && i < ARRAY_SIZE(intids); i++) {
		to = guest_store(to, TREE_IRQ_PPI);
		to = guest_store(to, intids[i] - TREE_INTID_PPI);
		to = guest_store(to, flags);
	}
	guest_end(writer);
}

static void guest_write_hypervisor(struct guest_writer *writer,
				   uint32_t console_intid)
{
	uint8_t *to;

	guest_begin(writer, "hypervisor");
	guest_text(writer, "compatible", "bulkhead,hypervisor-v1");
	guest_text(writer, "method", "hvc");
	guest_text(writer, "cell-name", writer->config->name);
	to = guest_space(writer, "interrupts", 12);
	if (to != NULL) {
		to = guest_store(to, TREE_IRQ_PPI);
		to = guest_store(to, console_intid - TREE_INTID_PPI);
		guest_store(to, GUEST_IRQ_LEVEL_HIGH);
	}
	guest_end(writer);
}

static void guest_address(struct guest_writer *writer, const char *name,
			  uint64_t address)
{
	uint8_t *to = guest_space(writer, name, 8);

	if (to != NULL) {
		to = guest_store(to, (uint32_t)(address >> 32));
		guest_store(to, (uint32_t)address);
	}
}

static void guest_uart_name(const struct guest_writer *writer, char *name)
{
	text_format(name, GUEST_UART_NAME_SIZE, "serial@%llx",
		    (unsigned long long)writer->config->uart.base.raw);
}

/* What the program is started with, by the names that boot loaders use. */
static NOINLINE void guest_write_chosen(struct guest_writer *writer)
{
	const struct image_part *initrd = writer->initrd;
	char path[GUEST_UART_NAME_SIZE + 1] = "/";

	guest_begin(writer, "chosen");
	if (writer->config->bootargs[0] != '\0') {
		guest_text(writer, "bootargs", writer->config->bootargs);
	}
	if (initrd->file_size != 0) {
		guest_address(writer, "linux,initrd-start", initrd->to.raw);
		guest_address(writer, "linux,initrd-end",
			      initrd->to.raw + initrd->file_size);
	}
	if (writer->config->uart.is_present) {
		guest_uart_name(writer, path + 1);
		guest_text(writer, "stdout-path", path);
	}
	guest_end(writer);
}

/* The virtual UART, and the clock that a driver of a PL011 asks for. */
static NOINLINE void guest_write_uart(struct guest_writer *writer)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	const struct uart_config *uart = &writer->config->uart;
	char name[GUEST_UART_NAME_SIZE];
	uint8_t *to;

	if (!uart->is_present) {
		return;
	}
	guest_begin(writer, "uart-clock");
	guest_text(writer, "compatible", "fixed-clock");
	guest_cell(writer, "#clock-cells", 0);
	guest_cell(writer, "clock-frequency", GUEST_UART_HZ);
	guest_cell(writer, "phandle", GUEST_UART_PHANDLE);
	guest_end(writer);
	guest_uart_name(writer, name);
	guest_begin(writer, name);
	guest_bytes(writer, "compatible", compatible, sizeof(compatible));
	to = guest_space(writer, "reg", 16);
	if (to != NULL) {
		guest_store_range(to, uart->base.raw, VUART_SIZE);
	}
	to = uart->intid == 0 ? NULL : guest_space(writer, "interrupts", 12);
	if (to != NULL) {
		to = guest_store(to, TREE_IRQ_SPI);
		to = guest_store(to, uart->intid - TREE_INTID_SPI);
		guest_store(to, GUEST_IRQ_LEVEL_HIGH);
	}
	to = guest_space(writer, "clocks", 8);
	if (to != NULL) {
		guest_store(guest_store(to, GUEST_UART_PHANDLE),
			    GUEST_UART_PHANDLE);
	}
	guest_bytes(writer, "clock-names", clock_names, sizeof(clock_names));
	guest_end(writer);
}

static NOINLINE void guest_write_root(struct guest_writer *writer,
				      uint32_t console_intid)
{
	guest_begin(writer, "");
	guest_cell(writer, "#address-cells", 2);
	guest_cell(writer, "#size-cells", 2);
	guest_text(writer, "compatible", "bulkhead,cell-v1");
	guest_text(writer, "model", "Bulkhead cell");
	guest_cell(writer, "interrupt-parent",
		   guest_gic_phandle(writer->board));
	guest_write_chosen(writer);
	guest_write_hypervisor(writer, console_intid);
	guest_write_psci(writer);
	guest_write_cpus(writer);
	guest_write_memory(writer);
	guest_write_gic(writer);
	guest_write_timer(writer);
	guest_write_clocks(writer);
	guest_write_uart(writer);
	guest_write_devices(writer);
	for (unsigned int i = 0; i < writer->config->shared_count; i++) {
		guest_write_shared(writer, i);
	}
	guest_end(writer);
}

int guest_fdt_build(void *buffer, size_t size, const struct board *board,
		    const struct cell_config *config,
		    const struct image_part *initrd, uint32_t console_intid,
		    struct message *message)
{
	struct guest_writer writer = {
		.fdt = buffer,
		.board = board,
		.config = config,
		.initrd = initrd,
	};

	/* Looking names up costs more than storing one twice. */
	writer.error = fdt_create_with_flags(buffer, (int)size,
					     FDT_CREATE_FLAG_NO_NAME_DEDUP);
	if (writer.error == 0) {
		writer.error = fdt_finish_reservemap(buffer);
	}
	guest_write_root(&writer, console_intid);
	if (writer.error == 0) {
		writer.error = fdt_finish(buffer);
	}
	if (writer.error != 0) {
		return message_set(message, -HYP_E2BIG,
				   "cell %s: its device tree does not fit in "
				   "%zu bytes",
				   config->name, size);
	}
	return (int)fdt_totalsize(buffer);
}
