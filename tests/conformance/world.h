/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world around the driver, as the traces model it: physical lines with mask
 * and latch, event counters, one clock, an injector. It holds no state of an
 * IRQ and no queue; those are read from the driver.
 */
#ifndef CONFORMANCE_WORLD_H
#define CONFORMANCE_WORLD_H

#include "../../drivers/vfio_platform/vfio_platform.h"

#define WORLD_NAME_SIZE 64

/** struct text - a growing string */
struct text {
	char *bytes; /* NUL-terminated once something was added */
	size_t size;
	size_t capacity;
};

void text_add(struct text *text, const char *format, ...) PRINTF_FORMAT(2, 3);
void text_free(struct text *text);

/** struct world_line - one physical line, its event, and the virtual line */
struct world_line {
	bool is_level;
	bool is_masked;
	bool is_latched;   /* fired while masked; level only */
	bool is_held;	   /* the level is kept high; level only */
	bool has_event;	   /* signalled, the handler has not run yet */
	bool is_high;	   /* the virtual line */
	bool was_spurious; /* its handler once ran without an event (T5) */
};

/** struct world_config - a `device` command's keys */
struct world_config {
	unsigned int irq_count;
	bool is_edge[VFIO_PLATFORM_IRQS_MAX];
	unsigned int region_count;
	char region_kind[VFIO_PLATFORM_REGIONS_MAX]; /* 'M', 'T' or '0' */
	uint64_t timeout_ms;
	uint64_t link_mask; /* irqfd; bit n: IRQ n may be linked */
	bool no_mmap;
	bool has_irqfd;	     /* kvmirqfd */
	bool has_resamplefd; /* resamplefd */
};

struct world;

/** struct world_device - a device and its surroundings */
struct world_device {
	struct vfio_platform_device dev;
	struct vfio_platform_irq irqs[VFIO_PLATFORM_IRQS_MAX];
	struct vfio_platform_region regions[VFIO_PLATFORM_REGIONS_MAX];
	struct world *world;
	struct world_device *next; /* in order of creation */
	char name[WORLD_NAME_SIZE];
	struct world_config config;
	struct world_line lines[VFIO_PLATFORM_IRQS_MAX];
	bool is_mapped;
	bool is_timer_set;
	uint64_t timer; /* valid if is_timer_set; 1 tick is 1 ms */
	bool has_step; /* a trace record was written since the lock was taken */
	struct vfio_platform_step step; /* the record, valid if has_step */
	uint64_t step_now;
	size_t step_out; /* what had been printed before it, bytes */
	bool is_live;
	/* Of the access under way. */
	int ack_irq; /* or -1 */
	bool is_failing;
};

/** struct world - all devices, the clock and what was printed */
struct world {
	struct text out;
	uint64_t now;
	bool is_deferred;
	struct world_device *devices;
	struct world_device *current;
	struct text mistake; /* the first thing that must not be; empty: none */
	const struct world_device *printed; /* the last one that spoke */
};

/** world_init() / world_free() - an empty world, and its end */
void world_init(struct world *world);
void world_free(struct world *world);

/**
 * world_finish() - revoke all devices; more output may follow
 *
 * Return: NULL, or what the driver did, at any time, that it must not do.
 */
const char *world_finish(struct world *world);

/**
 * world_device_create() - create, assign and make current; prints the result
 */
void world_device_create(struct world *world, const char *name,
			 const struct world_config *config);

/* The commands of tests/conformance/README.md; @irq and @region are valid. */
void world_irq(struct world_device *device, unsigned int irq);
void world_level(struct world_device *device, unsigned int irq, bool is_held);
void world_access(struct world_device *device, unsigned int region,
		  bool is_write, int ack_irq, bool is_failing);
void world_advance(struct world *world, uint64_t ms);
void world_guest_eoi(struct world_device *device, unsigned int irq);
void world_software_trigger(struct world_device *device, unsigned int irq);
void world_spurious(struct world_device *device, unsigned int irq);
void world_dispatch(struct world_device *device, int irq);
void world_reset(struct world_device *device);
void world_state(struct world_device *device);
void world_props(struct world_device *device);

/**
 * world_settle() - take what can be taken, run what waits, until nothing
 * changes
 */
void world_settle(struct world *world);

/* --- Between the files of the world --- */

#define WORLD_RESET_OFFSET UINT64_C(0xffc) /* the guest never goes there */

extern const struct vfio_platform_ops world_ops;

/**
 * world_touch() - what the device does when touched: lower its line, or not
 * answer
 *
 * Return: 0 or -HYP_EFAULT.
 */
int world_touch(struct world_device *device);

/**
 * world_before_release() - checks and the `queue` line, just before an unlock
 */
void world_before_release(struct spinlock *lock);

/** world_queue_text() - append the driver's FIFO as "[1,2]" */
void world_queue_text(const struct vfio_platform_machine *machine,
		      struct text *text);

/** world_broken() - the driver did what it must not: the trace has failed */
void world_broken(const struct world_device *device, const char *what);

/** world_say() - print a line that concerns @device */
void world_say(struct world_device *device, const char *format, ...)
	PRINTF_FORMAT(2, 3);

#endif /* CONFORMANCE_WORLD_H */
