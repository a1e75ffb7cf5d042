/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device needs to be put to rest beyond configured register writes: its
 * DMA stopped, its interrupt sources disabled and cleared. One file per device,
 * found by the device's first compatible string.
 */
#ifndef RESET_RESET_H
#define RESET_RESET_H

#include "../vfio_platform_core.h"

/** struct vfio_platform_reset_hook - one known device */
struct vfio_platform_reset_hook {
	const char *compatible;
	/*
	 * Registers are those of region 0. May wait until @dev's
	 * reset_timeout_ticks have passed, no longer.
	 * Return: 0 or an error of vfio_platform_reset().
	 */
	int (*reset)(struct vfio_platform_device *dev);
};

/** struct reset_write - one write of a fixed sequence, 32 bits wide */
struct reset_write {
	uint16_t offset; /* bytes */
	uint32_t value;
};

/**
 * vfio_platform_reset_find() - the hook for a device
 * @compatible: its first compatible string, or NULL
 *
 * Return: the hook, or NULL when none is known.
 */
const struct vfio_platform_reset_hook *
vfio_platform_reset_find(const char *compatible);

/**
 * reset_read() - read 32 bits at @offset; or the error of
 * vfio_platform_access()
 */
int reset_read(struct vfio_platform_device *dev, uint64_t offset,
	       uint32_t *value) MUST_CHECK;

/**
 * reset_write_all() - carry out writes in order, up to the first that fails
 * @count: of @writes
 *
 * Return: 0 or the error of vfio_platform_access().
 */
int reset_write_all(struct vfio_platform_device *dev,
		    const struct reset_write *writes,
		    unsigned int count) MUST_CHECK;

int reset_pl011(struct vfio_platform_device *dev) MUST_CHECK;
int reset_pl031(struct vfio_platform_device *dev) MUST_CHECK;
int reset_pl061(struct vfio_platform_device *dev) MUST_CHECK;
int reset_virtio_mmio(struct vfio_platform_device *dev) MUST_CHECK;
int reset_cdns_ttc(struct vfio_platform_device *dev) MUST_CHECK;

#endif /* RESET_RESET_H */
