/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical interrupt controller: GICv2 or GICv3, with EOImode 1 (an EOI drops
 * the priority, a deactivation is a write of its own).
 */
#ifndef HYP_IRQCHIP_H
#define HYP_IRQCHIP_H

#include <hyp/board.h>
#include <hyp/vgic.h>

#define IRQCHIP_KICK_SGI 0

/* ICH_HCR_EL2 and GICH_HCR: what the virtual interface reports and traps. */
enum irqchip_control {
	IRQCHIP_EN = 1 << 0,
	IRQCHIP_LRENPIE = 1 << 2, /* an end of what no list register holds */
	IRQCHIP_NPIE = 1 << 3,	  /* no list register is pending */
	IRQCHIP_GROUP0_ON = 1
			    << 4, /* the guest's CPU interface took it up, or */
	IRQCHIP_GROUP0_OFF = 1 << 5, /* gave it up */
	IRQCHIP_GROUP1_ON = 1 << 6,
	IRQCHIP_GROUP1_OFF = 1 << 7,
	IRQCHIP_TDIR = 1 << 14, /* trap ICC_DIR_EL1; no GICv2 has it */
};

/* ICH_VMCR_EL2 and GICH_VMCR: the guest's own settings. */
#define IRQCHIP_VIRTUAL_GROUPS 3u /* bit n: group n is on */
#define IRQCHIP_VIRTUAL_EOIMODE (1u << 9)

/**
 * struct irqchip - one kind of controller
 * @version: 2 or 3
 * @lr_pending, @lr_active, @lr_eoi, @lr_hw, @lr_group1: bits of a list register
 * @lr_priority_shift, @lr_pintid_shift: where its numbers begin; priorities have
 *	their low three bits clear. The virtual INTID begins at 0, and GICv2's sender
 *	of an SGI where the physical INTID does.
 *
 * All run on the CPU that they concern; where that is a parameter they may run on
 * any, if the version is 3. SPI functions may run on any CPU, and ignore @cpu.
 */
struct irqchip {
	const char *name;
	unsigned int version;
	uint64_t lr_pending;
	uint64_t lr_active;
	uint64_t lr_eoi;
	uint64_t lr_hw;
	uint64_t lr_group1;
	unsigned int lr_priority_shift;
	unsigned int lr_pintid_shift;

	/* take one physical interrupt and return; the vectors call it */
	void (*handle)(struct cpu *cpu);
	/* the same, in its place while the trace is on */
	void (*handle_traced)(struct cpu *cpu);
	/* the distributor, once; 0 or -HYP_EIO (it does not answer) */
	int (*init)(const struct board_gic *gic);
	/* this CPU's interface; 0 or -HYP_ENODEV (no redistributor for it) */
	int (*cpu_init)(struct cpu *cpu);
	/* the virtual CPU interface as after a reset; list registers empty */
	void (*virtual_reset)(bool enable);

	/* @intid: an SPI, or a PPI of this CPU */
	void (*enable)(uint32_t intid);
	void (*disable)(uint32_t intid); /* takes effect before it returns */
	void (*deactivate)(uint32_t intid);
	void (*clear)(uint32_t intid); /* neither pending nor active after it */
	void (*set_edge)(uint32_t intid, bool is_edge);
	void (*set_target)(uint32_t intid, const struct cpu *cpu);

	/* one interrupt's bit in a register of GICD_, or of SGI_base: write 1; or
	 * read 32 of them */
	void (*set_bit)(const struct cpu *cpu, uint32_t intid, uint32_t offset);
	uint32_t (*get_bits)(const struct cpu *cpu, uint32_t first,
			     uint32_t offset);

	/* send SGI IRQCHIP_KICK_SGI to another CPU */
	void (*kick)(const struct cpu *to);

	uint64_t (*lr_read)(unsigned int slot);
	void (*lr_write)(unsigned int slot, uint64_t value);
	uint32_t (*lr_empty)(void); /* bit n: register n is free */
	uint32_t (*lr_ended)(void); /* bit n: register n asks for maintenance */

	/*
	 * The short ways of the virtual GIC, see virq_short.h. place(): under the
	 * cell's vgic lock, on the CPU that @virq is for. Return: whether it did.
	 */
	bool (*place)(struct cpu *cpu, struct virq *virq, uint64_t lr);
	void (*line_drive)(struct virq *virq, bool level);

	/* this CPU's virtual interface; control() forgets the ends counted */
	void (*control)(uint32_t hcr); /* enum irqchip_control */
	uint32_t (*virtual_control)(void);
	/* bit n: the guest has acknowledged, and not ended, priority n of 32 */
	uint32_t (*active_levels)(void);

	/* a linked interrupt has gone to a list register; see gic_v2_emulator.c */
	void (*watch)(struct cpu *cpu);
	void (*tick)(struct cpu *cpu, uint64_t now); /* of the CPU's timers */
};

extern const struct irqchip *irqchip;
extern unsigned int irqchip_lr_count;
extern uint32_t irqchip_spi_end; /* first INTID past the SPIs */

extern const struct irqchip gic_v2;
extern const struct irqchip gic_v3;

/**
 * irqchip_init() - choose and start the controller, on the boot CPU
 *
 * Return: 0, -HYP_EIO or -HYP_ENOMEM.
 */
int irqchip_init(const struct board_gic *gic) MUST_CHECK;

#endif /* HYP_IRQCHIP_H */
