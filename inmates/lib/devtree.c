// SPDX-License-Identifier: Apache-2.0
// The device tree that x0 pointed to, read with libfdt.

#include <string.h>

#include <hyp/errno.h>

#include <libfdt.h>

#include "devtree.h"

#define FDT_SIZE_MAX (2U << 20)
#define CELLS_MAX 4
#define INTERRUPT_CELLS_MAX 8

static const void *tree;
static int hypervisor_node = -HYP_ENOENT;

static uint64_t read_cells(const fdt32_t *cells, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++) {
		value = value << 32 | fdt32_to_cpu(cells[i]);
	}
	return value;
}

static bool is_enabled(int node)
{
	const char *status = fdt_getprop(tree, node, "status", NULL);

	return status == NULL || strcmp(status, "okay") == 0 ||
	       strcmp(status, "ok") == 0;
}

/* Carry @address from @bus's children to @bus's parent. */
static int translate_once(int bus, int parent, uint64_t *address)
{
	int length = 0;
	const fdt32_t *ranges = fdt_getprop(tree, bus, "ranges", &length);

	if (ranges == NULL) {
		return -HYP_EINVAL;
	}
	if (length == 0) {
		return 0;
	}

	const int child_cells = fdt_address_cells(tree, bus);
	const int parent_cells = fdt_address_cells(tree, parent);
	const int size_cells = fdt_size_cells(tree, bus);
	const int step = child_cells + parent_cells + size_cells;

	if (child_cells < 1 || child_cells > 2 || parent_cells < 1 ||
	    parent_cells > 2 || size_cells < 1 || size_cells > 2) {
		return -HYP_EINVAL;
	}
	for (int i = 0; i + step <= length / 4; i += step) {
		const uint64_t child = read_cells(&ranges[i], child_cells);
		const uint64_t base =
			read_cells(&ranges[i + child_cells], parent_cells);
		const uint64_t size = read_cells(
			&ranges[i + child_cells + parent_cells], size_cells);

		if (*address - child < size) {
			*address = base + (*address - child);
			return 0;
		}
	}
	return -HYP_EINVAL;
}

static int interrupt_parent(int node)
{
	while (node >= 0) {
		const fdt32_t *phandle =
			fdt_getprop(tree, node, "interrupt-parent", NULL);

		if (phandle != NULL) {
			return fdt_node_offset_by_phandle(
				tree, fdt32_to_cpu(*phandle));
		}
		node = fdt_parent_offset(tree, node);
	}
	return -HYP_ENOENT;
}

int devtree_init(const void *blob)
{
	if (blob == NULL || (uintptr_t)blob % 8 != 0 ||
	    fdt_magic(blob) != FDT_MAGIC || fdt_version(blob) < 17 ||
	    fdt_totalsize(blob) > FDT_SIZE_MAX || fdt_check_header(blob) != 0) {
		return -HYP_EBADMSG;
	}
	tree = blob;
	hypervisor_node = devtree_find_compatible("bulkhead,hypervisor-v1");
	return 0;
}

const void *devtree_blob(void)
{
	return tree;
}

int devtree_find_compatible(const char *compatible)
{
	int node = -1;

	if (tree == NULL) {
		return -HYP_ENOENT;
	}
	do {
		node = fdt_node_offset_by_compatible(tree, node, compatible);
	} while (node >= 0 && !is_enabled(node));
	return node < 0 ? -HYP_ENOENT : node;
}

int devtree_find_path(const char *path)
{
	int node;

	if (tree == NULL) {
		return -HYP_ENOENT;
	}
	node = fdt_path_offset(tree, path);
	return node < 0 ? -HYP_ENOENT : node;
}

int devtree_region(int node, unsigned int index, struct devtree_region *region)
{
	int parent = fdt_parent_offset(tree, node);
	int length = 0;
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &length);

	if (parent < 0 || reg == NULL) {
		return -HYP_ENOENT;
	}

	const int address_cells = fdt_address_cells(tree, parent);
	const int size_cells = fdt_size_cells(tree, parent);

	if (address_cells < 1 || address_cells > 2 || size_cells < 1 ||
	    size_cells > 2) {
		return -HYP_EINVAL;
	}

	const unsigned int step = (unsigned int)(address_cells + size_cells);

	if (index >= (unsigned int)length / 4 / step) {
		return -HYP_ENOENT;
	}
	reg += index * step;
	region->address = read_cells(reg, address_cells);
	region->size = read_cells(reg + address_cells, size_cells);

	for (int bus = parent; bus > 0; bus = parent) {
		parent = fdt_parent_offset(tree, bus);
		if (parent < 0 ||
		    translate_once(bus, parent, &region->address) != 0) {
			return -HYP_EINVAL;
		}
	}
	return 0;
}

int devtree_irq(int node, unsigned int index, struct devtree_irq *irq)
{
	int length = 0;
	const fdt32_t *specifier =
		fdt_getprop(tree, node, "interrupts", &length);
	const int parent = interrupt_parent(node);

	if (specifier == NULL || parent < 0) {
		return -HYP_ENOENT;
	}

	const fdt32_t *property =
		fdt_getprop(tree, parent, "#interrupt-cells", NULL);
	const uint32_t cells = property == NULL ? 0 : fdt32_to_cpu(*property);

	/* The GIC's binding: type, number, flags, then what is not needed. */
	if (cells < 3 || cells > INTERRUPT_CELLS_MAX) {
		return -HYP_EINVAL;
	}
	if (index >= (unsigned int)length / 4 / cells) {
		return -HYP_ENOENT;
	}
	specifier += index * cells;

	const uint32_t type = fdt32_to_cpu(specifier[0]);
	const uint32_t number = fdt32_to_cpu(specifier[1]);

	if (!((type == 0 && number < 988) || (type == 1 && number < 16))) {
		return -HYP_EINVAL;
	}
	irq->intid = number + (type == 0 ? 32 : 16);
	irq->is_edge = (fdt32_to_cpu(specifier[2]) & 3) != 0;
	return 0;
}

int devtree_memory(uint64_t address, struct devtree_region *memory)
{
	int node;

	fdt_for_each_subnode(node, tree, 0)
	{
		const char *type = fdt_getprop(tree, node, "device_type", NULL);

		if (type == NULL || strcmp(type, "memory") != 0) {
			continue;
		}
		for (unsigned int i = 0; devtree_region(node, i, memory) == 0;
		     i++) {
			if (address - memory->address < memory->size) {
				return 0;
			}
		}
	}
	return -HYP_ENOENT;
}

unsigned int devtree_cpu_count(void)
{
	const int cpus = devtree_find_path("/cpus");
	unsigned int count = 0;
	int node;

	if (cpus < 0) {
		return 0;
	}
	fdt_for_each_subnode(node, tree, cpus)
	{
		const char *type = fdt_getprop(tree, node, "device_type", NULL);

		if (type != NULL && strcmp(type, "cpu") == 0) {
			count++;
		}
	}
	return count;
}

int devtree_hypervisor(void)
{
	return hypervisor_node;
}

const char *devtree_cell_name(void)
{
	const char *name = NULL;

	if (hypervisor_node >= 0) {
		name = fdt_getprop(tree, hypervisor_node, "cell-name", NULL);
	}
	return name == NULL ? "bare" : name;
}
