// SPDX-License-Identifier: Apache-2.0
// GICv2: the distributor and the CPU interface, both by MMIO.

#include "devtree.h"
#include "gic.h"
#include "mmio.h"
#include "mmu.h"

/* IHI 0048B 4.4, CPU interface register descriptions */
#define GICC_CTLR 0x0000
#define GICC_PMR 0x0004
#define GICC_BPR 0x0008
#define GICC_IAR 0x000c
#define GICC_EOIR 0x0010
#define GICC_IAR_INTID_MASK 0x3ffU
#define CTLR_ENABLE 1U

static uintptr_t distributor;
static uintptr_t cpu_interface;
static uint8_t own_target;

static int gic_v2_map(int node)
{
	struct devtree_region region[2];

	for (unsigned int i = 0; i < 2; i++) {
		int result = devtree_region(node, i, &region[i]);

		if (result == 0) {
			result = mmu_map_device(region[i].address,
						region[i].size);
		}
		if (result != 0) {
			return result;
		}
	}
	distributor = (uintptr_t)region[0].address;
	cpu_interface = (uintptr_t)region[1].address;
	return 0;
}

static int gic_v2_init(int node)
{
	const int result = gic_v2_map(node);

	if (result != 0) {
		return result;
	}
	/* The first eight are banked: they name the CPU that reads them. */
	own_target = mmio_read8(distributor + GICD_ITARGETSR);
	if (own_target == 0) {
		own_target = 1; /* a single CPU reads 0 */
	}
	mmio_write32(distributor + GICD_CTLR, CTLR_ENABLE);
	mmio_write32(cpu_interface + GICC_PMR, 0xff);
	mmio_write32(cpu_interface + GICC_BPR, 0);
	mmio_write32(cpu_interface + GICC_CTLR, CTLR_ENABLE);
	return 0;
}

static void gic_v2_enable(uint32_t intid)
{
	mmio_write32(distributor + GICD_ISENABLER + intid / 32 * 4,
		     1U << intid % 32);
}

static void gic_v2_disable(uint32_t intid)
{
	mmio_write32(distributor + GICD_ICENABLER + intid / 32 * 4,
		     1U << intid % 32);
}

static void gic_v2_configure(uint32_t intid, bool is_edge)
{
	mmio_write8(distributor + GICD_IPRIORITYR + intid, GIC_PRIORITY);
	if (intid >= GIC_SPI_FIRST) {
		mmio_write8(distributor + GICD_ITARGETSR + intid, own_target);
	}
	gic_set_trigger(distributor, intid, is_edge);
}

static uint32_t gic_v2_acknowledge(uint32_t *token)
{
	*token = mmio_read32(cpu_interface + GICC_IAR);
	return *token & GICC_IAR_INTID_MASK;
}

static void gic_v2_end(uint32_t token)
{
	mmio_write32(cpu_interface + GICC_EOIR, token);
}

const struct gic_ops gic_v2_ops = {
	.init = gic_v2_init,
	.configure = gic_v2_configure,
	.enable = gic_v2_enable,
	.disable = gic_v2_disable,
	.acknowledge = gic_v2_acknowledge,
	.end = gic_v2_end,
};
