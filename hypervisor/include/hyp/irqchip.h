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

/**
 * struct irqchip - one kind of controller
 * @lr_pending, @lr_active, @lr_eoi, @lr_hw: bits of a list register
 *
 * All run on the CPU that they concern. SPI functions may run on any CPU.
 */
struct irqchip {
	const char *name;
	uint64_t lr_pending;
	uint64_t lr_active;
	uint64_t lr_eoi;
	uint64_t lr_hw;

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
	bool (*is_active)(uint32_t intid); /* an SPI */
	void (*set_edge)(uint32_t intid, bool is_edge);
	void (*set_target)(uint32_t intid, const struct cpu *cpu);

	/* send SGI IRQCHIP_KICK_SGI to another CPU */
	void (*kick)(const struct cpu *to);

	/* list registers; a value's form is the chip's own */
	uint64_t (*lr_make)(uint32_t intid, uint8_t priority, bool group1);
	uint64_t (*lr_link)(uint64_t lr, uint32_t intid); /* add HW, pINTID */
	uint64_t (*lr_source)(uint64_t lr, unsigned int cpu); /* SGI: GICv2 */
	uint64_t (*lr_read)(unsigned int slot);
	void (*lr_write)(unsigned int slot, uint64_t value);
	uint32_t (*lr_empty)(void); /* bit n: register n is free */
	uint32_t (*lr_ended)(void); /* bit n: register n asks for maintenance */
	void (*underflow)(bool on);
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
