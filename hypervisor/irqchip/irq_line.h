/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt line, from the acknowledge to its owner, written once and compiled
 * into each controller's handler with that controller's accesses inlined.
 */
#ifndef IRQCHIP_IRQ_LINE_H
#define IRQCHIP_IRQ_LINE_H

#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/irqchip.h>

/*
 * What happens to an interrupt that does not go straight to a list register, once
 * its priority has dropped. Functions of their own, so that the short way has no
 * stack frame.
 */

/** irq_line_wait() - a linked one: no list register is free, or it is disabled */
void irq_line_wait(struct cpu *cpu, struct virq *virq);

/** irq_line_trapped() - one of the trapped path */
void irq_line_trapped(struct cpu *cpu, struct virq *virq);

/** irq_line_kick() - another CPU asks for attention; it has been deactivated */
void irq_line_kick(struct cpu *cpu);

/**
 * irq_line_other() - EL2's own, or nobody's
 * @acknowledged: what the acknowledge register gave, for the deactivation
 */
void irq_line_other(struct cpu *cpu, struct virq *virq, uint32_t acknowledged);

/**
 * irq_line_traced() - what irq_line_take() does, while the trace is on: the event is
 * recorded, and a linked interrupt goes the general way
 * @acknowledged: what the acknowledge register gave, for @end, the EOI
 */
void irq_line_traced(struct cpu *cpu, uint32_t intid, uint32_t acknowledged,
		     void (*end)(uint32_t acknowledged));

/** irq_line_unknown() - INTID 1020 to 1023, or beyond the board's SPIs */
void irq_line_unknown(struct cpu *cpu, uint32_t intid, uint32_t acknowledged,
		      void (*end)(uint32_t acknowledged));

/*
 * The accelerated path: the physical line is left active, and the guest's own
 * deactivation of the list register ends it. No other exit.
 */
static ALWAYS_INLINE bool
irq_line_link(struct cpu *cpu, struct virq *virq, const struct irqchip *chip,
	      void (*lr_write)(unsigned int slot, uint64_t value),
	      void (*watch)(struct cpu *cpu))
{
	struct spinlock *lock = &virq->cell->vgic.lock;
	bool done = false;

	spinlock_lock(lock);
	if (LIKELY((virq->flags & VIRQ_STATE) == cpu->vgic.ready &&
		   virq->cpu == cpu)) {
		uint32_t empty = chip->lr_empty();

		if (LIKELY(empty != 0)) {
			unsigned int slot = (unsigned int)__builtin_ctz(empty);

			cpu->vgic.in_lr[slot] = virq;
			virq->slot = (uint8_t)slot;
			lr_write(slot, virq->lr);
			watch(cpu);
			done = true;
		}
	}
	spinlock_unlock(lock);
	return done;
}

/* @lr_write, @watch: as @chip has them, but inline */
static ALWAYS_INLINE void
irq_line_take(struct cpu *cpu, uint32_t intid, uint32_t acknowledged,
	      const struct irqchip *chip,
	      void (*lr_write)(unsigned int slot, uint64_t value),
	      void (*watch)(struct cpu *cpu),
	      void (*end)(uint32_t acknowledged))
{
	struct virq *virq;
	unsigned int kind;

	if (intid < VGIC_PRIVATE) {
		virq = &cpu->vgic.private[intid];
	} else if (LIKELY(intid < irqchip_spi_end)) {
		virq = &vgic_spis[intid - VGIC_PRIVATE];
	} else {
		irq_line_unknown(cpu, intid, acknowledged, end);
		return;
	}
	kind = virq->kind;
	if (LIKELY(kind == VIRQ_LINKED)) {
		virq->count++;
		if (LIKELY(irq_line_link(cpu, virq, chip, lr_write, watch))) {
			cpu->vcpu.stat[BH_STAT_LINKED]++;
			end(acknowledged);
		} else {
			end(acknowledged);
			irq_line_wait(cpu, virq);
		}
		return;
	}
	end(acknowledged);
	if (LIKELY(kind == VIRQ_TRAPPED)) {
		irq_line_trapped(cpu, virq);
	} else if (kind == VIRQ_KICK) {
		chip->deactivate(acknowledged);
		irq_line_kick(cpu);
	} else {
		irq_line_other(cpu, virq, acknowledged);
	}
}

#endif /* IRQCHIP_IRQ_LINE_H */
