// SPDX-License-Identifier: Apache-2.0
/*
 * List registers, one interrupt at a time. Everything here runs on the CPU that owns
 * them, under the cell's vgic lock, and the guest stands still meanwhile. Who gets
 * one when there are too few is decided in vgic_overflow.c.
 */
#include "vgic.h"

int vgic_lr_of(const struct cpu *cpu, const struct virq *virq)
{
	if (!vgic_may_hold(cpu, virq) ||
	    (irqchip->lr_empty() >> virq->slot & 1) != 0) {
		return -1;
	}
	return virq->slot;
}

/*
 * A linked virq goes with the link if its physical line waits for that, and a level
 * is still up: what was taken long ago may have gone since. 0: nothing is left of it.
 */
static uint64_t linked_lr(struct cpu *cpu, struct virq *virq)
{
	if (virq_has(virq, VIRQ_TAKEN)) {
		virq_clear(virq, VIRQ_TAKEN);
		if (virq_has(virq, VIRQ_EDGE) || virq_line_is_up(cpu, virq)) {
			virq_clear(virq, VIRQ_PENDING);
			irqchip->watch(cpu);
			return virq->lr;
		}
		virq_release(cpu, virq);
	}
	if (virq_has(virq, VIRQ_PENDING)) {
		virq_clear(virq, VIRQ_PENDING);
		virq_set(virq, VIRQ_UNLINKED);
		return vgic_lr_unlinked(virq);
	}
	return 0;
}

void vgic_place(struct cpu *cpu, unsigned int slot, struct virq *virq)
{
	uint64_t lr = virq->lr;

	if (virq->kind == VIRQ_LINKED) {
		lr = linked_lr(cpu, virq);
		if (lr == 0) {
			return;
		}
	} else {
		virq_latched(virq);
	}
	if (vgic_sources(virq) != 0) {
		unsigned int from = (unsigned int)__builtin_ctz(virq->sources);

		lr |= (uint64_t)from << irqchip->lr_pintid_shift;
		virq->sources &= (uint8_t)(virq->sources - 1);
		if (virq->sources != 0) {
			virq_set(virq, VIRQ_PENDING);
		}
	}
	vgic_put(cpu, slot, virq, lr | vgic_lr_eoi(virq, lr));
}

/*
 * It is in no list register here. If nothing waits it need not wait either: that is
 * how most interrupts go.
 */
static void offer(struct cpu *cpu, struct virq *virq)
{
	if (virq_wants_cpu(virq) && vgic_may_flow(virq)) {
		bool waits = (cpu->vgic.levels[0] | cpu->vgic.levels[1]) != 0;
		uint32_t empty = waits ? 0 : irqchip->lr_empty();

		if (empty != 0) {
			vgic_place(cpu, (unsigned int)__builtin_ctz(empty),
				   virq);
			vgic_fill(cpu);
			return;
		}
		cpu->vcpu.stat[BH_STAT_OVERFLOWED]++;
	}
	vgic_requeue(virq);
	vgic_fill(cpu);
}

bool vgic_left(const struct cpu *cpu, struct virq *virq)
{
	if (virq_has(virq, VIRQ_EVICTED)) {
		virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE);
		return false;
	}
	virq_clear(virq, VIRQ_RETRACT | VIRQ_DEACTIVATE | VIRQ_UNLINKED |
				 VIRQ_LATCHED);
	if (virq_has(virq, VIRQ_AWAY)) {
		virq_clear(virq, VIRQ_AWAY);
		if (virq->cpu != cpu) {
			vgic_follow(virq);
			vgic_post(virq);
			return false;
		}
	}
	return true;
}

void vgic_settle(struct cpu *cpu, struct virq *virq)
{
	if (vgic_lr_of(cpu, virq) >= 0 && vgic_settle_held(cpu, virq)) {
		vgic_fill(cpu);
	} else if (vgic_left(cpu, virq)) {
		offer(cpu, virq);
	} else {
		vgic_fill(cpu);
	}
}
