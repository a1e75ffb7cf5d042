// SPDX-License-Identifier: Apache-2.0
// The GIC's registers themselves.

#include <hyp/errno.h>

#include "cpu.h"
#include "devtree.h"
#include "gic_raw.h"
#include "mmio.h"
#include "mmu.h"
#include "smp.h"
#include "timer.h"

/* IHI 0048B 4.4, "CPU interface register descriptions" */
#define GICC_CTLR 0x0000
#define GICC_PMR 0x0004
#define GICC_BPR 0x0008
#define GICC_IAR 0x000c
#define GICC_EOIR 0x0010
#define GICC_RPR 0x0014
#define GICC_DIR 0x1000
#define GICC_CTLR_GROUPS 3U
#define GICC_CTLR_ACKCTL 4U
#define GICC_CTLR_EOIMODE (1U << 9)

/* IHI 0069, "Redistributor register descriptions" */
#define GICR_CTLR 0x0000
#define GICR_CTLR_RWP 8U
#define GICR_WAKER 0x0014
#define GICR_SGI 0x10000
#define GICR_STRIDE 0x20000

struct gic_raw gic_raw;

static int map(int node, unsigned int index, uintptr_t *at)
{
	struct devtree_region region;
	int result = devtree_region(node, index, &region);

	if (result == 0) {
		result = mmu_map_device(region.address, region.size);
	}
	*at = (uintptr_t)region.address;
	return result;
}

static void stop_all(void)
{
	for (uint32_t intid = 0; intid < GIC_RAW_NONE; intid += 32) {
		const uintptr_t frame = gic_raw_frame(intid) + intid / 8;

		mmio_write32(frame + GICD_ICENABLER, UINT32_MAX);
		mmio_write32(frame + GICD_ICPENDR, UINT32_MAX);
		mmio_write32(frame + GICD_ICACTIVER, UINT32_MAX);
	}
}

int gic_raw_open(void)
{
	int node = devtree_find_compatible("arm,gic-v3");
	int result;

	cpu_irq_disable();
	CPU_WRITE(cntv_ctl_el0, 0);
	gic_raw.is_v3 = node >= 0;
	gic_raw.cpu_count = devtree_cpu_count();
	if (!gic_raw.is_v3) {
		node = devtree_find_compatible("arm,cortex-a15-gic");
	}
	if (node < 0) {
		return -HYP_ENODEV;
	}
	result = map(node, 0, &gic_raw.distributor);
	if (result == 0) {
		result = map(node, 1,
			     gic_raw.is_v3 ? &gic_raw.redistributors :
					     &gic_raw.interface);
	}
	if (result == 0) {
		stop_all();
	}
	return result;
}

void gic_raw_cpu_init(void)
{
	if (gic_raw.is_v3) {
		const uintptr_t frame = gic_raw_frame(0);

		mmio_write32(frame - GICR_SGI + GICR_WAKER, 0);
		mmio_write32(frame + GICD_IGROUPR, UINT32_MAX);
		CPU_WRITE(icc_sre_el1, 1);
		cpu_isb();
		CPU_WRITE(icc_bpr0_el1, 0);
		CPU_WRITE(icc_bpr1_el1, 0);
		CPU_WRITE(icc_igrpen0_el1, 1);
		CPU_WRITE(icc_igrpen1_el1, 1);
	} else {
		mmio_write32(gic_raw.interface + GICC_BPR, 0);
	}
	gic_raw_priority_mask(0xff);
	gic_raw_eoimode(false);
	for (uint32_t intid = 0; intid < 32; intid++) {
		gic_raw_set_priority(intid, 0xa0);
	}
	mmio_write32(gic_raw_frame(0) + GICD_ISENABLER, 0xffff);
}

void gic_raw_priority_mask(uint32_t mask)
{
	if (gic_raw.is_v3) {
		CPU_WRITE(icc_pmr_el1, mask);
		cpu_isb();
	} else {
		mmio_write32(gic_raw.interface + GICC_PMR, mask);
	}
	cpu_dsb();
}

void gic_raw_eoimode(bool is_split)
{
	if (gic_raw.is_v3) {
		CPU_WRITE(icc_ctlr_el1, is_split ? 2 : 0);
		cpu_isb();
	} else {
		mmio_write32(gic_raw.interface + GICC_CTLR,
			     GICC_CTLR_GROUPS | GICC_CTLR_ACKCTL |
				     (is_split ? GICC_CTLR_EOIMODE : 0));
	}
}

uintptr_t gic_raw_frame(uint32_t intid)
{
	return gic_raw.is_v3 && intid < 32 ?
		       gic_raw.redistributors + smp_index() * GICR_STRIDE +
			       GICR_SGI :
		       gic_raw.distributor;
}

void gic_raw_set(uint32_t offset, uint32_t intid)
{
	mmio_write32(gic_raw_frame(intid) + offset + intid / 32 * 4,
		     1U << intid % 32);
}

bool gic_raw_is(uint32_t offset, uint32_t intid)
{
	return (mmio_read32(gic_raw_frame(intid) + offset + intid / 32 * 4) >>
			intid % 32 &
		1) != 0;
}

void gic_raw_enable(uint32_t intid)
{
	gic_raw_set(GICD_ISENABLER, intid);
}

void gic_raw_disable(uint32_t intid)
{
	gic_raw_set(GICD_ICENABLER, intid);
	if (!gic_raw.is_v3) {
		return;
	}
	while (intid >= 32 ?
		       (mmio_read32(gic_raw.distributor + GICD_CTLR) &
			GICD_CTLR_RWP) != 0 :
		       (mmio_read32(gic_raw_frame(0) - GICR_SGI + GICR_CTLR) &
			GICR_CTLR_RWP) != 0) {
		cpu_yield();
	}
}

void gic_raw_set_priority(uint32_t intid, uint32_t priority)
{
	mmio_write8(gic_raw_frame(intid) + GICD_IPRIORITYR + intid,
		    (uint8_t)priority);
}

void gic_raw_setup_spi(uint32_t intid, unsigned int cpu)
{
	const uintptr_t group =
		gic_raw.distributor + GICD_IGROUPR + intid / 32 * 4;

	gic_raw_disable(intid);
	gic_raw_set_priority(intid, 0xa0);
	if (gic_raw.is_v3) {
		mmio_write32(group, mmio_read32(group) | 1U << intid % 32);
	}
	gic_raw_route(intid, cpu);
}

void gic_raw_route(uint32_t intid, unsigned int cpu)
{
	if (gic_raw.is_v3) {
		mmio_write64(gic_raw.distributor + GICD_IROUTER +
				     UINT64_C(8) * intid,
			     cpu);
	} else {
		mmio_write8(gic_raw.distributor + GICD_ITARGETSR + intid,
			    (uint8_t)(1U << cpu));
	}
}

void gic_raw_sgi(uint32_t intid, uint32_t targets)
{
	cpu_dsb();
	if (gic_raw.is_v3) {
		__asm__ volatile("msr s3_0_c12_c11_5, %0\n\tisb" ::"r"(
					 (uint64_t)intid << 24 | targets)
				 : "memory");
	} else {
		mmio_write32(gic_raw.distributor + GICD_SGIR,
			     targets << 16 | intid);
	}
}

uint32_t gic_raw_acknowledge(void)
{
	uint32_t token;

	if (!gic_raw.is_v3) {
		return mmio_read32(gic_raw.interface + GICC_IAR);
	}
	token = (uint32_t)CPU_READ(icc_iar1_el1);
	cpu_dsb();
	return token;
}

void gic_raw_end(uint32_t token)
{
	cpu_dsb();
	if (gic_raw.is_v3) {
		CPU_WRITE(icc_eoir1_el1, token);
		cpu_isb();
	} else {
		mmio_write32(gic_raw.interface + GICC_EOIR, token);
	}
}

void gic_raw_deactivate(uint32_t token)
{
	cpu_dsb();
	if (gic_raw.is_v3) {
		CPU_WRITE(icc_dir_el1, token);
		cpu_isb();
	} else {
		mmio_write32(gic_raw.interface + GICC_DIR, token);
	}
}

uint32_t gic_raw_running(void)
{
	return gic_raw.is_v3 ? (uint32_t)CPU_READ(icc_rpr_el1) :
			       mmio_read32(gic_raw.interface + GICC_RPR);
}

uint32_t gic_raw_take(uint32_t wait_us)
{
	const uint64_t start = timer_now_us();
	uint32_t token;

	for (;;) {
		const bool is_late = timer_now_us() - start >= wait_us;

		token = gic_raw_acknowledge();
		if (GIC_RAW_INTID(token) < GIC_RAW_NONE || is_late) {
			return token;
		}
		cpu_yield();
	}
}

void gic_raw_wait_us(uint32_t wait_us)
{
	const uint64_t start = timer_now_us();

	while (timer_now_us() - start < wait_us) {
		cpu_yield();
	}
}
