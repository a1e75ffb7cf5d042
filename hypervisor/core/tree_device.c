// SPDX-License-Identifier: Apache-2.0
/* What "reg", "ranges", "interrupts" and "interrupts-extended" of a node mean. */
#include "tree.h"

/** struct tree_controller - who an "interrupts" specifier is for */
struct tree_controller {
	int node; /* negative: known by its phandle only */
	uint32_t phandle;
	int cells; /* of one specifier */
};

uint64_t tree_number(const fdt32_t *cells, int cell_count)
{
	uint64_t number = fdt32_to_cpu(cells[0]);

	return cell_count == 1 ? number : number << 32 | fdt32_to_cpu(cells[1]);
}

uint32_t tree_u32(const void *fdt, int node, const char *name,
		  uint32_t otherwise)
{
	int length;
	const fdt32_t *value = fdt_getprop(fdt, node, name, &length);

	return value != NULL && length == (int)sizeof(*value) ?
		       fdt32_to_cpu(*value) :
		       otherwise;
}

/* "reg" with the cells of an address and a size in it, both 1 or 2. */
static int tree_reg_cells(const struct tree_place *place, int *address_cells,
			  int *size_cells, const fdt32_t **cells)
{
	int length, entry, parent;

	if (place->depth < 1) {
		return 0;
	}
	*cells = fdt_getprop(place->fdt, place->node, "reg", &length);
	if (*cells == NULL) {
		return 0;
	}
	parent = place->ancestor[place->depth - 1];
	*address_cells = fdt_address_cells(place->fdt, parent);
	*size_cells = fdt_size_cells(place->fdt, parent);
	if (*address_cells < 1 || *address_cells > 2 || *size_cells < 1 ||
	    *size_cells > 2) {
		return -HYP_EINVAL;
	}
	entry = (*address_cells + *size_cells) * (int)sizeof(fdt32_t);
	if (length == 0 || length % entry != 0) {
		return -HYP_EINVAL;
	}
	return length / entry;
}

int tree_reg_count(const struct tree_place *place)
{
	const fdt32_t *cells;
	int address_cells, size_cells;

	return tree_reg_cells(place, &address_cells, &size_cells, &cells);
}

/* One step towards the root: the address as the parent of @bus sees it. */
static int tree_translate(const void *fdt, int bus, int parent,
			  struct pa_range *range)
{
	int length;
	const fdt32_t *cells = fdt_getprop(fdt, bus, "ranges", &length);
	int child_cells = fdt_address_cells(fdt, bus);
	int parent_cells = fdt_address_cells(fdt, parent);
	int size_cells = fdt_size_cells(fdt, bus);
	int entry;

	if (cells == NULL) {
		return -HYP_EOPNOTSUPP; /* the bus is not memory-mapped */
	}
	if (length == 0) {
		return 0; /* one to one */
	}
	if (child_cells < 1 || child_cells > 2 || parent_cells < 1 ||
	    parent_cells > 2 || size_cells < 1 || size_cells > 2) {
		return -HYP_EOPNOTSUPP;
	}
	entry = child_cells + parent_cells + size_cells;
	for (int left = length / (int)sizeof(*cells); left >= entry;
	     left -= entry, cells += entry) {
		uint64_t child = tree_number(cells, child_cells);
		uint64_t size = tree_number(cells + child_cells + parent_cells,
					    size_cells);

		if (range_contains(child, size, range->base.raw, range->size)) {
			uint64_t base =
				tree_number(cells + child_cells, parent_cells);

			range->base = pa(base + (range->base.raw - child));
			return 0;
		}
	}
	return -HYP_EOPNOTSUPP;
}

int tree_reg(const struct tree_place *place, unsigned int index,
	     struct pa_range *range)
{
	const fdt32_t *cells = NULL;
	int address_cells = 0, size_cells = 0;
	int count = tree_reg_cells(place, &address_cells, &size_cells, &cells);

	if (count < 0) {
		return count;
	}
	if (index >= (unsigned int)count) {
		return -HYP_ENOENT;
	}
	cells += index * (unsigned int)(address_cells + size_cells);
	range->base = pa(tree_number(cells, address_cells));
	range->size = tree_number(cells + address_cells, size_cells);
	if (range->size == 0 || range_wraps(range->base.raw, range->size)) {
		return -HYP_ERANGE;
	}
	for (int i = place->depth - 1; i > 0; i--) {
		int error = tree_translate(place->fdt, place->ancestor[i],
					   place->ancestor[i - 1], range);

		if (error != 0) {
			return error;
		}
	}
	return range_wraps(range->base.raw, range->size) ? -HYP_ERANGE : 0;
}

const char *tree_reg_problem(int error)
{
	switch (error) {
	case -HYP_ENOENT:
		return "has too few entries";
	case -HYP_EOPNOTSUPP:
		return "is in no \"ranges\" of its parents";
	case -HYP_ERANGE:
		return "has an entry of size 0, or one that wraps";
	default:
		return "has a length that its parent's #address-cells and "
		       "#size-cells do not divide";
	}
}

/* Whom "interrupts" of the node is for; cells is filled in later. */
static int tree_irq_parent(const struct tree_place *place, int gic,
			   struct tree_controller *controller)
{
	const void *fdt = place->fdt;

	if (place->node == gic) {
		controller->node = gic; /* its maintenance interrupt */
		return 0;
	}
	for (int i = place->depth; i >= 0; i--) {
		int node = place->ancestor[i];

		if (i != place->depth &&
		    fdt_getprop(fdt, node, "#interrupt-cells", NULL) != NULL) {
			controller->node = node;
			return 0;
		}
		controller->node = -1;
		controller->phandle =
			tree_u32(fdt, node, "interrupt-parent", 0);
		if (controller->phandle != 0) {
			return 0;
		}
	}
	return -HYP_EINVAL;
}

/* Finds the controller's node, by a search only when it is not the GIC. */
static int tree_irq_resolve(const void *fdt, int gic,
			    struct tree_controller *controller)
{
	uint32_t cells;

	if (controller->node < 0) {
		if (controller->phandle == 0) {
			return -HYP_EINVAL;
		}
		controller->node =
			fdt_get_phandle(fdt, gic) == controller->phandle ?
				gic :
				fdt_node_offset_by_phandle(fdt,
							   controller->phandle);
		if (controller->node < 0) {
			return -HYP_EINVAL;
		}
	}
	cells = tree_u32(fdt, controller->node, "#interrupt-cells", 0);
	if (cells == 0 || cells > 8 || (controller->node == gic && cells < 3)) {
		return -HYP_EINVAL;
	}
	controller->cells = (int)cells;
	return 0;
}

/*
 * Visits the entries in turn. Returns the cells of entry @index in @cells and
 * its controller, or -HYP_ENOENT and their number in @count.
 */
static int tree_irq_entry(const struct tree_place *place, int gic,
			  unsigned int index, struct tree_controller *found,
			  const fdt32_t **cells, unsigned int *count)
{
	int length = 0, error;
	const fdt32_t *value = fdt_getprop(place->fdt, place->node,
					   "interrupts-extended", &length);
	bool is_extended = value != NULL;

	*count = 0;
	if (!is_extended) {
		value = fdt_getprop(place->fdt, place->node, "interrupts",
				    &length);
		if (value == NULL || length == 0) {
			return -HYP_ENOENT;
		}
		error = tree_irq_parent(place, gic, found);
		if (error == 0) {
			error = tree_irq_resolve(place->fdt, gic, found);
		}
		if (error != 0) {
			return error;
		}
	}
	if (length % (int)sizeof(*value) != 0) {
		return -HYP_EINVAL;
	}
	for (int left = length / (int)sizeof(*value); left > 0;) {
		if (is_extended) {
			found->node = -1;
			found->phandle = fdt32_to_cpu(*value);
			error = tree_irq_resolve(place->fdt, gic, found);
			if (error != 0) {
				return error;
			}
			value++;
			left--;
		}
		if (left < found->cells) {
			return -HYP_EINVAL;
		}
		if (index == (*count)++) {
			*cells = value;
			return 0;
		}
		value += found->cells;
		left -= found->cells;
	}
	return -HYP_ENOENT;
}

int tree_irq_count(const struct tree_place *place, int gic)
{
	struct tree_controller controller;
	const fdt32_t *cells;
	unsigned int count;
	int error = tree_irq_entry(place, gic, UINT32_MAX, &controller, &cells,
				   &count);

	return error == -HYP_ENOENT ? (int)count : error;
}

int tree_irq(const struct tree_place *place, int gic, unsigned int index,
	     struct tree_irq *irq)
{
	struct tree_controller controller;
	const fdt32_t *cells;
	unsigned int count;
	int error =
		tree_irq_entry(place, gic, index, &controller, &cells, &count);

	if (error != 0) {
		return error;
	}
	if (controller.node != gic) {
		return -HYP_EOPNOTSUPP;
	}
	irq->type = fdt32_to_cpu(cells[0]);
	irq->number = fdt32_to_cpu(cells[1]);
	irq->flags = fdt32_to_cpu(cells[2]);
	return 0;
}
