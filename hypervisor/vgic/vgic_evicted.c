// SPDX-License-Identifier: Apache-2.0
/*
 * Active interrupts without a list register: more of them than there are registers,
 * and something more urgent is pending; or the guest made them active itself.
 *
 * The guest ends them like any other. With EOImode 0 that clears their priority in
 * the active priorities registers, where no two can have the same one, and reports
 * an end without a register: so evicted[] is indexed by priority, and whose bit is
 * gone has been ended. With EOImode 1 the write to DIR traps and names the INTID.
 */
#include "vgic.h"

void vgic_activate(struct virq *virq)
{
	if (!virq_has(virq, VIRQ_ACTIVE)) {
		virq_set(virq, VIRQ_ACTIVE);
		virq->cell->vgic.outside_count++;
	}
}

static void evicted_unregister(struct virq *virq)
{
	struct vgic_cpu *vgic = &virq->holder->vgic;

	if (virq->slot != VIRQ_UNREGISTERED) {
		vgic->evicted_levels &= ~(1u << virq->slot);
		vgic->evicted[virq->slot] = NULL;
	}
	virq->slot = 0;
}

void vgic_deactivate(struct virq *virq)
{
	if (!virq_has(virq, VIRQ_ACTIVE)) {
		return;
	}
	if (virq_has(virq, VIRQ_EVICTED)) {
		evicted_unregister(virq);
		if (virq->kind == VIRQ_LINKED &&
		    !virq_has(virq, VIRQ_UNLINKED)) {
			virq_release(virq->cpu, virq);
		}
		virq_clear(virq, VIRQ_UNLINKED);
	}
	virq_clear(virq, VIRQ_ACTIVE | VIRQ_EVICTED);
	virq->cell->vgic.outside_count--;
}

/*
 * The bit that was set when the guest acknowledged it: its priority, perhaps rounded
 * by the binary point. None if its priority was dropped already, or never raised.
 */
static uint8_t evicted_level(uint64_t lr)
{
	uint32_t below = UINT32_MAX >> (VGIC_LEVELS - 1 - vgic_lr_level(lr));
	uint32_t levels = irqchip->active_levels() & below;

	if (levels == 0 ||
	    (irqchip->virtual_control() & IRQCHIP_VIRTUAL_EOIMODE) != 0) {
		return VIRQ_UNREGISTERED;
	}
	return (uint8_t)(31 - __builtin_clz(levels));
}

void vgic_evict(struct cpu *cpu, struct virq *virq, uint64_t lr)
{
	uint8_t level = evicted_level(lr);

	if ((lr & irqchip->lr_hw) == 0) {
		virq_set(virq, VIRQ_UNLINKED);
	}
	vgic_activate(virq);
	virq_clear(virq, VIRQ_AWAY);
	virq_set(virq, VIRQ_EVICTED);
	virq->holder = cpu;
	if (level != VIRQ_UNREGISTERED && cpu->vgic.evicted[level] != NULL) {
		level = VIRQ_UNREGISTERED; /* the guest has changed priorities */
	}
	virq->slot = level;
	if (level != VIRQ_UNREGISTERED) {
		cpu->vgic.evicted[level] = virq;
		cpu->vgic.evicted_levels |= 1u << level;
	}
}

void vgic_evicted_check(struct cpu *cpu)
{
	uint32_t ended;

	if (cpu->vgic.evicted_levels == 0) {
		return;
	}
	ended = cpu->vgic.evicted_levels & ~irqchip->active_levels();
	while (ended != 0) {
		struct virq *virq = cpu->vgic.evicted[__builtin_ctz(ended)];

		ended &= ended - 1;
		vgic_deactivate(virq);
		vgic_post(virq);
	}
}

void vgic_evicted_stop(struct cpu *cpu)
{
	while (cpu->vgic.evicted_levels != 0) {
		unsigned int level =
			(unsigned int)__builtin_ctz(cpu->vgic.evicted_levels);
		struct virq *virq = cpu->vgic.evicted[level];

		evicted_unregister(virq);
		virq->slot = VIRQ_UNREGISTERED;
	}
}
