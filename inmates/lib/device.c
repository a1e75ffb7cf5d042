// SPDX-License-Identifier: Apache-2.0
// What each demo of a simple device does first.

#include "device.h"

#include <stdio.h>

#include "devtree.h"
#include "irq.h"
#include "mmu.h"

static int device_try(const char *compatible, void (*handler)(void *arg),
		      struct devtree_region *region, struct devtree_irq *irq)
{
	const int node = devtree_find_compatible(compatible);
	int result = node < 0 ? node : devtree_region(node, 0, region);

	if (result == 0) {
		result = mmu_map_device(region->address, region->size);
	}
	if (result == 0 && handler != NULL) {
		result = devtree_irq(node, 0, irq);
	}
	return result;
}

int device_open(const char *name, const char *compatible,
		void (*handler)(void *arg), uintptr_t *registers)
{
	struct devtree_region region = { 0 };
	struct devtree_irq irq = { 0 };
	int result = device_try(compatible, handler, &region, &irq);

	if (result == 0 && handler != NULL) {
		result = irq_request(irq.intid, handler, NULL, irq.is_edge);
	}
	if (result != 0) {
		printf("%s: FAIL: %s: error %d\n", name, compatible, result);
		return result;
	}
	*registers = (uintptr_t)region.address;
	printf("%s: in \"%s\", %s at 0x%llx", name, devtree_cell_name(),
	       compatible, (unsigned long long)region.address);
	if (handler != NULL) {
		printf(", INTID %u", (unsigned int)irq.intid);
	}
	printf("\n");
	return 0;
}
