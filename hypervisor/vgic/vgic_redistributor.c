// SPDX-License-Identifier: Apache-2.0
/*
 * The redistributors as memory, IHI 0069: two frames of 64 KiB for each CPU of the
 * cell, in the order of its CPUs. There are no LPIs.
 */
#include "vgic.h"
#include <hyp/errno.h>

/* GICR_TYPER: affinity [63:32], Processor_Number [23:8], Last [4] */
static uint64_t typer_read(const struct cpu *of)
{
	uint64_t index = of->vcpu.index;
	bool is_last = of->vcpu.index + 1 == of->vcpu.cell->cpu_count;

	return index << 32 | index << 8 | (is_last ? GICR_TYPER_LAST : 0);
}

static uint32_t waker_read(const struct cpu *of)
{
	return of->vgic.is_asleep ?
		       GICR_WAKER_SLEEP | GICR_WAKER_CHILDREN_ASLEEP :
		       0;
}

static uint64_t control_read(const struct cpu *of, uint32_t offset,
			     unsigned int width)
{
	if (width == 8) {
		return offset == GICR_TYPER ? typer_read(of) : 0;
	}
	if (width != 4) {
		return 0;
	}
	switch (offset) {
	case GICR_CTLR:
		return vgic_is_settling(of) ? GICR_CTLR_RWP : 0;
	case GICR_IIDR:
		return GIC_IIDR_ARM;
	case GICR_TYPER:
		return (uint32_t)typer_read(of);
	case GICR_TYPER + 4:
		return typer_read(of) >> 32;
	case GICR_WAKER:
		return waker_read(of);
	default:
		return offset >= GIC_V3_IDENTIFICATION ?
			       vgic_identification(offset & 0xfff) :
			       0;
	}
}

/*
 * A redistributor that sleeps forwards nothing. This one only remembers: a guest must
 * turn its CPU interface off before, and then nothing is forwarded either.
 */
static void control_write(struct cpu *of, uint32_t offset, unsigned int width,
			  uint64_t value)
{
	if (offset == GICR_WAKER && width == 4) {
		of->vgic.is_asleep = (value & GICR_WAKER_SLEEP) != 0;
	}
}

/* Only the 32 private interrupts have registers in SGI_base. */
static bool is_implemented(uint32_t offset)
{
	if (offset < GICD_IPRIORITYR) {
		return offset >= GICD_IGROUPR && offset % 0x80 == 0;
	}
	return offset < GICD_IPRIORITYR + VGIC_PRIVATE ||
	       (offset >= GICD_ICFGR && offset < GICD_ICFGR + VGIC_PRIVATE / 4);
}

static uint64_t redistributor_read(struct cpu *cpu, struct cpu *of,
				   uint32_t offset, unsigned int width)
{
	if (offset < GICR_SGI) {
		return control_read(of, offset, width);
	}
	offset -= GICR_SGI;
	return is_implemented(offset) ?
		       vgic_common_read(cpu, of, offset, width) :
		       0;
}

static void redistributor_write(struct cpu *cpu, struct cpu *of,
				uint32_t offset, unsigned int width,
				uint64_t value)
{
	if (offset < GICR_SGI) {
		control_write(of, offset, width, value);
		return;
	}
	offset -= GICR_SGI;
	if (is_implemented(offset)) {
		vgic_common_write(cpu, of, offset, width, (uint32_t)value);
	}
}

int vgic_redistributor_access(struct cpu *cpu, uint64_t offset,
			      unsigned int width, bool is_write,
			      uint64_t *value)
{
	const struct cell *cell = cpu->vcpu.cell;
	uint32_t at = (uint32_t)offset % GICR_STRIDE;
	struct cpu *of;

	if (offset / GICR_STRIDE >= cell->cpu_count ||
	    (at & (width - 1)) != 0) {
		return -HYP_EFAULT;
	}
	of = cell->cpu[offset / GICR_STRIDE];
	if (is_write) {
		redistributor_write(cpu, of, at, width, *value);
	} else {
		*value = redistributor_read(cpu, of, at, width);
	}
	return 0;
}
