/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GIC's registers themselves, for inmates that test it. They mask interrupts and
 * acknowledge by polling; irq.h and timer_delay_ms() are not for them then.
 */
#ifndef INMATES_LIB_GIC_RAW_H
#define INMATES_LIB_GIC_RAW_H

#include <hyp/compiler.h>

#include "gic.h"

#define GICD_ISPENDR 0x0200
#define GICD_ICPENDR 0x0280
#define GICD_ISACTIVER 0x0300
#define GICD_ICACTIVER 0x0380
#define GICD_SGIR 0x0f00
#define GICD_CPENDSGIR 0x0f10
#define GICD_SPENDSGIR 0x0f20
#define GICD_CTLR_GROUPS 3
#define GIC_RAW_NONE 1020 /* acknowledged from here on: nothing */

/** struct gic_raw - where it is */
struct gic_raw {
	bool is_v3;
	unsigned int cpu_count;
	uintptr_t distributor;
	uintptr_t redistributors; /* GICv3: of the cell's first CPU */
	uintptr_t interface;	  /* GICv2 */
};

extern struct gic_raw gic_raw;

/**
 * gic_raw_open() - find it, mask interrupts at this CPU, and stop all that the library
 * has begun
 *
 * Return: 0 or a negative errno.
 */
int gic_raw_open(void) MUST_CHECK;

/**
 * gic_raw_cpu_init() - the CPU interface of this CPU: all priorities, both groups,
 * EOImode 0; its SGIs are enabled, all private ones in group 1 on GICv3, 0 on GICv2
 */
void gic_raw_cpu_init(void);

/** gic_raw_priority_mask() - ICC_PMR_EL1, GICC_PMR */
void gic_raw_priority_mask(uint32_t mask);

/** gic_raw_eoimode() - shall the end of interrupt not deactivate? */
void gic_raw_eoimode(bool is_split);

/** gic_raw_frame() - the block with an interrupt's registers, for this CPU */
uintptr_t gic_raw_frame(uint32_t intid);

/* One bit of the registers at GICD_ISENABLER and the like, on this CPU. */
void gic_raw_set(uint32_t offset, uint32_t intid);
bool gic_raw_is(uint32_t offset, uint32_t intid);

void gic_raw_enable(uint32_t intid);

/** gic_raw_disable() - it returns when that has taken effect */
void gic_raw_disable(uint32_t intid);

void gic_raw_set_priority(uint32_t intid, uint32_t priority);

/** gic_raw_setup_spi() - group, priority 0xa0, to a CPU of the cell; disabled */
void gic_raw_setup_spi(uint32_t intid, unsigned int cpu);

/** gic_raw_route() - an SPI goes to a CPU of the cell */
void gic_raw_route(uint32_t intid, unsigned int cpu);

/** gic_raw_sgi() - @targets: bit n, CPU n of the cell */
void gic_raw_sgi(uint32_t intid, uint32_t targets);

/**
 * gic_raw_acknowledge() - the acknowledge register, once
 *
 * Return: what gic_raw_end() wants; GICv2: the sender of an SGI in [12:10].
 */
uint32_t gic_raw_acknowledge(void);

#define GIC_RAW_INTID(token) ((token)&0x3ff)
#define GIC_RAW_SENDER(token) ((token) >> 10 & 7)

void gic_raw_end(uint32_t token);

/** gic_raw_deactivate() - with EOImode 1 */
void gic_raw_deactivate(uint32_t token);

/** gic_raw_running() - the running priority */
uint32_t gic_raw_running(void);

/**
 * gic_raw_take() - acknowledge, and wait for something to acknowledge
 * @wait_us: the longest
 *
 * Return: as gic_raw_acknowledge().
 */
uint32_t gic_raw_take(uint32_t wait_us);

/** gic_raw_wait_us() - let time pass, without sleeping */
void gic_raw_wait_us(uint32_t wait_us);

#endif /* INMATES_LIB_GIC_RAW_H */
