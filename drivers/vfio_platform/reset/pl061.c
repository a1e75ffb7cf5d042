// SPDX-License-Identifier: Apache-2.0
/* PL061 GPIO: Arm DDI 0190, "Summary of registers". All pins become inputs. */
#include "reset.h"

#define GPIODIR 0x400
#define GPIOIS 0x404
#define GPIOIBE 0x408
#define GPIOIEV 0x40c
#define GPIOIE 0x410
#define GPIOIC 0x41c
#define GPIOIC_ALL 0xff
#define GPIOAFSEL 0x420

int reset_pl061(struct vfio_platform_device *dev)
{
	/* Cleared last: a change of sense may latch an edge. */
	static const struct reset_write writes[] = {
		{ GPIOIE, 0 },		{ GPIODIR, 0 }, { GPIOAFSEL, 0 },
		{ GPIOIS, 0 },		{ GPIOIBE, 0 }, { GPIOIEV, 0 },
		{ GPIOIC, GPIOIC_ALL },
	};

	return reset_write_all(dev, writes, ARRAY_SIZE(writes));
}
