/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices assigned to cells: the records that bind drivers/vfio_platform to the
 * hypervisor's page tables, virtual GIC and timers.
 */
#ifndef HYP_DEVICE_H
#define HYP_DEVICE_H

#include "vfio_platform.h"
#include <arch/stage2.h>
#include <hyp/config.h>
#include <hyp/timer.h>

struct cell;

#define DEVICE_REGION_NONE UINT16_MAX

/** struct device_region - the hypervisor's side of a struct vfio_platform_region */
struct device_region {
	struct vfio_platform_device *device;
	ipa_t base;
	uint64_t size;
	struct stage2_switch sw; /* count 0: never mapped */
	uint64_t tag;
	uint16_t next_in_page; /* record of another region in the same page */
	uint8_t index;	       /* in its device */
	bool is_open;	       /* mapped at EL2, tagged in stage 2 */
	const struct device_region *next_switched;
};

/** enum device_pool - records that a device takes several of, in a row */
enum device_pool {
	DEVICE_REGIONS,
	DEVICE_IRQS,
	DEVICE_RESET_WRITES,
	DEVICE_POOL_NR
};

/** struct device - one assigned device; free when cell is NULL */
struct device {
	struct vfio_platform_device vfio;
	struct timer timer;
	struct cell *cell;
	const struct device_config *config;
	uint16_t first[DEVICE_POOL_NR];	      /* records, in a row */
	uint16_t index;			      /* within the cell */
	const struct device_region *switched; /* that can be mapped: a list */
	bool is_live; /* vfio_platform_assign() succeeded */
};

/**
 * device_init() - remember the board, for what a device's node says
 */
void device_init(const struct board *board);

/** device_region() - the record with that number, which must be valid */
struct device_region *device_region(uint32_t number);

/** device_of_cell() - a cell's device by index, or NULL */
struct device *device_of_cell(const struct cell *cell, uint64_t index);

/**
 * devices_claim() - take the records for all devices of a cell's config
 *
 * Nothing of the hardware is touched. Under the cells' lock.
 *
 * Return: 0, -HYP_EBUSY (another cell owns the device, its registers or its
 * interrupt) or -HYP_ENOMEM (out of records); nothing is held then.
 */
int devices_claim(struct cell *cell, struct message *message) MUST_CHECK;

/** devices_release() - give all records of a cell back */
void devices_release(struct cell *cell);

/** devices_count() - records in use, of all cells; under the cells' lock */
void devices_count(uint64_t *device_count, uint64_t *irq_count,
		   uint64_t *region_count);

/**
 * devices_assign() - reset, map and link all of a cell's devices
 *
 * Lines stay closed until devices_open(). All or nothing.
 *
 * Return: 0 or a negative errno with a sentence.
 */
int devices_assign(struct cell *cell, struct message *message) MUST_CHECK;

/** devices_open() - the cell is about to run: let its interrupts through */
void devices_open(struct cell *cell);

/** devices_revoke() - quiesce; no CPU of the cell runs the guest; idempotent */
void devices_revoke(struct cell *cell);

/**
 * device_reset() - reset a device as its cell has it, running or not
 *
 * Nothing else changes: not its interrupts' state, not its regions. Under the cells'
 * lock and while no command for the cell is under way, so that the device cannot
 * change hands meanwhile.
 *
 * Return: 0, or with a sentence: -HYP_ENODEV (not live: the cell is shut down),
 * -HYP_ENOTTY (opted out of resets) or the error of vfio_platform_reset().
 */
int device_reset(struct device *device, struct message *message) MUST_CHECK;

/*
 * For the driver's ops (struct vfio_platform_ops says what each must do): what a
 * device's node says, its regions in both stages of translation, its timer, and the
 * route of its interrupts.
 */
int device_info(struct vfio_platform_device *dev,
		struct vfio_platform_device_info *info) MUST_CHECK;
int device_region_info(struct vfio_platform_device *dev, unsigned int region,
		       struct vfio_platform_region_info *info) MUST_CHECK;
int device_irq_info(struct vfio_platform_device *dev, unsigned int irq,
		    struct vfio_platform_irq_info *info) MUST_CHECK;
int device_region_open(struct vfio_platform_device *dev,
		       unsigned int region) MUST_CHECK;
int device_region_prepare(struct vfio_platform_device *dev,
			  unsigned int region) MUST_CHECK;
void device_regions_trap(struct vfio_platform_device *dev);
void device_regions_map(struct vfio_platform_device *dev);
int device_irq_route(struct vfio_platform_device *dev,
		     unsigned int irq) MUST_CHECK;
void device_deadline_set(struct vfio_platform_device *dev, uint64_t ticks);
void device_close(struct vfio_platform_device *dev);

#endif /* HYP_DEVICE_H */
