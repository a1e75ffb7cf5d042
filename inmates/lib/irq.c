// SPDX-License-Identifier: Apache-2.0
// Interrupts: the table of handlers, and the one choice of GIC.

#include <hyp/errno.h>

#include "cpu.h"
#include "devtree.h"
#include "gic.h"
#include "irq.h"
#include "mmio.h"

struct irq_entry {
	void (*handler)(void *arg);
	void *arg;
};

static struct irq_entry entries[GIC_INTID_LIMIT];
static const struct gic_ops *gic;
static unsigned int unclaimed_count;
static unsigned int spurious_count;

static const struct {
	const char *compatible;
	const struct gic_ops *ops;
} kinds[] = {
	{ "arm,gic-v3", &gic_v3_ops },
	{ "arm,cortex-a15-gic", &gic_v2_ops },
	{ "arm,gic-400", &gic_v2_ops },
	{ "arm,cortex-a7-gic", &gic_v2_ops },
	{ "arm,cortex-a9-gic", &gic_v2_ops },
};

int irq_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		const int node = devtree_find_compatible(kinds[i].compatible);

		if (node >= 0) {
			gic = kinds[i].ops;
			return gic->init(node);
		}
	}
	return -HYP_ENODEV;
}

int irq_request(uint32_t intid, void (*handler)(void *arg), void *arg,
		bool is_edge)
{
	if (intid >= GIC_INTID_LIMIT) {
		return -HYP_EINVAL;
	}
	if (entries[intid].handler != NULL) {
		return -HYP_EBUSY;
	}

	const uint64_t daif = cpu_irq_save();

	gic->disable(intid);
	gic->configure(intid, is_edge);
	entries[intid].arg = arg;
	entries[intid].handler = handler;
	gic->enable(intid);
	cpu_irq_restore(daif);
	return 0;
}

void irq_enable(uint32_t intid)
{
	gic->enable(intid);
}

void irq_disable(uint32_t intid)
{
	gic->disable(intid);
}

unsigned int irq_unclaimed_count(void)
{
	return __atomic_load_n(&unclaimed_count, __ATOMIC_RELAXED);
}

unsigned int irq_spurious_count(void)
{
	return __atomic_load_n(&spurious_count, __ATOMIC_RELAXED);
}

void irq_dispatch(void)
{
	uint32_t token = 0;
	const uint32_t intid = gic->acknowledge(&token);

	if (intid >= GIC_INTID_LIMIT) {
		spurious_count++;
		return;
	}
	if (entries[intid].handler != NULL) {
		entries[intid].handler(entries[intid].arg);
	} else {
		unclaimed_count++;
		gic->disable(intid); /* else a level would ask for ever */
	}
	/* The device has lowered its line before the GIC looks again. */
	cpu_dsb();
	gic->end(token);
}

void gic_set_trigger(uintptr_t distributor, uint32_t intid, bool is_edge)
{
	const uintptr_t address = distributor + GICD_ICFGR + intid / 16 * 4;
	const uint32_t edge = 2U << intid % 16 * 2;

	if (intid >= GIC_SPI_FIRST) {
		const uint32_t old = mmio_read32(address) & ~edge;

		mmio_write32(address, is_edge ? old | edge : old);
	}
}
