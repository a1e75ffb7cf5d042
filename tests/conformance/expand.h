/* SPDX-License-Identifier: Apache-2.0 */
/* From the driver's trace records back to the lines of the trace format. */
#ifndef CONFORMANCE_EXPAND_H
#define CONFORMANCE_EXPAND_H

#include "world.h"

/**
 * expand_step() - the lines that one record stands for
 * @step: as given to the trace operation
 * @now: as given to the trace operation
 * @timeout_ticks: of the device
 * @queue: "[1,2]", the FIFO after the event
 *
 * The `mask` line of a level IRQ is not among them: the interrupt controller's
 * driver masks, before the event.
 */
void expand_step(struct text *text, struct vfio_platform_step step,
		 uint64_t now, uint64_t timeout_ticks, const char *queue);

#endif /* CONFORMANCE_EXPAND_H */
