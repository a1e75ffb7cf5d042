/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cadence triple timer counter: three counters, each with an interrupt line of its
 * own. Zynq UltraScale+ Devices Register Reference (UG1087), module TTC; the
 * registers of counter n stand 4 * n behind those of the first.
 */
#ifndef INMATES_LIB_TTC_H
#define INMATES_LIB_TTC_H

#include <hyp/compiler.h>

#include "mmio.h"

#define TTC_COUNTERS 3

#define TTC_CLOCK_CONTROL 0x00
#define TTC_COUNTER_CONTROL 0x0c
#define TTC_INTERVAL 0x24
#define TTC_MATCH_1 0x30
#define TTC_INTERRUPT 0x54 /* cleared by reading */
#define TTC_INTERRUPT_ENABLE 0x60

/* TTC_CLOCK_CONTROL: the clock is divided by 2 ^ (value + 1) */
#define TTC_PRESCALE(value) (1u | (uint32_t)(value) << 1)

#define TTC_COUNTER_DISABLE (1u << 0)
#define TTC_COUNTER_INTERVAL (1u << 1) /* up to TTC_INTERVAL, then from 0 */
#define TTC_COUNTER_MATCH (1u << 3)
#define TTC_COUNTER_RESTART (1u << 4) /* from 0 */
#define TTC_COUNTER_NO_WAVE (1u << 5)

#define TTC_INTERRUPT_INTERVAL (1u << 0)
#define TTC_INTERRUPT_MATCH_1 (1u << 1)

/* struct ttc - an assigned one */
struct ttc {
	uintptr_t registers;
	uint32_t intid[TTC_COUNTERS];
};

/**
 * ttc_open() - find a TTC in the tree, map it and stop its counters
 * @index: 0: the first in the tree
 *
 * Return: 0, -HYP_ENOENT (no such one), or the error of devtree_irq() or
 * mmu_map_device().
 */
int ttc_open(struct ttc *ttc, unsigned int index) MUST_CHECK;

static inline void ttc_write(const struct ttc *ttc, unsigned int counter,
			     uint32_t offset, uint32_t value)
{
	mmio_write32(ttc->registers + offset + 4 * counter, value);
}

static inline uint32_t ttc_read(const struct ttc *ttc, unsigned int counter,
				uint32_t offset)
{
	return mmio_read32(ttc->registers + offset + 4 * counter);
}

/** ttc_stop() - stop a counter, disable and clear its interrupt */
void ttc_stop(const struct ttc *ttc, unsigned int counter);

#endif /* INMATES_LIB_TTC_H */
