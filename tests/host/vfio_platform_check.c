// SPDX-License-Identifier: Apache-2.0
/*
 * The invariants of the assignment driver. I4 and I5 speak of the virtual and
 * the physical line, which belong to the fakes: see tests/conformance/world.c.
 */
#include "vfio_platform_check.h"

#include "../../drivers/vfio_platform/vfio_platform.h"

const char *
vfio_platform_machine_check(const struct vfio_platform_machine *machine,
			    unsigned int irq_count)
{
	uint64_t queued = 0;
	unsigned int i;

	if (machine->active != VFIO_PLATFORM_NO_IRQ &&
	    (machine->active >= irq_count ||
	     (machine->wired & BIT(machine->active)) == 0)) {
		return "I1: the active IRQ is not one of the trapped path";
	}
	if (machine->queue_head >= VFIO_PLATFORM_IRQS_MAX ||
	    (machine->queue_count != 0 && machine->queue_count >= irq_count)) {
		return "I7: the FIFO is longer than the IRQs less one";
	}
	for (i = 0; i < machine->queue_count; i++) {
		unsigned int irq = vfio_platform_queue_at(machine, i);

		if (irq >= irq_count || irq == machine->active ||
		    (queued & BIT(irq)) != 0 ||
		    (machine->wired & BIT(irq)) == 0) {
			return "I2: a wrong entry in the FIFO";
		}
		queued |= BIT(irq);
	}
	if (queued != machine->pending) {
		return "I2: the FIFO does not hold exactly the pending IRQs";
	}
	if (machine->pending != 0 && machine->active == VFIO_PLATFORM_NO_IRQ) {
		return "I3: pending, but nothing is active";
	}
	if (machine->active != VFIO_PLATFORM_NO_IRQ &&
	    machine->mapping == VFIO_PLATFORM_MAPPED) {
		return "I6: active, but the regions are mapped";
	}
	return NULL;
}

const char *vfio_platform_check(const struct vfio_platform_device *dev)
{
	const struct vfio_platform_machine *machine = &dev->machine;
	bool has_mappable = false;
	unsigned int i;

	if (dev->ops == NULL) {
		return NULL; /* never assigned: all zero */
	}
	for (i = 0; i < dev->region_count; i++) {
		const struct vfio_platform_region *region = &dev->regions[i];
		bool is_mappable =
			(region->flags & VFIO_PLATFORM_REGION_MMAP) != 0;

		has_mappable = has_mappable || is_mappable;
		if (is_mappable !=
		    (region->trap_reason == VFIO_PLATFORM_TRAP_NOT)) {
			return "a region's flag and its reason disagree";
		}
	}
	if (has_mappable != (machine->mapping != VFIO_PLATFORM_UNMAPPABLE)) {
		return "the mapping state does not fit the regions";
	}
	for (i = 0; i < dev->irq_count; i++) {
		bool is_wired = (machine->wired & BIT(i)) != 0;

		if (is_wired &&
		    dev->irqs[i].path != VFIO_PLATFORM_PATH_TRAPPED) {
			return "wired, but not on the trapped path";
		}
		if (((machine->level & BIT(i)) != 0) !=
		    ((dev->irqs[i].flags & VFIO_PLATFORM_IRQ_AUTOMASKED) !=
		     0)) {
			return "an IRQ's trigger and its bit disagree";
		}
	}
	/*
	 * T1 and T10: while one is active a deadline is set, if there are any.
	 */
	if (machine->active != VFIO_PLATFORM_NO_IRQ &&
	    (machine->timeout_ticks != 0) !=
		    (dev->deadline != VFIO_PLATFORM_NO_DEADLINE)) {
		return "active without deadline, or a deadline for ever";
	}
	return vfio_platform_machine_check(machine, dev->irq_count);
}
