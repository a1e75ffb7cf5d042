// SPDX-License-Identifier: Apache-2.0
/* The physical GICv3: distributor, redistributors, system register interface. */
#include "gicd.h"
#include "irq_line.h"
#include "virq_short.h"
#include <arch/barrier.h>
#include <arch/gic_v3_lr.h>
#include <arch/stage1.h>
#include <arch/sysreg.h>
#include <hyp/errno.h>
#include <hyp/printk.h>

#define ICC_SRE_ALL 0xf /* SRE, DFB, DIB, Enable */
#define ICC_CTLR_EOIMODE BIT(1)
#define GIC_WAIT_MS 100

#define VTR_PREEMPTION_SHIFT 26
#define VTR_TDS BIT(19) /* ICH_HCR_EL2.TDIR is there */

static void *gicd;
static struct board_gic where;
static unsigned int preemption_bits; /* 5 to 7 */
static uint32_t hcr_mask;

static int gic_v3_wait(const void *base, size_t offset, uint32_t bit)
{
	uint64_t deadline = timer_now() + timer_ticks(GIC_WAIT_MS);

	while ((io_read32(base, offset) & bit) != 0) {
		if (timer_now() > deadline) {
			return -HYP_EIO;
		}
	}
	return 0;
}

static void gic_v3_settle(const void *base, size_t offset, uint32_t bit)
{
	if (gic_v3_wait(base, offset, bit) != 0) {
		printk(LOG_ERROR, "GIC: a register write did not complete\n");
	}
}

static COLD int gic_v3_init(const struct board_gic *gic)
{
	uint32_t lines;
	uint64_t vtr;

	where = *gic;
	gicd = stage1_map_device(gic->distributor);
	if (gicd == NULL) {
		return -HYP_ENOMEM;
	}
	io_write32(gicd, GICD_CTLR, 0);
	if (gic_v3_wait(gicd, GICD_CTLR, GICD_CTLR_RWP) != 0) {
		return -HYP_EIO;
	}
	lines = ((io_read32(gicd, GICD_TYPER) & 0x1f) + 1) * 32;
	irqchip_spi_end = lines < VGIC_INTID_MAX ? lines : VGIC_INTID_MAX;
	gicd_reset(gicd, irqchip_spi_end, UINT32_MAX);
	if (gic_v3_wait(gicd, GICD_CTLR, GICD_CTLR_RWP) != 0) {
		return -HYP_EIO;
	}
	io_write32(gicd, GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GROUP1);
	vtr = SYSREG_READ(ICH_VTR_EL2);
	irqchip_lr_count = (vtr & 0x1f) + 1;
	preemption_bits = (vtr >> VTR_PREEMPTION_SHIFT & 7) + 1;
	hcr_mask = (vtr & VTR_TDS) != 0 ? UINT32_MAX : ~(uint32_t)IRQCHIP_TDIR;
	return 0;
}

/*
 * The frames of one CPU: GICR_TYPER[63:32] holds its Aff3.Aff2.Aff1.Aff0. Only the
 * frames that are found stay mapped; *@next is where the one after them begins.
 */
static COLD char *gic_v3_try_frame(struct pa_range *next, uint32_t affinity,
				   bool *last)
{
	struct pa_range frame = { next->base, GICR_STRIDE };
	uint64_t stride = where.redistributor_stride;
	char *registers = stage1_map_device(frame);
	uint64_t typer;

	if (registers == NULL) {
		*last = true;
		return NULL;
	}
	typer = io_read64(registers, GICR_TYPER);
	if (typer >> 32 == affinity) {
		return registers;
	}
	if (stride == 0) {
		stride = (typer & GICR_TYPER_VLPIS) != 0 ? 2 * GICR_STRIDE :
							   GICR_STRIDE;
	}
	stage1_unmap_device(frame);
	*last = (typer & GICR_TYPER_LAST) != 0 || next->size < stride;
	next->base = pa_add(next->base, stride);
	next->size -= stride;
	return NULL;
}

static COLD char *gic_v3_redistributor(uint64_t mpidr)
{
	uint32_t affinity =
		(uint32_t)((mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff));

	for (unsigned int i = 0; i < where.redistributor_count; i++) {
		struct pa_range next = where.redistributor[i];
		bool last = next.size < GICR_STRIDE;

		while (!last) {
			char *frame = gic_v3_try_frame(&next, affinity, &last);

			if (frame != NULL) {
				return frame;
			}
		}
	}
	return NULL;
}

static COLD int gic_v3_cpu_init(struct cpu *cpu)
{
	char *frame = gic_v3_redistributor(cpu->mpidr);
	void *sgi;

	if (frame == NULL) {
		return -HYP_ENODEV;
	}
	cpu->redistributor = frame;
	sgi = frame + GICR_SGI;
	io_write32(frame, GICR_WAKER,
		   io_read32(frame, GICR_WAKER) & ~GICR_WAKER_SLEEP);
	if (gic_v3_wait(frame, GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP) != 0) {
		return -HYP_EIO;
	}
	io_write32(sgi, GICD_ICENABLER, UINT32_MAX);
	io_write32(sgi, GICD_ICPENDR, UINT32_MAX);
	io_write32(sgi, GICD_ICACTIVER, UINT32_MAX);
	io_write32(sgi, GICD_IGROUPR, UINT32_MAX);
	for (size_t i = 0; i < VGIC_PRIVATE; i += 4) {
		io_write32(sgi, GICD_IPRIORITYR + i, GIC_PRIORITY_WORD);
	}
	gic_v3_settle(frame, GICR_CTLR, GICR_CTLR_RWP);

	SYSREG_WRITE(ICC_SRE_EL2, ICC_SRE_ALL);
	barrier_isb(); /* the ICC_ registers exist from here on */
	SYSREG_WRITE(ICC_SRE_EL1, ICC_SRE_ALL & 7);
	SYSREG_WRITE(ICC_PMR_EL1, GIC_PRIORITY_MASK);
	SYSREG_WRITE(ICC_BPR1_EL1, 0);
	SYSREG_WRITE(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
	SYSREG_WRITE(ICC_IGRPEN1_EL1, 1);
	barrier_isb();
	return 0;
}

static COLD void gic_v3_virtual_reset(bool enable)
{
	SYSREG_WRITE(ICH_HCR_EL2, 0);
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		gic_v3_lr_write(i, 0);
	}
	SYSREG_WRITE(ICH_VMCR_EL2, 0);
	SYSREG_WRITE(ICH_AP0R0_EL2, 0);
	SYSREG_WRITE(ICH_AP1R0_EL2, 0);
	if (preemption_bits >= 6) {
		SYSREG_WRITE(ICH_AP0R1_EL2, 0);
		SYSREG_WRITE(ICH_AP1R1_EL2, 0);
	}
	if (preemption_bits >= 7) {
		SYSREG_WRITE(ICH_AP0R2_EL2, 0);
		SYSREG_WRITE(ICH_AP0R3_EL2, 0);
		SYSREG_WRITE(ICH_AP1R2_EL2, 0);
		SYSREG_WRITE(ICH_AP1R3_EL2, 0);
	}
	SYSREG_WRITE(ICH_HCR_EL2, enable ? GICH_HCR_EN : 0);
	barrier_isb();
}

/* The frame that holds an INTID's bits, of any CPU. */
static void *gic_v3_frame_of(const struct cpu *cpu, uint32_t intid)
{
	return intid < VGIC_PRIVATE ? (char *)cpu->redistributor + GICR_SGI :
				      gicd;
}

/* The same, of this CPU. */
static void *gic_v3_frame(uint32_t intid)
{
	return gic_v3_frame_of(cpu_this(), intid);
}

static void gic_v3_enable(uint32_t intid)
{
	gicd_bit_write(gic_v3_frame(intid), GICD_ISENABLER, intid);
}

static COLD void gic_v3_disable(uint32_t intid)
{
	gicd_bit_write(gic_v3_frame(intid), GICD_ICENABLER, intid);
	if (intid < VGIC_PRIVATE) {
		gic_v3_settle(cpu_this()->redistributor, GICR_CTLR,
			      GICR_CTLR_RWP);
	} else {
		gic_v3_settle(gicd, GICD_CTLR, GICD_CTLR_RWP);
	}
}

static void gic_v3_deactivate(uint32_t intid)
{
	SYSREG_WRITE(ICC_DIR_EL1, intid);
}

static void gic_v3_clear(uint32_t intid)
{
	gicd_bit_write(gic_v3_frame(intid), GICD_ICPENDR, intid);
	gicd_bit_write(gic_v3_frame(intid), GICD_ICACTIVER, intid);
}

static void gic_v3_set_edge(uint32_t intid, bool is_edge)
{
	gicd_set_edge(gicd, intid, is_edge);
}

static void gic_v3_set_target(uint32_t intid, const struct cpu *cpu)
{
	io_write64(gicd, GICD_IROUTER + intid * 8,
		   cpu == NULL ? 0 : cpu->mpidr);
}

static void gic_v3_set_bit(const struct cpu *cpu, uint32_t intid,
			   uint32_t offset)
{
	gicd_bit_write(gic_v3_frame_of(cpu, intid), offset, intid);
}

static uint32_t gic_v3_get_bits(const struct cpu *cpu, uint32_t first,
				uint32_t offset)
{
	return io_read32(gic_v3_frame_of(cpu, first), offset + first / 8);
}

/* ICC_SGI1R_EL1: Aff3 [55:48], Aff2 [39:32], Aff1 [23:16], RS [47:44] */
static void gic_v3_kick(const struct cpu *to)
{
	uint64_t mpidr = to->mpidr;

	/* What the other CPU shall see is written before it is told. */
	barrier_dsb_ishst();
	SYSREG_WRITE(ICC_SGI1R_EL1,
		     (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 |
			     (mpidr >> 8 & 0xff) << 16 |
			     (mpidr >> 4 & 0xf) << 44 | BIT(mpidr & 0xf) |
			     (uint64_t)IRQCHIP_KICK_SGI << 24);
	barrier_isb();
}

static uint32_t gic_v3_lr_empty(void)
{
	return (uint32_t)SYSREG_READ(ICH_ELRSR_EL2);
}

static uint32_t gic_v3_lr_ended(void)
{
	return (uint32_t)SYSREG_READ(ICH_EISR_EL2);
}

static void gic_v3_control(uint32_t hcr)
{
	SYSREG_WRITE(ICH_HCR_EL2, hcr & hcr_mask);
}

static uint32_t gic_v3_virtual_control(void)
{
	return (uint32_t)SYSREG_READ(ICH_VMCR_EL2);
}

/* 2^@shift neighbouring bits become one, that of any of them. */
static COLD uint32_t fold(uint64_t levels, unsigned int shift)
{
	uint32_t folded = 0;

	for (unsigned int i = 0; i < 32; i++) {
		folded |= (uint32_t)(levels >> i & 1) << (i >> shift);
	}
	return folded;
}

/* One bit per preemption level: 32, 64 or 128, folded to the 32 that are used. */
static COLD uint32_t gic_v3_active_levels(void)
{
	unsigned int shift = preemption_bits - 5;
	uint32_t levels = fold(
		SYSREG_READ(ICH_AP0R0_EL2) | SYSREG_READ(ICH_AP1R0_EL2), shift);

	if (shift >= 1) {
		levels |= fold(SYSREG_READ(ICH_AP0R1_EL2) |
				       SYSREG_READ(ICH_AP1R1_EL2),
			       shift)
			  << (32 >> shift);
	}
	if (shift >= 2) {
		levels |= fold(SYSREG_READ(ICH_AP0R2_EL2) |
				       SYSREG_READ(ICH_AP1R2_EL2),
			       shift)
			  << 16;
		levels |= fold(SYSREG_READ(ICH_AP0R3_EL2) |
				       SYSREG_READ(ICH_AP1R3_EL2),
			       shift)
			  << 24;
	}
	return levels;
}

static ALWAYS_INLINE void gic_v3_watch(struct cpu *cpu)
{
	(void)cpu;
}

static void gic_v3_tick(struct cpu *cpu, uint64_t now)
{
	(void)cpu;
	(void)now;
}

static void gic_v3_end(uint32_t acknowledged)
{
	SYSREG_WRITE(ICC_EOIR1_EL1, acknowledged);
}

static bool gic_v3_place(struct cpu *cpu, struct virq *virq, uint64_t lr)
{
	return virq_short_is_plain(cpu, virq) &&
	       virq_short_place(cpu, virq, lr, &gic_v3, gic_v3_lr_write_inline);
}

static void gic_v3_line_drive(struct virq *virq, bool level)
{
	virq_short_line_set(virq, level, &gic_v3, gic_v3_lr_read_inline,
			    gic_v3_lr_write_inline);
}

static void gic_v3_handle(struct cpu *cpu)
{
	uint32_t intid = (uint32_t)SYSREG_READ(ICC_IAR1_EL1);

	irq_line_take(cpu, intid, intid, &gic_v3, gic_v3_lr_write_inline,
		      gic_v3_watch, gic_v3_end);
}

static void gic_v3_handle_traced(struct cpu *cpu)
{
	uint32_t intid = (uint32_t)SYSREG_READ(ICC_IAR1_EL1);

	irq_line_traced(cpu, intid, intid, gic_v3_end);
}

const struct irqchip gic_v3 = {
	.name = "GICv3",
	.version = 3,
	.lr_pending = BIT(62),
	.lr_active = BIT(63),
	.lr_eoi = BIT(41),
	.lr_hw = BIT(61),
	.lr_group1 = BIT(60),
	.lr_priority_shift = 48,
	.lr_pintid_shift = 32,
	.handle = gic_v3_handle,
	.handle_traced = gic_v3_handle_traced,
	.init = gic_v3_init,
	.cpu_init = gic_v3_cpu_init,
	.virtual_reset = gic_v3_virtual_reset,
	.enable = gic_v3_enable,
	.disable = gic_v3_disable,
	.deactivate = gic_v3_deactivate,
	.clear = gic_v3_clear,
	.set_edge = gic_v3_set_edge,
	.set_target = gic_v3_set_target,
	.set_bit = gic_v3_set_bit,
	.get_bits = gic_v3_get_bits,
	.kick = gic_v3_kick,
	.lr_read = gic_v3_lr_read,
	.lr_write = gic_v3_lr_write,
	.lr_empty = gic_v3_lr_empty,
	.lr_ended = gic_v3_lr_ended,
	.place = gic_v3_place,
	.line_drive = gic_v3_line_drive,
	.control = gic_v3_control,
	.virtual_control = gic_v3_virtual_control,
	.active_levels = gic_v3_active_levels,
	.watch = gic_v3_watch,
	.tick = gic_v3_tick,
};
