// SPDX-License-Identifier: Apache-2.0
/* The physical interrupt controller: choice of its kind, and who gets what. */
#include "gicd.h"
#include "irq_line.h"
#include "vfio_platform.h"
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/printk.h>
#include <hyp/trace.h>

const struct irqchip *irqchip;
unsigned int irqchip_lr_count;
uint32_t irqchip_spi_end;
static struct spinlock config_lock; /* of GICD_ICFGR: a word is 16 interrupts' */

int irqchip_init(const struct board_gic *gic)
{
	int ret;

	irqchip = gic->version == BOARD_GIC_V3 ? &gic_v3 : &gic_v2;
	ret = irqchip->init(gic);
	if (ret != 0) {
		return ret;
	}
	return vgic_init();
}

void gicd_reset(void *gicd, uint32_t end, uint32_t group)
{
	for (uint32_t intid = VGIC_PRIVATE; intid < end; intid += 32) {
		size_t word = intid / 32 * 4;

		io_write32(gicd, GICD_ICENABLER + word, UINT32_MAX);
		io_write32(gicd, GICD_ICPENDR + word, UINT32_MAX);
		io_write32(gicd, GICD_ICACTIVER + word, UINT32_MAX);
		io_write32(gicd, GICD_IGROUPR + word, group);
		io_write32(gicd, GICD_ICFGR + intid / 16 * 4, 0);
		io_write32(gicd, GICD_ICFGR + intid / 16 * 4 + 4, 0);
	}
	for (uint32_t intid = VGIC_PRIVATE; intid < end; intid += 4) {
		io_write32(gicd, GICD_IPRIORITYR + intid, GIC_PRIORITY_WORD);
	}
}

/* Only at assignment and release, but cells are made on several CPUs at once. */
void gicd_set_edge(void *gicd, uint32_t intid, bool is_edge)
{
	size_t offset = GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2u << intid % 16 * 2;
	uint32_t value;

	spinlock_lock(&config_lock);
	value = io_read32(gicd, offset);
	io_write32(gicd, offset, is_edge ? value | bit : value & ~bit);
	spinlock_unlock(&config_lock);
}

/* Nobody owns it: neither the driver nor a cell may see it. */
NOINLINE void irq_line_unknown(struct cpu *cpu, uint32_t intid,
			       uint32_t acknowledged,
			       void (*end)(uint32_t acknowledged))
{
	cpu->vcpu.stat[BH_STAT_SPURIOUS]++;
	if (intid >= VGIC_INTID_MAX) {
		return; /* 1020 to 1023: nothing was acknowledged */
	}
	end(acknowledged);
	irqchip->deactivate(acknowledged);
}

/*
 * The trapped path. A level line stays active: that is the automask, and the
 * driver's unmask deactivates it. An edge is deactivated at once, so that the
 * next one is not held back. The priority drops before the driver runs, so that
 * its injection of another interrupt is not hidden by this one.
 */
NOINLINE void irq_line_trapped(struct cpu *cpu, struct virq *virq)
{
	cpu->vcpu.stat[BH_STAT_IRQ]++;
	virq->count++;
	if ((virq->flags & VIRQ_EDGE) != 0) {
		irqchip->deactivate(virq->intid);
	}
	if (vfio_platform_irq_fire(virq->device, virq->device_irq) != 0) {
		/* The device is being taken away: its line stays masked. */
		cpu->vcpu.stat[BH_STAT_SPURIOUS]++;
	}
}

NOINLINE void irq_line_wait(struct cpu *cpu, struct virq *virq)
{
	cpu->vcpu.stat[BH_STAT_IRQ]++;
	vgic_inject_linked(cpu, virq);
}

static void irq_line_record(const struct virq *virq)
{
	if (virq->kind == VIRQ_LINKED) {
		trace_linked(virq);
	} else if (virq->kind == VIRQ_TRAPPED &&
		   (virq->flags & VIRQ_EDGE) == 0) {
		trace_irq(BH_TRACE_MASK, virq->device, virq->device_irq,
			  virq->intid);
	}
}

void irq_line_traced(struct cpu *cpu, uint32_t intid, uint32_t acknowledged,
		     void (*end)(uint32_t acknowledged))
{
	struct virq *virq;

	if (intid < VGIC_PRIVATE) {
		virq = &cpu->vgic.private[intid];
	} else if (intid < irqchip_spi_end) {
		virq = &vgic_spis[intid - VGIC_PRIVATE];
	} else {
		irq_line_unknown(cpu, intid, acknowledged, end);
		return;
	}
	irq_line_record(virq);
	end(acknowledged);
	if (virq->kind == VIRQ_LINKED) {
		virq->count++;
		irq_line_wait(cpu, virq);
	} else if (virq->kind == VIRQ_TRAPPED) {
		irq_line_trapped(cpu, virq);
	} else if (virq->kind == VIRQ_KICK) {
		irqchip->deactivate(acknowledged);
		irq_line_kick(cpu);
	} else {
		irq_line_other(cpu, virq, acknowledged);
	}
}

NOINLINE void irq_line_kick(struct cpu *cpu)
{
	cpu->vcpu.stat[BH_STAT_IRQ]++;
	cpu->vcpu.stat[BH_STAT_KICK]++;
	vgic_kicked(cpu);
	if (__atomic_load_n(&cpu->requests, __ATOMIC_RELAXED) != 0) {
		cpu_serve_requests(cpu); /* may leave the guest for good */
	}
}

NOINLINE void irq_line_other(struct cpu *cpu, struct virq *virq,
			     uint32_t acknowledged)
{
	cpu->vcpu.stat[BH_STAT_IRQ]++;
	switch ((enum virq_kind)virq->kind) {
	case VIRQ_MAINTENANCE:
		cpu->vcpu.stat[BH_STAT_MAINTENANCE]++;
		vgic_maintenance(cpu);
		break;
	case VIRQ_HYP_TIMER:
		timer_interrupt(cpu);
		break;
	case VIRQ_CONSOLE:
		console_interrupt();
		break;
	case VIRQ_UNOWNED:
	case VIRQ_LINKED:
	case VIRQ_TRAPPED:
	case VIRQ_KICK:
	case VIRQ_KIND_NR:
		cpu->vcpu.stat[BH_STAT_SPURIOUS]++;
		irqchip->disable(virq->intid);
		break;
	}
	irqchip->deactivate(acknowledged);
}
