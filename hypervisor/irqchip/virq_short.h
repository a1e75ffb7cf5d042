/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mostly becomes of a virtual interrupt, written once and compiled into each
 * controller with that controller's accesses inlined: an idle one goes into a free
 * list register, and the line of one that the guest has in service falls. The rest
 * goes the general way, which would do the same: see vgic/vgic_list_regs.c.
 *
 * On the CPU whose registers they are, under the cell's vgic lock.
 */
#ifndef IRQCHIP_VIRQ_SHORT_H
#define IRQCHIP_VIRQ_SHORT_H

#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/irqchip.h>

/* Nothing is owed to it, and it is enabled in a group that flows. */
static ALWAYS_INLINE bool virq_short_is_plain(const struct cpu *cpu,
					      const struct virq *virq)
{
	return (virq->flags & VIRQ_STATE) == cpu->vgic.ready &&
	       virq->cpu == cpu;
}

/** virq_short_place() - @lr for a plain one that is in no register, if one is free */
static ALWAYS_INLINE bool
virq_short_place(struct cpu *cpu, struct virq *virq, uint64_t lr,
		 const struct irqchip *chip,
		 void (*lr_write)(unsigned int slot, uint64_t value))
{
	uint32_t empty = chip->lr_empty();
	unsigned int slot = (unsigned int)__builtin_ctz(empty);

	if (UNLIKELY(empty == 0 || (cpu->vgic.in_lr[virq->slot] == virq &&
				    (empty >> virq->slot & 1) == 0))) {
		return false;
	}
	cpu->vgic.in_lr[slot] = virq;
	virq->slot = (uint8_t)slot;
	cpu->vcpu.stat[BH_STAT_INJECTED]++;
	lr_write(slot, lr);
	return true;
}

/*
 * The line of a plain one that is active, and not pending again, falls: its end need
 * not be reported any more.
 */
static ALWAYS_INLINE bool
virq_short_lower(const struct cpu *cpu, const struct virq *virq,
		 const struct irqchip *chip,
		 uint64_t (*lr_read)(unsigned int slot),
		 void (*lr_write)(unsigned int slot, uint64_t value))
{
	uint64_t lr;

	if (UNLIKELY(cpu->vgic.in_lr[virq->slot] != virq)) {
		return false;
	}
	lr = lr_read(virq->slot);
	if (UNLIKELY((lr & (chip->lr_pending | chip->lr_active)) !=
		     chip->lr_active)) {
		return false;
	}
	lr_write(virq->slot, lr & ~chip->lr_eoi);
	return true;
}

/* vgic_line_set(), all of it */
static ALWAYS_INLINE void
virq_short_line_set(struct virq *virq, bool level, const struct irqchip *chip,
		    uint64_t (*lr_read)(unsigned int slot),
		    void (*lr_write)(unsigned int slot, uint64_t value))
{
	struct spinlock *lock = &virq->cell->vgic.lock;
	struct cpu *cpu = cpu_this();
	unsigned int flags;
	bool done = false;

	spinlock_lock(lock);
	flags = virq->flags;
	if (UNLIKELY(!virq_short_is_plain(cpu, virq) ||
		     (flags & VIRQ_EDGE) != 0)) {
		/* The general way. */
	} else if (level) {
		done = virq_short_place(cpu, virq, virq->lr | chip->lr_eoi,
					chip, lr_write);
		flags |= VIRQ_LINE;
	} else if ((flags & VIRQ_LINE) != 0) {
		done = virq_short_lower(cpu, virq, chip, lr_read, lr_write);
		flags &= ~(unsigned int)VIRQ_LINE;
	}
	if (done) {
		virq->flags = (uint16_t)flags;
	}
	spinlock_unlock(lock);
	if (UNLIKELY(!done)) {
		vgic_line_change(virq, level);
	}
}

#endif /* IRQCHIP_VIRQ_SHORT_H */
