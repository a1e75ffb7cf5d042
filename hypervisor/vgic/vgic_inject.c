// SPDX-License-Identifier: Apache-2.0
/* Virtual interrupts: who owns them, and how they get to their target CPU. */
#include "vgic.h"
#include <hyp/errno.h>
#include <hyp/page.h>

struct virq *vgic_spis;

int vgic_init(void)
{
	uint32_t count = irqchip_spi_end - VGIC_PRIVATE;

	vgic_spis = page_alloc_table(count * sizeof(*vgic_spis));
	if (vgic_spis == NULL) {
		return -HYP_ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++) {
		vgic_spis[i].intid = (uint16_t)(VGIC_PRIVATE + i);
	}
	return 0;
}

struct virq *vgic_spi(uint32_t intid)
{
	return intid >= VGIC_PRIVATE && intid < irqchip_spi_end ?
		       &vgic_spis[intid - VGIC_PRIVATE] :
		       NULL;
}

struct virq *vgic_lookup(struct cpu *of, uint32_t intid)
{
	struct virq *virq;

	if (intid < VGIC_PRIVATE) {
		virq = &of->vgic.private[intid];
	} else {
		virq = vgic_spi(intid);
	}
	return virq != NULL && virq->cell == of->vcpu.cell ? virq : NULL;
}

void vgic_lr_refresh(struct virq *virq)
{
	virq->lr = irqchip->lr_make(virq->intid, virq->priority,
				    (virq->flags & VIRQ_GROUP1) != 0);
	if (virq->kind == VIRQ_LINKED) {
		virq->lr = irqchip->lr_link(virq->lr, virq->intid);
	}
}

void vgic_update(struct virq *virq)
{
	struct cpu *cpu = virq->cpu;
	unsigned int word = virq->intid / 32u;

	if (cpu == NULL || cpu->vcpu.cell != virq->cell) {
		return; /* nobody to tell: the flags keep it */
	}
	if (cpu == cpu_this()) {
		vgic_settle(cpu, virq);
		return;
	}
	cpu->vgic.dirty[word] |= 1u << virq->intid % 32;
	cpu->vgic.dirty_words |= 1u << word;
	irqchip->kick(cpu);
}

bool vgic_linked_open(const struct virq *virq)
{
	return irqchip->is_active(virq->intid);
}

void vgic_inject_linked(struct virq *virq)
{
	struct vgic *vgic = &virq->cell->vgic;

	spinlock_lock(&vgic->lock);
	virq->flags |= VIRQ_PENDING;
	vgic_update(virq);
	spinlock_unlock(&vgic->lock);
}

void vgic_line_set(struct virq *virq, bool level)
{
	struct vgic *vgic = &virq->cell->vgic;

	spinlock_lock(&vgic->lock);
	if ((virq->flags & VIRQ_EDGE) != 0) {
		if (level) {
			virq->flags |= VIRQ_PENDING;
			vgic_update(virq);
		}
	} else if (level) {
		virq->flags |= VIRQ_LINE;
		virq->flags &= (uint16_t)~VIRQ_RETRACT;
		vgic_update(virq);
	} else if ((virq->flags & VIRQ_LINE) != 0) {
		virq->flags &= (uint16_t)~VIRQ_LINE;
		virq->flags |= VIRQ_RETRACT;
		vgic_update(virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_send_sgi(struct cpu *to, uint32_t intid, unsigned int from)
{
	struct virq *virq = &to->vgic.private[intid];

	if (irqchip == &gic_v2) {
		virq->sources |= (uint8_t)(1u << from);
	}
	virq->flags |= VIRQ_PENDING;
	vgic_update(virq);
}

void vgic_kicked(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	if (cell == NULL || !cpu->in_guest) {
		return; /* vgic_cpu_start() begins anew */
	}
	spinlock_lock(&cell->vgic.lock);
	if (cpu->vgic.regroup) {
		cpu->vgic.regroup = false;
		vgic_regroup(cpu);
	}
	if (cpu->vgic.dirty_words != 0) {
		unsigned int word =
			(unsigned int)__builtin_ctz(cpu->vgic.dirty_words);
		uint32_t *dirty = &cpu->vgic.dirty[word];
		uint32_t intid =
			word * 32 + (unsigned int)__builtin_ctz(*dirty);

		*dirty &= *dirty - 1;
		if (*dirty == 0) {
			cpu->vgic.dirty_words &= cpu->vgic.dirty_words - 1;
		}
		if (intid < VGIC_PRIVATE) {
			vgic_settle(cpu, &cpu->vgic.private[intid]);
		} else if (vgic_spi(intid)->cpu == cpu) {
			vgic_settle(cpu, vgic_spi(intid));
		}
		if (cpu->vgic.dirty_words != 0) {
			irqchip->kick(cpu); /* one a time: constant work */
		}
	}
	spinlock_unlock(&cell->vgic.lock);
}

/* As after a reset of the GIC: group 0, disabled, idle. @keep: flags that stay. */
static void virq_reset(struct virq *virq, uint16_t keep)
{
	virq->flags &= keep;
	virq->priority = 0;
	vgic_lr_refresh(virq);
}

void vgic_cell_reset(struct cell *cell)
{
	cell->vgic.group_enabled[0] = false;
	cell->vgic.group_enabled[1] = false;
}

static void private_reset(struct cpu *cpu, struct cell *cell, uint32_t intid)
{
	struct virq *virq = &cpu->vgic.private[intid];

	virq->intid = (uint16_t)intid;
	virq->cpu = cpu;
	virq->sources = 0;
	virq->count = 0;
	if (virq->kind == VIRQ_UNOWNED || virq->kind == VIRQ_LINKED) {
		virq->cell = cell;
	} else {
		virq->cell = NULL; /* EL2's own PPI; an SGI number is virtual */
	}
	if (intid < VGIC_SGIS) {
		virq->cell = cell;
	}
	virq_reset(virq, 0);
	if (intid < VGIC_SGIS) {
		virq->flags |= VIRQ_EDGE;
	}
}

void vgic_cpu_start(struct cpu *cpu, struct cell *cell)
{
	for (unsigned int i = 0; i < VGIC_WORDS; i++) {
		cpu->vgic.dirty[i] = 0;
	}
	cpu->vgic.dirty_words = 0;
	cpu->vgic.regroup = false;
	cpu->vgic.underflow = false;
	cpu->vgic.direct = 0;
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		cpu->vgic.in_lr[i] = &cpu->vgic.private[0];
	}
	for (unsigned int i = 0; i < VGIC_LEVELS; i++) {
		cpu->vgic.queue[0][i] = NULL;
		cpu->vgic.queue[1][i] = NULL;
	}
	cpu->vgic.levels[0] = 0;
	cpu->vgic.levels[1] = 0;
	for (uint32_t i = 0; i < VGIC_PRIVATE; i++) {
		private_reset(cpu, cell, i);
	}
	irqchip->virtual_reset(true);
	for (uint32_t i = VGIC_SGIS; i < VGIC_PRIVATE; i++) {
		if (cpu->vgic.private[i].kind == VIRQ_LINKED) {
			irqchip->clear(i);
			irqchip->enable(i);
		}
	}
}

void vgic_cpu_stop(struct cpu *cpu)
{
	for (uint32_t i = VGIC_SGIS; i < VGIC_PRIVATE; i++) {
		if (cpu->vgic.private[i].kind == VIRQ_LINKED) {
			irqchip->disable(i);
			irqchip->clear(i);
		}
	}
	irqchip->virtual_reset(false);
}

int vgic_spi_assign(uint32_t intid, struct cell *cell, enum virq_kind kind,
		    bool is_edge, struct cpu *cpu)
{
	struct virq *virq = vgic_spi(intid);

	if (virq == NULL) {
		return -HYP_ERANGE;
	}
	if (virq->kind != VIRQ_UNOWNED || virq->cell != NULL) {
		return -HYP_EBUSY;
	}
	virq->cell = cell;
	virq->cpu = cpu;
	virq->kind = (uint8_t)kind;
	virq->count = 0;
	virq->flags = is_edge ? VIRQ_EDGE : 0;
	virq_reset(virq, VIRQ_EDGE);
	vgic_spi_close(intid);
	irqchip->set_edge(intid, is_edge);
	irqchip->set_target(intid, cpu);
	return 0;
}

void vgic_spi_open(uint32_t intid)
{
	irqchip->enable(intid);
}

void vgic_spi_close(uint32_t intid)
{
	struct virq *virq = vgic_spi(intid);

	irqchip->disable(intid);
	irqchip->clear(intid);
	virq_reset(virq, VIRQ_EDGE);
}

void vgic_spi_release(uint32_t intid)
{
	struct virq *virq = vgic_spi(intid);

	if (virq->cell == NULL) {
		return;
	}
	vgic_spi_close(intid);
	virq->kind = VIRQ_UNOWNED;
	virq->device = NULL;
	virq->cell = NULL;
	virq->cpu = NULL;
}
