// SPDX-License-Identifier: Apache-2.0
/* Copies assigned devices, and the fixed clocks they use, into a cell's tree. */
#include <hyp/errno.h>
#include <string.h>

#include "guest_fdt_writer.h"

#define GUEST_NAME_SIZE 80
#define GUEST_IRQ_EDGE_RISING 1u
#define GUEST_IRQ_LEVEL_HIGH 4u
#define GUEST_IRQ_LEVEL_BITS 0xcu

/* Written anew, or about children and buses that the copy does not have. */
static const char *const guest_own[] = {
	"reg",	  "interrupts", "interrupts-extended", "interrupt-parent",
	"ranges", "dma-ranges", "linux,phandle",       "status",
};

/* References to other nodes, none of which the cell's tree has. */
static const char *const guest_references[] = {
	"assigned-clock-parents",
	"assigned-clock-rates",
	"assigned-clocks",
	"dma-names",
	"dmas",
	"gpio-ranges",
	"gpios",
	"interconnects",
	"interrupt-map",
	"interrupt-map-mask",
	"iommu-map",
	"iommus",
	"mbox-names",
	"mboxes",
	"memory-region",
	"msi-map",
	"msi-parent",
	"nvmem-cell-names",
	"nvmem-cells",
	"phy-handle",
	"phy-names",
	"phys",
	"power-domain-names",
	"power-domains",
	"reset-names",
	"resets",
	"thermal-sensors",
};
static const char *const guest_reference_ends[] = { "-supply", "-gpio",
						    "-gpios" };
static const char guest_reference_start[] = "pinctrl-";

static bool guest_is_one_of(const char *name, const char *const *names,
			    unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool guest_is_left_out(const char *name)
{
	const size_t length = strlen(name);

	if (guest_is_one_of(name, guest_own, ARRAY_SIZE(guest_own)) ||
	    guest_is_one_of(name, guest_references,
			    ARRAY_SIZE(guest_references)) ||
	    strncmp(name, guest_reference_start,
		    sizeof(guest_reference_start) - 1) == 0) {
		return true;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_reference_ends); i++) {
		const size_t size = strlen(guest_reference_ends[i]);

		if (length > size && strcmp(name + length - size,
					    guest_reference_ends[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool guest_has_clock(const struct guest_writer *writer, uint32_t phandle)
{
	for (unsigned int i = 0; i < writer->clock_count; i++) {
		if (writer->clock[i] == phandle) {
			return true;
		}
	}
	return false;
}

/* Are all clocks of the node fixed ones? These take no cells of arguments. */
static bool guest_has_clocks(const struct guest_writer *writer, int node)
{
	int size = 0;
	const fdt32_t *cells =
		fdt_getprop(writer->board->fdt, node, "clocks", &size);

	if (cells == NULL || size % (int)sizeof(*cells) != 0) {
		return false;
	}
	for (int i = 0; i < size / (int)sizeof(*cells); i++) {
		if (!guest_has_clock(writer, fdt32_to_cpu(cells[i]))) {
			return false;
		}
	}
	return true;
}

void guest_copy(struct guest_writer *writer, int node)
{
	const void *fdt = writer->board->fdt;
	const bool has_clocks = guest_has_clocks(writer, node);
	int property;

	fdt_for_each_property_offset(property, fdt, node)
	{
		const char *name = NULL;
		int size = 0;
		const void *value =
			fdt_getprop_by_offset(fdt, property, &name, &size);

		if (value == NULL || guest_is_left_out(name) ||
		    (!has_clocks && (strcmp(name, "clocks") == 0 ||
				     strcmp(name, "clock-names") == 0))) {
			continue;
		}
		guest_bytes(writer, name, value, (size_t)size);
	}
}

/* Does an assigned device name that clock? */
static bool guest_needs_clock(const struct guest_writer *writer,
			      uint32_t phandle)
{
	const struct cell_config *config = writer->config;

	for (unsigned int i = 0; i < config->device_count; i++) {
		int size = 0;
		const fdt32_t *cells = fdt_getprop(writer->board->fdt,
						   config->device[i].node,
						   "clocks", &size);

		for (int j = 0; cells != NULL && j < size / (int)sizeof(*cells);
		     j++) {
			if (fdt32_to_cpu(cells[j]) == phandle) {
				return true;
			}
		}
	}
	return false;
}

void guest_write_clocks(struct guest_writer *writer)
{
	static const char *const fixed[] = { "fixed-clock" };
	const void *fdt = writer->board->fdt;
	int node = -1;

	if (writer->config->device_count == 0) {
		return;
	}
	while ((node = fdt_next_node(fdt, node, NULL)) >= 0 &&
	       writer->clock_count < GUEST_CLOCK_MAX) {
		uint32_t phandle;
		char name[24];

		if (tree_compatible_index(fdt, node, fixed, ARRAY_SIZE(fixed)) <
		    0) {
			continue;
		}
		phandle = fdt_get_phandle(fdt, node);
		if (phandle == 0 || !guest_needs_clock(writer, phandle)) {
			continue;
		}
		writer->clock[writer->clock_count++] = phandle;
		text_format(name, sizeof(name), "clock-%x", phandle);
		guest_begin(writer, name);
		guest_copy(writer, node);
		guest_end(writer);
	}
}

static void guest_write_reg(struct guest_writer *writer,
			    const struct tree_place *place, unsigned int count)
{
	uint8_t *to = guest_space(writer, "reg", (size_t)count * 16);

	for (unsigned int i = 0; to != NULL && i < count; i++) {
		struct pa_range range = { .size = 0 };

		/* cell_config_read() has seen that this works. */
		if (tree_reg(place, i, &range) == 0) {
			to = guest_store_range(to, range.base.raw, range.size);
		}
	}
}

static void guest_write_irqs(struct guest_writer *writer,
			     const struct tree_place *place, unsigned int count)
{
	uint8_t *to;

	if (count == 0) {
		return;
	}
	to = guest_space(writer, "interrupts", (size_t)count * 12);
	for (unsigned int i = 0; to != NULL && i < count; i++) {
		struct tree_irq irq = { .type = TREE_IRQ_SPI };

		if (tree_irq(place, writer->board->gic.node, i, &irq) == 0) {
			/* What a GIC makes of it: high or rising, for SPIs. */
			to = guest_store(to, irq.type);
			to = guest_store(to, irq.number);
			to = guest_store(to, irq.flags & GUEST_IRQ_LEVEL_BITS ?
						     GUEST_IRQ_LEVEL_HIGH :
						     GUEST_IRQ_EDGE_RISING);
		}
	}
}

/* The board's name with the translated address, which no other device has. */
static void guest_device_name(char *name, size_t size,
			      const struct tree_place *place)
{
	struct pa_range range = { .size = 0 };
	const char *own = tree_name(place->fdt, place->node);
	size_t used = 0;

	while (own[used] != '\0' && own[used] != '@' && used < size / 2) {
		name[used] = own[used];
		used++;
	}
	name[used] = '\0';
	if (tree_reg(place, 0, &range) == 0) {
		text_format(name + used, size - used, "@%llx",
			    (unsigned long long)range.base.raw);
	}
}

static NOINLINE void guest_write_device(struct guest_writer *writer,
					const struct device_config *device,
					const struct tree_place *place)
{
	char name[GUEST_NAME_SIZE];

	guest_device_name(name, sizeof(name), place);
	guest_begin(writer, name);
	guest_copy(writer, device->node);
	guest_write_reg(writer, place, device->region_count);
	guest_write_irqs(writer, place, device->irq_count);
	guest_end(writer);
}

void guest_write_devices(struct guest_writer *writer)
{
	for (unsigned int i = 0; i < writer->config->device_count; i++) {
		const struct device_config *device = &writer->config->device[i];
		struct tree_place place;

		if (tree_find_node(&place, writer->board->fdt, device->node)) {
			guest_write_device(writer, device, &place);
		}
	}
}
