// SPDX-License-Identifier: Apache-2.0
/* Which properties refer to other nodes, and to what; see references.h. */
#include <string.h>

#include "references.h"

/** struct reference - a property that holds phandles */
struct reference {
	const char *name;
	const char *cells; /* the target's property with the count of arguments */
	unsigned int fixed; /* without that: as many arguments */
	bool is_unknown;    /* the form is not known here */
};

/* Devicetree Specification and the bindings of Linux, by property. */
static const struct reference references[] = {
	{ .name = "assigned-clock-parents", .cells = "#clock-cells" },
	{ .name = "assigned-clocks", .cells = "#clock-cells" },
	{ .name = "clocks", .cells = "#clock-cells" },
	{ .name = "dmas", .cells = "#dma-cells" },
	{ .name = "gpio-ranges", .fixed = 3 },
	{ .name = "gpios", .cells = "#gpio-cells" },
	{ .name = "interconnects", .cells = "#interconnect-cells" },
	{ .name = "interrupt-map", .is_unknown = true },
	{ .name = "iommu-map", .is_unknown = true },
	{ .name = "iommus", .cells = "#iommu-cells" },
	{ .name = "mboxes", .cells = "#mbox-cells" },
	{ .name = "memory-region" },
	{ .name = "msi-map", .is_unknown = true },
	{ .name = "msi-parent", .cells = "#msi-cells" },
	{ .name = "nvmem-cells" },
	{ .name = "operating-points-v2" },
	{ .name = "phy-handle" },
	{ .name = "phys", .cells = "#phy-cells" },
	{ .name = "power-domains", .cells = "#power-domain-cells" },
	{ .name = "resets", .cells = "#reset-cells" },
	{ .name = "thermal-sensors", .cells = "#thermal-sensor-cells" },
};
static const struct reference pin_control = { .name = "pinctrl-" };
static const struct reference supply = { .name = "-supply" };
static const struct reference gpio = { .name = "-gpio",
				       .cells = "#gpio-cells" };

/* Properties that mean nothing without another one. */
static const struct {
	const char *name;
	const char *of;
} companions[] = {
	{ "assigned-clock-rates", "assigned-clocks" },
	{ "clock-names", "clocks" },
	{ "dma-names", "dmas" },
	{ "gpio-ranges-group-names", "gpio-ranges" },
	{ "interconnect-names", "interconnects" },
	{ "interrupt-map-mask", "interrupt-map" },
	{ "iommu-map-mask", "iommu-map" },
	{ "mbox-names", "mboxes" },
	{ "memory-region-names", "memory-region" },
	{ "msi-map-mask", "msi-map" },
	{ "nvmem-cell-names", "nvmem-cells" },
	{ "phy-names", "phys" },
	{ "pinctrl-names", "pinctrl-0" },
	{ "power-domain-names", "power-domains" },
	{ "reset-names", "resets" },
};

static bool ends_in(const char *name, const char *end)
{
	const size_t length = strlen(name);
	const size_t size = strlen(end);

	return length > size && strcmp(name + length - size, end) == 0;
}

static const struct reference *reference_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
		if (strcmp(name, references[i].name) == 0) {
			return &references[i];
		}
	}
	if (strncmp(name, pin_control.name, strlen(pin_control.name)) == 0) {
		return &pin_control;
	}
	if (ends_in(name, supply.name)) {
		return &supply;
	}
	return ends_in(name, gpio.name) || ends_in(name, "-gpios") ? &gpio :
								     NULL;
}

static const char *companion_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(companions); i++) {
		if (strcmp(name, companions[i].name) == 0) {
			return companions[i].of;
		}
	}
	return name;
}

bool reference_is_companion(const char *name)
{
	return companion_of(name) != name;
}

bool reference_is_fixed_clock(const struct board *board, uint32_t phandle)
{
	static const char *const fixed[] = { "fixed-clock" };
	int node = fdt_node_offset_by_phandle(board->fdt, phandle);

	return node >= 0 && tree_compatible_index(board->fdt, node, fixed,
						  ARRAY_SIZE(fixed)) >= 0;
}

/* Is the target in the cell's tree, and how many cells follow its phandle? */
static bool target_find(const struct reference_scope *scope,
			const struct reference *reference, uint32_t phandle,
			uint32_t *count)
{
	const void *fdt = scope->board->fdt;
	int node = -1;

	*count = reference->fixed;
	if (fdt_get_phandle(fdt, scope->board->gic.node) == phandle) {
		node = scope->board->gic.node;
	}
	for (unsigned int i = 0; i < scope->config->device_count; i++) {
		int device = scope->config->device[i].node;

		if (fdt_get_phandle(fdt, device) == phandle) {
			node = device;
		}
	}
	if (node >= 0) {
		if (reference->cells != NULL) {
			*count = tree_u32(fdt, node, reference->cells, 0);
		}
		return true;
	}
	return ends_in(reference->name, "clocks") ||
			       strcmp(reference->name, "clocks") == 0 ?
		       reference_is_fixed_clock(scope->board, phandle) :
		       false;
}

enum reference_kind reference_kind(const struct reference_scope *scope,
				   int node, const char *name,
				   uint32_t *missing)
{
	const char *of = companion_of(name);
	const struct reference *reference = reference_find(of);
	const fdt32_t *cells;
	uint32_t count;
	int size = 0;

	if (missing != NULL) {
		*missing = 0;
	}
	if (reference == NULL) {
		return REFERENCE_PLAIN;
	}
	cells = fdt_getprop(scope->board->fdt, node, of, &size);
	if (cells == NULL) {
		return REFERENCE_RESOLVED; /* a companion of nothing */
	}
	if (reference->is_unknown || size % (int)sizeof(*cells) != 0) {
		return REFERENCE_MISSING;
	}
	for (uint32_t i = 0; i < (uint32_t)size / sizeof(*cells);
	     i += 1 + count) {
		uint32_t phandle = fdt32_to_cpu(cells[i]);

		count = 0;
		if (phandle != 0 &&
		    !target_find(scope, reference, phandle, &count)) {
			if (missing != NULL) {
				*missing = phandle;
			}
			return REFERENCE_MISSING;
		}
		if (count > (uint32_t)size) {
			return REFERENCE_MISSING;
		}
	}
	return REFERENCE_RESOLVED;
}
