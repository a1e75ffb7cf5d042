/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace: what was done for assigned devices, in a ring for each CPU. What an
 * event says is in <hyp/abi.h>. While it is off each trace point costs a load and
 * a branch that is not taken; those on the interrupt line cost nothing, since the
 * switch exchanges the handler that the vectors call.
 */
#ifndef HYP_TRACE_H
#define HYP_TRACE_H

#include "vfio_platform.h"
#include <hyp/abi.h>

struct cell;
struct frame;
struct virq;

/** struct trace_event - see BH_TRACE */
struct trace_event {
	uint64_t sequence;
	uint64_t time; /* ticks */
	uint64_t where;
	uint64_t detail;
};

_Static_assert((CONFIG_TRACE_EVENTS & (CONFIG_TRACE_EVENTS - 1)) == 0,
	       "CONFIG_TRACE_EVENTS must be a power of two");

/** struct trace_ring - the last events of one CPU, which alone writes it */
struct trace_ring {
	uint64_t count; /* of events that were ever put */
	struct trace_event event[CONFIG_TRACE_EVENTS];
};

/** trace_ring_put() - overwrite the oldest event; the owner CPU only */
void trace_ring_put(struct trace_ring *ring, const struct trace_event *event);

/**
 * trace_ring_get() - copy an event out; any CPU, also while the owner writes
 * @number: in: of the event wanted, from 0; out: of the one that was copied, which is
 *	higher if that was overwritten; with none: what to ask for next
 *
 * Return: whether @event was filled; false: it has not happened yet, or the owner
 * was faster twice.
 */
bool trace_ring_get(const struct trace_ring *ring, uint64_t *number,
		    struct trace_event *event) MUST_CHECK;

extern uint32_t trace_switch;

/** trace_is_on() - to be asked before each of the functions below */
static ALWAYS_INLINE bool trace_is_on(void)
{
	return UNLIKELY(__atomic_load_n(&trace_switch, __ATOMIC_RELAXED) != 0);
}

/** trace_step() - the driver's step; @now as the trace operation has it */
void trace_step(struct vfio_platform_device *dev,
		struct vfio_platform_step step, uint64_t now) COLD;

/** trace_irq() - MASK, UNMASK or PATH of one interrupt; @detail: see the kind */
void trace_irq(enum bh_trace_kind kind, struct vfio_platform_device *dev,
	       unsigned int irq, uint64_t detail) COLD;

/** trace_linked() - an interrupt of the linked path was taken */
void trace_linked(const struct virq *virq) COLD;

/** trace_access() - ACCESS or FAILED; @detail: offset, or positive errno */
void trace_access(enum bh_trace_kind kind, struct vfio_platform_device *dev,
		  unsigned int region, unsigned int width, bool is_write,
		  uint64_t detail) COLD;

/** trace_mark() - a guest's BH_MARK */
void trace_mark(const struct cell *cell, uint64_t number) COLD;

/** trace_call() - BH_TRACE, for who may manage; Return: x0 */
int64_t trace_call(struct frame *frame);

#endif /* HYP_TRACE_H */
