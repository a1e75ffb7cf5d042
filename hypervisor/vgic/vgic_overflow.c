// SPDX-License-Identifier: Apache-2.0
/*
 * Who gets a list register. They hold the most urgent of what is pending: as long as
 * anything waits behind them, one of them is pending, and no less urgent than what
 * waits. So the hardware decides alone what comes next, until the last pending one is
 * acknowledged; then "no pending" brings us back. What is active needs no register if
 * there are more urgent uses for it: see vgic_evicted.c.
 *
 * As in vgic_list_regs.c: on the CPU that owns them, under the lock.
 */
#include "vgic.h"

/* A group that the guest's CPU interface has off comes after all others. */
#define LEVEL_GROUP_OFF 32u

void vgic_fold(struct cpu *cpu, unsigned int slot)
{
	struct virq *virq = cpu->vgic.in_lr[slot];
	uint64_t lr = irqchip->lr_read(slot);

	irqchip->lr_write(slot, 0);
	cpu->vgic.in_lr[slot] = NULL;
	if ((lr & irqchip->lr_pending) != 0) {
		vgic_latch(virq, lr);
	}
	if ((lr & irqchip->lr_active) != 0) {
		vgic_evict(cpu, virq, lr);
	}
	if (vgic_left(cpu, virq)) {
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
static int make_room(struct cpu *cpu, const struct virq *virq, uint32_t groups)
{
	unsigned int worst = 0;
	unsigned int outermost = 0;
	int pending = -1;
	int active = -1;

	vgic_evicted_check(cpu);
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr = irqchip->lr_read(i);
		unsigned int level = level_of(cpu->vgic.in_lr[i], groups);

		if (vgic_lr_state(lr) == 0) {
			active = (int)i;
			pending = -1;
			break;
		}
		if ((lr & irqchip->lr_active) != 0) {
			if (active < 0 || vgic_lr_level(lr) > outermost) {
				outermost = vgic_lr_level(lr);
				active = (int)i;
			}
		} else if (pending < 0 || level > worst) {
			worst = level;
			pending = (int)i;
		}
	}
	if (pending < 0) {
		pending = active;
	} else if (worst <= level_of(virq, groups)) {
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
	uint16_t ready = VGIC_READY_NONE;
	uint32_t hcr = IRQCHIP_EN;

	if (waits) {
		uint32_t groups = irqchip->virtual_control();

		hcr |= IRQCHIP_NPIE;
		hcr |= (groups & 1) != 0 ? IRQCHIP_GROUP0_OFF :
					   IRQCHIP_GROUP0_ON;
		hcr |= (groups & 2) != 0 ? IRQCHIP_GROUP1_OFF :
					   IRQCHIP_GROUP1_ON;
	} else if ((forward & 2) != 0) {
		ready = VIRQ_ENABLED | VIRQ_GROUP1;
	} else if (forward != 0) {
		ready = VIRQ_ENABLED;
	}
	if (cpu->vgic.evicted_levels != 0) {
		hcr |= IRQCHIP_LRENPIE;
	}
	if (cell->cpu_count > 1 || cell->vgic.outside_count != 0) {
		/* The end may be that of an interrupt in no register of ours. */
		hcr |= IRQCHIP_TDIR;
	}
	cpu->vgic.ready = ready;
	if (hcr != cpu->vgic.hcr) {
		cpu->vgic.hcr = (uint16_t)hcr;
		irqchip->control(hcr);
	}
}

void vgic_fill_slow(struct cpu *cpu)
{
	uint32_t forward = cpu->vcpu.cell->vgic.forward;
	struct virq *virq = vgic_queue_best(cpu, forward);

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
			slot = make_room(cpu, virq, groups);
		}
		if (slot < 0) {
			break;
		}
		vgic_unqueue(virq);
		vgic_place(cpu, (unsigned int)slot, virq);
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
	uint32_t empty = irqchip->lr_empty();

	/* What the distributor no longer forwards leaves the list registers. */
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		if ((empty >> i & 1) == 0 && cpu->vgic.in_lr[i] != NULL) {
			vgic_settle(cpu, cpu->vgic.in_lr[i]);
		}
	}
	vgic_fill_slow(cpu);
}

void vgic_maintenance(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	if (cell == NULL || !cpu->vgic.is_running) {
		irqchip->virtual_reset(false);
		return;
	}
	spinlock_lock(&cell->vgic.lock);
	vgic_collect(cpu);
	cpu->vgic.hcr = 0; /* so that the count of ends is cleared too */
	vgic_fill_slow(cpu);
	spinlock_unlock(&cell->vgic.lock);
}
