// SPDX-License-Identifier: Apache-2.0
/* Software-generated interrupts, by either GIC's registers. */
#include "vgic.h"

#define SGIR_FILTER_SHIFT 24 /* GICD_SGIR.TargetListFilter */
#define SGIR_TARGETS_SHIFT 16
#define SGIR_TO_OTHERS 1u
#define SGIR_TO_SELF 2u

#define SGI1R_INTID_SHIFT 24
#define SGI1R_RANGE_SHIFT 44 /* RS: the target list is of 16 * RS onwards */
#define SGI1R_ALL_OTHERS BIT(40)
#define SGI1R_AFFINITY UINT64_C(0x00ff00ff00ff0000) /* Aff3, Aff2, Aff1 */

/* IHI 0069, "Use of control registers for SGI forwarding", DS = 1 */
enum sgi_groups { SGI_GROUP0 = 1, SGI_ANY_GROUP = 3 };

static ALWAYS_INLINE void sgi_send_to(const struct cpu *from, struct cpu *to,
				      uint32_t intid, enum sgi_groups groups)
{
	const struct irqchip *chip = irqchip;
	struct virq *virq = &to->vgic.private[intid];
	unsigned int sender = from->vcpu.index;
	bool has_sender = chip->version == 2;

	if (((uint32_t)groups >> virq_group(virq) & 1) == 0) {
		return;
	}
	if (to == from) {
		uint64_t from_self =
			has_sender ? (uint64_t)sender << chip->lr_pintid_shift :
				     0;

		if (chip->place(to, virq, virq->lr | from_self)) {
			return;
		}
	}
	if (has_sender) {
		virq->sources |= (uint8_t)(1u << sender);
	}
	virq_set(virq, VIRQ_PENDING);
	vgic_update(virq);
}

/* Apart, so that the usual case, one target, saves few registers. */
static NOINLINE void sgi_send_many(const struct cpu *from, uint32_t intid,
				   uint32_t targets, enum sgi_groups groups)
{
	struct cell *cell = from->vcpu.cell;

	while (targets != 0) {
		sgi_send_to(from, cell->cpu[__builtin_ctz(targets)], intid,
			    groups);
		targets &= targets - 1;
	}
}

static void sgi_send(struct cpu *from, uint32_t intid, uint32_t targets,
		     enum sgi_groups groups)
{
	struct cell *cell = from->vcpu.cell;

	/* A cell has at most 32 CPUs; bits past its last one name nobody. */
	targets &= UINT32_MAX >> (32 - cell->cpu_count);
	spinlock_lock(&cell->vgic.lock);
	if (LIKELY(targets != 0 && (targets & (targets - 1)) == 0)) {
		sgi_send_to(from, cell->cpu[__builtin_ctz(targets)], intid,
			    groups);
	} else {
		sgi_send_many(from, intid, targets, groups);
	}
	spinlock_unlock(&cell->vgic.lock);
}

/* CPUTargetList [23:16], TargetListFilter [25:24], SGIINTID [3:0] */
void vgic_sgir_write(struct cpu *cpu, uint32_t value)
{
	uint32_t self = 1u << cpu->vcpu.index;
	uint32_t targets = value >> SGIR_TARGETS_SHIFT & 0xff;

	switch (value >> SGIR_FILTER_SHIFT & 3) {
	case 0:
		break;
	case SGIR_TO_OTHERS:
		targets = ~self;
		break;
	case SGIR_TO_SELF:
		targets = self;
		break;
	default:
		return; /* reserved */
	}
	sgi_send(cpu, value & 0xf, targets, SGI_ANY_GROUP);
}

/* A cell's CPUs have affinity 0.0.0.n. */
static void sgi_by_affinity(struct cpu *cpu, uint64_t value,
			    enum sgi_groups groups)
{
	uint32_t intid = (uint32_t)(value >> SGI1R_INTID_SHIFT & 0xf);
	uint32_t range = (uint32_t)(value >> SGI1R_RANGE_SHIFT & 0xf);
	uint32_t targets = (uint32_t)(value & 0xffff);

	if ((value & SGI1R_ALL_OTHERS) != 0) {
		targets = ~(1u << cpu->vcpu.index);
	} else if ((value & SGI1R_AFFINITY) != 0 || range > 1) {
		return;
	} else {
		targets <<= 16 * range;
	}
	sgi_send(cpu, intid, targets, groups);
}

void vgic_sgi1r_write(struct cpu *cpu, uint64_t value)
{
	sgi_by_affinity(cpu, value, SGI_ANY_GROUP);
}

void vgic_sgi0r_write(struct cpu *cpu, uint64_t value)
{
	sgi_by_affinity(cpu, value, SGI_GROUP0);
}

uint32_t vgic_sources_read(struct cpu *cpu, uint32_t first, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++) {
		const struct virq *virq = &cpu->vgic.private[first + i];

		value |= (uint32_t)(virq->sources | vgic_lr_source(cpu, virq))
			 << 8 * i;
	}
	return value;
}

void vgic_sources_write(struct cpu *cpu, uint32_t first, unsigned int width,
			uint32_t value, bool set)
{
	uint32_t cpus = UINT32_MAX >> (32 - cpu->vcpu.cell->cpu_count);

	for (unsigned int i = 0; i < width; i++) {
		struct virq *virq = &cpu->vgic.private[first + i];
		uint8_t byte = (uint8_t)(value >> 8 * i & cpus);

		if (byte == 0) {
			continue;
		}
		if (set) {
			virq->sources |= byte;
		} else {
			virq->sources &= (uint8_t)~byte;
			if ((vgic_lr_source(cpu, virq) & byte) != 0) {
				virq_set(virq, VIRQ_RETRACT);
			}
		}
		virq_clear(virq, VIRQ_PENDING);
		virq_set(virq, virq->sources != 0 ? VIRQ_PENDING : 0);
		vgic_update(virq);
	}
}
