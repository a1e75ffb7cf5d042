/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the physical distributor that GICv2 and GICv3 have in common. */
#ifndef IRQCHIP_GICD_H
#define IRQCHIP_GICD_H

#include "gic_regs.h"
#include <arch/io.h>
#include <hyp/irqchip.h>

/** gicd_bit_write() - write 1 to one interrupt's bit of a write-1 register */
static inline void gicd_bit_write(void *gicd, size_t first, uint32_t intid)
{
	io_write32(gicd, first + intid / 32 * 4, 1u << intid % 32);
}

/**
 * gicd_reset() - all SPIs: group @group, off, idle, level, middle priority
 * @end: first INTID past the SPIs
 */
void gicd_reset(void *gicd, uint32_t end, uint32_t group);

/** gicd_set_edge() - GICD_ICFGR of one SPI, which must be disabled */
void gicd_set_edge(void *gicd, uint32_t intid, bool is_edge);

#endif /* IRQCHIP_GICD_H */
