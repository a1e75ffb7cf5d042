// SPDX-License-Identifier: Apache-2.0
/* How an interrupt that has changed gets to its target CPU. */
#include "vgic.h"

#define DIRTY_AT_ONCE 4 /* marks that one kick attends to: constant work */

void vgic_kick(struct cpu *cpu)
{
	if (!cpu->vgic.is_kicked) {
		cpu->vgic.is_kicked = true;
		irqchip->kick(cpu);
	}
}

void vgic_post(struct virq *virq)
{
	struct cpu *cpu = virq->cpu;

	if (vgic_requeue(virq) && cpu != cpu_this() && cpu->vgic.is_running) {
		vgic_kick(cpu);
	}
}

static void mark_dirty(struct cpu *cpu, const struct virq *virq)
{
	unsigned int word = virq->intid / 32u;

	cpu->vgic.dirty[word] |= 1u << virq->intid % 32;
	cpu->vgic.dirty_words |= 1u << word;
	vgic_kick(cpu);
}

void vgic_update(struct virq *virq)
{
	struct cpu *cpu = virq_where(virq);

	if (cpu == NULL) {
		return; /* nobody to tell: the flags keep it */
	}
	if (!vgic_may_hold(cpu, virq)) {
		if (!virq_has(virq, VIRQ_PENDING | VIRQ_LINE | VIRQ_TAKEN |
					    VIRQ_QUEUED)) {
			return; /* it is idle, whatever it is set to */
		}
		if (cpu == cpu_this() && cpu->vgic.is_running) {
			vgic_settle(cpu, virq);
		} else {
			vgic_post(virq);
		}
	} else if (cpu == cpu_this()) {
		vgic_settle(cpu, virq);
	} else {
		mark_dirty(cpu, virq);
	}
}

bool vgic_linked_open(const struct virq *virq)
{
	return (irqchip->get_bits(virq->cpu, virq->intid & ~31u,
				  GICD_ISACTIVER) >>
			virq->intid % 32 &
		1) != 0;
}

void vgic_follow(struct virq *virq)
{
	if (virq->cpu != NULL && virq->kind != VIRQ_UNOWNED) {
		irqchip->set_target(virq->intid, virq->cpu);
	}
	if (virq_has(virq, VIRQ_TAKEN)) {
		virq_clear(virq, VIRQ_TAKEN);
		virq_set(virq, virq_has(virq, VIRQ_EDGE) ? VIRQ_PENDING : 0);
		virq_release(virq->cpu, virq);
	}
}

/*
 * That it fired means that it was not active: whoever had it in a list register with
 * the link has ended it.
 */
static void linked_take(struct cpu *cpu, struct virq *virq)
{
	if (virq_has(virq, VIRQ_AWAY) && !virq_has(virq, VIRQ_UNLINKED)) {
		virq_clear(virq, VIRQ_AWAY);
	}
	if (virq_has(virq, VIRQ_REPEND)) {
		/* By our own hand: the line, if it is up, will come by itself. */
		virq_clear(virq, VIRQ_REPEND);
		virq_set(virq, VIRQ_PENDING);
		virq_release(virq->cpu, virq);
	} else {
		virq_set(virq, VIRQ_TAKEN);
		if (virq->cpu != cpu && virq->cpu != NULL) {
			vgic_follow(virq); /* it moved while it came here */
		}
	}
	vgic_update(virq);
}

void vgic_inject_linked(struct cpu *cpu, struct virq *virq)
{
	struct vgic *vgic = &virq->cell->vgic;

	spinlock_lock(&vgic->lock);
	if (virq->kind == VIRQ_LINKED && &virq->cell->vgic == vgic) {
		linked_take(cpu, virq);
	} else {
		/* It was taken from its owner while we waited for the lock. */
		virq_release(cpu, virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_line_set(struct virq *virq, bool level)
{
	irqchip->line_drive(virq, level);
}

NOINLINE void vgic_line_change(struct virq *virq, bool level)
{
	struct vgic *vgic = &virq->cell->vgic;

	spinlock_lock(&vgic->lock);
	if (virq_has(virq, VIRQ_EDGE)) {
		if (level) {
			virq_set(virq, VIRQ_PENDING);
			vgic_update(virq);
		}
	} else if (level) {
		virq_set(virq, VIRQ_LINE);
		virq_clear(virq, VIRQ_RETRACT);
		vgic_update(virq);
	} else if (virq_has(virq, VIRQ_LINE)) {
		virq_clear(virq, VIRQ_LINE);
		if (!virq_has(virq, VIRQ_LATCHED)) {
			virq_set(virq, VIRQ_RETRACT);
		}
		vgic_update(virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_lr_refresh(struct virq *virq)
{
	const struct irqchip *chip = irqchip;

	virq->lr = chip->lr_pending | virq->intid |
		   (uint64_t)virq->priority << chip->lr_priority_shift;
	if (virq_has(virq, VIRQ_GROUP1)) {
		virq->lr |= chip->lr_group1;
	}
	if (virq->kind == VIRQ_LINKED) {
		virq->lr |= chip->lr_hw | (uint64_t)virq->intid
						  << chip->lr_pintid_shift;
	}
}

void vgic_retarget(struct virq *virq, struct cpu *cpu)
{
	struct cpu *old = virq->cpu;

	if (old == cpu) {
		return;
	}
	vgic_unqueue(virq);
	virq->cpu = cpu;
	if (virq_has(virq, VIRQ_AWAY)) {
		if (virq->holder == cpu) {
			virq_clear(virq, VIRQ_AWAY);
		}
	} else if (old != NULL && vgic_may_hold(old, virq)) {
		virq_set(virq, VIRQ_AWAY);
		virq->holder = old;
	}
	if (!virq_has(virq, VIRQ_AWAY) || virq->kind != VIRQ_LINKED) {
		vgic_follow(virq);
	}
	vgic_update(virq);
}

/*
 * The short way of vgic_settle() for one that another CPU has made pending, and that
 * is otherwise idle. Return: whether it was this simple.
 */
static bool place_pending(struct cpu *cpu, struct virq *virq)
{
	uint64_t lr = virq->lr;
	uint8_t sources = vgic_sources(virq);

	if ((virq->flags & (VIRQ_PENDING | VIRQ_LINE | VIRQ_EDGE)) !=
		    (VIRQ_PENDING | VIRQ_EDGE) ||
	    virq->kind == VIRQ_LINKED || (sources & (sources - 1)) != 0) {
		return false;
	}
	if (sources != 0) {
		lr |= (uint64_t)__builtin_ctz(sources)
		      << irqchip->lr_pintid_shift;
	}
	virq_clear(virq, VIRQ_PENDING);
	if (!irqchip->place(cpu, virq, lr)) {
		virq_set(virq, VIRQ_PENDING);
		return false;
	}
	if (sources != 0) {
		virq->sources = 0;
	}
	return true;
}

/*
 * Nothing had waited at the last vgic_control(), or @ready would let nothing pass; now
 * one waits alone: when it is in a list register, nothing else has changed.
 */
static bool fill_one(struct cpu *cpu)
{
	unsigned int group = cpu->vgic.levels[1] != 0 ? 1 : 0;
	uint32_t levels = cpu->vgic.levels[group];
	struct virq *virq;

	if (levels == 0) {
		return false;
	}
	virq = cpu->vgic.queue[group][__builtin_ctz(levels)];
	if (virq->next != virq || (levels & (levels - 1)) != 0) {
		return false;
	}
	virq_clear(virq, VIRQ_QUEUED);
	if (!place_pending(cpu, virq)) {
		virq_set(virq, VIRQ_QUEUED);
		return false;
	}
	cpu->vgic.queue[group][__builtin_ctz(levels)] = NULL;
	cpu->vgic.levels[group] = 0;
	return true;
}

static void settle_dirty(struct cpu *cpu)
{
	unsigned int word = (unsigned int)__builtin_ctz(cpu->vgic.dirty_words);
	uint32_t *dirty = &cpu->vgic.dirty[word];
	uint32_t intid = word * 32 + (unsigned int)__builtin_ctz(*dirty);
	struct virq *virq = vgic_lookup(cpu, intid);

	*dirty &= *dirty - 1;
	if (*dirty == 0) {
		cpu->vgic.dirty_words &= cpu->vgic.dirty_words - 1;
	}
	if (virq != NULL && virq_where(virq) == cpu &&
	    !place_pending(cpu, virq)) {
		vgic_settle(cpu, virq);
	}
}

static void attend(struct cpu *cpu)
{
	if (cpu->vgic.regroup) {
		cpu->vgic.regroup = false;
		vgic_regroup(cpu);
	}
	for (unsigned int i = 0;
	     i < DIRTY_AT_ONCE && cpu->vgic.dirty_words != 0; i++) {
		settle_dirty(cpu);
	}
	if (cpu->vgic.dirty_words != 0) {
		vgic_kick(cpu); /* this CPU, once more */
	} else {
		cpu->vgic.is_settling = false;
	}
	vgic_fill(cpu);
}

void vgic_kicked(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	if (cell == NULL) {
		return;
	}
	spinlock_lock(&cell->vgic.lock);
	cpu->vgic.is_kicked = false;
	if (cpu->vgic.is_running && (cpu->vgic.dirty_words != 0 ||
				     cpu->vgic.regroup || !fill_one(cpu))) {
		attend(cpu);
	}
	spinlock_unlock(&cell->vgic.lock);
	if (UNLIKELY(__atomic_load_n(&cpu->vgic.asked, __ATOMIC_ACQUIRE) !=
		     cpu->vgic.answered)) {
		vgic_answer(cpu);
	}
}
