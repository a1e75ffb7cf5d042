// SPDX-License-Identifier: Apache-2.0
/*
 * The registers that the distributor and the redistributors share, with one bit, one
 * byte or two bits per interrupt: all but the writes in vgic_enable.c.
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
	uint32_t lines = is_active ? 0 :
				     irqchip->get_bits(of, first, GICD_ISPENDR);
	uint32_t value = 0;

	while (owned != 0) {
		unsigned int i = (unsigned int)__builtin_ctz(owned);
		const struct virq *virq = vgic_at(of, first + i);
		bool is_set =
			is_active ?
				virq_has(virq, VIRQ_ACTIVE) ||
					vgic_seen_active(virq) :
				virq_is_pending(virq, (lines >> i & 1) != 0);

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

/*
 * "Not pending": for a linked interrupt the truth is in the physical line, which
 * was left active. Released, it comes again if the device still asserts it.
 */
static void virq_clear_pending(struct virq *virq)
{
	if (virq->kind == VIRQ_LINKED) {
		irqchip->set_bit(virq->cpu, virq->intid, GICD_ICPENDR);
		if (virq_has(virq, VIRQ_TAKEN)) {
			virq_release(virq->cpu, virq);
		}
	}
	virq_clear(virq,
		   VIRQ_PENDING | VIRQ_TAKEN | VIRQ_REPEND | VIRQ_LATCHED);
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
	case VGIC_ENABLE_SET:
	case VGIC_ENABLE_CLEAR:
	case VGIC_BITS_NR:
		break;
	}
}

void vgic_bits_write(struct cpu *of, enum vgic_bits kind, uint32_t first,
		     uint32_t value)
{
	struct vgic_word *word = vgic_word(of, first);

	if (kind == VGIC_ENABLE_SET) {
		vgic_enable_write(of, first, value);
		return;
	}
	if (kind == VGIC_ENABLE_CLEAR) {
		vgic_disable_write(of, first, value);
		return;
	}
	if (kind == VGIC_GROUP) {
		value ^= word->group1;
		word->group1 ^= value & word->owned;
	} else if (kind <= VGIC_PENDING_CLEAR && first == 0 &&
		   irqchip->version == 2) {
		value &=
			~SGI_BITS; /* GICD_SPENDSGIR and CPENDSGIR are for them */
	}
	value &= word->owned;
	while (value != 0) {
		virq_write_one(vgic_at(of,
				       first + (uint32_t)__builtin_ctz(value)),
			       kind);
		value &= value - 1;
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
