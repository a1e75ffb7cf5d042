// SPDX-License-Identifier: Apache-2.0
/*
 * virtio over MMIO: OASIS Virtual I/O Device 1.2, "MMIO Device Register Layout"
 * and "Device Status Field". A reset stops the queues' DMA and lowers the line.
 */
#include "reset.h"

#define MAGIC_VALUE 0x000
#define MAGIC_VALUE_VIRT 0x74726976
#define STATUS 0x070

int reset_virtio_mmio(struct vfio_platform_device *dev)
{
	static const struct reset_write writes[] = { { STATUS, 0 } };
	uint64_t start;
	uint32_t value;
	int ret;

	ret = reset_read(dev, MAGIC_VALUE, &value);
	if (ret != 0) {
		return ret;
	}
	if (value != MAGIC_VALUE_VIRT) {
		return -HYP_EIO;
	}
	ret = reset_write_all(dev, writes, ARRAY_SIZE(writes));
	if (ret != 0) {
		return ret;
	}
	start = dev->ops->now(dev);
	for (;;) {
		/*
		 * Read last once more after the time is over: the wait itself
		 * may have been held up. */
		bool is_over = dev->ops->now(dev) - start >
			       dev->reset_timeout_ticks;

		ret = reset_read(dev, STATUS, &value);
		if (ret != 0 || value == 0) {
			return ret;
		}
		if (is_over) {
			return -HYP_ETIMEDOUT;
		}
	}
}
