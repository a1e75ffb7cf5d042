// SPDX-License-Identifier: Apache-2.0
/*
 * The distributor and the redistributors as memory: from offset and width to a
 * register. What the specification reserves reads as zero and ignores writes.
 */
#include "../irqchip/gic_regs.h"
#include "vgic.h"
#include <arch/sysreg.h>
#include <hyp/errno.h>

#define VGIC_IIDR 0x0000043bu	  /* implementer Arm (JEP106 0x43b) */
#define VGIC_V2_PIDR2 0x0fe8
#define TYPER_ID_BITS (9u << 19)  /* 10 bits of INTID */
#define TYPER_NO_1_OF_N (1u << 25)
#define SGIR_FILTER_SHIFT 24
#define SGI1R_ALL_OTHERS BIT(40)

/* One access, decoded; @value is the data of a write or takes that of a read. */
struct vgic_access {
	struct cpu *cpu; /* who does it */
	struct cpu *of;	 /* whose private interrupts it means */
	uint32_t offset;
	unsigned int width;
	bool is_write;
	uint64_t value;
};

static uint32_t distributor_ctlr_read(const struct vgic *vgic)
{
	uint32_t value = (vgic->group_enabled[0] ? GICD_CTLR_GROUP0 : 0) |
			 (vgic->group_enabled[1] ? GICD_CTLR_GROUP1 : 0);

	return irqchip == &gic_v3 ? value | GICD_CTLR_ARE | GICD_CTLR_DS :
				    value;
}

static void distributor_ctlr_write(struct cpu *cpu, uint32_t value)
{
	struct cell *cell = cpu->vcpu.cell;

	cell->vgic.group_enabled[0] = (value & GICD_CTLR_GROUP0) != 0;
	cell->vgic.group_enabled[1] = (value & GICD_CTLR_GROUP1) != 0;
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		struct cpu *other = cell->cpu[i];

		if (other == cpu) {
			vgic_regroup(cpu);
		} else if (other->vcpu.cell == cell) {
			other->vgic.regroup = true;
			irqchip->kick(other);
		}
	}
}

static uint32_t distributor_typer(const struct cell *cell)
{
	uint32_t lines = (irqchip_spi_end + 31) / 32 - 1;

	if (irqchip == &gic_v3) {
		return lines | TYPER_ID_BITS | TYPER_NO_1_OF_N;
	}
	return lines | (cell->cpu_count - 1) << 5;
}

/* GICD_SGIR, GICv2: CPUTargetList [23:16], TargetListFilter [25:24] */
static void distributor_sgir_write(struct cpu *cpu, uint32_t value)
{
	struct cell *cell = cpu->vcpu.cell;
	unsigned int from = cpu->vcpu.index;
	uint32_t targets = value >> 16 & 0xff;
	uint32_t filter = value >> SGIR_FILTER_SHIFT & 3;

	if (filter == 1) {
		targets = ~(1u << from);
	} else if (filter == 2) {
		targets = 1u << from;
	} else if (filter == 3) {
		return;
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if ((targets >> i & 1) != 0) {
			vgic_send_sgi(cell->cpu[i], value & 0xf, from);
		}
	}
}

/* GICv2: who requested an SGI of the reading CPU, one byte per SGI. */
static void distributor_sgi_sources(struct vgic_access *access, bool set)
{
	uint32_t first = access->offset & 0xf;

	for (unsigned int i = 0; i < access->width; i++) {
		struct virq *virq = &access->of->vgic.private[first + i];
		uint8_t byte = (uint8_t)(access->value >> 8 * i);

		if (!access->is_write) {
			access->value |= (uint64_t)virq->sources << 8 * i;
		} else if (set) {
			virq->sources |= byte;
			virq->flags |= virq->sources != 0 ? VIRQ_PENDING : 0;
			vgic_update(virq);
		} else {
			virq->sources &= (uint8_t)~byte;
			if (virq->sources == 0) {
				virq->flags &= (uint16_t)~VIRQ_PENDING;
			}
			vgic_update(virq);
		}
	}
}

/* The affinity or target of an SPI: which CPU's list registers it uses. */
static void virq_retarget(struct virq *virq, struct cpu *cpu)
{
	if (virq->cpu == cpu) {
		return;
	}
	vgic_unqueue(virq->cpu, virq);
	virq->cpu = cpu;
	if (virq->kind != VIRQ_UNOWNED) {
		irqchip->set_target(virq->intid, cpu);
	}
	vgic_update(virq);
}

static void distributor_targets(struct vgic_access *access)
{
	struct cell *cell = access->cpu->vcpu.cell;
	uint32_t first = access->offset - GICD_ITARGETSR;

	for (unsigned int i = 0; i < access->width; i++) {
		struct virq *virq = vgic_lookup(access->of, first + i);
		uint8_t byte = (uint8_t)(access->value >> 8 * i);

		if (virq == NULL) {
			continue;
		}
		if (!access->is_write) {
			access->value |= (UINT64_C(1) << virq->cpu->vcpu.index)
					 << 8 * i;
		} else if (first + i >= VGIC_PRIVATE && byte != 0 &&
			   __builtin_ctz(byte) < (int)cell->cpu_count) {
			virq_retarget(virq, cell->cpu[__builtin_ctz(byte)]);
		}
	}
}

/* GICD_IROUTER: a cell's CPUs have affinity 0.0.0.n */
static void distributor_route(struct vgic_access *access)
{
	struct cell *cell = access->cpu->vcpu.cell;
	struct virq *virq =
		vgic_lookup(access->of, (access->offset - GICD_IROUTER) / 8);

	if (virq == NULL || virq->intid < VGIC_PRIVATE) {
		return;
	}
	if (!access->is_write) {
		access->value = (access->offset & 4) != 0 ?
					0 :
					virq->cpu->vcpu.index;
	} else if ((access->offset & 4) == 0 &&
		   (access->value & MPIDR_AFFINITY_MASK) < cell->cpu_count) {
		virq_retarget(virq,
			      cell->cpu[access->value & MPIDR_AFFINITY_MASK]);
	}
}

/* GICD_IGROUPR up to GICD_ICFGR: the same in GICD and in GICR's SGI_base. */
static void vgic_common(struct vgic_access *access)
{
	uint32_t offset = access->offset;

	if (offset < GICD_IPRIORITYR) {
		enum vgic_bits kind = (enum vgic_bits)((offset - 0x80) / 0x80);
		uint32_t first = offset % 0x80 * 8;

		if (access->width != 4) {
			return;
		}
		if (access->is_write) {
			vgic_bits_write(access->of, kind, first,
					(uint32_t)access->value);
		} else {
			access->value = vgic_bits_read(access->of, kind, first);
		}
	} else if (offset < GICD_ITARGETSR) {
		uint32_t first = offset - GICD_IPRIORITYR;

		if (access->width != 1 && access->width != 4) {
			return;
		}
		if (access->is_write) {
			vgic_priority_write(access->of, first, access->width,
					    (uint32_t)access->value);
		} else {
			access->value = vgic_priority_read(access->of, first,
							   access->width);
		}
	} else if (offset >= GICD_ICFGR && offset < GICD_IGRPMODR &&
		   access->width == 4 && !access->is_write) {
		access->value = vgic_config_read(access->of,
						 (offset - GICD_ICFGR) * 4);
	}
}

static void distributor_word(struct vgic_access *access)
{
	const struct cell *cell = access->cpu->vcpu.cell;

	if (access->is_write) {
		if (access->offset == GICD_CTLR) {
			distributor_ctlr_write(access->cpu,
					       (uint32_t)access->value);
		} else if (access->offset == GICD_SGIR &&
			   irqchip == &gic_v2) {
			distributor_sgir_write(access->cpu,
					       (uint32_t)access->value);
		}
		return;
	}
	if (access->offset == GICD_CTLR) {
		access->value = distributor_ctlr_read(&cell->vgic);
	} else if (access->offset == GICD_TYPER) {
		access->value = distributor_typer(cell);
	} else if (access->offset == GICD_IIDR) {
		access->value = VGIC_IIDR;
	} else if (access->offset == GICD_PIDR2 && irqchip == &gic_v3) {
		access->value = 0x3b;
	} else if (access->offset == VGIC_V2_PIDR2 && irqchip == &gic_v2) {
		access->value = 0x2b;
	}
}

int vgic_distributor_access(struct cpu *cpu, uint64_t offset,
			    unsigned int width, bool is_write, uint64_t *value)
{
	struct vgic_access access = {
		.cpu = cpu,
		.of = cpu,
		.offset = (uint32_t)offset,
		.width = width,
		.is_write = is_write,
		.value = is_write ? *value : 0,
	};
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	bool v2 = irqchip == &gic_v2;

	spinlock_lock(&vgic->lock);
	if (access.offset >= GICD_IGROUPR && access.offset < GICD_ITARGETSR) {
		/* With affinity routing the private ones are in GICR alone. */
		if (v2 || access.offset % 0x80 != 0 ||
		    access.offset >= GICD_IPRIORITYR + VGIC_PRIVATE) {
			vgic_common(&access);
		}
	} else if (access.offset >= GICD_ITARGETSR &&
		   access.offset < GICD_ICFGR) {
		if (v2 && (width == 1 || width == 4)) {
			distributor_targets(&access);
		}
	} else if (access.offset >= GICD_ICFGR &&
		   access.offset < GICD_IGRPMODR) {
		vgic_common(&access);
	} else if (access.offset >= GICD_CPENDSGIR &&
		   access.offset < GICD_SPENDSGIR + 0x10) {
		if (v2 && (width == 1 || width == 4)) {
			distributor_sgi_sources(&access, access.offset >=
								 GICD_SPENDSGIR);
		}
	} else if (!v2 && access.offset >= GICD_IROUTER + VGIC_PRIVATE * 8 &&
		   access.offset < GICD_IROUTER + VGIC_INTID_MAX * 8) {
		if (width >= 4) {
			distributor_route(&access);
		}
	} else if (width == 4) {
		distributor_word(&access);
	}
	spinlock_unlock(&vgic->lock);
	*value = access.value;
	return 0;
}

/* GICR_TYPER: affinity [63:32], Processor_Number [23:8], Last [4] */
static uint64_t redistributor_typer(const struct cell *cell, unsigned int index)
{
	return (uint64_t)index << 32 | (uint64_t)index << 8 |
	       (index + 1 == cell->cpu_count ? GICR_TYPER_LAST : 0);
}

static void redistributor_word(struct vgic_access *access)
{
	uint64_t typer = redistributor_typer(access->cpu->vcpu.cell,
					     access->of->vcpu.index);

	if (access->is_write) {
		return;
	}
	if (access->offset == GICR_IIDR) {
		access->value = VGIC_IIDR;
	} else if (access->offset == GICR_TYPER) {
		access->value = access->width == 8 ? typer : (uint32_t)typer;
	} else if (access->offset == GICR_TYPER + 4) {
		access->value = typer >> 32;
	} else if (access->offset == GICR_PIDR2) {
		access->value = 0x3b;
	}
}

int vgic_redistributor_access(struct cpu *cpu, uint64_t offset,
			      unsigned int width, bool is_write,
			      uint64_t *value)
{
	struct cell *cell = cpu->vcpu.cell;
	struct vgic_access access = {
		.cpu = cpu,
		.offset = (uint32_t)(offset % GICR_STRIDE),
		.width = width,
		.is_write = is_write,
		.value = is_write ? *value : 0,
	};

	if (offset / GICR_STRIDE >= cell->cpu_count) {
		return -HYP_EFAULT;
	}
	access.of = cell->cpu[offset / GICR_STRIDE];
	spinlock_lock(&cell->vgic.lock);
	if (access.offset < GICR_SGI) {
		redistributor_word(&access);
	} else {
		access.offset -= GICR_SGI;
		/* Only the 32 private interrupts have registers here. */
		if ((access.offset >= GICD_IGROUPR &&
		     access.offset < GICD_IPRIORITYR &&
		     access.offset % 0x80 == 0) ||
		    (access.offset >= GICD_IPRIORITYR &&
		     access.offset < GICD_IPRIORITYR + VGIC_PRIVATE) ||
		    (access.offset >= GICD_ICFGR &&
		     access.offset < GICD_ICFGR + 8)) {
			vgic_common(&access);
		}
	}
	spinlock_unlock(&cell->vgic.lock);
	*value = access.value;
	return 0;
}

/* Aff1 [23:16], Aff2 [39:32], Aff3 [55:48], INTID [27:24], RS [47:44] */
void vgic_sgi1r_write(struct cpu *cpu, uint64_t value)
{
	struct cell *cell = cpu->vcpu.cell;
	uint32_t intid = (uint32_t)(value >> 24 & 0xf);
	uint64_t targets = value & 0xffff;
	bool is_local = (value & UINT64_C(0x00fff0ff00ff0000)) == 0;

	spinlock_lock(&cell->vgic.lock);
	if ((value & SGI1R_ALL_OTHERS) != 0) {
		targets = ~BIT(cpu->vcpu.index);
	} else if (!is_local) {
		targets = 0; /* a cell's CPUs have affinity 0.0.0.n */
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if ((targets >> i & 1) != 0) {
			vgic_send_sgi(cell->cpu[i], intid, cpu->vcpu.index);
		}
	}
	spinlock_unlock(&cell->vgic.lock);
}
