// SPDX-License-Identifier: Apache-2.0
// The GIC, driven without the library's handlers.

#include <hyp/errno.h>

#include "cpu.h"
#include "devtree.h"
#include "bench_gic.h"
#include "mmio.h"

/* IHI 0069H 12.10, redistributor registers; IHI 0048B 4.4, CPU interface */
#define GICD_SGIR 0x0f00
#define GICD_ITARGETSR 0x0800
#define GICR_WAKER 0x0014
#define GICR_WAKER_PROCESSOR_SLEEP 2U
#define GICR_STRIDE 0x20000
#define GICR_SGI_BASE 0x10000
#define GICR_IGROUPR 0x0080
#define GICC_CTLR 0x0000
#define GICC_PMR 0x0004
#define GICC_IAR 0x000c
#define GICC_EOIR 0x0010
#define PRIORITY 0xa0
#define SPI_FIRST 32

struct bench_gic bench_gic;

static const char *const v2_names[] = { "arm,cortex-a15-gic", "arm,gic-400" };

int bench_gic_init(void)
{
	struct devtree_region region[2];
	int node = devtree_find_compatible("arm,gic-v3");

	bench_gic.is_v3 = node >= 0;
	for (unsigned int i = 0; node < 0 && i < ARRAY_SIZE(v2_names); i++) {
		node = devtree_find_compatible(v2_names[i]);
	}
	if (node < 0) {
		return -HYP_ENODEV;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(region); i++) {
		const int result = devtree_region(node, i, &region[i]);

		if (result != 0) {
			return result;
		}
	}
	bench_gic.distributor = (uintptr_t)region[0].address;
	bench_gic.second = (uintptr_t)region[1].address;
	return 0;
}

/* Redistributors of one cluster follow each other, in a cell as on the board. */
static uintptr_t redistributor(unsigned int cpu)
{
	return bench_gic.second + (uintptr_t)cpu * GICR_STRIDE;
}

void bench_gic_cpu_init(unsigned int cpu)
{
	uintptr_t private = bench_gic.distributor;

	if (bench_gic.is_v3) {
		private = redistributor(cpu) + GICR_SGI_BASE;
		mmio_write32(redistributor(cpu) + GICR_WAKER,
			     mmio_read32(redistributor(cpu) + GICR_WAKER) &
				     ~GICR_WAKER_PROCESSOR_SLEEP);
		mmio_write32(private + GICR_IGROUPR, UINT32_MAX);
		CPU_WRITE(icc_sre_el1, CPU_READ(icc_sre_el1) | 1);
		cpu_isb();
		CPU_WRITE(icc_pmr_el1, 0xff);
		CPU_WRITE(icc_ctlr_el1, 0);
		CPU_WRITE(icc_igrpen1_el1, 1);
		cpu_isb();
	} else {
		mmio_write32(bench_gic.second + GICC_PMR, 0xff);
		mmio_write32(bench_gic.second + GICC_CTLR, 1);
	}
	mmio_write8(private + BENCH_IPRIORITYR + BENCH_SGI, PRIORITY);
	mmio_write32(private + BENCH_ISENABLER, 1U << BENCH_SGI);
}

void bench_gic_enable(uint32_t intid)
{
	uintptr_t frame = bench_gic.distributor;

	if (bench_gic.is_v3 && intid < SPI_FIRST) {
		frame = redistributor(0) + GICR_SGI_BASE;
	}
	mmio_write8(frame + BENCH_IPRIORITYR + intid, PRIORITY);
	if (bench_gic.is_v3 && intid >= SPI_FIRST) {
		const uintptr_t group = frame + GICR_IGROUPR + intid / 32 * 4;

		mmio_write32(group, mmio_read32(group) | 1U << intid % 32);
	} else if (intid >= SPI_FIRST) {
		mmio_write8(frame + GICD_ITARGETSR + intid, 1);
	}
	mmio_write32(frame + BENCH_ISENABLER + intid / 32 * 4,
		     1U << intid % 32);
}

uint32_t bench_gic_acknowledge(void)
{
	uint32_t acknowledged;

	if (!bench_gic.is_v3) {
		return mmio_read32(bench_gic.second + GICC_IAR);
	}
	acknowledged = (uint32_t)CPU_READ(icc_iar1_el1);
	cpu_dsb();
	return acknowledged;
}

void bench_gic_end(uint32_t acknowledged)
{
	cpu_dsb(); /* the device's line is low before the GIC looks again */
	if (bench_gic.is_v3) {
		CPU_WRITE(icc_eoir1_el1, acknowledged);
		cpu_isb();
	} else {
		mmio_write32(bench_gic.second + GICC_EOIR, acknowledged);
	}
}

uint64_t bench_gic_sgi(unsigned int cpu)
{
	if (bench_gic.is_v3) {
		return (uint64_t)BENCH_SGI << 24 | 1U << cpu;
	}
	return 1U << (16 + cpu) | BENCH_SGI;
}

uintptr_t bench_gic_sgir(void)
{
	return bench_gic.distributor + GICD_SGIR;
}
