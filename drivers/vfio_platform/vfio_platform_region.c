// SPDX-License-Identifier: Apache-2.0
/*
 * Regions of registers: what may be mapped, and the trapped access. Everything
 * is checked before the device is touched.
 */
#include "vfio_platform_core.h"

int vfio_platform_region_setup(struct vfio_platform_region *region,
			       const struct vfio_platform_region_info *info,
			       bool no_mmap)
{
	enum vfio_platform_trap_reason reason = VFIO_PLATFORM_TRAP_NOT;

	if (range_wraps(info->base.raw, info->size)) {
		return -HYP_EINVAL;
	}
	if (info->size == 0) {
		reason = VFIO_PLATFORM_TRAP_HOLE;
	} else if (((info->base.raw | info->size) & PAGE_MASK) != 0) {
		reason = VFIO_PLATFORM_TRAP_UNALIGNED;
	} else if (no_mmap) {
		reason = VFIO_PLATFORM_TRAP_CONFIG;
	} else if ((info->flags & VFIO_PLATFORM_REGION_MMAP) == 0) {
		reason = VFIO_PLATFORM_TRAP_INFO;
	}
	region->base = info->base;
	region->size = info->size;
	region->window = 0;
	region->access_count = 0;
	region->flags = (uint8_t)(info->flags & (VFIO_PLATFORM_REGION_READ |
						 VFIO_PLATFORM_REGION_WRITE));
	if (reason == VFIO_PLATFORM_TRAP_NOT) {
		region->flags |= VFIO_PLATFORM_REGION_MMAP;
	}
	region->trap_reason = (uint8_t)reason;
	region->prepare_error = 0;
	return 0;
}

/*
 * Guest values are compared by subtraction: offset + width could wrap. Width
 * first, since the alignment is checked by its mask.
 */
static ALWAYS_INLINE int region_check(const struct vfio_platform_region *region,
				      uint64_t offset, unsigned int width,
				      bool is_write)
{
	unsigned int needed = is_write ? VFIO_PLATFORM_REGION_WRITE :
					 VFIO_PLATFORM_REGION_READ;

	if (width == 0 || width > 8 || (width & (width - 1)) != 0) {
		return -HYP_EINVAL;
	}
	if (width > region->size || offset > region->size - width) {
		return -HYP_ERANGE;
	}
	if ((offset & (width - 1)) != 0) {
		return -HYP_EINVAL;
	}
	if ((region->flags & needed) == 0) {
		return -HYP_EPERM;
	}
	return 0;
}

static ALWAYS_INLINE int region_carry_out(struct vfio_platform_device *dev,
					  unsigned int region, uint64_t offset,
					  unsigned int width, bool is_write,
					  uint64_t *value)
{
	if (is_write) {
		return dev->ops->region_write(dev, region, offset, width,
					      *value);
	}
	return dev->ops->region_read(dev, region, offset, width, value);
}

int vfio_platform_region_touch(struct vfio_platform_device *dev,
			       unsigned int region, uint64_t offset,
			       unsigned int width, bool is_write,
			       uint64_t *value)
{
	int ret;

	if (region >= dev->region_count) {
		return -HYP_ERANGE;
	}
	ret = region_check(&dev->regions[region], offset, width, is_write);
	if (ret != 0) {
		return ret;
	}
	return region_carry_out(dev, region, offset, width, is_write, value);
}

int vfio_platform_access(struct vfio_platform_device *dev, unsigned int region,
			 uint64_t offset, unsigned int width, bool is_write,
			 uint64_t *value)
{
	struct vfio_platform_region *record;
	int ret;

	if (region >= dev->live_region_count) {
		return -HYP_ERANGE;
	}
	record = &dev->regions[region];
	ret = region_check(record, offset, width, is_write);
	if (ret != 0) {
		return ret;
	}
	ret = region_carry_out(dev, region, offset, width, is_write, value);
	if (UNLIKELY(ret != 0)) {
		return vfio_platform_irq_access_failed(dev, region, is_write,
						       ret);
	}
	return vfio_platform_irq_eoi(dev, record, region);
}

static int parts_check(const struct vfio_platform_region *region,
		       const struct vfio_platform_part *parts,
		       unsigned int part_count, bool is_write)
{
	int ret = 0;

	if (part_count == 0 || part_count > VFIO_PLATFORM_PARTS_MAX) {
		return -HYP_EINVAL;
	}
	for (unsigned int i = 0; i < part_count && ret == 0; i++) {
		ret = region_check(region, parts[i].offset, parts[i].width,
				   is_write);
	}
	return ret;
}

int vfio_platform_access_parts(struct vfio_platform_device *dev,
			       unsigned int region,
			       struct vfio_platform_part *parts,
			       unsigned int part_count, bool is_write)
{
	int ret;

	if (region >= dev->live_region_count) {
		return -HYP_ERANGE;
	}
	ret = parts_check(&dev->regions[region], parts, part_count, is_write);
	if (ret != 0) {
		return ret;
	}
	for (unsigned int i = 0; i < part_count && ret == 0; i++) {
		ret = region_carry_out(dev, region, parts[i].offset,
				       parts[i].width, is_write,
				       &parts[i].value);
	}
	if (ret != 0) {
		return vfio_platform_irq_access_failed(dev, region, is_write,
						       ret);
	}
	return vfio_platform_irq_eoi(dev, &dev->regions[region], region);
}
