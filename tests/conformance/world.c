// SPDX-License-Identifier: Apache-2.0
/* The world around the driver: physical lines, handlers, clock and commands. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_broken(const struct world_device *device, const char *what)
{
	struct text *mistake = &device->world->mistake;

	if (mistake->size == 0) {
		text_add(mistake, "device %s at %" PRIu64 ": %s", device->name,
			 device->world->now, what);
	}
}

/* ---- physical lines and handlers ---- */

static bool is_linked(const struct world_device *device, unsigned int irq)
{
	return device->irqs[irq].path == VFIO_PLATFORM_PATH_LINKED;
}

/* The interrupt is acknowledged: automasked if level, then signalled. */
static void take(struct world_device *device, unsigned int irq)
{
	struct world_line *line = &device->lines[irq];

	if (line->is_level) {
		line->is_masked = true;
		line->is_latched = false;
		world_say(device, "mask %u", irq);
	}
	if (!is_linked(device, irq)) {
		line->has_event = true;
	} else if (line->is_level) {
		world_ops.line_set(&device->dev, irq, true);
	} else {
		world_say(device, "virq %u pulse", irq);
	}
}

static void run_handler(struct world_device *device, unsigned int irq)
{
	struct world_line *line = &device->lines[irq];
	int ret;

	if (line->has_event) {
		line->has_event = false;
		ret = vfio_platform_irq_fire(&device->dev, irq);
	} else {
		line->was_spurious = true;
		ret = vfio_platform_irq_fire_without_event(&device->dev, irq);
	}
	if (ret != 0 && !is_linked(device, irq)) {
		world_broken(device, "the driver refused an interrupt");
	}
}

static bool settle_device(struct world_device *device)
{
	bool has_changed = false;
	unsigned int i;

	for (i = 0; i < device->dev.irq_count; i++) {
		struct world_line *line = &device->lines[i];

		if (line->is_level && !line->is_masked &&
		    (line->is_latched || line->is_held)) {
			take(device, i);
			has_changed = true;
		}
	}
	for (i = 0; i < device->dev.irq_count && !device->world->is_deferred;
	     i++) {
		if (device->lines[i].has_event) {
			run_handler(device, i);
			has_changed = true;
		}
	}
	return has_changed;
}

void world_settle(struct world *world)
{
	struct world_device *device;
	bool has_changed = true;

	while (has_changed) {
		has_changed = false;
		for (device = world->devices; device != NULL;
		     device = device->next) {
			has_changed = settle_device(device) || has_changed;
		}
	}
}

/* ---- commands ---- */

void world_device_create(struct world *world, const char *name,
			 const struct world_config *config)
{
	static const struct vfio_platform_reset_write reset_writes[] = {
		{ .offset = WORLD_RESET_OFFSET,
		  .value = 0,
		  .region = 0,
		  .width = 4 },
	};
	struct world_device *device = calloc(1, sizeof(*device));
	struct world_device **link = &world->devices;
	struct vfio_platform_setup setup = { 0 };
	struct vfio_platform_failure failure;
	bool has_registers = config->region_count != 0 &&
			     config->region_kind[0] != '0';
	unsigned int i;
	int ret;

	if (device == NULL) {
		abort();
	}
	while (*link != NULL) {
		link = &(*link)->next;
	}
	*link = device;
	snprintf(device->name, sizeof(device->name), "%s", name);
	device->world = world;
	device->config = *config;
	device->ack_irq = -1;
	world->current = device;
	setup.ops = &world_ops;
	setup.irqs = device->irqs;
	setup.irq_capacity = ARRAY_SIZE(device->irqs);
	setup.regions = device->regions;
	setup.region_capacity = ARRAY_SIZE(device->regions);
	setup.link_mask = config->link_mask;
	setup.no_mmap = config->no_mmap;
	setup.timeout_ticks = config->timeout_ms;
	setup.reset_policy = has_registers ? VFIO_PLATFORM_RESET_REQUIRED :
					     VFIO_PLATFORM_RESET_NONE;
	setup.reset_writes = reset_writes;
	setup.reset_write_count = ARRAY_SIZE(reset_writes);
	ret = vfio_platform_assign(&device->dev, &setup, &failure);
	if (ret != 0) {
		world_say(device, "error stage %d index %u errno %d",
			  (int)failure.stage, failure.index, failure.error);
		return;
	}
	device->is_live = true;
	world_say(device,
		  "realized name=%s sysfsdev=/sys/bus/platform/devices/%s "
		  "timeout=%" PRIu64 " irqfd=%d nommap=%d compat=%s "
		  "num_compat=%u",
		  name, name, device->dev.machine.timeout_ticks,
		  config->link_mask != 0, config->no_mmap,
		  device->dev.compatible, device->dev.compatible_count);
	for (i = 0; i < device->dev.irq_count; i++) {
		bool linked = is_linked(device, i);

		world_say(device, "arm %u %s", i, linked ? "irqfd" : "eventfd");
		if (linked && device->lines[i].is_level) {
			world_say(device, "resample %u", i);
		}
	}
}

void world_irq(struct world_device *device, unsigned int irq)
{
	struct world_line *line = &device->lines[irq];

	if (line->is_level && line->is_masked) {
		line->is_latched = true;
		world_say(device, "latch %u", irq);
	} else {
		take(device, irq);
	}
}

void world_level(struct world_device *device, unsigned int irq, bool is_held)
{
	device->lines[irq].is_held = is_held;
}

void world_access(struct world_device *device, unsigned int region,
		  bool is_write, int ack_irq, bool is_failing)
{
	const struct vfio_platform_region *record = &device->regions[region];
	uint64_t value = 0;
	int ret;

	if (record->trap_reason == VFIO_PLATFORM_TRAP_HOLE) {
		world_say(device, "hole %u", region);
		return;
	}
	device->ack_irq = ack_irq;
	device->is_failing = is_failing;
	if (device->is_mapped &&
	    (record->flags & VFIO_PLATFORM_REGION_MMAP) != 0) {
		world_say(device, "direct %u", region);
		(void)world_touch(device);
	} else {
		ret = vfio_platform_access(&device->dev, region, 0, 4, is_write,
					   &value);
		if (ret != (is_failing ? -HYP_EFAULT : 0)) {
			world_broken(device, "the driver refused an access");
		}
	}
	device->ack_irq = -1;
	device->is_failing = false;
}

/*
 * The earliest timer that is due by @limit; of equal ones the older device's.
 */
static struct world_device *next_timer(struct world *world, uint64_t limit)
{
	struct world_device *first = NULL;
	struct world_device *device;

	for (device = world->devices; device != NULL; device = device->next) {
		if (device->is_timer_set && device->timer <= limit &&
		    (first == NULL || device->timer < first->timer)) {
			first = device;
		}
	}
	return first;
}

void world_advance(struct world *world, uint64_t ms)
{
	uint64_t limit = world->now + ms;
	struct world_device *device = next_timer(world, limit);

	while (device != NULL) {
		world->now = device->timer;
		device->is_timer_set = false;
		vfio_platform_deadline(&device->dev, world->now);
		world_settle(world);
		device = next_timer(world, limit);
	}
	world->now = limit;
}

void world_guest_eoi(struct world_device *device, unsigned int irq)
{
	struct world_line *line = &device->lines[irq];

	if (!is_linked(device, irq)) {
		world_say(device, "geoi %u unseen", irq);
	} else if (line->is_level && line->is_high) {
		world_ops.line_set(&device->dev, irq, false);
		world_ops.irq_unmask(&device->dev, irq);
	}
}

void world_software_trigger(struct world_device *device, unsigned int irq)
{
	struct world_line *line = &device->lines[irq];

	if (!line->is_level || !line->is_masked) {
		take(device, irq);
	}
}

void world_spurious(struct world_device *device, unsigned int irq)
{
	run_handler(device, irq);
}

void world_dispatch(struct world_device *device, int irq)
{
	unsigned int i;

	for (i = 0; i < device->dev.irq_count; i++) {
		if (device->lines[i].has_event &&
		    (irq < 0 || (unsigned int)irq == i)) {
			run_handler(device, i);
		}
	}
}

/*
 * A reset of the hardware leaves the state machine alone (T16). The seed's two
 * operations did nothing, and so answered.
 */
void world_reset(struct world_device *device)
{
	if (vfio_platform_reset(&device->dev, NULL) != 0) {
		world_broken(device, "the reset failed");
	}
	world_say(device, "reset needs=1 hot=-1");
}

void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	text_add(&world->out, "%s", "");
	host_lock_on_release(world_before_release);
}

/* Quiesced in whatever state the script left it, a device must be at rest. */
static void revoke(struct world_device *device)
{
	unsigned int i;

	device->is_live = false;
	if (vfio_platform_revoke(&device->dev) != 0 ||
	    vfio_platform_revoke(&device->dev) != 0) {
		world_broken(device, "the revocation failed");
	}
	if (device->is_mapped || device->is_timer_set) {
		world_broken(device,
			     "mapped, or its timer set, after revocation");
	}
	for (i = 0; i < device->config.irq_count; i++) {
		if (device->lines[i].is_high || !device->lines[i].is_masked) {
			world_broken(device, "a line is live after revocation");
		}
	}
}

const char *world_finish(struct world *world)
{
	struct world_device *device;

	for (device = world->devices; device != NULL; device = device->next) {
		if (device->is_live) {
			revoke(device);
		}
	}
	return world->mistake.bytes;
}

void world_free(struct world *world)
{
	struct world_device *device = world->devices;

	while (device != NULL) {
		struct world_device *next = device->next;

		free(device);
		device = next;
	}
	host_lock_on_release(NULL);
	text_free(&world->out);
	text_free(&world->mistake);
}
