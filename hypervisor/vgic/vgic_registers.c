// SPDX-License-Identifier: Apache-2.0
/*
 * The distributor's registers, by parts of the frame: IHI 0048B (GICv2), IHI 0069
 * (GICv3 with affinity routing and one Security state). What is reserved reads as
 * zero and ignores writes.
 */
#include "vgic.h"

#define TYPER_ID_BITS (9u << 19) /* 10 bits of INTID */
#define TYPER_NO_1_OF_N (1u << 25)
#define TYPER_RANGE_SELECTOR (1u << 26)
#define TYPER_CPUS_SHIFT 5
#define RANGE_CPUS 16 /* more need the range selector of an SGI */

#define PART_SHIFT 7 /* the first page, by parts of 0x80 bytes */
#define FIRST_PAGE 0x1000

enum part {
	PART_RESERVED = 0,
	PART_CONTROL,
	PART_COMMON,
	PART_TARGETS,
	PART_SGI,
	PART_IDENTIFICATION,
};

static const uint8_t parts[FIRST_PAGE >> PART_SHIFT] = {
	[GICD_CTLR >> PART_SHIFT] = PART_CONTROL,
	[GICD_IGROUPR >> PART_SHIFT...(GICD_ITARGETSR - 1) >> PART_SHIFT] =
		PART_COMMON,
	[GICD_ITARGETSR >> PART_SHIFT...(GICD_ICFGR - 1) >> PART_SHIFT] =
		PART_TARGETS,
	[GICD_ICFGR >> PART_SHIFT...(GICD_IGRPMODR - 1) >> PART_SHIFT] =
		PART_COMMON,
	[GICD_SGIR >> PART_SHIFT] = PART_SGI,
	[0xf80 >> PART_SHIFT] = PART_IDENTIFICATION,
};

static uint32_t ctlr_read(const struct cell *cell)
{
	uint32_t value = cell->vgic.forward;

	if (irqchip->version == 2) {
		return value;
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if (vgic_is_settling(cell->cpu[i])) {
			value |= GICD_CTLR_RWP;
		}
	}
	return value | GICD_CTLR_ARE | GICD_CTLR_DS;
}

static void ctlr_write(struct cpu *cpu, uint32_t value)
{
	struct cell *cell = cpu->vcpu.cell;
	uint8_t forward = value & (GICD_CTLR_GROUP0 | GICD_CTLR_GROUP1);

	spinlock_lock(&cell->vgic.lock);
	if (forward != cell->vgic.forward) {
		cell->vgic.forward = forward;
		for (unsigned int i = 0; i < cell->cpu_count; i++) {
			struct cpu *other = cell->cpu[i];

			if (other == cpu) {
				vgic_regroup(cpu);
			} else if (other->vgic.is_running) {
				other->vgic.regroup = true;
				other->vgic.is_settling = true;
				vgic_kick(other);
			}
		}
	}
	spinlock_unlock(&cell->vgic.lock);
}

uint32_t vgic_typer(const struct cell *cell)
{
	uint32_t lines = (irqchip_spi_end + 31) / 32 - 1;

	if (irqchip->version == 2) {
		return lines | (cell->cpu_count - 1) << TYPER_CPUS_SHIFT;
	}
	return lines | TYPER_ID_BITS | TYPER_NO_1_OF_N |
	       (cell->cpu_count > RANGE_CPUS ? TYPER_RANGE_SELECTOR : 0);
}

static uint32_t control_read(const struct cell *cell, uint32_t offset)
{
	switch (offset) {
	case GICD_CTLR:
		return ctlr_read(cell);
	case GICD_IIDR:
		return GIC_IIDR_ARM;
	default:
		return 0;
	}
}

/* With affinity routing those of the private interrupts are the redistributors'. */
static bool is_reserved(uint32_t offset)
{
	if (irqchip->version == 2) {
		return false;
	}
	if (offset < GICD_IPRIORITYR) {
		return offset % 0x80 == 0;
	}
	return offset < GICD_ITARGETSR ?
		       offset < GICD_IPRIORITYR + VGIC_PRIVATE :
		       offset < GICD_ICFGR + VGIC_PRIVATE / 4;
}

static uint32_t targets_read(struct cpu *cpu, uint32_t offset,
			     unsigned int width)
{
	if (irqchip->version != 2 || !vgic_is_byte_or_word(width)) {
		return 0;
	}
	return vgic_targets_read(cpu, offset - GICD_ITARGETSR, width);
}

static void targets_write(struct cpu *cpu, uint32_t offset, unsigned int width,
			  uint32_t value)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;

	if (irqchip->version == 2 && vgic_is_byte_or_word(width)) {
		spinlock_lock(&vgic->lock);
		vgic_targets_write(cpu, offset - GICD_ITARGETSR, width, value);
		spinlock_unlock(&vgic->lock);
	}
}

/* GICD_CPENDSGIR and GICD_SPENDSGIR, GICv2 */
static bool is_sources(uint32_t offset, unsigned int width)
{
	return irqchip->version == 2 && vgic_is_byte_or_word(width) &&
	       offset >= GICD_CPENDSGIR && offset < GICD_SPENDSGIR + VGIC_SGIS;
}

static uint32_t sgi_read(struct cpu *cpu, uint32_t offset, unsigned int width)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	uint32_t value = 0;

	if (is_sources(offset, width)) {
		spinlock_lock(&vgic->lock);
		value = vgic_sources_read(cpu, offset % VGIC_SGIS, width);
		spinlock_unlock(&vgic->lock);
	}
	return value;
}

static void sgi_write(struct cpu *cpu, uint32_t offset, unsigned int width,
		      uint32_t value)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;

	if (is_sources(offset, width)) {
		spinlock_lock(&vgic->lock);
		vgic_sources_write(cpu, offset % VGIC_SGIS, width, value,
				   offset >= GICD_SPENDSGIR);
		spinlock_unlock(&vgic->lock);
	}
}

/* GICD_IROUTER<n>, whole or by halves; the upper half holds only Aff3. */
static uint32_t router_of(uint32_t offset, unsigned int width)
{
	uint32_t intid = (offset - GICD_IROUTER) / 8;

	return width >= 4 && offset % 8 == 0 && offset >= GICD_IROUTER &&
			       intid < VGIC_INTID_MAX ?
		       intid :
		       0;
}

static uint32_t other_page_read(struct cpu *cpu, uint32_t offset,
				unsigned int width)
{
	uint32_t intid = router_of(offset, width);

	if (intid >= VGIC_PRIVATE) {
		return vgic_route_read(cpu, intid);
	}
	if (offset >= GIC_V3_IDENTIFICATION && width == 4) {
		return vgic_identification(offset & (FIRST_PAGE - 1));
	}
	return 0;
}

static void other_page_write(struct cpu *cpu, uint32_t offset,
			     unsigned int width, uint32_t value)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	uint32_t intid = router_of(offset, width);

	if (intid >= VGIC_PRIVATE) {
		spinlock_lock(&vgic->lock);
		vgic_route_write(cpu, intid, value);
		spinlock_unlock(&vgic->lock);
	}
}

uint32_t vgic_distributor_read(struct cpu *cpu, uint32_t offset,
			       unsigned int width)
{
	if (offset >= FIRST_PAGE) {
		return other_page_read(cpu, offset, width);
	}
	switch ((enum part)parts[offset >> PART_SHIFT]) {
	case PART_CONTROL:
		return width == 4 ? control_read(cpu->vcpu.cell, offset) : 0;
	case PART_COMMON:
		return is_reserved(offset) ?
			       0 :
			       vgic_common_read(cpu, cpu, offset, width);
	case PART_TARGETS:
		return targets_read(cpu, offset, width);
	case PART_SGI:
		return sgi_read(cpu, offset, width);
	case PART_IDENTIFICATION:
		return irqchip->version == 2 && width == 4 &&
				       offset >= GIC_IDENTIFICATION ?
			       vgic_identification(offset) :
			       0;
	case PART_RESERVED:
		break;
	}
	return 0;
}

void vgic_distributor_write(struct cpu *cpu, uint32_t offset,
			    unsigned int width, uint64_t word)
{
	uint32_t value = (uint32_t)word;

	if (offset >= FIRST_PAGE) {
		other_page_write(cpu, offset, width, value);
		return;
	}
	switch ((enum part)parts[offset >> PART_SHIFT]) {
	case PART_CONTROL:
		if (offset == GICD_CTLR && width == 4) {
			ctlr_write(cpu, value);
		}
		break;
	case PART_COMMON:
		if (!is_reserved(offset)) {
			vgic_common_write(cpu, cpu, offset, width, value);
		}
		break;
	case PART_TARGETS:
		targets_write(cpu, offset, width, value);
		break;
	case PART_SGI:
		sgi_write(cpu, offset, width, value);
		break;
	case PART_IDENTIFICATION:
	case PART_RESERVED:
		break;
	}
}
