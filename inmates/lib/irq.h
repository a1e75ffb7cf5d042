/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts, on whatever GIC the tree names. */
#ifndef INMATES_LIB_IRQ_H
#define INMATES_LIB_IRQ_H

#include <hyp/compiler.h>

/**
 * irq_init() - find the GIC in the tree and set it up for this CPU
 *
 * Called by the runtime before main(). Interrupts stay masked.
 *
 * Return: 0, -HYP_ENODEV (no GIC of a known kind), or the error of its driver.
 */
int irq_init(void) MUST_CHECK;

/**
 * irq_request() - call @handler for an interrupt from now on
 * @intid: SGI, PPI or SPI, below 1020
 * @handler: runs with interrupts masked; no allocation, no stdio, no waiting
 * @arg: handed to @handler
 * @is_edge: the trigger, as devtree_irq() says
 *
 * A handler may use FP and SIMD. The library ends the interrupt after it, once
 * its device accesses are complete.
 *
 * Return: 0, -HYP_EINVAL (@intid), or -HYP_EBUSY (it has a handler).
 */
int irq_request(uint32_t intid, void (*handler)(void *arg), void *arg,
		bool is_edge) MUST_CHECK;

/** irq_enable() - let a requested interrupt through again */
void irq_enable(uint32_t intid);

/** irq_disable() - hold a requested interrupt back; it may stay pending */
void irq_disable(uint32_t intid);

/** irq_unclaimed_count() - acknowledged ones that had no handler */
unsigned int irq_unclaimed_count(void);

/** irq_spurious_count() - times that the GIC had nothing to acknowledge */
unsigned int irq_spurious_count(void);

/** irq_dispatch() - for vectors.S */
void irq_dispatch(void);

#endif /* INMATES_LIB_IRQ_H */
