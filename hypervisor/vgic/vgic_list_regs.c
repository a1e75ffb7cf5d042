// SPDX-License-Identifier: Apache-2.0
/*
 * List registers. Everything here runs on the CPU that owns them, under the cell's
 * vgic lock, and the guest stands still meanwhile.
 *
 * They hold the most urgent of what is pending: as long as anything waits behind
 * them, one of them is pending, and no less urgent than what waits. So the hardware
 * decides alone what comes next, until the last pending one is acknowledged; then
 * "no pending" brings us back. What is active needs no register if there are more
 * urgent uses for it: see vgic_evicted.c.
 */
#include "vgic.h"

/* A group that the guest's CPU interface has off comes after all others. */
#define LEVEL_GROUP_OFF 32u

static uint64_t lr_state(uint64_t lr)
{
	return lr & (irqchip->lr_pending | irqchip->lr_active);
}

/* The register that holds @virq, or -1. An ended one still counts as held. */
static int lr_of(const struct cpu *cpu, const struct virq *virq)
{
	if (!vgic_may_hold(cpu, virq) ||
	    (irqchip->lr_empty() >> virq->slot & 1) != 0) {
		return -1;
	}
	return virq->slot;
}

static bool may_flow(const struct virq *virq)
{
	return (virq->flags & (VIRQ_ENABLED | VIRQ_AWAY)) == VIRQ_ENABLED &&
	       (virq->cell->vgic.forward >> virq_group(virq) & 1) != 0;
}

/* Who else asked for an SGI; only GICv2 tells senders apart. */
static uint8_t virq_sources(const struct virq *virq)
{
	return virq->intid < VGIC_SGIS ? virq->sources : 0;
}

/* GICH_LR.CPUID of an SGI, as a bit of @sources. */
static uint8_t lr_source(const struct virq *virq, uint64_t lr)
{
	if (virq->intid >= VGIC_SGIS || irqchip->version != 2) {
		return 0;
	}
	return (uint8_t)(1u << (lr >> irqchip->lr_pintid_shift & 7));
}

/* The list register of a linked virq, without the link. */
static uint64_t lr_unlinked(const struct virq *virq)
{
	return virq->lr & ~(irqchip->lr_hw | (uint64_t)virq->intid
						     << irqchip->lr_pintid_shift);
}

uint8_t vgic_lr_source(const struct cpu *cpu, const struct virq *virq)
{
	int slot = lr_of(cpu, virq);
	uint64_t lr = slot < 0 ? 0 : irqchip->lr_read((unsigned int)slot);

	return (lr & irqchip->lr_pending) != 0 ? lr_source(virq, lr) : 0;
}

/* Only the physical line's own end is not seen here; all else that is left is. */
static uint64_t lr_eoi(const struct virq *virq, uint64_t lr)
{
	bool again = virq_has(virq, VIRQ_LINE | VIRQ_PENDING | VIRQ_TAKEN |
					    VIRQ_AWAY);

	return again && (lr & irqchip->lr_hw) == 0 ? irqchip->lr_eoi : 0;
}

/* Put "pending" back into the flags; only a level that is up needs no latch. */
static void virq_latch(struct virq *virq, uint64_t lr)
{
	if ((lr & irqchip->lr_hw) != 0) {
		virq_set(virq, VIRQ_TAKEN);
	} else if (!virq_has(virq, VIRQ_LINE) || virq_has(virq, VIRQ_EDGE)) {
		virq_set(virq, VIRQ_PENDING);
	}
	if (lr_source(virq, lr) != 0) {
		virq->sources |= lr_source(virq, lr);
		virq_set(virq, VIRQ_PENDING);
	}
}

/*
 * A linked virq goes with the link if its physical line waits for that, and a level
 * is still up: what was taken long ago may have gone since. 0: nothing is left of it.
 */
static uint64_t linked_lr(struct cpu *cpu, struct virq *virq)
{
	if (virq_has(virq, VIRQ_TAKEN)) {
		uint32_t first = virq->intid & ~31u;

		virq_clear(virq, VIRQ_TAKEN);
		if (virq_has(virq, VIRQ_EDGE) ||
		    (irqchip->pending(cpu, first) >> virq->intid % 32 & 1) !=
			    0) {
			virq_clear(virq, VIRQ_PENDING);
			if (!cpu->vgic.is_watched) {
				irqchip->watch(cpu);
			}
			return virq->lr;
		}
		irqchip->release(cpu, virq->intid);
	}
	if (virq_has(virq, VIRQ_PENDING)) {
		virq_clear(virq, VIRQ_PENDING);
		virq_set(virq, VIRQ_UNLINKED);
		return lr_unlinked(virq);
	}
	return 0;
}

static void lr_place(struct cpu *cpu, unsigned int slot, struct virq *virq)
{
	uint64_t lr = virq->lr;

	if (virq->kind == VIRQ_LINKED) {
		lr = linked_lr(cpu, virq);
		if (lr == 0) {
			return;
		}
	} else {
		virq_clear(virq, VIRQ_PENDING);
	}
	if (virq_sources(virq) != 0) {
		unsigned int from = (unsigned int)__builtin_ctz(virq->sources);

		lr |= (uint64_t)from << irqchip->lr_pintid_shift;
		virq->sources &= (uint8_t)(virq->sources - 1);
		if (virq->sources != 0) {
			virq_set(virq, VIRQ_PENDING);
		}
	}
	cpu->vgic.in_lr[slot] = virq;
	virq->slot = (uint8_t)slot;
	irqchip->lr_write(slot, lr | lr_eoi(virq, lr));
	cpu->vcpu.stat[BH_STAT_INJECTED]++;
}

/* It is in no register of this CPU any more. Return: whether it shall be again. */
static bool virq_left(const struct cpu *cpu, struct virq *virq)
{
	if (virq_has(virq, VIRQ_EVICTED)) {
		virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE);
		return false;
	}
	virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE | VIRQ_UNLINKED);
	if (virq_has(virq, VIRQ_AWAY)) {
		virq_clear(virq, VIRQ_AWAY);
		if (virq->cpu != cpu) {
			vgic_post(virq);
			return false;
		}
	}
	return true;
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
	if (virq_sources(virq) != 0) {
		virq->sources &= (uint8_t)~lr_source(virq, lr);
	}
	if (virq_sources(virq) == 0) {
		virq_clear(virq, VIRQ_PENDING);
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
			irqchip->pend(cpu, virq->intid);
		}
		return lr;
	}
	if (may_flow(virq) && virq_sources(virq) == 0 &&
	    !virq_has(virq, VIRQ_TAKEN)) {
		virq_clear(virq, VIRQ_PENDING);
		lr |= irqchip->lr_pending;
	}
	return lr;
}

/* A new priority or group counts at once for what is not active. */
static uint64_t lr_refreshed(const struct virq *virq, uint64_t lr)
{
	if (virq->kind == VIRQ_LINKED && (lr & irqchip->lr_hw) == 0) {
		return lr_unlinked(virq);
	}
	if (lr_source(virq, lr) != 0) {
		return virq->lr | (lr & UINT64_C(7)
						<< irqchip->lr_pintid_shift);
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
	    (!may_flow(virq) || virq_has(virq, VIRQ_ACTIVE))) {
		virq_latch(virq, lr);
		lr &= ~irqchip->lr_pending;
	}
	if (lr_state(lr) == 0) {
		if ((lr & irqchip->lr_hw) != 0 && !virq_has(virq, VIRQ_TAKEN)) {
			/* Nobody will end it any more: it may fire again. */
			irqchip->release(cpu, virq->intid);
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
		       (lr & ~irqchip->lr_eoi) | lr_eoi(virq, lr);
}

/*
 * It is in no list register here. If nothing waits it need not wait either: that is
 * how most interrupts go.
 */
void vgic_offer(struct cpu *cpu, struct virq *virq)
{
	if ((cpu->vgic.levels[0] | cpu->vgic.levels[1]) == 0 &&
	    virq_wants_cpu(virq) && may_flow(virq)) {
		uint32_t empty = irqchip->lr_empty();

		if (empty != 0) {
			lr_place(cpu, (unsigned int)__builtin_ctz(empty), virq);
			if (UNLIKELY(cpu->vgic.direct == VGIC_DIRECT_NONE)) {
				vgic_control(cpu);
			}
			return;
		}
	}
	vgic_requeue(virq);
	vgic_fill(cpu);
}

void vgic_settle(struct cpu *cpu, struct virq *virq)
{
	int slot = lr_of(cpu, virq);
	uint64_t next = 0;

	if (slot >= 0) {
		uint64_t lr = irqchip->lr_read((unsigned int)slot);

		if (lr_state(lr) != 0) {
			next = lr_next(cpu, virq, lr);
		}
		if (next != lr) {
			irqchip->lr_write((unsigned int)slot, next);
		}
	}
	if (next != 0) {
		virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE);
		vgic_fill(cpu);
	} else if (virq_left(cpu, virq)) {
		vgic_offer(cpu, virq);
	} else {
		vgic_fill(cpu);
	}
}

void vgic_fold(struct cpu *cpu, unsigned int slot)
{
	struct virq *virq = cpu->vgic.in_lr[slot];
	uint64_t lr = irqchip->lr_read(slot);

	irqchip->lr_write(slot, 0);
	cpu->vgic.in_lr[slot] = NULL;
	if ((lr & irqchip->lr_pending) != 0) {
		virq_latch(virq, lr);
	}
	if ((lr & irqchip->lr_active) != 0) {
		vgic_evict(cpu, virq, lr);
	}
	if (virq_left(cpu, virq)) {
		vgic_queue_first(virq);
	}
}

static unsigned int level_of(const struct virq *virq, uint32_t groups)
{
	return virq_level(virq) +
	       ((groups >> virq_group(virq) & 1) != 0 ? 0 : LEVEL_GROUP_OFF);
}

/*
 * A register for @virq although none is free: of one that has ended, or of the least
 * urgent pending one, or, where none is pending, of the outermost active one. -1:
 * what is pending there is no less urgent.
 */
static int lr_make_room(struct cpu *cpu, const struct virq *virq,
			uint32_t groups)
{
	unsigned int worst = 0;
	unsigned int outermost = 0;
	int pending = -1;
	int active = -1;

	vgic_evicted_check(cpu);
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr = irqchip->lr_read(i);
		const struct virq *held = cpu->vgic.in_lr[i];

		if (lr_state(lr) == 0) {
			vgic_fold(cpu, i);
			return (int)i;
		}
		if ((lr & irqchip->lr_active) != 0) {
			if (active < 0 || vgic_lr_level(lr) > outermost) {
				outermost = vgic_lr_level(lr);
				active = (int)i;
			}
		} else if (pending < 0 || level_of(held, groups) > worst) {
			worst = level_of(held, groups);
			pending = (int)i;
		}
	}
	if (pending < 0) {
		vgic_fold(cpu, (unsigned int)active);
		return active;
	}
	if (worst <= level_of(virq, groups)) {
		return -1;
	}
	vgic_fold(cpu, (unsigned int)pending);
	return pending;
}

void vgic_control(struct cpu *cpu)
{
	const struct cell *cell = cpu->vcpu.cell;
	uint32_t forward = cell->vgic.forward;
	bool waits = vgic_queue_best(cpu, forward) != NULL;
	uint32_t hcr = IRQCHIP_EN;

	if (waits) {
		uint32_t groups = irqchip->virtual_control();

		hcr |= IRQCHIP_NPIE;
		hcr |= (groups & 1) != 0 ? IRQCHIP_GROUP0_OFF :
					   IRQCHIP_GROUP0_ON;
		hcr |= (groups & 2) != 0 ? IRQCHIP_GROUP1_OFF :
					   IRQCHIP_GROUP1_ON;
	}
	if (cpu->vgic.evicted_levels != 0) {
		hcr |= IRQCHIP_LRENPIE;
	}
	if (cell->cpu_count > 1 || cell->vgic.outside_count != 0) {
		/* The end may be that of an interrupt in no register of ours. */
		hcr |= IRQCHIP_TDIR;
	}
	cpu->vgic.direct = VGIC_DIRECT_NONE;
	if (!waits && cpu->vgic.is_watched) {
		if ((forward & 2) != 0) {
			cpu->vgic.direct = VIRQ_ENABLED | VIRQ_GROUP1;
		} else if ((forward & 1) != 0) {
			cpu->vgic.direct = VIRQ_ENABLED;
		}
	}
	if (hcr != cpu->vgic.hcr) {
		cpu->vgic.hcr = (uint16_t)hcr;
		irqchip->control(hcr);
	}
}

void vgic_fill(struct cpu *cpu)
{
	uint32_t forward = cpu->vcpu.cell->vgic.forward;
	struct virq *virq;

	if ((cpu->vgic.levels[0] | cpu->vgic.levels[1]) == 0 &&
	    (cpu->vgic.hcr & (IRQCHIP_NPIE | IRQCHIP_LRENPIE)) == 0 &&
	    cpu->vgic.direct != VGIC_DIRECT_NONE) {
		return; /* nothing waits, and nothing did */
	}
	virq = vgic_queue_best(cpu, forward);
	for (unsigned int i = 0; i < irqchip_lr_count && virq != NULL; i++) {
		uint32_t empty = irqchip->lr_empty();
		int slot;

		if (empty != 0) {
			slot = __builtin_ctz(empty);
		} else {
			uint32_t groups = irqchip->virtual_control();
			struct virq *urgent =
				vgic_queue_best(cpu, forward & groups);

			virq = urgent != NULL ? urgent : virq;
			slot = lr_make_room(cpu, virq, groups);
		}
		if (slot < 0) {
			break;
		}
		vgic_unqueue(virq);
		lr_place(cpu, (unsigned int)slot, virq);
		virq = vgic_queue_best(cpu, forward);
	}
	vgic_control(cpu);
}

void vgic_collect(struct cpu *cpu)
{
	uint32_t ended = irqchip->lr_ended();

	vgic_evicted_check(cpu);
	while (ended != 0) {
		vgic_fold(cpu, (unsigned int)__builtin_ctz(ended));
		ended &= ended - 1;
	}
}

void vgic_regroup(struct cpu *cpu)
{
	/* What the distributor no longer forwards leaves the list registers. */
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		struct virq *virq = cpu->vgic.in_lr[i];

		if (virq != NULL && lr_of(cpu, virq) == (int)i) {
			vgic_settle(cpu, virq);
		}
	}
	vgic_fill(cpu);
}

void vgic_maintenance(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;
	uint64_t injected = cpu->vcpu.stat[BH_STAT_INJECTED];

	if (cell == NULL) {
		irqchip->virtual_reset(false);
		return;
	}
	spinlock_lock(&cell->vgic.lock);
	if (cpu->vgic.is_running) {
		bool waited = (cpu->vgic.hcr & IRQCHIP_NPIE) != 0;

		vgic_collect(cpu);
		cpu->vgic.hcr = 0; /* so that the count of ends is cleared too */
		vgic_fill(cpu);
		if (waited) {
			cpu->vcpu.stat[BH_STAT_OVERFLOWED] +=
				cpu->vcpu.stat[BH_STAT_INJECTED] - injected;
		}
	} else {
		irqchip->virtual_reset(false);
	}
	spinlock_unlock(&cell->vgic.lock);
}
