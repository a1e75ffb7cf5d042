// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts that change while they stand in a list register: asked for again, ended
 * or disabled by the distributor, given another priority, group or target.
 *
 * As in vgic_list_regs.c: on the CPU that owns the register, under the lock.
 */
#include "vgic.h"

/* GICH_LR.CPUID of an SGI, as a bit of @sources. */
static uint8_t lr_source(const struct virq *virq, uint64_t lr)
{
	if (virq->intid >= VGIC_SGIS || irqchip->version != 2) {
		return 0;
	}
	return (uint8_t)(1u << (lr >> irqchip->lr_pintid_shift & 7));
}

uint8_t vgic_lr_source(const struct cpu *cpu, const struct virq *virq)
{
	int slot = vgic_lr_of(cpu, virq);
	uint64_t lr = slot < 0 ? 0 : irqchip->lr_read((unsigned int)slot);

	return (lr & irqchip->lr_pending) != 0 ? lr_source(virq, lr) : 0;
}

void vgic_latch(struct virq *virq, uint64_t lr)
{
	if ((lr & irqchip->lr_hw) != 0) {
		virq_set(virq, VIRQ_TAKEN);
	} else if (!virq_has(virq, VIRQ_LINE) ||
		   virq_has(virq, VIRQ_EDGE | VIRQ_LATCHED)) {
		virq_set(virq, VIRQ_PENDING);
	}
	if (lr_source(virq, lr) != 0) {
		virq->sources |= lr_source(virq, lr);
		virq_set(virq, VIRQ_PENDING);
	}
}

/* What @virq's flags ask for while it is pending in @lr; it stays so. */
static uint64_t lr_merge(struct virq *virq, uint64_t lr)
{
	if ((lr & irqchip->lr_hw) == 0 && virq_has(virq, VIRQ_TAKEN)) {
		/* Asked for by software, and now by its line too. */
		if ((lr & irqchip->lr_active) != 0) {
			return lr & ~irqchip->lr_pending;
		}
		virq_clear(virq, VIRQ_TAKEN | VIRQ_UNLINKED);
		lr = virq->lr;
	}
	if (vgic_sources(virq) != 0) {
		virq->sources &= (uint8_t)~lr_source(virq, lr);
	}
	if (vgic_sources(virq) == 0) {
		virq_latched(virq);
	}
	return lr;
}

/* The same while it is active only. A linked one must not be pending as well. */
static uint64_t lr_repend(const struct cpu *cpu, struct virq *virq, uint64_t lr)
{
	if (!virq_has(virq, VIRQ_PENDING)) {
		return lr;
	}
	if ((lr & irqchip->lr_hw) != 0) {
		if (virq_has(virq, VIRQ_ENABLED)) {
			/* It comes back by its line when the guest has ended it. */
			virq_clear(virq, VIRQ_PENDING);
			virq_set(virq, VIRQ_REPEND);
			irqchip->set_bit(cpu, virq->intid, GICD_ISPENDR);
		}
		return lr;
	}
	if (vgic_may_flow(virq) && vgic_sources(virq) == 0 &&
	    !virq_has(virq, VIRQ_TAKEN)) {
		virq_latched(virq);
		lr |= irqchip->lr_pending;
	}
	return lr;
}

/* A new priority or group counts at once for what is not active. */
static uint64_t lr_refreshed(const struct virq *virq, uint64_t lr)
{
	if (virq->kind == VIRQ_LINKED && (lr & irqchip->lr_hw) == 0) {
		return vgic_lr_unlinked(virq);
	}
	if (lr_source(virq, lr) != 0) {
		return virq->lr |
		       (lr & UINT64_C(7) << irqchip->lr_pintid_shift);
	}
	return virq->lr;
}

/* What the register of a virq shall be now; 0: free. */
static uint64_t lr_next(const struct cpu *cpu, struct virq *virq, uint64_t lr)
{
	if (virq_has(virq, VIRQ_DEACTIVATE)) {
		lr &= ~irqchip->lr_active;
	}
	if (virq_has(virq, VIRQ_RETRACT)) {
		lr &= ~irqchip->lr_pending;
	}
	if (virq_has(virq, VIRQ_ACTIVE) && (lr & irqchip->lr_active) != 0) {
		vgic_deactivate(virq); /* the guest said so of an active one */
	}
	if ((lr & irqchip->lr_pending) != 0 &&
	    (!vgic_may_flow(virq) || virq_has(virq, VIRQ_ACTIVE))) {
		vgic_latch(virq, lr);
		lr &= ~irqchip->lr_pending;
	}
	if (vgic_lr_state(lr) == 0) {
		if ((lr & irqchip->lr_hw) != 0 && !virq_has(virq, VIRQ_TAKEN)) {
			/* Nobody will end it any more: it may fire again. */
			virq_release(cpu, virq);
		}
		return 0;
	}
	if ((lr & irqchip->lr_pending) != 0) {
		lr = lr_merge(virq, lr);
	} else {
		lr = lr_repend(cpu, virq, lr);
	}
	if ((lr & irqchip->lr_active) == 0) {
		lr = lr_refreshed(virq, lr);
	}
	return (lr & irqchip->lr_hw) != 0 ?
		       lr :
		       (lr & ~irqchip->lr_eoi) | vgic_lr_eoi(virq, lr);
}

bool vgic_settle_held(struct cpu *cpu, struct virq *virq)
{
	uint64_t lr = irqchip->lr_read(virq->slot);
	uint64_t next = vgic_lr_state(lr) != 0 ? lr_next(cpu, virq, lr) : 0;

	if (next != lr) {
		irqchip->lr_write(virq->slot, next);
	}
	virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE);
	return next != 0;
}
