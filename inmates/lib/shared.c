// SPDX-License-Identifier: Apache-2.0
// Memory shared with another cell: found by its label, mapped, rung for.

#include <string.h>

#include <hyp/errno.h>
#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "irq.h"
#include "mmu.h"
#include "shared.h"

#define COMPATIBLE "bulkhead,shared-memory-v1"

static int find(const char *label)
{
	const void *fdt = devtree_blob();
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, COMPATIBLE)) >=
	       0) {
		const char *own = fdt_getprop(fdt, node, "label", NULL);

		if (own != NULL && strcmp(own, label) == 0) {
			return node;
		}
	}
	return -HYP_ENOENT;
}

int shared_open(struct shared *shared, const char *label)
{
	const int node = find(label);
	struct devtree_region region;
	struct devtree_irq irq;
	const fdt32_t *number;

	if (node < 0) {
		return node;
	}
	number = fdt_getprop(devtree_blob(), node, "bulkhead,doorbell", NULL);
	if (number == NULL || devtree_region(node, 0, &region) != 0 ||
	    devtree_irq(node, 0, &irq) != 0) {
		return -HYP_EINVAL;
	}
	shared->memory = (void *)(uintptr_t)region.address;
	shared->size = region.size;
	shared->intid = irq.intid;
	shared->number = fdt32_to_cpu(*number);
	shared->is_read_only =
		fdt_getprop(devtree_blob(), node, "read-only", NULL) != NULL;
	return mmu_map_memory(region.address, region.size);
}

int shared_listen(const struct shared *shared, void (*handler)(void *arg),
		  void *arg)
{
	return irq_request(shared->intid, handler, arg, true);
}

int shared_ring(const struct shared *shared)
{
	struct hypercall call = { { shared->number } };

	cpu_dsb();
	return (int)hypercall(BH_DOORBELL, &call);
}
