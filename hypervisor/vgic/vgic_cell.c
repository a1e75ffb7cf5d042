// SPDX-License-Identifier: Apache-2.0
/* Virtual interrupts: who owns them, and what becomes of them as CPUs come and go. */
#include "vgic.h"
#include <hyp/errno.h>
#include <hyp/page.h>
#include <string.h>

#define SGI_BITS 0xffffu

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
	return vgic_route_init();
}

struct virq *vgic_spi(uint32_t intid)
{
	return intid >= VGIC_PRIVATE && intid < irqchip_spi_end ?
		       &vgic_spis[intid - VGIC_PRIVATE] :
		       NULL;
}

/* As after a reset of the GIC: group 0, disabled, idle, priority 0. */
static void virq_reset(struct virq *virq, bool is_edge)
{
	virq->flags = is_edge ? VIRQ_EDGE : 0;
	virq->priority = 0;
	virq->slot = 0;
	vgic_lr_refresh(virq);
}

static void private_reset(struct cpu *cpu, struct cell *cell, uint32_t intid)
{
	struct virq *virq = &cpu->vgic.private[intid];
	bool is_sgi = intid < VGIC_SGIS;

	virq->intid = (uint16_t)intid;
	virq->cpu = cpu;
	virq->sources = 0;
	virq->count = 0;
	virq_reset(virq, is_sgi);
	virq->cell = NULL; /* EL2's own PPI */
	if (is_sgi || virq->kind == VIRQ_UNOWNED || virq->kind == VIRQ_LINKED) {
		virq->cell = cell; /* the number of a virtual SGI is its own */
		cpu->vgic.word.owned |= 1u << intid;
	}
	if (is_sgi && irqchip->version == 2) {
		virq_set(virq, VIRQ_ENABLED);
	}
}

static void cpu_reset(struct cpu *cpu, struct cell *cell)
{
	struct vgic_cpu *vgic = &cpu->vgic;

	memset(vgic, 0, offsetof(struct vgic_cpu, asked));
	vgic->ready = VGIC_READY_NONE;
	vgic->is_asleep = true;
	/* IHI 0048B, GICD_ISENABLERn: SGIs may be enabled for good, and are. */
	vgic->word.enabled = irqchip->version == 2 ? SGI_BITS : 0;
	for (uint32_t i = 0; i < VGIC_PRIVATE; i++) {
		private_reset(cpu, cell, i);
	}
}

static void spis_reset(struct cell *cell, uint32_t first)
{
	struct vgic_word *word = &cell->vgic.word[first / 32];
	uint32_t owned = word->owned;

	word->enabled = 0;
	word->group1 = 0;
	while (owned != 0) {
		struct virq *virq = vgic_spi_of(
			cell, first + (uint32_t)__builtin_ctz(owned));

		owned &= owned - 1;
		virq_reset(virq, virq_has(virq, VIRQ_EDGE));
		vgic_route_reset(virq);
	}
}

void vgic_cell_reset(struct cell *cell)
{
	spinlock_lock(&cell->vgic.lock);
	cell->vgic.forward = 0;
	cell->vgic.outside_count = 0;
	cell->vgic.typer = vgic_typer(cell);
	for (uint32_t i = 1; i < VGIC_WORDS; i++) {
		spis_reset(cell, i * 32);
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		cpu_reset(cell->cpu[i], cell);
	}
	spinlock_unlock(&cell->vgic.lock);
}

void vgic_cpu_start(struct cpu *cpu, struct cell *cell)
{
	spinlock_lock(&cell->vgic.lock);
	irqchip->virtual_reset(true);
	cpu->vgic.hcr = 0;
	cpu->vgic.is_running = true;
	for (uint32_t i = VGIC_SGIS; i < VGIC_PRIVATE; i++) {
		if (cpu->vgic.private[i].kind == VIRQ_LINKED) {
			irqchip->clear(i);
			irqchip->enable(i);
		}
	}
	vgic_fill(cpu);
	spinlock_unlock(&cell->vgic.lock);
}

/* Its timers stand still: what its line had asked for is over. */
static void private_close(struct cpu *cpu, uint32_t intid)
{
	struct virq *virq = &cpu->vgic.private[intid];

	irqchip->disable(intid);
	irqchip->clear(intid);
	virq_clear(virq, VIRQ_TAKEN | VIRQ_REPEND);
	if (virq_has(virq, VIRQ_EVICTED)) {
		virq_clear(virq, VIRQ_EVICTED | VIRQ_UNLINKED);
		virq->slot = 0;
	}
	vgic_requeue(virq);
}

void vgic_cpu_stop(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;
	uint32_t empty;

	spinlock_lock(&cell->vgic.lock);
	cpu->vgic.is_running = false;
	cpu->vgic.ready = VGIC_READY_NONE;
	vgic_evicted_check(cpu);
	empty = irqchip->lr_empty();
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		if ((empty >> i & 1) == 0) {
			vgic_fold(cpu, i);
		}
		cpu->vgic.in_lr[i] = NULL;
	}
	vgic_evicted_stop(cpu);
	for (uint32_t i = VGIC_SGIS; i < VGIC_PRIVATE; i++) {
		if (cpu->vgic.private[i].kind == VIRQ_LINKED) {
			private_close(cpu, i);
		}
	}
	memset(cpu->vgic.dirty, 0, sizeof(cpu->vgic.dirty));
	cpu->vgic.dirty_words = 0;
	cpu->vgic.regroup = false;
	cpu->vgic.is_settling = false;
	irqchip->virtual_reset(false);
	spinlock_unlock(&cell->vgic.lock);
	vgic_answer(cpu);
}

const struct cell *vgic_spi_owner(uint32_t intid)
{
	const struct virq *virq = vgic_spi(intid);

	return virq != NULL && virq->cell != NULL &&
			       (virq->cell->vgic.word[intid / 32].owned >>
					intid % 32 &
				1) != 0 ?
		       virq->cell :
		       NULL;
}

void vgic_spi_give(struct virq *virq, struct cell *cell, enum virq_kind kind,
		   bool is_edge)
{
	spinlock_lock(&cell->vgic.lock);
	virq->cell = cell;
	virq->kind = (uint8_t)kind;
	virq->count = 0;
	virq_reset(virq, is_edge);
	vgic_route_reset(virq);
	cell->vgic.word[virq->intid / 32].owned |= 1u << virq->intid % 32;
	spinlock_unlock(&cell->vgic.lock);
}

/* The pointer to the cell stays: a CPU may just be about to take its lock. */
void vgic_spi_take(struct virq *virq)
{
	struct cell *cell = virq->cell;

	spinlock_lock(&cell->vgic.lock);
	vgic_unqueue(virq);
	vgic_deactivate(virq);
	virq_reset(virq, false);
	cell->vgic.word[virq->intid / 32].owned &= ~(1u << virq->intid % 32);
	virq->kind = VIRQ_UNOWNED;
	virq->device = NULL;
	virq->cpu = NULL;
	spinlock_unlock(&cell->vgic.lock);
}

int vgic_spi_assign(uint32_t intid, struct cell *cell, enum virq_kind kind,
		    bool is_edge, struct cpu *cpu)
{
	struct virq *virq = vgic_spi(intid);

	if (virq == NULL) {
		return -HYP_ERANGE;
	}
	if (virq->kind != VIRQ_UNOWNED || vgic_spi_owner(intid) != NULL) {
		return -HYP_EBUSY;
	}
	irqchip->disable(intid);
	irqchip->clear(intid);
	irqchip->set_edge(intid, is_edge);
	irqchip->set_target(intid, cpu);
	vgic_spi_give(virq, cell, kind, is_edge);
	return 0;
}

void vgic_spi_open(uint32_t intid)
{
	irqchip->enable(intid);
}

void vgic_spi_release(uint32_t intid)
{
	struct virq *virq = vgic_spi(intid);

	if (virq->kind == VIRQ_LINKED || virq->kind == VIRQ_TRAPPED) {
		irqchip->disable(intid);
		irqchip->clear(intid);
		vgic_spi_take(virq);
	}
}
