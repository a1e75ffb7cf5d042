// SPDX-License-Identifier: Apache-2.0
/*
 * The operations that the driver is given, and what is checked after each
 * event.
 */
#include <inttypes.h>
#include <string.h>

#include "expand.h"
#include "vfio_platform_check.h"
#include "world.h"

#define REGION_BASE UINT64_C(0x10000000)
#define REGION_STRIDE UINT64_C(0x10000)
#define REGION_SIZE UINT64_C(0x1000)

static struct world_device *of(struct vfio_platform_device *dev)
{
	return CONTAINER_OF(dev, struct world_device, dev);
}

static int op_attach(struct vfio_platform_device *dev)
{
	(void)dev;
	return 0;
}

static void op_detach(struct vfio_platform_device *dev)
{
	(void)dev;
}

static int op_device_info(struct vfio_platform_device *dev,
			  struct vfio_platform_device_info *info)
{
	info->flags = VFIO_PLATFORM_DEVICE_PLATFORM;
	info->region_count = of(dev)->config.region_count;
	info->irq_count = of(dev)->config.irq_count;
	info->compatible = "vendor,dev";
	info->compatible_count = 1;
	return 0;
}

static int op_region_info(struct vfio_platform_device *dev, unsigned int region,
			  struct vfio_platform_region_info *info)
{
	char kind = of(dev)->config.region_kind[region];

	info->base = pa(REGION_BASE + region * REGION_STRIDE);
	info->size = kind == '0' ? 0 : REGION_SIZE;
	info->flags = VFIO_PLATFORM_REGION_READ | VFIO_PLATFORM_REGION_WRITE;
	if (kind == 'M') {
		info->flags |= VFIO_PLATFORM_REGION_MMAP;
	}
	return 0;
}

static int op_irq_info(struct vfio_platform_device *dev, unsigned int irq,
		       struct vfio_platform_irq_info *info)
{
	info->intid = 32 + irq;
	info->flags = VFIO_PLATFORM_IRQ_EVENTFD;
	if (!of(dev)->config.is_edge[irq]) {
		info->flags |= VFIO_PLATFORM_IRQ_MASKABLE |
			       VFIO_PLATFORM_IRQ_AUTOMASKED;
	}
	return 0;
}

static int op_region_open(struct vfio_platform_device *dev, unsigned int region)
{
	(void)dev;
	(void)region;
	return 0;
}

static int op_region_prepare(struct vfio_platform_device *dev,
			     unsigned int region)
{
	(void)dev;
	(void)region;
	return 0;
}

int world_touch(struct world_device *device)
{
	if (host_lock_is_held(&device->dev.lock)) {
		world_broken(device, "the device is touched under its lock");
	}
	if (device->ack_irq >= 0) {
		device->lines[device->ack_irq].is_held = false;
	}
	return device->is_failing ? -HYP_EFAULT : 0;
}

static int op_region_read(struct vfio_platform_device *dev, unsigned int region,
			  uint64_t offset, unsigned int width, uint64_t *value)
{
	int ret = world_touch(of(dev));

	(void)region;
	(void)offset;
	(void)width;
	if (ret == 0) {
		*value = 0;
	}
	return ret;
}

static int op_region_write(struct vfio_platform_device *dev,
			   unsigned int region, uint64_t offset,
			   unsigned int width, uint64_t value)
{
	(void)region;
	(void)width;
	(void)value;
	return offset == WORLD_RESET_OFFSET ? 0 : world_touch(of(dev));
}

static void map_all(struct vfio_platform_device *dev, bool is_mapped)
{
	struct world_device *device = of(dev);

	if (device->is_mapped != is_mapped && device->is_live) {
		world_say(device, "mmap %s", is_mapped ? "on" : "off");
	}
	device->is_mapped = is_mapped;
}

static void op_regions_trap(struct vfio_platform_device *dev)
{
	map_all(dev, false);
}

static void op_regions_map(struct vfio_platform_device *dev)
{
	map_all(dev, true);
}

static void op_irq_disarm(struct vfio_platform_device *dev, unsigned int irq)
{
	of(dev)->lines[irq].is_masked = true;
}

static void op_irq_clear(struct vfio_platform_device *dev, unsigned int irq)
{
	of(dev)->lines[irq].is_latched = false;
	of(dev)->lines[irq].has_event = false;
}

/*
 * Without resampling no line is linked, not even an edge one, as in the seed.
 */
static int op_irq_link(struct vfio_platform_device *dev, unsigned int irq)
{
	const struct world_config *config = &of(dev)->config;

	(void)irq;
	return config->has_irqfd && config->has_resamplefd ? 0 :
							     -HYP_EOPNOTSUPP;
}

static void op_irq_unlink(struct vfio_platform_device *dev, unsigned int irq)
{
	of(dev)->lines[irq].is_high = false;
}

static int op_irq_arm(struct vfio_platform_device *dev, unsigned int irq)
{
	of(dev)->lines[irq].is_level = !of(dev)->config.is_edge[irq];
	of(dev)->lines[irq].is_masked = false;
	return 0;
}

static void op_irq_unmask(struct vfio_platform_device *dev, unsigned int irq)
{
	struct world_line *line = &of(dev)->lines[irq];

	if (!line->is_level) {
		world_broken(of(dev), "an edge line is unmasked");
	}
	world_say(of(dev), "unmask %u", irq);
	line->is_masked = false;
}

static void op_line_set(struct vfio_platform_device *dev, unsigned int irq,
			bool is_high)
{
	world_say(of(dev), "virq %u %d", irq, is_high ? 1 : 0);
	of(dev)->lines[irq].is_high = is_high;
}

static uint64_t op_now(struct vfio_platform_device *dev)
{
	return of(dev)->world->now;
}

static void op_deadline_set(struct vfio_platform_device *dev, uint64_t ticks)
{
	world_say(of(dev), "timer %" PRIu64, ticks);
	of(dev)->timer = ticks;
	of(dev)->is_timer_set = true;
}

static void op_deadline_cancel(struct vfio_platform_device *dev)
{
	of(dev)->is_timer_set = false;
}

static const uint32_t is_traced = 1;

static void op_trace(struct vfio_platform_device *dev,
		     struct vfio_platform_step step, uint64_t now)
{
	struct world_device *device = of(dev);

	device->has_step = true;
	device->step = step;
	device->step_now = now;
	device->step_out = device->world->out.size;
	switch (vfio_platform_step_rule(step)) {
	case VFIO_PLATFORM_RULE_INJECT:
	case VFIO_PLATFORM_RULE_QUEUE:
	case VFIO_PLATFORM_RULE_RAISE_AGAIN:
	case VFIO_PLATFORM_RULE_STAY_QUEUED:
		break;
	case VFIO_PLATFORM_RULE_RETIRE:
	case VFIO_PLATFORM_RULE_RETIRE_NEXT:
	case VFIO_PLATFORM_RULE_EOI_IDLE:
	case VFIO_PLATFORM_RULE_READ_FAILED:
		world_say(device, "trap %u", vfio_platform_step_region(step));
		break;
	case VFIO_PLATFORM_RULE_REARM:
	case VFIO_PLATFORM_RULE_RESTORE:
		world_say(device, "expire %" PRIu64, now);
		break;
	case VFIO_PLATFORM_NR_RULES:
		world_broken(device, "no such rule");
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_REPORT)) {
		world_say(device, "report");
	}
}

const struct vfio_platform_ops world_ops = {
	.attach = op_attach,
	.detach = op_detach,
	.device_info = op_device_info,
	.region_info = op_region_info,
	.irq_info = op_irq_info,
	.region_open = op_region_open,
	.region_prepare = op_region_prepare,
	.region_read = op_region_read,
	.region_write = op_region_write,
	.regions_trap = op_regions_trap,
	.regions_map = op_regions_map,
	.irq_disarm = op_irq_disarm,
	.irq_clear = op_irq_clear,
	.irq_link = op_irq_link,
	.irq_unlink = op_irq_unlink,
	.irq_arm = op_irq_arm,
	.irq_unmask = op_irq_unmask,
	.line_set = op_line_set,
	.now = op_now,
	.deadline_set = op_deadline_set,
	.deadline_cancel = op_deadline_cancel,
	.is_traced = &is_traced,
	.trace = op_trace,
};

/*
 * The trace record was written first and says all that was then done: an
 * exporter that has only the records comes to the same lines.
 */
static void finish_step(struct world_device *device)
{
	struct text expected = { 0 };
	struct text queue = { 0 };
	const char *got;

	world_queue_text(&device->dev.machine, &queue);
	if (vfio_platform_step_does(device->step, VFIO_PLATFORM_DO_QUEUE)) {
		world_say(device, "queue %s", queue.bytes);
	}
	got = device->world->out.bytes + device->step_out;
	if (*got == '@') {
		got = strchr(got, '\n') + 1;
	}
	text_add(&expected, "%s", "");
	expand_step(&expected, device->step, device->step_now,
		    device->dev.machine.timeout_ticks, queue.bytes);
	if (strcmp(expected.bytes, got) != 0) {
		world_broken(device, "the trace record is not what was done");
	}
	text_free(&expected);
	text_free(&queue);
	device->has_step = false;
}

/*
 * I4 to I6, as far as they speak of the lines and the mapping. A line that was
 * once entered without an event may be unmasked by that entry's EOI while an
 * event of its own still waits; I5 does not hold for it any more.
 */
static void check_lines(const struct world_device *device)
{
	const struct vfio_platform_machine *machine = &device->dev.machine;
	unsigned int i;

	if (machine->active != VFIO_PLATFORM_NO_IRQ && device->is_mapped) {
		world_broken(device, "I6: active, but the regions are mapped");
	}
	for (i = 0; i < device->dev.irq_count; i++) {
		const struct world_line *line = &device->lines[i];
		bool is_busy = vfio_platform_irq_state(machine, i) !=
			       VFIO_PLATFORM_INACTIVE;

		if ((machine->wired & BIT(i)) == 0) {
			continue;
		}
		if (line->is_high != (machine->active == i)) {
			world_broken(device,
				     "I4: a line does not follow its IRQ");
		}
		if (is_busy && line->is_level && !line->is_masked &&
		    !line->was_spurious) {
			world_broken(device, "I5: a level IRQ is not masked");
		}
	}
}

void world_before_release(struct spinlock *lock)
{
	struct world_device *device =
		CONTAINER_OF(lock, struct world_device, dev.lock);
	const char *mistake = vfio_platform_check(&device->dev);

	if (mistake != NULL) {
		world_broken(device, mistake);
	}
	check_lines(device);
	if (device->has_step) {
		finish_step(device);
	}
}
