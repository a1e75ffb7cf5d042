// SPDX-License-Identifier: Apache-2.0
// What every user of a triple timer counter does first and last.

#include "ttc.h"

#include <hyp/errno.h>

#include <libfdt.h>

#include "devtree.h"
#include "mmu.h"

void ttc_stop(const struct ttc *ttc, unsigned int counter)
{
	ttc_write(ttc, counter, TTC_INTERRUPT_ENABLE, 0);
	ttc_write(ttc, counter, TTC_COUNTER_CONTROL,
		  TTC_COUNTER_DISABLE | TTC_COUNTER_NO_WAVE);
	(void)ttc_read(ttc, counter, TTC_INTERRUPT);
}

static int ttc_find(unsigned int index)
{
	const void *fdt = devtree_blob();
	int node = -1;

	do {
		node = fdt_node_offset_by_compatible(fdt, node, "cdns,ttc");
	} while (node >= 0 && index-- > 0);
	return node < 0 ? -HYP_ENOENT : node;
}

int ttc_open(struct ttc *ttc, unsigned int index)
{
	struct devtree_region region;
	const int node = ttc_find(index);
	int result = node < 0 ? node : devtree_region(node, 0, &region);

	for (unsigned int i = 0; i < TTC_COUNTERS && result == 0; i++) {
		struct devtree_irq irq;

		result = devtree_irq(node, i, &irq);
		ttc->intid[i] = irq.intid;
	}
	if (result == 0) {
		result = mmu_map_device(region.address, region.size);
	}
	if (result != 0) {
		return result;
	}
	ttc->registers = (uintptr_t)region.address;
	for (unsigned int i = 0; i < TTC_COUNTERS; i++) {
		ttc_stop(ttc, i);
	}
	return 0;
}
