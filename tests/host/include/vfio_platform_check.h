/* SPDX-License-Identifier: Apache-2.0 */
/* The invariants of the assignment driver, for tests; docs/vfio-platform.md. */
#ifndef VFIO_PLATFORM_CHECK_H
#define VFIO_PLATFORM_CHECK_H

#include <stdbool.h>

struct vfio_platform_device;
struct vfio_platform_machine;

/**
 * vfio_platform_machine_check() - I1 to I3, I6 and I7 of the bare state machine
 * @irq_count: IRQs that the device has
 *
 * Return: NULL, or a sentence that names the broken invariant.
 */
const char *
vfio_platform_machine_check(const struct vfio_platform_machine *machine,
			    unsigned int irq_count);

/**
 * vfio_platform_check() - the same of a device, and what ties it to its machine
 *
 * Right at any time that the device's lock is free or about to be released.
 *
 * Return: NULL, or a sentence.
 */
const char *vfio_platform_check(const struct vfio_platform_device *dev);

#endif /* VFIO_PLATFORM_CHECK_H */
