// SPDX-License-Identifier: Apache-2.0
/*
 * Assignment: attach, populate, reset, realize, arm; and its reverse. What a
 * failed assignment leaves and what a running one leaves go the same way out.
 */
#include "reset/reset.h"
#include "vfio_platform_core.h"

/* The ops table is checked once, here; no call elsewhere looks for a hole. */
static bool ops_are_complete(const struct vfio_platform_ops *ops)
{
	const bool has_setup =
		ops->attach != NULL && ops->detach != NULL &&
		ops->device_info != NULL && ops->region_info != NULL &&
		ops->irq_info != NULL && ops->region_open != NULL &&
		ops->region_prepare != NULL;
	const bool has_regions =
		ops->region_read != NULL && ops->region_write != NULL &&
		ops->regions_trap != NULL && ops->regions_map != NULL;
	const bool has_irqs = ops->irq_disarm != NULL &&
			      ops->irq_clear != NULL && ops->irq_link != NULL &&
			      ops->irq_unlink != NULL && ops->irq_arm != NULL &&
			      ops->irq_unmask != NULL && ops->line_set != NULL;
	const bool has_clock = ops->now != NULL && ops->deadline_set != NULL &&
			       ops->deadline_cancel != NULL &&
			       ops->is_traced != NULL && ops->trace != NULL;

	return has_setup && has_regions && has_irqs && has_clock;
}

static int fail(struct vfio_platform_failure *failure,
		enum vfio_platform_stage stage, unsigned int index, int error)
{
	failure->stage = stage;
	failure->index = index;
	failure->error = error;
	return error;
}

static void device_init(struct vfio_platform_device *dev,
			const struct vfio_platform_setup *setup)
{
	dev->live_region_count = 0;
	dev->ops = setup->ops;
	dev->irqs = setup->irqs;
	dev->regions = setup->regions;
	dev->deadline = VFIO_PLATFORM_NO_DEADLINE;
	dev->machine.wired = 0;
	dev->machine.level = 0;
	dev->machine.pending = 0;
	dev->machine.timeout_ticks = setup->timeout_ticks;
	dev->machine.active = VFIO_PLATFORM_NO_IRQ;
	dev->machine.mapping = VFIO_PLATFORM_UNMAPPABLE;
	dev->machine.queue_head = 0;
	dev->machine.queue_count = 0;
	dev->trap_count = 0;
	dev->expiry_count = 0;
	dev->idle_eoi_count = 0;
	dev->refused_count = 0;
	dev->report_count = 0;
	dev->reset_policy = (uint8_t)setup->reset_policy;
	dev->irq_count = 0;
	dev->region_count = 0;
	dev->compatible_count = 0;
	dev->compatible = NULL;
	dev->reset_writes = setup->reset_writes;
	dev->reset_write_count = setup->reset_write_count;
	dev->reset_timeout_ticks = setup->reset_timeout_ticks;
}

static int populate_device(struct vfio_platform_device *dev,
			   const struct vfio_platform_setup *setup,
			   struct vfio_platform_device_info *info)
{
	int ret = dev->ops->device_info(dev, info);

	if (ret != 0) {
		return ret;
	}
	if ((info->flags & VFIO_PLATFORM_DEVICE_PLATFORM) == 0) {
		return -HYP_ENODEV;
	}
	if (info->region_count > setup->region_capacity ||
	    info->region_count > VFIO_PLATFORM_REGIONS_MAX ||
	    info->irq_count > setup->irq_capacity ||
	    info->irq_count > VFIO_PLATFORM_IRQS_MAX) {
		return -HYP_E2BIG;
	}
	dev->compatible = info->compatible;
	dev->compatible_count = info->compatible_count;
	return 0;
}

static int populate_region(struct vfio_platform_device *dev, unsigned int index,
			   bool no_mmap, struct vfio_platform_failure *failure)
{
	struct vfio_platform_region *region = &dev->regions[index];
	struct vfio_platform_region_info info = { 0 };
	int ret = dev->ops->region_info(dev, index, &info);

	if (ret == 0) {
		ret = vfio_platform_region_setup(region, &info, no_mmap);
	}
	if (ret != 0) {
		return fail(failure, VFIO_PLATFORM_REGION, index, ret);
	}
	dev->region_count = index + 1;
	if (region->size == 0) {
		return 0;
	}
	ret = dev->ops->region_open(dev, index);
	if (ret != 0) {
		return fail(failure, VFIO_PLATFORM_REGION_OPEN, index, ret);
	}
	if ((region->flags & VFIO_PLATFORM_REGION_MMAP) == 0) {
		return 0;
	}
	ret = dev->ops->region_prepare(dev, index);
	if (ret == 0) {
		dev->machine.mapping = VFIO_PLATFORM_TRAPPED;
		return 0;
	}
	/* Slower, but right: each access traps and is an EOI. */
	region->flags &= (uint8_t)~VFIO_PLATFORM_REGION_MMAP;
	region->trap_reason = VFIO_PLATFORM_TRAP_PREPARE;
	region->prepare_error = (int16_t)ret;
	return 0;
}

static int irq_setup(struct vfio_platform_irq *irq,
		     const struct vfio_platform_irq_info *info)
{
	const uint32_t level = VFIO_PLATFORM_IRQ_MASKABLE |
			       VFIO_PLATFORM_IRQ_AUTOMASKED;

	/* A line can signal; and it is level in both respects or edge. */
	if ((info->flags & VFIO_PLATFORM_IRQ_EVENTFD) == 0 ||
	    ((info->flags & level) != 0 && (info->flags & level) != level)) {
		return -HYP_EINVAL;
	}
	irq->intid = info->intid;
	irq->flags =
		(uint8_t)(info->flags & (level | VFIO_PLATFORM_IRQ_EVENTFD));
	irq->path = VFIO_PLATFORM_PATH_NONE;
	irq->link_error = 0;
	irq->interrupt_count = 0;
	irq->eoi_count = 0;
	irq->queued_count = 0;
	irq->expiry_count = 0;
	irq->refire_count = 0;
	irq->binding = 0;
	return 0;
}

static int populate_irq(struct vfio_platform_device *dev, unsigned int index)
{
	struct vfio_platform_irq *irq = &dev->irqs[index];
	struct vfio_platform_irq_info info = { 0 };
	int ret = dev->ops->irq_info(dev, index, &info);

	if (ret == 0) {
		ret = irq_setup(irq, &info);
	}
	if (ret != 0) {
		return ret;
	}
	dev->irq_count = index + 1;
	if ((irq->flags & VFIO_PLATFORM_IRQ_AUTOMASKED) != 0) {
		dev->machine.level |= BIT(index);
	}
	dev->ops->irq_disarm(dev, index);
	dev->ops->irq_clear(dev, index);
	return 0;
}

static int populate(struct vfio_platform_device *dev,
		    const struct vfio_platform_setup *setup,
		    struct vfio_platform_failure *failure)
{
	struct vfio_platform_device_info info = { 0 };
	unsigned int i;
	int ret = populate_device(dev, setup, &info);

	if (ret != 0) {
		return fail(failure, VFIO_PLATFORM_DEVICE_INFO, 0, ret);
	}
	for (i = 0; i < info.region_count; i++) {
		ret = populate_region(dev, i, setup->no_mmap, failure);
		if (ret != 0) {
			return ret;
		}
	}
	for (i = 0; i < info.irq_count; i++) {
		ret = populate_irq(dev, i);
		if (ret != 0) {
			return fail(failure, VFIO_PLATFORM_IRQ, i, ret);
		}
	}
	return 0;
}

/*
 * The path is chosen and the IRQ wired to the state machine before its line is
 * unmasked, since it may fire at once, on another CPU.
 */
static int arm(struct vfio_platform_device *dev, unsigned int index,
	       bool may_link)
{
	struct vfio_platform_irq *irq = &dev->irqs[index];
	int ret;

	irq->path = VFIO_PLATFORM_PATH_TRAPPED;
	if (may_link) {
		ret = dev->ops->irq_link(dev, index);
		irq->link_error = (int16_t)ret;
		if (ret == 0) {
			irq->path = VFIO_PLATFORM_PATH_LINKED;
		}
	}
	if (irq->path == VFIO_PLATFORM_PATH_TRAPPED) {
		spinlock_lock(&dev->lock);
		dev->machine.wired |= BIT(index);
		spinlock_unlock(&dev->lock);
	}
	return dev->ops->irq_arm(dev, index);
}

static int realize(struct vfio_platform_device *dev, uint64_t link_mask,
		   struct vfio_platform_failure *failure)
{
	unsigned int i;
	int ret;

	if (dev->machine.mapping == VFIO_PLATFORM_TRAPPED) {
		dev->ops->regions_map(dev);
		dev->machine.mapping = VFIO_PLATFORM_MAPPED;
	}
	dev->live_region_count = dev->region_count;
	for (i = 0; i < dev->irq_count; i++) {
		ret = arm(dev, i, (link_mask & BIT(i)) != 0);
		if (ret != 0) {
			return fail(failure, VFIO_PLATFORM_ARM, i, ret);
		}
	}
	return 0;
}

/* From here on nothing fires, expires or is accessed any more. */
static void quiesce(struct vfio_platform_device *dev)
{
	struct vfio_platform_machine *machine = &dev->machine;
	const struct vfio_platform_ops *ops = dev->ops;
	unsigned int i;

	spinlock_lock(&dev->lock);
	machine->wired = 0;
	dev->live_region_count = 0;
	for (i = 0; i < dev->irq_count; i++) {
		ops->irq_disarm(dev, i);
	}
	if (dev->deadline != VFIO_PLATFORM_NO_DEADLINE) {
		dev->deadline = VFIO_PLATFORM_NO_DEADLINE;
		ops->deadline_cancel(dev);
	}
	machine->pending = 0;
	machine->queue_count = 0;
	if (machine->active != VFIO_PLATFORM_NO_IRQ) {
		ops->line_set(dev, machine->active, false);
		machine->active = VFIO_PLATFORM_NO_IRQ;
	}
	for (i = 0; i < dev->irq_count; i++) {
		if (dev->irqs[i].path != VFIO_PLATFORM_PATH_NONE) {
			ops->irq_unlink(dev, i);
			dev->irqs[i].path = VFIO_PLATFORM_PATH_NONE;
		}
	}
	if (machine->mapping == VFIO_PLATFORM_MAPPED) {
		machine->mapping = VFIO_PLATFORM_TRAPPED;
		ops->regions_trap(dev);
	}
	spinlock_unlock(&dev->lock);
}

static void give_back(struct vfio_platform_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->irq_count; i++) {
		dev->ops->irq_clear(dev, i);
	}
	dev->ops->detach(dev);
	dev->stage = VFIO_PLATFORM_ABSENT;
}

static int reset(struct vfio_platform_device *dev,
		 struct vfio_platform_failure *failure)
{
	const struct vfio_platform_reset_hook *hook;
	unsigned int i;
	int ret;

	if (dev->reset_policy == VFIO_PLATFORM_RESET_NONE) {
		return 0;
	}
	for (i = 0; i < dev->reset_write_count; i++) {
		uint64_t value = dev->reset_writes[i].value;

		ret = vfio_platform_region_touch(dev,
						 dev->reset_writes[i].region,
						 dev->reset_writes[i].offset,
						 dev->reset_writes[i].width,
						 true, &value);
		if (ret != 0) {
			return fail(failure, VFIO_PLATFORM_RESET_WRITE, i, ret);
		}
	}
	hook = vfio_platform_reset_find(dev->compatible);
	ret = dev->reset_write_count == 0 ? -HYP_ENOTTY : 0;
	if (hook != NULL) {
		ret = hook->reset(dev);
	}
	if (ret != 0) {
		return fail(failure, VFIO_PLATFORM_RESET_HOOK, 0, ret);
	}
	return 0;
}

int vfio_platform_assign(struct vfio_platform_device *dev,
			 const struct vfio_platform_setup *setup,
			 struct vfio_platform_failure *failure)
{
	struct vfio_platform_failure ignored;
	int ret;

	failure = failure != NULL ? failure : &ignored;
	if (dev->stage != VFIO_PLATFORM_ABSENT) {
		return fail(failure, VFIO_PLATFORM_SETUP, 0, -HYP_EBUSY);
	}
	if (!ops_are_complete(setup->ops)) {
		return fail(failure, VFIO_PLATFORM_SETUP, 0, -HYP_EINVAL);
	}
	device_init(dev, setup);
	ret = dev->ops->attach(dev);
	if (ret != 0) {
		return fail(failure, VFIO_PLATFORM_ATTACH, 0, ret);
	}
	ret = populate(dev, setup, failure);
	if (ret != 0) {
		goto out_give_back;
	}
	ret = reset(dev, failure);
	if (ret != 0) {
		goto out_give_back;
	}
	ret = realize(dev, setup->link_mask, failure);
	if (ret != 0) {
		goto out_quiesce;
	}
	dev->stage = VFIO_PLATFORM_LIVE;
	return 0;

out_quiesce:
	quiesce(dev);
out_give_back:
	give_back(dev);
	return ret;
}

int vfio_platform_revoke(struct vfio_platform_device *dev)
{
	struct vfio_platform_failure ignored;
	int ret;

	if (dev->stage == VFIO_PLATFORM_ABSENT) {
		return 0;
	}
	quiesce(dev);
	ret = reset(dev, &ignored);
	give_back(dev);
	return ret;
}

int vfio_platform_reset(struct vfio_platform_device *dev,
			struct vfio_platform_failure *failure)
{
	struct vfio_platform_failure ignored;

	failure = failure != NULL ? failure : &ignored;
	if (dev->stage == VFIO_PLATFORM_ABSENT) {
		return fail(failure, VFIO_PLATFORM_ABSENT, 0, -HYP_ENODEV);
	}
	return reset(dev, failure);
}
