/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the core have in common, and nobody else needs. */
#ifndef VFIO_PLATFORM_CORE_H
#define VFIO_PLATFORM_CORE_H

#include "vfio_platform.h"

/**
 * vfio_platform_irq_eoi() - a trapped access was carried out; rules T6 to T8
 * @region: the region
 * @index: its index
 *
 * Return: 0, so that the call can be the caller's last.
 */
int vfio_platform_irq_eoi(struct vfio_platform_device *dev,
			  struct vfio_platform_region *region,
			  unsigned int index);

/**
 * vfio_platform_irq_access_failed() - a trapped read failed: no EOI, rule T14; or a
 * write failed: that is an EOI all the same, rule T15
 * @region: index, valid
 *
 * Return: @ret.
 */
int vfio_platform_irq_access_failed(struct vfio_platform_device *dev,
				    unsigned int region, bool is_write,
				    int ret) COLD MUST_CHECK;

/**
 * vfio_platform_region_setup() - fill a record from what region_info() answered
 *
 * Return: 0, or -HYP_EINVAL: the region wraps.
 */
int vfio_platform_region_setup(struct vfio_platform_region *region,
			       const struct vfio_platform_region_info *info,
			       bool no_mmap) MUST_CHECK;

/**
 * vfio_platform_region_touch() - check and carry out one access, without an EOI
 *
 * For resets: the device need not be live.
 *
 * Return: as vfio_platform_access().
 */
int vfio_platform_region_touch(struct vfio_platform_device *dev,
			       unsigned int region, uint64_t offset,
			       unsigned int width, bool is_write,
			       uint64_t *value) MUST_CHECK;

#endif /* VFIO_PLATFORM_CORE_H */
