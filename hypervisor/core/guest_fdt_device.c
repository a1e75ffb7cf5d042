// SPDX-License-Identifier: Apache-2.0
/* Copies assigned devices, and the fixed clocks they use, into a cell's tree. */
#include <hyp/errno.h>
#include <string.h>

#include "guest_fdt_writer.h"
#include "references.h"

#define GUEST_NAME_SIZE 80
#define GUEST_IRQ_EDGE_RISING 1u
#define GUEST_IRQ_LEVEL_HIGH 4u
#define GUEST_IRQ_LEVEL_BITS 0xcu

/* Written anew, or about children and buses that the copy does not have. */
static const char *const guest_own[] = {
	"reg",	  "interrupts", "interrupts-extended", "interrupt-parent",
	"ranges", "dma-ranges", "linux,phandle",       "status",
};

static bool guest_is_left_out(const struct guest_writer *writer, int node,
			      const char *name)
{
	const struct reference_scope scope = { writer->board, writer->config };

	for (unsigned int i = 0; i < ARRAY_SIZE(guest_own); i++) {
		if (strcmp(name, guest_own[i]) == 0) {
			return true;
		}
	}
	/* The config waives it: config_references_check() has seen to that. */
	return reference_kind(&scope, node, name, NULL) == REFERENCE_MISSING;
}

void guest_copy(struct guest_writer *writer, int node)
{
	const void *fdt = writer->board->fdt;
	int property;

	fdt_for_each_property_offset(property, fdt, node)
	{
		const char *name = NULL;
		int size = 0;
		const void *value =
			fdt_getprop_by_offset(fdt, property, &name, &size);

		if (value != NULL && !guest_is_left_out(writer, node, name)) {
			guest_bytes(writer, name, value, (size_t)size);
		}
	}
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

static NOINLINE void guest_write_clock(struct guest_writer *writer,
				       uint32_t phandle)
{
	char name[24];

	writer->clock[writer->clock_count++] = phandle;
	text_format(name, sizeof(name), "clock-%x", phandle);
	guest_begin(writer, name);
	guest_copy(writer,
		   fdt_node_offset_by_phandle(writer->board->fdt, phandle));
	guest_end(writer);
}

/* The fixed ones among the phandles of a property; others are no cell's. */
static void guest_write_clocks_of(struct guest_writer *writer, int node,
				  const char *name)
{
	int size = 0;
	const fdt32_t *cells =
		fdt_getprop(writer->board->fdt, node, name, &size);

	for (int i = 0; cells != NULL && i < size / (int)sizeof(*cells); i++) {
		uint32_t phandle = fdt32_to_cpu(cells[i]);

		if (writer->clock_count < GUEST_CLOCK_MAX && phandle != 0 &&
		    !guest_has_clock(writer, phandle) &&
		    reference_is_fixed_clock(writer->board, phandle)) {
			guest_write_clock(writer, phandle);
		}
	}
}

void guest_write_clocks(struct guest_writer *writer)
{
	static const char *const names[] = { "clocks", "assigned-clocks",
					     "assigned-clock-parents" };

	for (unsigned int i = 0; i < writer->config->device_count; i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(names); j++) {
			guest_write_clocks_of(writer,
					      writer->config->device[i].node,
					      names[j]);
		}
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
