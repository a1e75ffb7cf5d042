// SPDX-License-Identifier: Apache-2.0
/* What the driver's ops do in this hypervisor: tables, timers and routes. */
#include <arch/stage1.h>
#include <hyp/cell.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/trace.h>
#include <hyp/vfio_platform_hyp.h>
#include <libfdt.h>

static struct device *device_of(struct vfio_platform_device *dev)
{
	return CONTAINER_OF(dev, struct device, vfio);
}

static struct device_region *region_of(struct vfio_platform_device *dev,
				       unsigned int region)
{
	return device_region(device_of(dev)->first[DEVICE_REGIONS] + region);
}

COLD int device_info(struct vfio_platform_device *dev,
		     struct vfio_platform_device_info *info)
{
	const struct device_config *config = device_of(dev)->config;
	int count = board_compatible_count(device_board(), config->node, NULL);

	if (count < 0) {
		return count;
	}
	info->flags = VFIO_PLATFORM_DEVICE_PLATFORM;
	info->region_count = config->region_count;
	info->irq_count = config->irq_count;
	info->compatible_count = (unsigned int)count;
	info->compatible = fdt_getprop(device_board()->fdt, config->node,
				       "compatible", NULL);
	return 0;
}

COLD int device_region_info(struct vfio_platform_device *dev,
			    unsigned int region,
			    struct vfio_platform_region_info *info)
{
	struct board_region found;
	int ret = board_region(device_board(), device_of(dev)->config->node,
			       region, &found, NULL);

	if (ret != 0) {
		return ret;
	}
	info->base = found.range.base;
	info->size = found.range.size;
	info->flags = VFIO_PLATFORM_REGION_READ | VFIO_PLATFORM_REGION_WRITE |
		      VFIO_PLATFORM_REGION_MMAP;
	return 0;
}

COLD int device_irq_info(struct vfio_platform_device *dev, unsigned int irq,
			 struct vfio_platform_irq_info *info)
{
	struct board_irq found;
	int ret = board_irq(device_board(), device_of(dev)->config->node, irq,
			    &found, NULL);

	if (ret != 0) {
		return ret;
	}
	info->intid = found.intid;
	info->flags = VFIO_PLATFORM_IRQ_EVENTFD;
	if (found.is_level) {
		info->flags |= VFIO_PLATFORM_IRQ_MASKABLE |
			       VFIO_PLATFORM_IRQ_AUTOMASKED;
	}
	return 0;
}

/* Append @region to the others of this cell that have registers in one page. */
static COLD void region_share_page(uint64_t tag, struct device_region *region)
{
	struct device_region *at = device_region(stage2_tag_number(tag));

	while (at != region && at->next_in_page != DEVICE_REGION_NONE) {
		at = device_region(at->next_in_page);
	}
	if (at != region) {
		at->next_in_page = (uint16_t)stage2_tag_number(region->tag);
	}
}

static COLD int region_tag(struct stage2 *stage2, struct device_region *region)
{
	uint64_t at = region->base.raw & ~PAGE_MASK;
	uint64_t last = region->base.raw + region->size - 1;

	if (((region->base.raw | region->size) & PAGE_MASK) == 0) {
		return stage2_tag_pages(stage2, region->base, region->size,
					region->tag);
	}
	for (; at <= last; at += PAGE_SIZE) {
		uint64_t tag = stage2_lookup(stage2, ipa(at));
		int ret;

		if (stage2_tag_owner(tag) == STAGE2_REGION) {
			region_share_page(tag, region);
			continue;
		}
		ret = stage2_tag_pages(stage2, ipa(at), PAGE_SIZE, region->tag);
		if (ret != 0) {
			return ret;
		}
	}
	return 0;
}

COLD int device_region_open(struct vfio_platform_device *dev,
			    unsigned int region)
{
	struct device_region *record = region_of(dev, region);
	const struct vfio_platform_region *info = &dev->regions[region];
	struct pa_range range = { info->base, info->size };

	record->device = dev;
	record->base = ipa(info->base.raw);
	record->size = info->size;
	record->tag = stage2_tag(
		STAGE2_REGION, device_of(dev)->first[DEVICE_REGIONS] + region);
	record->next_in_page = DEVICE_REGION_NONE;
	record->index = (uint8_t)region;
	if (stage1_map_device(range) == NULL) {
		return -HYP_ENOMEM;
	}
	record->is_open = true;
	return region_tag(&device_of(dev)->cell->stage2, record);
}

COLD int device_region_prepare(struct vfio_platform_device *dev,
			       unsigned int region)
{
	struct device_region *record = region_of(dev, region);
	struct device *device = device_of(dev);
	int ret = stage2_switch_prepare(&device->cell->stage2, &record->sw,
					record->base, record->size,
					STAGE2_DEVICE, record->tag);

	if (ret == 0) {
		record->next_switched = device->switched;
		device->switched = record;
	}
	return ret;
}

void device_regions_trap(struct vfio_platform_device *dev)
{
	const struct device_region *region = device_of(dev)->switched;

	/* There is one, or the driver would not ask for this. */
	do {
		stage2_switch_clear(&region->sw, region->tag);
		stage2_switch_invalidate(&region->sw);
		region = region->next_switched;
	} while (region != NULL);
	stage2_invalidate_done();
}

void device_regions_map(struct vfio_platform_device *dev)
{
	const struct device_region *region = device_of(dev)->switched;

	for (; region != NULL; region = region->next_switched) {
		stage2_switch_map(&region->sw);
	}
}

COLD void device_close(struct vfio_platform_device *dev)
{
	for (unsigned int i = 0; i < dev->region_count; i++) {
		struct device_region *record = region_of(dev, i);
		struct pa_range range = { pa(record->base.raw), record->size };

		if (record->is_open) {
			record->is_open = false;
			stage1_unmap_device(range);
		}
	}
	device_of(dev)->switched = NULL;
}

static COLD void trace_path(struct vfio_platform_device *dev, unsigned int irq)
{
	const struct vfio_platform_irq *info = &dev->irqs[irq];
	bool is_level = (info->flags & VFIO_PLATFORM_IRQ_AUTOMASKED) != 0;
	bool is_linked = info->path == VFIO_PLATFORM_PATH_LINKED;
	uint64_t flags = (is_level ? BH_IRQ_LEVEL : 0u) |
			 (is_linked ? BH_IRQ_LINKED : 0u);

	trace_irq(BH_TRACE_PATH, dev, irq,
		  info->intid | flags << 32 |
			  (uint64_t)-info->link_error << 40);
}

static void device_timer_expire(struct timer *timer, uint64_t now)
{
	vfio_platform_deadline(&CONTAINER_OF(timer, struct device, timer)->vfio,
			       now);
}

/* The line stays closed until the cell runs: devices_open(). */
COLD int device_irq_route(struct vfio_platform_device *dev, unsigned int irq)
{
	const struct vfio_platform_irq *info = &dev->irqs[irq];
	struct cell *cell = device_of(dev)->cell;
	bool is_level = (info->flags & VFIO_PLATFORM_IRQ_AUTOMASKED) != 0;
	bool is_linked = info->path == VFIO_PLATFORM_PATH_LINKED;
	int ret = vgic_spi_assign(info->intid, cell,
				  is_linked ? VIRQ_LINKED : VIRQ_TRAPPED,
				  !is_level, cell->cpu[0]);

	if (ret == 0) {
		struct virq *virq = vgic_spi(info->intid);

		virq->device = dev;
		virq->device_irq = (uint8_t)irq;
		dev->irqs[irq].binding = (uintptr_t)virq;
		device_of(dev)->timer.expire = device_timer_expire;
	}
	if (trace_is_on()) {
		trace_path(dev, irq);
	}
	return ret;
}

/*
 * A timer that waits on any CPU is left alone: its setting is never later than the
 * new one, and it looks at the device's deadline when it runs.
 */
void device_deadline_set(struct vfio_platform_device *dev, uint64_t ticks)
{
	struct timer *timer = &device_of(dev)->timer;

	/* Pairs with the store-release in timer_take() on the owner. */
	if (__atomic_load_n(&timer->cpu, __ATOMIC_ACQUIRE) == NULL) {
		timer_arm(timer, ticks);
	}
}
