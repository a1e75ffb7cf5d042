// SPDX-License-Identifier: Apache-2.0
/* PL031 RTC: Arm DDI 0224, "Summary of registers". The time goes on. */
#include "reset.h"

#define RTCIMSC 0x010
#define RTCICR 0x01c
#define RTCICR_RTCICR 0x1

int reset_pl031(struct vfio_platform_device *dev)
{
	static const struct reset_write writes[] = {
		{ RTCIMSC, 0 },
		{ RTCICR, RTCICR_RTCICR },
	};

	return reset_write_all(dev, writes, ARRAY_SIZE(writes));
}
