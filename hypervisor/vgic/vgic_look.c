// SPDX-License-Identifier: Apache-2.0
/*
 * Reading what list registers hold. A CPU can read its own; of another it asks, and
 * waits without a lock until that one has written down what it sees. Two that ask
 * each other answer while they wait.
 */
#include "vgic.h"
#include <arch/cpu.h>
#include <hyp/timer.h>

#define ANSWER_MS 100 /* it is in its guest: an interrupt away */

/* Under the lock, on the CPU itself. */
static void look_here(struct cpu *cpu)
{
	struct vgic_cpu *vgic = &cpu->vgic;
	uint32_t empty;

	vgic_collect(cpu);
	vgic_fill(cpu);
	empty = irqchip->lr_empty();
	vgic->seen_pending = 0;
	vgic->seen_active = 0;
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr;

		if ((empty >> i & 1) != 0) {
			vgic->in_lr[i] = NULL; /* so that a new one is seen */
			continue;
		}
		lr = irqchip->lr_read(i);
		if ((lr & irqchip->lr_pending) != 0) {
			vgic->seen_pending |= (uint16_t)BIT(i);
		}
		if ((lr & irqchip->lr_active) != 0) {
			vgic->seen_active |= (uint16_t)BIT(i);
		}
	}
}

void vgic_answer(struct cpu *cpu)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;
	uint32_t asked = __atomic_load_n(&cpu->vgic.asked, __ATOMIC_ACQUIRE);

	if (asked == cpu->vgic.answered) {
		return;
	}
	spinlock_lock(&vgic->lock);
	if (cpu->vgic.is_running) {
		look_here(cpu);
	}
	spinlock_unlock(&vgic->lock);
	/* Pairs with the load in wait_for_answer(). */
	__atomic_store_n(&cpu->vgic.answered, asked, __ATOMIC_RELEASE);
}

static void wait_for_answer(struct cpu *cpu, const struct cpu *other,
			    uint32_t asked, uint64_t deadline)
{
	while ((int32_t)(__atomic_load_n(&other->vgic.answered,
					 __ATOMIC_ACQUIRE) -
			 asked) < 0) {
		vgic_answer(cpu);
		if (timer_now() > deadline) {
			return;
		}
		arch_cpu_relax();
	}
}

/* The CPUs of the cell, as bits, that may have some of these in list registers. */
static uint32_t others_to_ask(const struct cpu *cpu, struct cpu *of,
			      uint32_t first)
{
	uint32_t owned = vgic_word(of, first)->owned;
	uint32_t others = 0;

	while (owned != 0) {
		struct virq *virq =
			vgic_at(of, first + (uint32_t)__builtin_ctz(owned));
		const struct cpu *where = virq_where(virq);

		owned &= owned - 1;
		if (where != NULL && where != cpu &&
		    vgic_may_hold(where, virq)) {
			others |= 1u << where->vcpu.index;
		}
	}
	return others;
}

void vgic_look(struct cpu *cpu, struct cpu *of, uint32_t first)
{
	struct cell *cell = cpu->vcpu.cell;
	uint32_t asked[CONFIG_CPUS_MAX];
	uint32_t others;
	uint64_t deadline;

	spinlock_lock(&cell->vgic.lock);
	look_here(cpu);
	others = others_to_ask(cpu, of, first);
	spinlock_unlock(&cell->vgic.lock);
	if (others == 0) {
		return;
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if ((others >> i & 1) != 0) {
			asked[i] = __atomic_add_fetch(&cell->cpu[i]->vgic.asked,
						      1, __ATOMIC_RELEASE);
			irqchip->kick(cell->cpu[i]);
		}
	}
	deadline = timer_now() + timer_ticks(ANSWER_MS);
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if ((others >> i & 1) != 0) {
			wait_for_answer(cpu, cell->cpu[i], asked[i], deadline);
		}
	}
}

static bool seen(const struct virq *virq, bool is_active)
{
	const struct cpu *cpu = virq_where(virq);
	uint32_t bit = 1u << (virq->slot % VGIC_LR_MAX);

	if (cpu == NULL || !vgic_may_hold(cpu, virq)) {
		return false;
	}
	if (((cpu->vgic.seen_pending | cpu->vgic.seen_active) & bit) == 0) {
		return !is_active; /* put there, pending, after the look */
	}
	return ((is_active ? cpu->vgic.seen_active : cpu->vgic.seen_pending) &
		bit) != 0;
}

bool vgic_seen_pending(const struct virq *virq)
{
	return seen(virq, false);
}

bool vgic_seen_active(const struct virq *virq)
{
	return seen(virq, true);
}
