// SPDX-License-Identifier: Apache-2.0
/*
 * The registers that the distributor and the redistributors share: one bit, one
 * byte or two bits per interrupt. A write costs by the interrupts that it changes.
 */
#include "vgic.h"

static bool virq_is_pending(const struct virq *virq)
{
	if ((virq->flags & VIRQ_PENDING) != 0 ||
	    (virq->flags & VIRQ_LINE) != 0) {
		return true;
	}
	return virq->cpu == cpu_this() &&
	       (vgic_lr_state(virq->cpu, virq) & irqchip->lr_pending) != 0;
}

static bool virq_is_active(const struct virq *virq)
{
	if ((virq->flags & VIRQ_ACTIVE) != 0) {
		return true;
	}
	return virq->cpu == cpu_this() &&
	       (vgic_lr_state(virq->cpu, virq) & irqchip->lr_active) != 0;
}

static bool virq_bit(const struct virq *virq, enum vgic_bits kind)
{
	switch (kind) {
	case VGIC_GROUP:
		return (virq->flags & VIRQ_GROUP1) != 0;
	case VGIC_ENABLE_SET:
	case VGIC_ENABLE_CLEAR:
		return (virq->flags & VIRQ_ENABLED) != 0;
	case VGIC_PENDING_SET:
	case VGIC_PENDING_CLEAR:
		return virq_is_pending(virq);
	case VGIC_ACTIVE_SET:
	case VGIC_ACTIVE_CLEAR:
		return virq_is_active(virq);
	case VGIC_BITS_NR:
		break;
	}
	return false;
}

uint32_t vgic_bits_read(struct cpu *of, enum vgic_bits kind, uint32_t first)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < 32; i++) {
		const struct virq *virq = vgic_lookup(of, first + i);

		if (virq != NULL && virq_bit(virq, kind)) {
			value |= 1u << i;
		}
	}
	return value;
}

static void virq_set_group(struct virq *virq, bool group1)
{
	if (group1 == ((virq->flags & VIRQ_GROUP1) != 0)) {
		return;
	}
	vgic_unqueue(virq->cpu, virq);
	virq->flags ^= VIRQ_GROUP1;
	vgic_lr_refresh(virq);
	vgic_update(virq);
}

/*
 * "Not pending": for a linked interrupt the truth is in the physical line, which
 * was left active. Deactivated, it comes again if the device still asserts it.
 */
static void virq_clear_pending(struct virq *virq)
{
	if (virq->kind == VIRQ_LINKED && (virq->flags & VIRQ_PENDING) != 0) {
		irqchip->deactivate(virq->intid);
	}
	virq->flags &= (uint16_t)~VIRQ_PENDING;
	if (virq->intid < VGIC_SGIS) {
		virq->sources = 0;
	}
	if ((virq->flags & VIRQ_LINE) == 0) {
		virq->flags |= VIRQ_RETRACT;
	}
	vgic_update(virq);
}

static void virq_write_one(struct virq *virq, enum vgic_bits kind)
{
	switch (kind) {
	case VGIC_ENABLE_SET:
		virq->flags |= VIRQ_ENABLED;
		break;
	case VGIC_ENABLE_CLEAR:
		virq->flags &= (uint16_t)~VIRQ_ENABLED;
		break;
	case VGIC_PENDING_SET:
		virq->flags |= VIRQ_PENDING;
		break;
	case VGIC_PENDING_CLEAR:
		virq_clear_pending(virq);
		return;
	case VGIC_ACTIVE_SET:
		if (!virq_is_active(virq)) {
			virq->flags |= VIRQ_ACTIVE;
		}
		break;
	case VGIC_ACTIVE_CLEAR:
		virq->flags &= (uint16_t)~VIRQ_ACTIVE;
		virq->flags |= VIRQ_DEACTIVATE;
		break;
	case VGIC_GROUP:
	case VGIC_BITS_NR:
		return;
	}
	vgic_update(virq);
}

void vgic_bits_write(struct cpu *of, enum vgic_bits kind, uint32_t first,
		     uint32_t value)
{
	if (kind == VGIC_GROUP) {
		for (uint32_t i = 0; i < 32; i++) {
			struct virq *virq = vgic_lookup(of, first + i);

			if (virq != NULL) {
				virq_set_group(virq, (value >> i & 1) != 0);
			}
		}
		return;
	}
	while (value != 0) {
		uint32_t bit = (uint32_t)__builtin_ctz(value);
		struct virq *virq = vgic_lookup(of, first + bit);

		value &= value - 1;
		if (virq != NULL) {
			virq_write_one(virq, kind);
		}
	}
}

uint32_t vgic_priority_read(struct cpu *of, uint32_t first, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++) {
		const struct virq *virq = vgic_lookup(of, first + i);

		if (virq != NULL) {
			value |= (uint32_t)virq->priority << 8 * i;
		}
	}
	return value;
}

/* Five bits are implemented, as in the list registers of every GIC. */
void vgic_priority_write(struct cpu *of, uint32_t first, unsigned int width,
			 uint32_t value)
{
	for (unsigned int i = 0; i < width; i++) {
		struct virq *virq = vgic_lookup(of, first + i);
		uint8_t priority = (uint8_t)(value >> 8 * i) & 0xf8;

		if (virq == NULL || virq->priority == priority) {
			continue;
		}
		vgic_unqueue(virq->cpu, virq);
		virq->priority = priority;
		vgic_lr_refresh(virq);
		vgic_update(virq);
	}
}

/* The trigger is the board's: a write is ignored, so that it cannot differ. */
uint32_t vgic_config_read(struct cpu *of, uint32_t first)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < 16; i++) {
		const struct virq *virq = vgic_lookup(of, first + i);

		if (virq != NULL && (virq->flags & VIRQ_EDGE) != 0) {
			value |= 2u << 2 * i;
		}
	}
	return value;
}
