/* SPDX-License-Identifier: Apache-2.0 */
/* What irq.c asks of an interrupt controller. Drivers use irq.h instead. */
#ifndef INMATES_LIB_GIC_H
#define INMATES_LIB_GIC_H

#include <hyp/compiler.h>

#define GIC_SPI_FIRST 32
#define GIC_INTID_LIMIT 1020
#define GIC_PRIORITY 0xa0

/** struct gic_ops - one GIC version; every entry is set */
struct gic_ops {
	/* 0, or a negative errno: the tree or the hardware lacks something */
	int (*init)(int node);
	/* set the trigger, priority and target of a disabled interrupt */
	void (*configure)(uint32_t intid, bool is_edge);
	void (*enable)(uint32_t intid);
	/* returns when the distributor has taken it */
	void (*disable)(uint32_t intid);
	/* the INTID now active, or one from GIC_INTID_LIMIT: none; the token is
	 * for end() */
	uint32_t (*acknowledge)(uint32_t *token);
	void (*end)(uint32_t token);
};

extern const struct gic_ops gic_v2_ops;
extern const struct gic_ops gic_v3_ops;

/* Both versions' distributor (IHI 0048B 4.3, IHI 0069H 12.9). */
#define GICD_CTLR 0x0000
#define GICD_IGROUPR 0x0080
#define GICD_ISENABLER 0x0100
#define GICD_ICENABLER 0x0180
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR 0x0800
#define GICD_ICFGR 0x0c00
#define GICD_IROUTER 0x6000
#define GICD_CTLR_RWP BIT(31)

/**
 * gic_set_trigger() - write an SPI's field of ICFGR
 * @distributor: its address
 * @intid: nothing is done below GIC_SPI_FIRST
 */
void gic_set_trigger(uintptr_t distributor, uint32_t intid, bool is_edge);

#endif /* INMATES_LIB_GIC_H */
