// SPDX-License-Identifier: Apache-2.0
/* What the register frames of the distributor and the redistributors share. */
#include "vgic.h"
#include <hyp/errno.h>

#define COMMON_BLOCK 0x80 /* bytes of one kind of bits: 1024 INTIDs */

bool vgic_is_settling(const struct cpu *of)
{
	return __atomic_load_n(&of->vgic.is_settling, __ATOMIC_RELAXED);
}

/*
 * CoreSight identification, PIDR4 to 7, PIDR0 to 3, CIDR0 to 3: designer Arm (JEP106
 * code 0x3b of bank 4), as GICD_IIDR says; architecture GICv2 or GICv3.
 */
uint32_t vgic_identification(uint32_t at)
{
	static const uint8_t words[] = {
		0x44, 0x00, 0x00, 0x00, 0x92, 0xb4,
		0x0b, 0x00, 0x0d, 0xf0, 0x05, 0xb1,
	};
	uint32_t value = words[(at - GIC_IDENTIFICATION) / 4];

	if (at == GIC_IDENTIFICATION && irqchip->version == 2) {
		value = 0x04; /* PIDR4.SIZE: one page of 4 KiB, not 16 */
	} else if (at == GIC_PIDR2) {
		value |= irqchip->version << 4;
	}
	return value;
}

static enum vgic_bits bits_kind(uint32_t offset)
{
	return (enum vgic_bits)((offset - GICD_IGROUPR) / COMMON_BLOCK);
}

static uint32_t bits_first(uint32_t offset)
{
	return offset % COMMON_BLOCK * 8;
}

/* One byte, or a word; nothing else is for priorities, targets and SGI sources. */
bool vgic_is_byte_or_word(unsigned int width)
{
	return width == 1 || width == 4;
}

uint32_t vgic_common_read(struct cpu *cpu, struct cpu *of, uint32_t offset,
			  unsigned int width)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	uint32_t value = 0;

	if (offset < GICD_IPRIORITYR) {
		if (width != 4) {
			return 0;
		}
		if (bits_kind(offset) >= VGIC_PENDING_SET) {
			vgic_look(cpu, of, bits_first(offset));
		}
		spinlock_lock(&vgic->lock);
		value = vgic_bits_read(of, bits_kind(offset),
				       bits_first(offset));
		spinlock_unlock(&vgic->lock);
	} else if (offset < GICD_ITARGETSR) {
		if (vgic_is_byte_or_word(width)) {
			value = vgic_priority_read(of, offset - GICD_IPRIORITYR,
						   width);
		}
	} else if (width == 4) {
		value = vgic_config_read(of, (offset - GICD_ICFGR) * 4);
	}
	return value;
}

void vgic_common_write(struct cpu *cpu, struct cpu *of, uint32_t offset,
		       unsigned int width, uint32_t value)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;

	if (offset < GICD_IPRIORITYR) {
		enum vgic_bits kind = bits_kind(offset);

		if (width != 4 || (value == 0 && kind != VGIC_GROUP)) {
			return;
		}
		spinlock_lock(&vgic->lock);
		vgic_bits_write(of, kind, bits_first(offset), value);
		spinlock_unlock(&vgic->lock);
	} else if (offset < GICD_ITARGETSR && vgic_is_byte_or_word(width)) {
		spinlock_lock(&vgic->lock);
		vgic_priority_write(of, offset - GICD_IPRIORITYR, width, value);
		spinlock_unlock(&vgic->lock);
	}
	/* The trigger is the board's: a write to GICD_ICFGR cannot change it. */
}

/* GICV_DIR, the one register of the interface's second page, and DIR on GICv3. */
static void deactivate_named(struct cpu *cpu, uint32_t intid)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	struct virq *virq;

	if (intid >= VGIC_INTID_MAX ||
	    (irqchip->virtual_control() & IRQCHIP_VIRTUAL_EOIMODE) == 0) {
		return; /* the end of interrupt was the deactivation */
	}
	spinlock_lock(&vgic->lock);
	virq = vgic_lookup(cpu, intid);
	if (virq != NULL) {
		vgic_end_active(virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_dir_write(struct cpu *cpu, uint64_t value)
{
	deactivate_named(cpu, (uint32_t)value & 0xffffff);
}

int vgic_interface_access(struct cpu *cpu, uint64_t offset, unsigned int width,
			  bool is_write, uint64_t *value)
{
	if ((offset & (width - 1)) != 0) {
		return -HYP_EFAULT;
	}
	if (!is_write) {
		*value = 0;
	} else if (offset == 0 && width == 4) {
		deactivate_named(cpu, (uint32_t)*value & 0x3ff);
	}
	return 0;
}
