/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the virtual GIC share; all under the cell's vgic lock, where not
 * said otherwise.
 */
#ifndef VGIC_VGIC_H
#define VGIC_VGIC_H

#include "../irqchip/gic_regs.h"
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/irqchip.h>
#include <hyp/vgic.h>

/* ---- vgic_queue.c: memory alone, so any CPU may call ---- */

/**
 * vgic_requeue() - wait in the target's queue, or no longer, as the flags say
 *
 * For a virq that is in no list register. The caller fills list registers, or tells
 * the CPU whose they are.
 *
 * Return: whether it waits.
 */
bool vgic_requeue(struct virq *virq);

/** vgic_queue_first() - the same, but before the others of its priority */
void vgic_queue_first(struct virq *virq);

/** vgic_unqueue() - wait no longer; before priority, group or target change */
void vgic_unqueue(struct virq *virq);

/** vgic_queue_best() - who waits first; @groups: bit n, look at group n; or NULL */
struct virq *vgic_queue_best(const struct cpu *cpu, uint32_t groups);

/* ---- vgic_list_regs.c: on the CPU whose registers they are ---- */

/**
 * vgic_settle() - make this CPU's list registers and queues agree with the flags
 * of one of its virqs. Constant work: at most one pass over the list registers.
 */
void vgic_settle(struct cpu *cpu, struct virq *virq);

/**
 * vgic_lr_of() - the register that holds @virq, or -1
 *
 * One that has ended still counts as held if it asks for maintenance.
 */
int vgic_lr_of(const struct cpu *cpu, const struct virq *virq);

/** vgic_place() - into a free register; nothing if a level fell while it waited */
void vgic_place(struct cpu *cpu, unsigned int slot, struct virq *virq);

/**
 * vgic_left() - it is in no register of this CPU any more
 *
 * Return: whether it may wait for one here.
 */
bool vgic_left(const struct cpu *cpu, struct virq *virq);

/* ---- vgic_held.c: the same ---- */

/**
 * vgic_settle_held() - vgic_settle() for one that is in a list register
 *
 * Return: whether it still is.
 */
bool vgic_settle_held(struct cpu *cpu, struct virq *virq);

/** vgic_latch() - "pending" goes from a register back into the flags */
void vgic_latch(struct virq *virq, uint64_t lr);

/** vgic_lr_source() - GICv2: whose SGI is pending in a list register, as a bit */
uint8_t vgic_lr_source(const struct cpu *cpu, const struct virq *virq);

/* ---- vgic_overflow.c: the same ---- */

/** vgic_fill_slow() - move what waits into free list registers, best first */
void vgic_fill_slow(struct cpu *cpu);

/** vgic_collect() - attend to the list registers that ask for maintenance */
void vgic_collect(struct cpu *cpu);

/** vgic_fold() - put what a list register holds back into the flags, and free it */
void vgic_fold(struct cpu *cpu, unsigned int slot);

/** vgic_regroup() - group enables changed: settle what may flow on this CPU */
void vgic_regroup(struct cpu *cpu);

/** vgic_control() - what the virtual interface shall report, and who is ready */
void vgic_control(struct cpu *cpu);

/* ---- vgic_evicted.c ---- */

/** vgic_evict() - an active virq leaves its register @lr for a more urgent one */
void vgic_evict(struct cpu *cpu, struct virq *virq, uint64_t lr);

/** vgic_evicted_check() - end those that this CPU's guest has ended meanwhile */
void vgic_evicted_check(struct cpu *cpu);

/** vgic_evicted_stop() - the guest will end none of them: its CPU is reset */
void vgic_evicted_stop(struct cpu *cpu);

/** vgic_activate(), vgic_deactivate() - begin and end of VIRQ_ACTIVE */
void vgic_activate(struct virq *virq);
void vgic_deactivate(struct virq *virq);

/* ---- vgic_inject.c ---- */

/** vgic_update() - the flags of a virq have changed: settle it, here or there */
void vgic_update(struct virq *virq);

/** vgic_post() - it is in no list register: queue it, and tell another CPU */
void vgic_post(struct virq *virq);

/** vgic_kick() - another CPU shall look at its queues and marks */
void vgic_kick(struct cpu *cpu);

/** vgic_retarget() - the CPU whose list registers an SPI uses; NULL: none */
void vgic_retarget(struct virq *virq, struct cpu *cpu);

/**
 * vgic_follow() - the physical line of an SPI goes where the virtual one goes
 *
 * Once no list register of another CPU has it: what EL2 has taken there comes here anew
 * by its line; an edge does not, and is latched. A GIC may have an active state per CPU,
 * as the emulator's GICv2 does, so that no other CPU's list register could end it.
 */
void vgic_follow(struct virq *virq);

/** vgic_lr_refresh() - recompute @virq->lr from priority, group and kind */
void vgic_lr_refresh(struct virq *virq);

/* ---- vgic_cell.c ---- */

/* Ownership of an SPI, but for its physical line; without the lock. */
void vgic_spi_give(struct virq *virq, struct cell *cell, enum virq_kind kind,
		   bool is_edge);
void vgic_spi_take(struct virq *virq);

/* ---- vgic_look.c ---- */

/**
 * vgic_look() - see what list registers hold of 32 interrupts, whosever they are
 * @of: whose private interrupts are meant
 *
 * Without the lock: it waits for the other CPUs. They answer at once, unless they
 * are broken: then, after a deadline, the last known state stands.
 */
void vgic_look(struct cpu *cpu, struct cpu *of, uint32_t first);

/** vgic_answer() - another CPU waits in vgic_look(); without the lock */
void vgic_answer(struct cpu *cpu);

/* Is it so in a list register, as last seen? */
bool vgic_seen_pending(const struct virq *virq);
bool vgic_seen_active(const struct virq *virq);

/* ---- vgic_bits.c ---- */

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
uint32_t vgic_config_read(struct cpu *of, uint32_t first);

/** vgic_end_active() - "not active" for one interrupt, wherever it is */
void vgic_end_active(struct virq *virq);

/* ---- vgic_enable.c ---- */

/* Ones in @value enable, or disable, the interrupts from @first on. */
void vgic_enable_write(struct cpu *of, uint32_t first, uint32_t value);
void vgic_disable_write(struct cpu *of, uint32_t first, uint32_t value);

/** vgic_priority_write() - @width priorities, a byte each */
void vgic_priority_write(struct cpu *of, uint32_t first, unsigned int width,
			 uint32_t value);

/* ---- vgic_sgi.c ---- */

/** vgic_sgir_write() - GICv2: GICD_SGIR */
void vgic_sgir_write(struct cpu *cpu, uint32_t value);

/* GICv2: who requested SGIs @first onwards of this CPU, a byte each. */
uint32_t vgic_sources_read(struct cpu *cpu, uint32_t first, unsigned int width);
void vgic_sources_write(struct cpu *cpu, uint32_t first, unsigned int width,
			uint32_t value, bool set);

/* ---- vgic_route.c ---- */

/* GICv2: GICD_ITARGETSR, @width bytes from @first. */
uint32_t vgic_targets_read(struct cpu *cpu, uint32_t first, unsigned int width);
void vgic_targets_write(struct cpu *cpu, uint32_t first, unsigned int width,
			uint32_t value);

/* GICv3: the lower half of GICD_IROUTER; the upper one is zero. */
uint32_t vgic_route_read(struct cpu *cpu, uint32_t intid);
void vgic_route_write(struct cpu *cpu, uint32_t intid, uint32_t value);

/** vgic_route_init() - the table, at boot. Return: 0 or -HYP_ENOMEM. */
int vgic_route_init(void) MUST_CHECK;

/** vgic_route_reset() - as after a reset of the GIC */
void vgic_route_reset(struct virq *virq);

/* ---- vgic_registers.c ---- */

/* The distributor's registers; @offset is aligned to @width. */
uint32_t vgic_distributor_read(struct cpu *cpu, uint32_t offset,
			       unsigned int width);
void vgic_distributor_write(struct cpu *cpu, uint32_t offset,
			    unsigned int width, uint64_t word);

/** vgic_typer() - GICD_TYPER of a cell */
uint32_t vgic_typer(const struct cell *cell);

/* ---- vgic_frame.c ---- */

/*
 * GICD_IGROUPR to GICD_IPRIORITYR and GICD_ICFGR, which the redistributor's SGI_base
 * has at the same offsets; without the lock.
 *
 * @of: whose private interrupts are meant
 */
uint32_t vgic_common_read(struct cpu *cpu, struct cpu *of, uint32_t offset,
			  unsigned int width);
void vgic_common_write(struct cpu *cpu, struct cpu *of, uint32_t offset,
		       unsigned int width, uint32_t value);

/** vgic_identification() - the last twelve words of a frame; @at: 0xfd0 to 0xffc */
uint32_t vgic_identification(uint32_t at);

/** vgic_is_byte_or_word() - is the width one for a register of bytes? */
bool vgic_is_byte_or_word(unsigned int width);

/** vgic_is_settling() - RWP: has a disable not taken effect on @of yet? */
bool vgic_is_settling(const struct cpu *of);

/* ---- small things ---- */

/** vgic_word() - the bitmaps that have an INTID's bit */
static inline struct vgic_word *vgic_word(struct cpu *of, uint32_t intid)
{
	return intid < VGIC_PRIVATE ? &of->vgic.word :
				      &of->vcpu.cell->vgic.word[intid / 32];
}

/** vgic_spi_of() - the virq of an SPI that the cell owns */
static inline struct virq *vgic_spi_of(struct cell *cell, uint32_t intid)
{
	return intid == cell->vgic.emulated_intid ?
		       &cell->vgic.emulated :
		       &vgic_spis[intid - VGIC_PRIVATE];
}

/** vgic_at() - the virq of an INTID that the cell owns */
static inline struct virq *vgic_at(struct cpu *of, uint32_t intid)
{
	return intid < VGIC_PRIVATE ? &of->vgic.private[intid] :
				      vgic_spi_of(of->vcpu.cell, intid);
}

/** vgic_lookup() - the same, or NULL if the cell owns none such */
static inline struct virq *vgic_lookup(struct cpu *of, uint32_t intid)
{
	return (vgic_word(of, intid)->owned >> intid % 32 & 1) != 0 ?
		       vgic_at(of, intid) :
		       NULL;
}

static inline unsigned int virq_group(const struct virq *virq)
{
	return (virq->flags & VIRQ_GROUP1) != 0 ? 1 : 0;
}

static inline unsigned int virq_level(const struct virq *virq)
{
	return virq->priority >> 3;
}

static inline bool virq_has(const struct virq *virq, unsigned int any)
{
	return (virq->flags & any) != 0;
}

static inline void virq_set(struct virq *virq, unsigned int flags)
{
	virq->flags = (uint16_t)(virq->flags | flags);
}

static inline void virq_clear(struct virq *virq, unsigned int flags)
{
	virq->flags = (uint16_t)(virq->flags & ~flags);
}

/** virq_latched() - its PENDING is in a list register now */
static inline void virq_latched(struct virq *virq)
{
	if (virq_has(virq, VIRQ_PENDING)) {
		virq_clear(virq, VIRQ_PENDING);
		if (!virq_has(virq, VIRQ_EDGE)) {
			virq_set(virq, VIRQ_LATCHED);
		}
	}
}

/** virq_wants_cpu() - may it wait for a list register of its target? */
static inline bool virq_wants_cpu(const struct virq *virq)
{
	return (virq->flags & (VIRQ_ENABLED | VIRQ_ACTIVE | VIRQ_AWAY)) ==
		       VIRQ_ENABLED &&
	       virq_has(virq, VIRQ_PENDING | VIRQ_LINE | VIRQ_TAKEN) &&
	       virq->cpu != NULL;
}

/** virq_line_is_up() - the physical line is asserted, or pending is latched */
static inline bool virq_line_is_up(const struct cpu *cpu,
				   const struct virq *virq)
{
	uint32_t first = virq->intid & ~31u;

	return (irqchip->get_bits(cpu, first, GICD_ISPENDR) >>
			virq->intid % 32 &
		1) != 0;
}

/** virq_release() - deactivate the physical interrupt, whoever acknowledged it */
static inline void virq_release(const struct cpu *cpu, const struct virq *virq)
{
	irqchip->set_bit(cpu, virq->intid, GICD_ICACTIVER);
}

/* Who else asked for an SGI; only GICv2 tells senders apart. */
static inline uint8_t vgic_sources(const struct virq *virq)
{
	return virq->intid < VGIC_SGIS ? virq->sources : 0;
}

/** vgic_may_flow() - is it enabled, in its group too, and at home? */
static inline bool vgic_may_flow(const struct virq *virq)
{
	return (virq->flags & (VIRQ_ENABLED | VIRQ_AWAY)) == VIRQ_ENABLED &&
	       (virq->cell->vgic.forward >> virq_group(virq) & 1) != 0;
}

/** vgic_lr_unlinked() - the list register of a linked virq, without the link */
static inline uint64_t vgic_lr_unlinked(const struct virq *virq)
{
	return virq->lr & ~(irqchip->lr_hw |
			    (uint64_t)virq->intid << irqchip->lr_pintid_shift);
}

/*
 * vgic_lr_eoi() - shall its end be reported? Only what the physical line will ask for
 * comes by itself.
 */
static inline uint64_t vgic_lr_eoi(const struct virq *virq, uint64_t lr)
{
	bool again = virq_has(virq, VIRQ_LINE | VIRQ_PENDING | VIRQ_TAKEN |
					    VIRQ_AWAY);

	return again && (lr & irqchip->lr_hw) == 0 ? irqchip->lr_eoi : 0;
}

static inline uint64_t vgic_lr_state(uint64_t lr)
{
	return lr & (irqchip->lr_pending | irqchip->lr_active);
}

/** vgic_put() - write a list register, and remember whose it is */
static inline void vgic_put(struct cpu *cpu, unsigned int slot,
			    struct virq *virq, uint64_t lr)
{
	cpu->vgic.in_lr[slot] = virq;
	virq->slot = (uint8_t)slot;
	irqchip->lr_write(slot, lr);
	cpu->vcpu.stat[BH_STAT_INJECTED]++;
}

/** vgic_fill() - let what waits have the free list registers */
static inline void vgic_fill(struct cpu *cpu)
{
	if ((cpu->vgic.levels[0] | cpu->vgic.levels[1]) != 0 ||
	    cpu->vgic.ready == VGIC_READY_NONE) {
		vgic_fill_slow(cpu);
	}
}

/** vgic_lr_level() - the priority in a list register, 0 to 31 */
static inline unsigned int vgic_lr_level(uint64_t lr)
{
	return (unsigned int)(lr >> (irqchip->lr_priority_shift + 3)) & 0x1f;
}

/** virq_where() - the CPU that may have it in a list register, or will; or NULL */
static inline struct cpu *virq_where(const struct virq *virq)
{
	return virq_has(virq, VIRQ_AWAY) ? virq->holder : virq->cpu;
}

/** vgic_may_hold() - perhaps in a list register of @cpu; if not, surely not */
static inline bool vgic_may_hold(const struct cpu *cpu, const struct virq *virq)
{
	return !virq_has(virq, VIRQ_EVICTED) &&
	       cpu->vgic.in_lr[virq->slot] == virq;
}

#endif /* VGIC_VGIC_H */
