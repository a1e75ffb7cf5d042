// SPDX-License-Identifier: Apache-2.0
/* Reads and checks what a cell's config says of its virtual UART. */
#include <hyp/errno.h>
#include <hyp/vuart.h>
#include <string.h>

#include "config_reader.h"

/* A cell that has one of these needs no other, unless its config asks for it. */
static const char *const uart_compatibles[] = {
	"arm,pl011",	"arm,sbsa-uart", "cdns,uart-r1p8", "cdns,uart-r1p12",
	"xlnx,xuartps", "ns16550a",	 "ns16550",	   "snps,dw-apb-uart",
};

static bool has_assigned(const struct config_reader *reader,
			 const struct cell_config *config)
{
	for (unsigned int i = 0; i < config->device_count; i++) {
		if (tree_compatible_index(reader->board->fdt,
					  config->device[i].node,
					  uart_compatibles,
					  ARRAY_SIZE(uart_compatibles)) >= 0) {
			return true;
		}
	}
	return false;
}

static int uart_read_kind(const struct config_reader *reader, int node,
			  const struct cell_config *config,
			  struct uart_config *uart)
{
	static const char *const details[] = { "uart-address",
					       "uart-interrupt" };
	const char *kind = "";
	int error = config_text(reader, node, "uart", &kind, SIZE_MAX, NULL);

	if (error != 0) {
		return error;
	}
	if (strcmp(kind, "pl011") == 0) {
		uart->is_present = true;
	} else if (strcmp(kind, "none") == 0) {
		uart->is_present = false;
	} else if (kind[0] != '\0' ||
		   fdt_getprop(reader->blob, node, "uart", NULL) != NULL) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart: \"%s\" is no choice; write "
				    "\"pl011\" or \"none\"",
				    kind);
	} else {
		uart->is_present = reader->board->console.uart !=
					   BOARD_UART_NONE &&
				   !has_assigned(reader, config);
	}
	for (unsigned int i = 0; !uart->is_present && i < ARRAY_SIZE(details);
	     i++) {
		if (fdt_getprop(reader->blob, node, details[i], NULL) != NULL) {
			return config_error(reader, node, -HYP_EINVAL,
					    "%s: the cell has no virtual "
					    "UART; write uart = \"pl011\", or "
					    "leave it out",
					    details[i]);
		}
	}
	return 0;
}

static int uart_read_place(const struct config_reader *reader, int node,
			   struct uart_config *uart)
{
	const struct board_console *console = &reader->board->console;
	const fdt32_t *cells;
	unsigned int count = 1;
	int error;

	uart->base = ipa(console->registers.base.raw);
	uart->intid = console->intid;
	error = config_cells(reader, node, "uart-address", 2, &cells, &count,
			     console->uart == BOARD_UART_NONE ?
				     "uart-address = <HIGH LOW>, since the "
				     "board has no console to take it from" :
				     NULL);
	if (error != 0) {
		return error;
	}
	if (count != 1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart-address: %u addresses; write one "
				    "<HIGH LOW>",
				    count);
	}
	if (cells != NULL) {
		uart->base = ipa(tree_number(cells, 2));
	}
	error = config_u32(reader, node, "uart-interrupt", &uart->intid, NULL);
	if (error == 0 && uart->intid != 0 &&
	    (uart->intid < TREE_INTID_SPI ||
	     uart->intid >= TREE_INTID_SPI + TREE_SPI_COUNT)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart-interrupt: INTID %u is no SPI; write "
				    "32 to %u, or 0 for none",
				    uart->intid,
				    TREE_INTID_SPI + TREE_SPI_COUNT - 1);
	}
	return error;
}

/* What is already at that place in the cell's address space, or NULL. */
static const char *uart_obstacle(const struct config_reader *reader,
				 const struct cell_config *config,
				 uint64_t base)
{
	if (config_is_in_gic(reader->board, base, VUART_SIZE)) {
		return "the interrupt controller";
	}
	for (unsigned int i = 0; i < config->memory_count; i++) {
		if (range_overlaps(config->memory[i].ipa.raw,
				   config->memory[i].size, base, VUART_SIZE)) {
			return "the cell's memory";
		}
	}
	for (unsigned int i = 0; i < config->shared_count; i++) {
		const struct pa_range *memory =
			&config->shared[i].region->memory;

		if (range_overlaps(memory->base.raw, memory->size, base,
				   VUART_SIZE)) {
			return "shared memory";
		}
	}
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct device_config *device = &config->device[i];

		for (unsigned int j = 0; j < device->region_count; j++) {
			struct board_region region;

			/* Its whole pages: what is not the device's traps too. */
			if (board_region(reader->board, device->node, j,
					 &region, reader->message) == 0 &&
			    range_overlaps(region.range.base.raw & ~PAGE_MASK,
					   region.range.size +
						   (region.range.base.raw &
						    PAGE_MASK),
					   base, VUART_SIZE)) {
				return device->name;
			}
		}
	}
	return NULL;
}

static int uart_check(const struct config_reader *reader, int node,
		      const struct cell_config *config)
{
	const struct uart_config *uart = &config->uart;
	const unsigned long long base = uart->base.raw;
	const char *obstacle;
	uint32_t spi = uart->intid - TREE_INTID_SPI;

	if ((base & PAGE_MASK) != 0 || range_wraps(base, VUART_SIZE)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart-address: 0x%llx is no multiple of "
				    "0x1000 below 2^64",
				    base);
	}
	obstacle = uart_obstacle(reader, config, base);
	if (obstacle != NULL) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart-address: the virtual UART at 0x%llx "
				    "meets %s; give it another address, or "
				    "write uart = \"none\"",
				    base, obstacle);
	}
	if (uart->intid != 0 &&
	    (reader->spi_used[spi / 32] >> spi % 32 & 1) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "uart-interrupt: INTID %u is that of a "
				    "device of this cell; name another",
				    uart->intid);
	}
	return 0;
}

int config_uart_read(const struct config_reader *reader, int node,
		     struct cell_config *config)
{
	int error = uart_read_kind(reader, node, config, &config->uart);

	if (error != 0 || !config->uart.is_present) {
		return error;
	}
	error = uart_read_place(reader, node, &config->uart);
	return error != 0 ? error : uart_check(reader, node, config);
}
