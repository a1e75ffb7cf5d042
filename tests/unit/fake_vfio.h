/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake machine for the assignment driver: it writes down every operation, can
 * make any of them fail, and checks which of them are called with the lock
 * held.
 */
#ifndef UNIT_FAKE_VFIO_H
#define UNIT_FAKE_VFIO_H

#include "../../drivers/vfio_platform/vfio_platform.h"

#define FAKE_LOG_SIZE 16384
#define FAKE_REGISTER_COUNT 1024 /* of region 0, 32 bits each */

/** struct fake_vfio - a device on the fake machine; zeroed by fake_init() */
struct fake_vfio {
	struct vfio_platform_device dev;
	struct vfio_platform_setup setup; /* usable as fake_init() leaves it */
	struct vfio_platform_irq irqs[VFIO_PLATFORM_IRQS_MAX];
	struct vfio_platform_region regions[VFIO_PLATFORM_REGIONS_MAX];
	struct vfio_platform_device_info device_info;
	struct vfio_platform_region_info
		region_info[VFIO_PLATFORM_REGIONS_MAX + 1];
	struct vfio_platform_irq_info irq_info[VFIO_PLATFORM_IRQS_MAX + 1];

	/*
	 * Every operation since the last fake_log_clear(), as "name" or
	 * "name(args)", each followed by a blank; now and trace are left out.
	 */
	char log[FAKE_LOG_SIZE];
	size_t log_size;
	unsigned int now_call_count;
	unsigned int trace_call_count;
	struct vfio_platform_step step; /* of the last trace */
	uint64_t step_now;
	size_t step_log_size; /* what the log held at the last trace */

	/*
	 * The @fail_countdown-th (from 1) call of an op that begins with
	 * @fail_op.
	 */
	const char *fail_op;
	unsigned int fail_countdown;
	int fail_error;

	uint64_t now;
	uint64_t now_step; /* added at each call of now */
	bool is_attached;
	bool is_mapped;
	bool is_deadline_set;
	uint64_t deadline;
	bool is_armed[VFIO_PLATFORM_IRQS_MAX];
	bool is_linked[VFIO_PLATFORM_IRQS_MAX];
	bool is_high[VFIO_PLATFORM_IRQS_MAX];
	uint32_t registers[FAKE_REGISTER_COUNT];
	uint64_t value; /* that a read of 8 bytes yields */
};

/**
 * fake_init() - two regions of a page, mappable, and @irq_count level IRQs
 *
 * Trapped path, a timeout of 100 ticks, no reset.
 */
void fake_init(struct fake_vfio *fake, unsigned int irq_count);

/** fake_assign() - fake_init() and a successful assignment; the log is empty */
void fake_assign(struct fake_vfio *fake, unsigned int irq_count);

/** fake_set_edge() - IRQ @irq is an edge line; before the assignment */
void fake_set_edge(struct fake_vfio *fake, unsigned int irq);

/** fake_fail() - the @nth call (from 1) of operation @op fails with @error */
void fake_fail(struct fake_vfio *fake, const char *op, unsigned int nth,
	       int error);

/** fake_expire() - the timer runs, at @now */
void fake_expire(struct fake_vfio *fake, uint64_t now);

void fake_log_clear(struct fake_vfio *fake);

/** fake_assert_log() - the log is exactly @expected; cleared then */
void fake_assert_log(struct fake_vfio *fake, const char *expected);

/**
 * fake_assert_at_rest() - nothing is attached, armed, linked, high, set, mapped
 */
void fake_assert_at_rest(const struct fake_vfio *fake);

/** fake_ops - the table; copies of it may be changed */
extern const struct vfio_platform_ops fake_ops;

#endif /* UNIT_FAKE_VFIO_H */
