// SPDX-License-Identifier: Apache-2.0
/*
 * List registers and the queues in front of them. Everything here runs on the CPU
 * that owns them, under the cell's vgic lock.
 */
#include "vgic.h"

static unsigned int virq_level(const struct virq *virq)
{
	return virq->priority >> 3;
}

/* Who else asked for an SGI; only GICv2 tells senders apart. */
static uint8_t virq_sources(const struct virq *virq)
{
	return virq->intid < VGIC_SGIS ? virq->sources : 0;
}

static unsigned int virq_group(const struct virq *virq)
{
	return (virq->flags & VIRQ_GROUP1) != 0 ? 1 : 0;
}

static void queue_add(struct vgic_cpu *vgic, struct virq *virq, bool at_head)
{
	unsigned int group = virq_group(virq);
	unsigned int level = virq_level(virq);
	struct virq **queue = &vgic->queue[group][level];

	if (*queue == NULL) {
		virq->next = virq;
		virq->previous = virq;
		*queue = virq;
		vgic->levels[group] |= 1u << level;
	} else {
		virq->next = *queue;
		virq->previous = (*queue)->previous;
		virq->previous->next = virq;
		virq->next->previous = virq;
		if (at_head) {
			*queue = virq;
		}
	}
	virq->flags |= VIRQ_QUEUED;
}

/* @virq->priority and its group are still those that it was queued with. */
static void queue_remove(struct vgic_cpu *vgic, struct virq *virq)
{
	unsigned int group = virq_group(virq);
	unsigned int level = virq_level(virq);
	struct virq **queue = &vgic->queue[group][level];

	if (virq->next == virq) {
		*queue = NULL;
		vgic->levels[group] &= ~(1u << level);
	} else {
		virq->previous->next = virq->next;
		virq->next->previous = virq->previous;
		if (*queue == virq) {
			*queue = virq->next;
		}
	}
	virq->flags &= (uint16_t)~VIRQ_QUEUED;
}

void vgic_unqueue(struct cpu *cpu, struct virq *virq)
{
	if ((virq->flags & VIRQ_QUEUED) != 0) {
		queue_remove(&cpu->vgic, virq);
	}
}

/* The first of the best level among the groups that the distributor forwards. */
static struct virq *queue_best(const struct cpu *cpu)
{
	const bool *enabled = cpu->vcpu.cell->vgic.group_enabled;
	uint32_t group0 = enabled[0] ? cpu->vgic.levels[0] : 0;
	uint32_t group1 = enabled[1] ? cpu->vgic.levels[1] : 0;
	unsigned int level;

	if ((group0 | group1) == 0) {
		return NULL;
	}
	level = (unsigned int)__builtin_ctz(group0 | group1);
	return cpu->vgic.queue[(group0 >> level & 1) != 0 ? 0 : 1][level];
}

static bool virq_wants_cpu(const struct virq *virq)
{
	return (virq->flags & VIRQ_ENABLED) != 0 &&
	       (virq->flags & VIRQ_ACTIVE) == 0 &&
	       (virq->flags & (VIRQ_PENDING | VIRQ_LINE)) != 0;
}

/* A level that is up, or an SGI's next sender, is looked at again after the EOI. */
static uint64_t virq_eoi_flag(const struct virq *virq, uint64_t lr)
{
	bool again = (virq->flags & VIRQ_LINE) != 0 ||
		     (virq->flags & VIRQ_PENDING) != 0;

	return again && (lr & irqchip->lr_hw) == 0 ? irqchip->lr_eoi : 0;
}

/* GICH_LR.CPUID of an SGI, as a bit of @sources. */
static uint8_t virq_source_of(uint64_t lr)
{
	return (uint8_t)(1u << (lr >> 10 & 7));
}

static void lr_place(struct cpu *cpu, unsigned int slot, struct virq *virq)
{
	uint64_t lr = virq->lr;

	virq->flags &= (uint16_t)~VIRQ_PENDING;
	if (virq_sources(virq) != 0) {
		unsigned int from = (unsigned int)__builtin_ctz(virq->sources);

		lr = irqchip->lr_source(lr, from);
		virq->sources &= (uint8_t)(virq->sources - 1);
		if (virq->sources != 0) {
			virq->flags |= VIRQ_PENDING;
		}
	}
	cpu->vgic.in_lr[slot] = virq;
	virq->slot = (uint8_t)slot;
	irqchip->lr_write(slot, lr | virq_eoi_flag(virq, lr));
	cpu->vcpu.stat[BH_STAT_INJECTED]++;
}

/* Put "pending" back into the flags; only a level that is up needs no latch. */
static void virq_latch(struct virq *virq, uint64_t lr)
{
	if ((lr & irqchip->lr_hw) != 0 ||
	    (virq->flags & (VIRQ_LINE | VIRQ_EDGE)) != VIRQ_LINE) {
		virq->flags |= VIRQ_PENDING;
	}
	if (virq->intid < VGIC_SGIS && irqchip == &gic_v2) {
		virq->sources |= virq_source_of(lr);
	}
}

/* Free the register of the least urgent pending virq, if @virq is more urgent. */
static bool lr_evict(struct cpu *cpu, const struct virq *virq)
{
	struct virq *least = NULL;

	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr = irqchip->lr_read(i);
		struct virq *held = cpu->vgic.in_lr[i];

		if ((lr & irqchip->lr_active) != 0 ||
		    (lr & irqchip->lr_pending) == 0) {
			continue;
		}
		if (least == NULL || held->priority > least->priority) {
			least = held;
		}
	}
	if (least == NULL || virq_level(least) <= virq_level(virq)) {
		return false;
	}
	virq_latch(least, irqchip->lr_read(least->slot));
	irqchip->lr_write(least->slot, 0);
	queue_add(&cpu->vgic, least, true);
	return true;
}

/* Whether the short way of irq_line.h may be taken, and the underflow interrupt. */
static void vgic_fill_done(struct cpu *cpu)
{
	const bool *enabled = cpu->vcpu.cell->vgic.group_enabled;
	bool waits = queue_best(cpu) != NULL;

	cpu->vgic.direct = 0;
	if (!waits && enabled[1]) {
		cpu->vgic.direct = VIRQ_ENABLED | VIRQ_GROUP1;
	} else if (!waits && enabled[0]) {
		cpu->vgic.direct = VIRQ_ENABLED;
	}
	if (waits != cpu->vgic.underflow) {
		cpu->vgic.underflow = waits;
		irqchip->underflow(waits);
	}
}

void vgic_fill(struct cpu *cpu)
{
	struct virq *virq = queue_best(cpu);

	for (unsigned int i = 0; i < irqchip_lr_count && virq != NULL; i++) {
		uint32_t empty = irqchip->lr_empty();

		if (empty == 0) {
			if (!lr_evict(cpu, virq)) {
				break;
			}
			empty = irqchip->lr_empty();
		}
		queue_remove(&cpu->vgic, virq);
		lr_place(cpu, (unsigned int)__builtin_ctz(empty), virq);
		virq = queue_best(cpu);
	}
	vgic_fill_done(cpu);
}

/* The register that holds @virq, or -1. An ended one still counts as held. */
static int lr_of(const struct cpu *cpu, const struct virq *virq)
{
	if (cpu->vgic.in_lr[virq->slot] != virq ||
	    (irqchip->lr_empty() >> virq->slot & 1) != 0) {
		return -1;
	}
	return virq->slot;
}

uint64_t vgic_lr_state(const struct cpu *cpu, const struct virq *virq)
{
	int slot = lr_of(cpu, virq);

	return slot < 0 ? 0 :
			  irqchip->lr_read((unsigned int)slot) &
				  (irqchip->lr_pending | irqchip->lr_active);
}

/* Asked for again while it is pending in a list register: still once. */
static void virq_merge(struct virq *virq, uint64_t lr)
{
	if (virq_sources(virq) != 0) {
		virq->sources &= (uint8_t)~virq_source_of(lr);
	}
	if (virq_sources(virq) == 0) {
		virq->flags &= (uint16_t)~VIRQ_PENDING;
	}
}

/* Apply what was asked of a virq that is in a list register; its new value. */
static uint64_t lr_apply(struct virq *virq, uint64_t lr)
{
	const uint64_t pending = irqchip->lr_pending;
	const uint64_t active = irqchip->lr_active;
	bool linked = (lr & irqchip->lr_hw) != 0;

	if ((virq->flags & VIRQ_DEACTIVATE) != 0) {
		lr &= ~active;
	}
	if ((virq->flags & VIRQ_RETRACT) != 0) {
		lr &= ~pending;
	}
	if ((lr & pending) != 0 && (virq->flags & VIRQ_ENABLED) == 0) {
		/* Disabled: it waits in the flags. A linked line stays active. */
		virq_latch(virq, lr);
		return lr & active;
	}
	if ((lr & (pending | active)) == 0) {
		if (linked) {
			/* Nobody will end it any more: it may fire again. */
			irqchip->deactivate(virq->intid);
		}
		return 0;
	}
	if ((lr & pending) != 0) {
		virq_merge(virq, lr);
	} else if ((virq->flags & VIRQ_PENDING) != 0 && !linked &&
		   (virq->flags & VIRQ_ENABLED) != 0 &&
		   virq_sources(virq) == 0) {
		lr |= pending;
		virq->flags &= (uint16_t)~VIRQ_PENDING;
	}
	if ((lr & active) == 0 && virq->intid >= VGIC_SGIS) {
		lr = virq->lr; /* a new priority counts at once */
	}
	return (lr & ~irqchip->lr_eoi) | virq_eoi_flag(virq, lr);
}

void vgic_settle(struct cpu *cpu, struct virq *virq)
{
	int slot = lr_of(cpu, virq);

	if (slot >= 0) {
		uint64_t lr = irqchip->lr_read((unsigned int)slot);
		uint64_t next = 0;

		if ((lr & (irqchip->lr_pending | irqchip->lr_active)) != 0) {
			next = lr_apply(virq, lr);
		}
		if (next != lr) {
			irqchip->lr_write((unsigned int)slot, next);
		}
		if (next == 0) {
			slot = -1;
		}
	}
	virq->flags &= (uint16_t) ~(VIRQ_RETRACT | VIRQ_DEACTIVATE);
	if (slot < 0 && virq_wants_cpu(virq)) {
		if ((virq->flags & VIRQ_QUEUED) == 0) {
			queue_add(&cpu->vgic, virq, false);
		}
	} else {
		vgic_unqueue(cpu, virq);
	}
	vgic_fill(cpu);
}

void vgic_regroup(struct cpu *cpu)
{
	const bool *enabled = cpu->vcpu.cell->vgic.group_enabled;

	/* What the distributor no longer forwards leaves the list registers. */
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr = irqchip->lr_read(i);
		struct virq *virq = cpu->vgic.in_lr[i];

		if ((lr & irqchip->lr_pending) == 0 ||
		    enabled[virq_group(virq)]) {
			continue;
		}
		virq_latch(virq, lr);
		irqchip->lr_write(i, (lr & irqchip->lr_active) != 0 ?
					     lr & ~irqchip->lr_pending :
					     0);
		if ((lr & irqchip->lr_active) == 0 && virq_wants_cpu(virq)) {
			queue_add(&cpu->vgic, virq, true);
		}
	}
	vgic_fill(cpu);
}

void vgic_maintenance(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;
	uint32_t ended;

	if (cell == NULL) {
		irqchip->virtual_reset(false);
		return;
	}
	spinlock_lock(&cell->vgic.lock);
	ended = irqchip->lr_ended();
	while (ended != 0) {
		unsigned int slot = (unsigned int)__builtin_ctz(ended);

		ended &= ended - 1;
		irqchip->lr_write(slot, 0);
		vgic_settle(cpu, cpu->vgic.in_lr[slot]);
	}
	if (cpu->vgic.underflow) {
		cpu->vcpu.stat[BH_STAT_OVERFLOWED]++;
	}
	vgic_fill(cpu);
	spinlock_unlock(&cell->vgic.lock);
}
