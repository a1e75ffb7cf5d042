/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the virtual GIC share; all under the cell's vgic lock. */
#ifndef VGIC_VGIC_H
#define VGIC_VGIC_H

#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/irqchip.h>
#include <hyp/vgic.h>

/**
 * vgic_settle() - make this CPU's list registers and queues agree with the flags
 * of one of its virqs. Constant work: at most one pass over the list registers.
 */
void vgic_settle(struct cpu *cpu, struct virq *virq);

/**
 * vgic_unqueue() - take a virq out of its CPU's queue, before its priority, group
 * or target changes. Any CPU may call: queues are memory, under the lock.
 */
void vgic_unqueue(struct cpu *cpu, struct virq *virq);

/** vgic_update() - the flags of a virq have changed: settle it, here or there */
void vgic_update(struct virq *virq);

/** vgic_fill() - move what waits into free list registers, best first */
void vgic_fill(struct cpu *cpu);

/** vgic_regroup() - group enables changed: settle what may flow on this CPU */
void vgic_regroup(struct cpu *cpu);

/** vgic_lr_state() - this CPU's list register state of a virq; 0: in none */
uint64_t vgic_lr_state(const struct cpu *cpu, const struct virq *virq);

/** vgic_lr_refresh() - recompute @virq->lr from priority, group and kind */
void vgic_lr_refresh(struct virq *virq);

/** vgic_lookup() - a cell's virq by INTID, or NULL if it owns none such */
struct virq *vgic_lookup(struct cpu *of, uint32_t intid);

/** vgic_send_sgi() - from one CPU of a cell to another */
void vgic_send_sgi(struct cpu *to, uint32_t intid, unsigned int from);

/** enum vgic_bits - the registers with one bit per interrupt, in frame order */
enum vgic_bits {
	VGIC_GROUP,
	VGIC_ENABLE_SET,
	VGIC_ENABLE_CLEAR,
	VGIC_PENDING_SET,
	VGIC_PENDING_CLEAR,
	VGIC_ACTIVE_SET,
	VGIC_ACTIVE_CLEAR,
	VGIC_BITS_NR
};

/* One register of 32 interrupts from @first, as the CPU @of sees them. */
uint32_t vgic_bits_read(struct cpu *of, enum vgic_bits kind, uint32_t first);
void vgic_bits_write(struct cpu *of, enum vgic_bits kind, uint32_t first,
		     uint32_t value);

/* @width bytes of priorities, or two bits of configuration each. */
uint32_t vgic_priority_read(struct cpu *of, uint32_t first, unsigned int width);
void vgic_priority_write(struct cpu *of, uint32_t first, unsigned int width,
			 uint32_t value);
uint32_t vgic_config_read(struct cpu *of, uint32_t first);

#endif /* VGIC_VGIC_H */
