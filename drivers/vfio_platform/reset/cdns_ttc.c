// SPDX-License-Identifier: Apache-2.0
/*
 * Cadence triple timer counter: Zynq UltraScale+ Devices Register Reference
 * (UG1087), module TTC. Three counters, registers of each 4 bytes apart.
 */
#include "reset.h"

#define COUNTER_COUNT 3
#define COUNTER_CONTROL 0x00c
#define COUNTER_CONTROL_DISABLED 0x21 /* its value after a hardware reset */
#define INTERRUPT_REGISTER 0x054      /* cleared by reading */
#define INTERRUPT_ENABLE 0x060

int reset_cdns_ttc(struct vfio_platform_device *dev)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < COUNTER_COUNT && ret == 0; i++) {
		const struct reset_write writes[] = {
			{ (uint16_t)(INTERRUPT_ENABLE + 4 * i), 0 },
			{ (uint16_t)(COUNTER_CONTROL + 4 * i),
			  COUNTER_CONTROL_DISABLED },
		};
		uint32_t ignored;

		ret = reset_write_all(dev, writes, ARRAY_SIZE(writes));
		if (ret == 0) {
			ret = reset_read(dev, INTERRUPT_REGISTER + 4 * i,
					 &ignored);
		}
	}
	return ret;
}
