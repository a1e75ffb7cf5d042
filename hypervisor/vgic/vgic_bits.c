// SPDX-License-Identifier: Apache-2.0
/*
 * The registers that the distributor and the redistributors share: one bit, one
 * byte or two bits per interrupt. A write costs by the interrupts that it changes.
 */
#include "vgic.h"

#define SGI_BITS 0xffffu

/* @line: the physical one is asserted, or latched */
static bool virq_is_pending(const struct virq *virq, bool line)
{
	if (virq_has(virq, VIRQ_PENDING | VIRQ_LINE) ||
	    vgic_seen_pending(virq)) {
		return true;
	}
	return virq->kind == VIRQ_LINKED &&
	       (line || (virq->flags & (VIRQ_TAKEN | VIRQ_EDGE)) ==
				(VIRQ_TAKEN | VIRQ_EDGE));
}

static uint32_t states_read(struct cpu *of, uint32_t first, bool is_active)
{
	uint32_t owned = vgic_word(of, first)->owned;
	uint32_t lines = is_active ? 0 : irqchip->pending(of, first);
	uint32_t value = 0;

	while (owned != 0) {
		unsigned int i = (unsigned int)__builtin_ctz(owned);
		const struct virq *virq = vgic_at(of, first + i);
		bool is_set = is_active ? virq_has(virq, VIRQ_ACTIVE) ||
						  vgic_seen_active(virq) :
					  virq_is_pending(virq,
							  (lines >> i & 1) != 0);

		owned &= owned - 1;
		value |= is_set ? 1u << i : 0;
	}
	return value;
}

uint32_t vgic_bits_read(struct cpu *of, enum vgic_bits kind, uint32_t first)
{
	switch (kind) {
	case VGIC_GROUP:
		return vgic_word(of, first)->group1;
	case VGIC_ENABLE_SET:
	case VGIC_ENABLE_CLEAR:
		return vgic_word(of, first)->enabled;
	case VGIC_PENDING_SET:
	case VGIC_PENDING_CLEAR:
		return states_read(of, first, false);
	case VGIC_ACTIVE_SET:
	case VGIC_ACTIVE_CLEAR:
		return states_read(of, first, true);
	case VGIC_BITS_NR:
		break;
	}
	return 0;
}

static void virq_toggle_group(struct virq *virq)
{
	vgic_unqueue(virq);
	virq->flags ^= VIRQ_GROUP1;
	vgic_lr_refresh(virq);
	vgic_update(virq);
}

static void virq_disable(struct virq *virq)
{
	struct cpu *cpu = virq_where(virq);

	virq_clear(virq, VIRQ_ENABLED);
	vgic_update(virq);
	if (cpu != NULL && cpu != cpu_this() && vgic_may_hold(cpu, virq)) {
		cpu->vgic.is_settling = true;
	}
}

/*
 * "Not pending": for a linked interrupt the truth is in the physical line, which
 * was left active. Released, it comes again if the device still asserts it.
 */
static void virq_clear_pending(struct virq *virq)
{
	if (virq->kind == VIRQ_LINKED) {
		irqchip->unpend(virq->cpu, virq->intid);
		if (virq_has(virq, VIRQ_TAKEN)) {
			irqchip->release(virq->cpu, virq->intid);
		}
	}
	virq_clear(virq, VIRQ_PENDING | VIRQ_TAKEN | VIRQ_REPEND);
	if (virq->intid < VGIC_SGIS) {
		virq->sources = 0;
	}
	if (!virq_has(virq, VIRQ_LINE)) {
		virq_set(virq, VIRQ_RETRACT);
	}
	vgic_update(virq);
}

void vgic_end_active(struct virq *virq)
{
	vgic_deactivate(virq);
	virq_set(virq, VIRQ_DEACTIVATE);
	vgic_update(virq);
}

static void virq_write_one(struct virq *virq, enum vgic_bits kind)
{
	switch (kind) {
	case VGIC_GROUP:
		virq_toggle_group(virq);
		break;
	case VGIC_ENABLE_SET:
		virq_set(virq, VIRQ_ENABLED);
		vgic_update(virq);
		break;
	case VGIC_ENABLE_CLEAR:
		virq_disable(virq);
		break;
	case VGIC_PENDING_SET:
		virq_clear(virq, VIRQ_RETRACT);
		virq_set(virq, VIRQ_PENDING);
		vgic_update(virq);
		break;
	case VGIC_PENDING_CLEAR:
		virq_clear_pending(virq);
		break;
	case VGIC_ACTIVE_SET:
		virq_clear(virq, VIRQ_DEACTIVATE);
		vgic_activate(virq);
		vgic_update(virq);
		break;
	case VGIC_ACTIVE_CLEAR:
		vgic_end_active(virq);
		break;
	case VGIC_BITS_NR:
		break;
	}
}

/* The bits of a write that change something, as far as memory can tell. */
static uint32_t bits_that_change(struct vgic_word *word, enum vgic_bits kind,
				 uint32_t first, uint32_t value)
{
	bool fixed_sgis = first == 0 && irqchip->version == 2;

	switch (kind) {
	case VGIC_GROUP:
		value = (value ^ word->group1) & word->owned;
		word->group1 ^= value;
		return value;
	case VGIC_ENABLE_SET:
		value &= word->owned & ~word->enabled;
		word->enabled |= value;
		return value;
	case VGIC_ENABLE_CLEAR:
		value &= word->enabled & ~(fixed_sgis ? SGI_BITS : 0);
		word->enabled &= ~value;
		return value;
	case VGIC_PENDING_SET:
	case VGIC_PENDING_CLEAR:
		return value & word->owned & ~(fixed_sgis ? SGI_BITS : 0);
	case VGIC_ACTIVE_SET:
	case VGIC_ACTIVE_CLEAR:
	case VGIC_BITS_NR:
		break;
	}
	return value & word->owned;
}

void vgic_bits_write(struct cpu *of, enum vgic_bits kind, uint32_t first,
		     uint32_t value)
{
	value = bits_that_change(vgic_word(of, first), kind, first, value);
	while (value != 0) {
		uint32_t bit = (uint32_t)__builtin_ctz(value);

		value &= value - 1;
		virq_write_one(vgic_at(of, first + bit), kind);
	}
	if (kind == VGIC_ACTIVE_SET && cpu_this()->vgic.is_running) {
		vgic_control(cpu_this()); /* the guest's DIR may have to trap */
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
		vgic_unqueue(virq);
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

		if (virq != NULL && virq_has(virq, VIRQ_EDGE)) {
			value |= 2u << 2 * i;
		}
	}
	return value;
}
