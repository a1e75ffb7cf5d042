// SPDX-License-Identifier: Apache-2.0
/* The known devices, and what their resets have in common. */
#include "reset.h"

static const struct vfio_platform_reset_hook hooks[] = {
	{ "arm,pl011", reset_pl011 },	{ "arm,pl031", reset_pl031 },
	{ "arm,pl061", reset_pl061 },	{ "virtio,mmio", reset_virtio_mmio },
	{ "cdns,ttc", reset_cdns_ttc },
};

static bool text_equals(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct vfio_platform_reset_hook *
vfio_platform_reset_find(const char *compatible)
{
	unsigned int i;

	if (compatible == NULL) {
		return NULL;
	}
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (text_equals(hooks[i].compatible, compatible)) {
			return &hooks[i];
		}
	}
	return NULL;
}

int reset_read(struct vfio_platform_device *dev, uint64_t offset,
	       uint32_t *value)
{
	uint64_t wide = 0;
	int ret = vfio_platform_region_touch(dev, 0, offset, 4, false, &wide);

	*value = (uint32_t)wide;
	return ret;
}

int reset_write_all(struct vfio_platform_device *dev,
		    const struct reset_write *writes, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && ret == 0; i++) {
		uint64_t value = writes[i].value;

		ret = vfio_platform_region_touch(dev, 0, writes[i].offset, 4,
						 true, &value);
	}
	return ret;
}
