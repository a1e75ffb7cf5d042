// SPDX-License-Identifier: Apache-2.0
// GICv3: distributor, this CPU's redistributor, and system registers.

#include <hyp/errno.h>

#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "gic.h"
#include "mmio.h"
#include "mmu.h"
#include "timer.h"

/* IHI 0069H 12.10 and 12.11, redistributor registers */
#define GICR_CTLR 0x0000
#define GICR_CTLR_RWP BIT(3)
#define GICR_TYPER 0x0008
#define GICR_TYPER_VLPIS BIT(1)
#define GICR_TYPER_LAST BIT(4)
#define GICR_WAKER 0x0014
#define GICR_WAKER_PROCESSOR_SLEEP 2U
#define GICR_WAKER_CHILDREN_ASLEEP 4U
#define GICR_FRAME 0x10000
#define GICR_SGI_BASE GICR_FRAME

/* IHI 0069H 12.9.4, GICD_CTLR; the same bits with and without Security */
#define GICD_CTLR_ENABLE_GROUP_1 2U
#define GICD_CTLR_ARE 0x10U

#define HARDWARE_TIMEOUT_US 100000

static uintptr_t distributor;
static uintptr_t redistributor; /* this CPU's */

/* Wait until none of @mask is set at @address. */
static int wait_clear(uintptr_t address, uint32_t mask)
{
	const uint64_t start = timer_now_us();

	while ((mmio_read32(address) & mask) != 0) {
		if (timer_now_us() - start > HARDWARE_TIMEOUT_US) {
			return -HYP_ETIMEDOUT;
		}
		cpu_yield();
	}
	return 0;
}

/* MPIDR's affinity in the form of GICR_TYPER's upper word. */
static uint32_t own_affinity(void)
{
	const uint64_t mpidr = cpu_affinity();

	return (uint32_t)(mpidr >> 8 & 0xff000000) |
	       (uint32_t)(mpidr & 0x00ffffff);
}

static int find_in_region(const struct devtree_region *region, uint64_t stride)
{
	uint64_t at = 0;

	while (at + 2 * GICR_FRAME <= region->size) {
		const uintptr_t frame = (uintptr_t)(region->address + at);
		const uint64_t typer = mmio_read64(frame + GICR_TYPER);

		if (typer >> 32 == own_affinity()) {
			redistributor = frame;
			return 0;
		}
		if ((typer & GICR_TYPER_LAST) != 0) {
			break;
		}
		if (stride != 0) {
			at += stride;
		} else {
			at += (typer & GICR_TYPER_VLPIS) != 0 ? 4 * GICR_FRAME :
								2 * GICR_FRAME;
		}
	}
	return -HYP_ENODEV;
}

static int find_redistributor(int node)
{
	const void *fdt = devtree_blob();
	const fdt32_t *count =
		fdt_getprop(fdt, node, "#redistributor-regions", NULL);
	int length = 0;
	const fdt32_t *words =
		fdt_getprop(fdt, node, "redistributor-stride", &length);
	const uint32_t regions = count == NULL ? 1 : fdt32_to_cpu(*count);
	uint64_t stride = 0;

	for (int i = 0; i < length / 4; i++) { /* one or two cells */
		stride = stride << 32 | fdt32_to_cpu(words[i]);
	}

	for (uint32_t i = 0; i < regions; i++) {
		struct devtree_region region;
		int result = devtree_region(node, 1 + i, &region);

		if (result == 0) {
			result = mmu_map_device(region.address, region.size);
		}
		if (result != 0) {
			return result;
		}
		if (find_in_region(&region, stride) == 0) {
			return 0;
		}
	}
	return -HYP_ENODEV;
}

static int init_cpu_interface(void)
{
	CPU_WRITE(icc_sre_el1, CPU_READ(icc_sre_el1) | 1);
	cpu_isb();
	if ((CPU_READ(icc_sre_el1) & 1) == 0) {
		return -HYP_EOPNOTSUPP;
	}
	CPU_WRITE(icc_pmr_el1, 0xff);
	CPU_WRITE(icc_bpr1_el1, 0);
	CPU_WRITE(icc_ctlr_el1, 0); /* EOImode 0 */
	CPU_WRITE(icc_igrpen1_el1, 1);
	cpu_isb();
	return 0;
}

static int gic_v3_init(int node)
{
	struct devtree_region region;
	int result = devtree_region(node, 0, &region);

	if (result == 0) {
		result = mmu_map_device(region.address, region.size);
	}
	if (result == 0) {
		result = find_redistributor(node);
	}
	if (result != 0) {
		return result;
	}
	distributor = (uintptr_t)region.address;
	mmio_write32(distributor + GICD_CTLR,
		     GICD_CTLR_ARE | GICD_CTLR_ENABLE_GROUP_1);
	result = wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP);
	if (result != 0) {
		return result;
	}
	mmio_write32(redistributor + GICR_WAKER,
		     mmio_read32(redistributor + GICR_WAKER) &
			     ~GICR_WAKER_PROCESSOR_SLEEP);
	result = wait_clear(redistributor + GICR_WAKER,
			    GICR_WAKER_CHILDREN_ASLEEP);
	if (result != 0) {
		return result;
	}
	mmio_write32(redistributor + GICR_SGI_BASE + GICD_IGROUPR, UINT32_MAX);
	return init_cpu_interface();
}

static uintptr_t frame_of(uint32_t intid)
{
	return intid < GIC_SPI_FIRST ? redistributor + GICR_SGI_BASE :
				       distributor;
}

static void gic_v3_enable(uint32_t intid)
{
	mmio_write32(frame_of(intid) + GICD_ISENABLER + intid / 32 * 4,
		     1U << intid % 32);
}

static void gic_v3_disable(uint32_t intid)
{
	mmio_write32(frame_of(intid) + GICD_ICENABLER + intid / 32 * 4,
		     1U << intid % 32);
	if (intid < GIC_SPI_FIRST) {
		(void)wait_clear(redistributor + GICR_CTLR, GICR_CTLR_RWP);
	} else {
		(void)wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP);
	}
}

static void gic_v3_configure(uint32_t intid, bool is_edge)
{
	mmio_write8(frame_of(intid) + GICD_IPRIORITYR + intid, GIC_PRIORITY);
	if (intid < GIC_SPI_FIRST) {
		return; /* group 1 since init; a PPI's trigger is the board's */
	}

	const uintptr_t group = distributor + GICD_IGROUPR + intid / 32 * 4;

	mmio_write32(group, mmio_read32(group) | 1U << intid % 32);
	mmio_write64(distributor + GICD_IROUTER + UINT64_C(8) * intid,
		     cpu_affinity());
	gic_set_trigger(distributor, intid, is_edge);
}

static uint32_t gic_v3_acknowledge(uint32_t *token)
{
	*token = (uint32_t)CPU_READ(icc_iar1_el1);
	cpu_dsb(); /* acknowledged before the handler touches the device */
	return *token;
}

static void gic_v3_end(uint32_t token)
{
	CPU_WRITE(icc_eoir1_el1, token);
	cpu_isb();
}

const struct gic_ops gic_v3_ops = {
	.init = gic_v3_init,
	.configure = gic_v3_configure,
	.enable = gic_v3_enable,
	.disable = gic_v3_disable,
	.acknowledge = gic_v3_acknowledge,
	.end = gic_v3_end,
};
