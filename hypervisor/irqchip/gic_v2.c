// SPDX-License-Identifier: Apache-2.0
/* The physical GICv2: distributor, CPU interface, virtual interface control. */
#include "gic_v2_emulator.h"
#include "gicd.h"
#include "irq_line.h"
#include "virq_short.h"
#include <arch/barrier.h>
#include <arch/stage1.h>
#include <arch/sysreg.h>
#include <hyp/errno.h>
#include <hyp/printk.h>

static void *gicd;
static void *gicc;
static void *gich;

static COLD int gic_v2_init(const struct board_gic *gic)
{
	uint32_t lines;

	gicd = stage1_map_device(gic->distributor);
	gicc = stage1_map_device(gic->cpu_interface);
	gich = stage1_map_device(gic->hyp_interface);
	if (gicd == NULL || gicc == NULL || gich == NULL) {
		return -HYP_ENOMEM;
	}
	/* The last copy of the first page stands just before the second. */
	gicc = (char *)gicc + gic->interface_stride - GICC_DIR;
	io_write32(gicd, GICD_CTLR, 0);
	lines = ((io_read32(gicd, GICD_TYPER) & 0x1f) + 1) * 32;
	irqchip_spi_end = lines < VGIC_INTID_MAX ? lines : VGIC_INTID_MAX;
	gic_v2_emulator_init(gicd);
	/* Group 0 is what a GIC without the Security Extensions signals as IRQ. */
	gicd_reset(gicd, irqchip_spi_end, 0);
	io_write32(gicd, GICD_CTLR, GICD_CTLR_GROUP0);
	irqchip_lr_count = (io_read32(gich, GICH_VTR) & 0x3f) + 1;
	if (irqchip_lr_count > VGIC_LR_MAX) {
		irqchip_lr_count = VGIC_LR_MAX;
	}
	return 0;
}

static COLD int gic_v2_cpu_init(struct cpu *cpu)
{
	io_write32(gicd, GICD_ICENABLER, UINT32_MAX);
	io_write32(gicd, GICD_ICPENDR, UINT32_MAX);
	io_write32(gicd, GICD_ICACTIVER, UINT32_MAX);
	for (size_t i = 0; i < VGIC_PRIVATE; i += 4) {
		io_write32(gicd, GICD_IPRIORITYR + i, GIC_PRIORITY_WORD);
	}
	/* GICD_ITARGETSR0 to 7 are read-only and name the reading CPU. */
	cpu->gic_mask = (uint8_t)io_read32(gicd, GICD_ITARGETSR);
	if (cpu->gic_mask == 0) {
		cpu->gic_mask = 1; /* a uniprocessor GIC reads as zero */
	}
	io_write32(gicc, GICC_PMR, GIC_PRIORITY_MASK);
	io_write32(gicc, GICC_BPR, 0);
	io_write32(gicc, GICC_CTLR, GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE);
	return 0;
}

static void gic_v2_lr_write(unsigned int slot, uint64_t value)
{
	io_write32(gich, GICH_LR0 + slot * 4, (uint32_t)value);
}

static uint64_t gic_v2_lr_read(unsigned int slot)
{
	return io_read32(gich, GICH_LR0 + slot * 4);
}

static COLD void gic_v2_virtual_reset(bool enable)
{
	io_write32(gich, GICH_HCR, 0);
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		gic_v2_lr_write(i, 0);
	}
	io_write32(gich, GICH_VMCR, 0);
	io_write32(gich, GICH_APR, 0);
	io_write32(gich, GICH_HCR, enable ? (uint32_t)GICH_HCR_EN : 0);
}

static void gic_v2_enable(uint32_t intid)
{
	gicd_bit_write(gicd, GICD_ISENABLER, intid);
}

static void gic_v2_disable(uint32_t intid)
{
	gicd_bit_write(gicd, GICD_ICENABLER, intid);
	barrier_dsb_sy(); /* the distributor has it before we go on */
}

/*
 * An SPI may have been acknowledged by another CPU. By the architecture that makes no
 * difference to GICC_DIR, but the emulator ends it for the writing CPU only: the
 * distributor's register does for all.
 */
static void gic_v2_deactivate(uint32_t acknowledged)
{
	if ((acknowledged & 0x3ff) >= VGIC_PRIVATE) {
		gicd_bit_write(gicd, GICD_ICACTIVER, acknowledged);
	} else {
		io_write32(gicc, GICC_DIR, acknowledged);
	}
}

static void gic_v2_clear(uint32_t intid)
{
	gicd_bit_write(gicd, GICD_ICPENDR, intid);
	gicd_bit_write(gicd, GICD_ICACTIVER, intid);
}

static void gic_v2_set_edge(uint32_t intid, bool is_edge)
{
	gicd_set_edge(gicd, intid, is_edge);
}

static void gic_v2_set_target(uint32_t intid, const struct cpu *cpu)
{
	io_write8(gicd, GICD_ITARGETSR + intid,
		  cpu == NULL ? 0 : cpu->gic_mask);
}

/* The private ones are banked: they are this CPU's, whatever the parameter says. */
static void gic_v2_set_bit(const struct cpu *cpu, uint32_t intid,
			   uint32_t offset)
{
	(void)cpu;
	gicd_bit_write(gicd, offset, intid);
}

static uint32_t gic_v2_get_bits(const struct cpu *cpu, uint32_t first,
				uint32_t offset)
{
	(void)cpu;
	return io_read32(gicd, offset + first / 8);
}

/* GICD_SGIR: TargetListFilter 0, CPUTargetList [23:16], SGIINTID [3:0] */
static void gic_v2_kick(const struct cpu *to)
{
	/* What the other CPU shall see is written before it is told. */
	barrier_dsb_ishst();
	io_write32(gicd, GICD_SGIR,
		   (uint32_t)to->gic_mask << 16 | IRQCHIP_KICK_SGI);
}

static uint32_t gic_v2_lr_empty(void)
{
	return io_read32(gich, GICH_ELRSR0);
}

static uint32_t gic_v2_lr_ended(void)
{
	return io_read32(gich, GICH_EISR0);
}

static void gic_v2_control(uint32_t hcr)
{
	io_write32(gich, GICH_HCR, hcr & ~(uint32_t)IRQCHIP_TDIR);
}

static uint32_t gic_v2_virtual_control(void)
{
	return io_read32(gich, GICH_VMCR);
}

static uint32_t gic_v2_active_levels(void)
{
	return io_read32(gich, GICH_APR);
}

static void gic_v2_end(uint32_t acknowledged)
{
	io_write32(gicc, GICC_EOIR, acknowledged);
}

static bool gic_v2_place(struct cpu *cpu, struct virq *virq, uint64_t lr)
{
	return virq_short_is_plain(cpu, virq) &&
	       virq_short_place(cpu, virq, lr, &gic_v2, gic_v2_lr_write);
}

static void gic_v2_line_drive(struct virq *virq, bool level)
{
	virq_short_line_set(virq, level, &gic_v2, gic_v2_lr_read,
			    gic_v2_lr_write);
}

/* GICC_IAR[12:10] names the sender of an SGI and is part of its EOI. */
static void gic_v2_handle(struct cpu *cpu)
{
	uint32_t acknowledged = io_read32(gicc, GICC_IAR);

	irq_line_take(cpu, acknowledged & 0x3ff, acknowledged, &gic_v2,
		      gic_v2_lr_write, gic_v2_watch, gic_v2_end);
}

static void gic_v2_handle_traced(struct cpu *cpu)
{
	uint32_t acknowledged = io_read32(gicc, GICC_IAR);

	irq_line_traced(cpu, acknowledged & 0x3ff, acknowledged, gic_v2_end);
}

const struct irqchip gic_v2 = {
	.name = "GICv2",
	.version = 2,
	.lr_pending = BIT(28),
	.lr_active = BIT(29),
	.lr_eoi = BIT(19),
	.lr_hw = BIT(31),
	.lr_group1 = BIT(30),
	.lr_priority_shift = 20,
	.lr_pintid_shift = 10,
	.handle = gic_v2_handle,
	.handle_traced = gic_v2_handle_traced,
	.init = gic_v2_init,
	.cpu_init = gic_v2_cpu_init,
	.virtual_reset = gic_v2_virtual_reset,
	.enable = gic_v2_enable,
	.disable = gic_v2_disable,
	.deactivate = gic_v2_deactivate,
	.clear = gic_v2_clear,
	.set_edge = gic_v2_set_edge,
	.set_target = gic_v2_set_target,
	.set_bit = gic_v2_set_bit,
	.get_bits = gic_v2_get_bits,
	.kick = gic_v2_kick,
	.lr_read = gic_v2_lr_read,
	.lr_write = gic_v2_lr_write,
	.lr_empty = gic_v2_lr_empty,
	.lr_ended = gic_v2_lr_ended,
	.place = gic_v2_place,
	.line_drive = gic_v2_line_drive,
	.control = gic_v2_control,
	.virtual_control = gic_v2_virtual_control,
	.active_levels = gic_v2_active_levels,
	.watch = gic_v2_watch,
	.tick = gic_v2_tick,
};
