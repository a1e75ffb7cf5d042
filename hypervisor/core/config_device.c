// SPDX-License-Identifier: Apache-2.0
/* Reads and checks one assigned device of a cell's config. */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

#define DEVICE_TIMEOUT_DEFAULT_MS 1100
#define DEVICE_NAME_EXTRA "-_.,+@"
#define DEVICE_PATH_SIZE 128

static const char *const device_names[] = {
	"compatible", "host", "path",  "mmap-timeout-ms", "x-no-mmap",
	"x-irqfd",    "dma",  "reset", "reset-writes",	  "waive",
};

/* The node in the board's tree that host or path names. */
static int device_find(const struct config_reader *reader, int node,
		       struct device_config *device)
{
	const char *host = NULL, *path = NULL;
	int error = config_text(reader, node, "host", &host, DEVICE_PATH_SIZE,
				NULL);

	if (error == 0) {
		error = config_text(reader, node, "path", &path,
				    DEVICE_PATH_SIZE, NULL);
	}
	if (error != 0) {
		return error;
	}
	device->node =
		board_find_device(reader->board, path, host, reader->message);
	if (device->node < 0) {
		return config_wrap(reader, node, device->node);
	}
	error = board_compatible_count(reader->board, device->node,
				       reader->message);
	return error < 0 ? config_wrap(reader, node, error) : 0;
}

/* What EL2 drives itself cannot be a cell's. */
static int device_check_owner(const struct config_reader *reader,
			      const struct cell_config *config, int node,
			      const struct device_config *device)
{
	const struct board *board = reader->board;
	const char *name = board_node_name(board, device->node);

	if (device->node == board->console.node) {
		return config_error(reader, node, -HYP_EBUSY,
				    "%s is the console's UART, which the "
				    "hypervisor drives; use the console "
				    "hypercall",
				    name);
	}
	if (device->node == board->gic.node ||
	    fdt_getprop(board->fdt, device->node, "msi-controller", NULL) !=
		    NULL) {
		return config_error(reader, node, -HYP_EBUSY,
				    "%s is part of the interrupt controller, "
				    "which the hypervisor drives; each cell "
				    "has a virtual one",
				    name);
	}
	for (unsigned int i = 0; i < config->device_count; i++) {
		if (config->device[i].node == device->node) {
			return config_error(reader, node, -HYP_EEXIST,
					    "%s is the device of \"%s\" "
					    "already; list it once",
					    name, config->device[i].name);
		}
	}
	return 0;
}

static int device_check_region(const struct config_reader *reader,
			       const struct cell_config *config, int node,
			       unsigned int index, const struct pa_range *range)
{
	const struct board *board = reader->board;
	const struct pa_range *uart = &board->console.registers;
	const uint64_t base = range->base.raw;
	const char *other = NULL;

	if (config_is_in_gic(board, base, range->size)) {
		other = "registers of the interrupt controller";
	} else if (range_overlaps(uart->base.raw, uart->size, base,
				  range->size)) {
		other = "registers of the console's UART";
	}
	for (unsigned int i = 0; i < board->memory_count; i++) {
		if (range_overlaps(board->memory[i].base.raw,
				   board->memory[i].size, base, range->size)) {
			other = "RAM";
		}
	}
	if (other != NULL) {
		return config_error(reader, node, -HYP_EBUSY,
				    "region %u (0x%llx, size 0x%llx) overlaps "
				    "%s, so it cannot be assigned",
				    index, (unsigned long long)base,
				    (unsigned long long)range->size, other);
	}
	for (unsigned int i = 0; i < config->memory_count; i++) {
		if (range_overlaps(config->memory[i].ipa.raw,
				   config->memory[i].size, base, range->size)) {
			return config_error(reader, node, -HYP_EINVAL,
					    "region %u (0x%llx) is where "
					    "memory-ipa puts range %u; move "
					    "the memory",
					    index, (unsigned long long)base, i);
		}
	}
	return 0;
}

static int device_read_regions(const struct config_reader *reader,
			       const struct cell_config *config, int node,
			       struct device_config *device)
{
	int count = board_region_count(reader->board, device->node,
				       reader->message);

	if (count < 0) {
		return config_wrap(reader, node, count);
	}
	if (count > DEVICE_REGION_MAX) {
		return config_error(reader, node, -HYP_E2BIG,
				    "%d regions; a device has at most %d",
				    count, DEVICE_REGION_MAX);
	}
	device->region_count = (unsigned int)count;
	for (unsigned int i = 0; i < device->region_count; i++) {
		struct board_region region;
		int error = board_region(reader->board, device->node, i,
					 &region, reader->message);

		if (error != 0) {
			return config_wrap(reader, node, error);
		}
		error = device_check_region(reader, config, node, i,
					    &region.range);
		if (error != 0) {
			return error;
		}
	}
	return 0;
}

static int device_read_irq(struct config_reader *reader, int node,
			   const struct device_config *device,
			   unsigned int index)
{
	struct board_irq irq;
	uint32_t spi, bit, *word;
	int error = board_irq(reader->board, device->node, index, &irq,
			      reader->message);

	if (error != 0) {
		return config_wrap(reader, node, error);
	}
	if (irq.intid == reader->board->console.intid) {
		return config_error(reader, node, -HYP_EBUSY,
				    "interrupt %u (INTID %u) is shared with "
				    "the console's UART, so it cannot be "
				    "assigned",
				    index, irq.intid);
	}
	spi = irq.intid - TREE_INTID_SPI;
	bit = UINT32_C(1) << spi % 32;
	word = &reader->spi_used[spi / 32];
	if ((*word & bit) != 0) {
		return config_error(reader, node, -HYP_EBUSY,
				    "interrupt %u (INTID %u) is another "
				    "device's of this cell too; shared "
				    "interrupts cannot be assigned",
				    index, irq.intid);
	}
	*word |= bit;
	return 0;
}

static int device_read_irqs(struct config_reader *reader, int node,
			    struct device_config *device)
{
	int count =
		board_irq_count(reader->board, device->node, reader->message);

	if (count < 0) {
		return config_wrap(reader, node, count);
	}
	if (count > DEVICE_IRQ_MAX) {
		return config_error(reader, node, -HYP_E2BIG,
				    "%d interrupts; a device has at most %d",
				    count, DEVICE_IRQ_MAX);
	}
	device->irq_count = (unsigned int)count;
	for (unsigned int i = 0; i < device->irq_count; i++) {
		int error = device_read_irq(reader, node, device, i);

		if (error != 0) {
			return error;
		}
	}
	return 0;
}

static int device_check_node(const struct config_reader *reader, int node,
			     const struct device_config *device)
{
	int error =
		config_check_compatible(reader, node, "bulkhead,vfio-platform");

	if (error == 0) {
		error = config_check_names(reader, node, device_names,
					   ARRAY_SIZE(device_names));
	}
	if (error != 0) {
		return error;
	}
	if (strlen(device->name) >= BH_DEVICE_NAME_SIZE ||
	    !config_is_name(device->name, DEVICE_NAME_EXTRA)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "a device's name has at most %d letters, "
				    "digits and -_.,+@",
				    BH_DEVICE_NAME_SIZE - 1);
	}
	if (fdt_first_subnode(reader->blob, node) >= 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "a device has no child nodes; put another "
				    "device beside it");
	}
	return 0;
}

int config_device_read(struct config_reader *reader,
		       const struct cell_config *config, int node,
		       struct device_config *device)
{
	int error;

	device->name = tree_name(reader->blob, node);
	device->config_node = node;
	device->timeout_ms = DEVICE_TIMEOUT_DEFAULT_MS;
	error = device_check_node(reader, node, device);
	if (error == 0) {
		error = device_find(reader, node, device);
	}
	if (error == 0) {
		error = device_check_owner(reader, config, node, device);
	}
	if (error == 0) {
		error = device_read_regions(reader, config, node, device);
	}
	if (error == 0) {
		error = device_read_irqs(reader, node, device);
	}
	return error != 0 ? error :
			    config_device_options(reader, config, node, device);
}
