// SPDX-License-Identifier: Apache-2.0
/* How a device is assigned: deadline, mapping, interrupt paths, DMA and reset. */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

/*
 * The reviewed list: devices that never master the bus, by what their manuals
 * say of their bus ports. All of them are slaves of an APB or of an APB-like
 * port and have no address register that they could read or write memory with.
 * Where one has request lines to a DMA controller, that is another device: it
 * masters the bus, and would have to be assigned to do harm. Who adds a line
 * here reads the manual first.
 */
static const char *const device_not_masters[] = {
	"arm,pl011",	      /* UART, DDI 0183: APB slave, DMA requests only */
	"arm,sbsa-uart",      /* the same with fewer registers */
	"arm,pl022",	      /* SPI, DDI 0194: APB slave, DMA requests only */
	"arm,pl031",	      /* RTC, DDI 0224: APB slave */
	"arm,pl050",	      /* keyboard and mouse, DDI 0143: APB slave */
	"arm,pl061",	      /* GPIO, DDI 0190: APB slave */
	"arm,sp804",	      /* two timers, DDI 0271: APB slave */
	"arm,sp805",	      /* watchdog, DDI 0270: APB slave */
	"cdns,ttc",	      /* three timers, UG1085: APB slave */
	"cdns,uart-r1p8",     /* UART, UG1085: APB slave, no DMA */
	"cdns,uart-r1p12",    /* the same */
	"xlnx,xuartps",	      /* the same */
	"cdns,wdt-r1p2",      /* watchdog, UG1085: APB slave */
	"xlnx,zynqmp-rtc",    /* RTC, UG1085: APB slave */
	"xlnx,zynq-gpio-1.0", /* GPIO, UG585: APB slave */
	"xlnx,zynqmp-gpio-1.0", /* GPIO, UG1085: APB slave */
};

static bool device_text_is(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

static int device_read_irqfd(const struct config_reader *reader, int node,
			     struct device_config *device)
{
	const uint64_t all = device->irq_count == DEVICE_IRQ_MAX ?
				     UINT64_MAX :
				     BIT(device->irq_count) - 1;
	const fdt32_t *cells;
	unsigned int count = 0;
	int error =
		config_cells(reader, node, "x-irqfd", 1, &cells, &count, NULL);

	device->irqfd = all;
	if (error != 0 || cells == NULL) {
		return error;
	}
	if (count != 1 && count != device->irq_count) {
		return config_error(reader, node, -HYP_EINVAL,
				    "x-irqfd: %u values for %u interrupts; "
				    "write one for all, or one for each",
				    count, device->irq_count);
	}
	for (unsigned int i = 0; i < count; i++) {
		uint32_t value = fdt32_to_cpu(cells[i]);

		if (value > 1) {
			return config_error(reader, node, -HYP_EINVAL,
					    "x-irqfd: value %u is neither 0 "
					    "(trapped) nor 1 (linked)",
					    value);
		}
		if (value == 0) {
			device->irqfd &= count == 1 ? 0 : ~BIT(i);
		}
	}
	return 0;
}

static bool device_is_identity_mapped(const struct cell_config *config)
{
	for (unsigned int i = 0; i < config->memory_count; i++) {
		if (config->memory[i].ipa.raw != config->memory[i].base.raw) {
			return false;
		}
	}
	return true;
}

static int device_read_dma(const struct config_reader *reader,
			   const struct cell_config *config, int node,
			   struct device_config *device)
{
	const struct board *board = reader->board;
	const char *dma = NULL;
	int error = config_text(reader, node, "dma", &dma, SIZE_MAX, NULL);

	device->dma = DEVICE_DMA_NONE;
	if (error != 0 || device_text_is(dma, "none")) {
		return error;
	}
	if (dma == NULL) {
		if (tree_compatible_index(
			    board->fdt, device->node, device_not_masters,
			    ARRAY_SIZE(device_not_masters)) >= 0) {
			return 0;
		}
		return config_error(reader, node, -HYP_EINVAL,
				    "dma: missing, and %s may master the bus; "
				    "write dma = \"none\" if it does not, or "
				    "\"identity-unprotected\" to trust it with "
				    "all memory",
				    board_node_name(board, device->node));
	}
	if (!device_text_is(dma, "identity-unprotected")) {
		return config_error(reader, node, -HYP_EINVAL,
				    "dma: \"%s\" is no choice; write \"none\" "
				    "or \"identity-unprotected\"",
				    dma);
	}
	if (!device_is_identity_mapped(config)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "dma: a device that masters the bus sees "
				    "physical addresses; leave memory-ipa out "
				    "of this cell");
	}
	device->dma = DEVICE_DMA_IDENTITY_UNPROTECTED;
	return 0;
}

static struct reset_write_config reset_write_read(const fdt32_t *cells)
{
	return (struct reset_write_config){
		.offset = fdt32_to_cpu(cells[0]),
		.width = fdt32_to_cpu(cells[1]),
		.value = fdt32_to_cpu(cells[2]),
	};
}

struct reset_write_config
device_config_reset_write(const struct cell_config *config,
			  const struct device_config *device,
			  unsigned int index)
{
	const fdt32_t *cells = fdt_getprop(config->blob, device->config_node,
					   "reset-writes", NULL);

	return reset_write_read(cells + 3 * index);
}

static int device_check_reset(const struct config_reader *reader, int node,
			      struct device_config *device)
{
	const char *reset = NULL;
	const fdt32_t *cells;
	unsigned int count = 0;
	struct board_region region;
	int error = config_text(reader, node, "reset", &reset, SIZE_MAX, NULL);

	if (error == 0 && reset != NULL && !device_text_is(reset, "none")) {
		return config_error(
			reader, node, -HYP_EINVAL,
			"reset: \"%s\" is no choice; write \"none\" "
			"or leave it out",
			reset);
	}
	if (error == 0) {
		error = config_cells(reader, node, "reset-writes", 3, &cells,
				     &count, NULL);
	}
	if (error != 0) {
		return error;
	}
	device->reset_none = reset != NULL;
	if (count == 0) {
		return 0;
	}
	if (device->reset_none) {
		return config_error(reader, node, -HYP_EINVAL,
				    "reset: \"none\" contradicts "
				    "reset-writes; leave one of them out");
	}
	if (count > DEVICE_RESET_WRITE_MAX) {
		return config_error(reader, node, -HYP_E2BIG,
				    "reset-writes: %u writes; a device has at "
				    "most %d",
				    count, DEVICE_RESET_WRITE_MAX);
	}
	device->reset_write_count = (uint16_t)count;
	error = board_region(reader->board, device->node, 0, &region,
			     reader->message);
	if (error != 0) {
		return config_wrap(reader, node, error);
	}
	for (unsigned int i = 0; i < count; i++, cells += 3) {
		struct reset_write_config write = reset_write_read(cells);

		if (write.width != 1 && write.width != 2 && write.width != 4) {
			return config_error(reader, node, -HYP_EINVAL,
					    "reset-writes: write %u has width "
					    "%u; it is 1, 2 or 4 bytes",
					    i, write.width);
		}
		if (write.offset % write.width != 0 ||
		    !range_contains(0, region.range.size, write.offset,
				    write.width)) {
			return config_error(reader, node, -HYP_EINVAL,
					    "reset-writes: write %u, offset "
					    "0x%x, is unaligned or past region "
					    "0",
					    i, write.offset);
		}
	}
	return 0;
}

int config_device_options(const struct config_reader *reader,
			  const struct cell_config *config, int node,
			  struct device_config *device)
{
	int error = config_u32(reader, node, "mmap-timeout-ms",
			       &device->timeout_ms, NULL);

	if (error == 0) {
		error = config_flag(reader, node, "x-no-mmap",
				    &device->no_mmap);
	}
	if (error == 0) {
		error = device_read_irqfd(reader, node, device);
	}
	if (error == 0) {
		error = device_read_dma(reader, config, node, device);
	}
	if (error == 0) {
		error = device_check_reset(reader, node, device);
	}
	return error;
}
