// SPDX-License-Identifier: Apache-2.0
/*
 * The registers that guests write most: enables and priorities. A write costs by the
 * interrupts that it changes.
 */
#include "vgic.h"

#define SGI_BITS 0xffffu

/* Whatever is set in an idle one, nothing has to be done for it now. */
static bool is_idle(const struct virq *virq)
{
	return !virq_has(virq, VIRQ_PENDING | VIRQ_LINE | VIRQ_TAKEN |
				       VIRQ_QUEUED | VIRQ_AWAY) &&
	       virq->cpu != NULL && !vgic_may_hold(virq->cpu, virq);
}

void vgic_enable_write(struct cpu *of, uint32_t first, uint32_t value)
{
	struct vgic_word *word = vgic_word(of, first);

	value &= word->owned & ~word->enabled;
	word->enabled |= value;
	while (value != 0) {
		struct virq *virq =
			vgic_at(of, first + (uint32_t)__builtin_ctz(value));

		value &= value - 1;
		virq_set(virq, VIRQ_ENABLED);
		if (!is_idle(virq)) {
			vgic_update(virq);
		}
	}
}

static void virq_disable(struct virq *virq)
{
	struct cpu *cpu = virq_where(virq);

	virq_clear(virq, VIRQ_ENABLED);
	if (is_idle(virq)) {
		return;
	}
	vgic_update(virq);
	if (cpu != NULL && cpu != cpu_this() && vgic_may_hold(cpu, virq)) {
		cpu->vgic.is_settling = true;
	}
}

/* IHI 0048B, GICD_ISENABLERn: SGIs may be enabled for good, and are on GICv2. */
void vgic_disable_write(struct cpu *of, uint32_t first, uint32_t value)
{
	struct vgic_word *word = vgic_word(of, first);

	value &= word->enabled;
	if (first == 0 && irqchip->version == 2) {
		value &= ~SGI_BITS;
	}
	word->enabled &= ~value;
	while (value != 0) {
		virq_disable(
			vgic_at(of, first + (uint32_t)__builtin_ctz(value)));
		value &= value - 1;
	}
}

/* Five bits are implemented, as in the list registers of every GIC. */
static void virq_set_priority(struct virq *virq, uint8_t priority)
{
	unsigned int shift = irqchip->lr_priority_shift;

	priority &= 0xf8;
	if (virq->priority == priority) {
		return;
	}
	vgic_unqueue(virq);
	virq->lr ^= (uint64_t)(virq->priority ^ priority) << shift;
	virq->priority = priority;
	if (!is_idle(virq)) {
		vgic_update(virq);
	}
}

void vgic_priority_write(struct cpu *of, uint32_t first, unsigned int width,
			 uint32_t value)
{
	do {
		struct virq *virq = vgic_lookup(of, first++);

		if (virq != NULL) {
			virq_set_priority(virq, (uint8_t)value);
		}
		value >>= 8;
	} while (--width != 0);
}
