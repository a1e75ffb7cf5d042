// SPDX-License-Identifier: Apache-2.0
/* The world around the driver: physical lines, clock, injector, and the ops. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_platform_check.h"

#define REGION_BASE UINT64_C(0x10000000)
#define REGION_STRIDE UINT64_C(0x10000)
#define REGION_SIZE UINT64_C(0x1000)
#define RESET_OFFSET UINT64_C(0xffc) /* no guest access of the traces goes there */

static struct world_device *of(struct vfio_platform_device *dev)
{
	return CONTAINER_OF(dev, struct world_device, dev);
}

static void broken(const struct world_device *device, const char *what)
{
	fprintf(stderr, "conformance: device %s at %" PRIu64 ": %s\n",
		device->name, device->world->now, what);
	abort();
}

/* ---- the driver's operations ---- */

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

/* What the device does when touched: it may lower its line, or not answer. */
static int touch(struct vfio_platform_device *dev)
{
	struct world_device *device = of(dev);

	if (host_lock_is_held(&dev->lock)) {
		broken(device, "the device is touched under its lock");
	}
	if (device->ack_irq >= 0) {
		device->lines[device->ack_irq].is_held = false;
	}
	return device->is_failing ? -HYP_EFAULT : 0;
}

static int op_region_read(struct vfio_platform_device *dev, unsigned int region,
			  uint64_t offset, unsigned int width, uint64_t *value)
{
	int ret = touch(dev);

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
	return offset == RESET_OFFSET ? 0 : touch(dev);
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

/* Without resampling no line is linked, not even an edge one, as in the seed. */
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
		broken(of(dev), "an edge line is unmasked");
	}
	world_say(of(dev), "unmask %u", irq);
	line->is_masked = false;
	line->entered_unmasked = false;
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

static void op_trace(struct vfio_platform_device *dev,
		     struct vfio_platform_step step, uint64_t now)
{
	struct world_device *device = of(dev);

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
		broken(device, "no such rule");
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_REPORT)) {
		world_say(device, "report");
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_QUEUE)) {
		device->is_queue_changed = true;
	}
}

static const struct vfio_platform_ops world_ops = {
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
	.trace = op_trace,
};

/* ---- invariants, and what comes last in an event ---- */

static void say_queue(struct world_device *device)
{
	const struct vfio_platform_machine *machine = &device->dev.machine;
	struct text list = { 0 };
	unsigned int i;

	text_add(&list, "%s", "");
	for (i = 0; i < machine->queue_count; i++) {
		text_add(&list, "%s%u", i == 0 ? "" : ",",
			 vfio_platform_queue_at(machine, i));
	}
	world_say(device, "queue [%s]", list.bytes);
	text_free(&list);
}

/* I4 to I6, as far as they speak of the lines and the mapping. */
static void check_lines(const struct world_device *device)
{
	const struct vfio_platform_machine *machine = &device->dev.machine;
	unsigned int i;

	if (machine->active != VFIO_PLATFORM_NO_IRQ && device->is_mapped) {
		broken(device, "I6: active, but the regions are mapped");
	}
	for (i = 0; i < device->dev.irq_count; i++) {
		const struct world_line *line = &device->lines[i];
		bool is_busy = vfio_platform_irq_state(machine, i) !=
			       VFIO_PLATFORM_INACTIVE;

		if ((machine->wired & BIT(i)) == 0) {
			continue;
		}
		if (line->is_high != (machine->active == i)) {
			broken(device, "I4: a line does not follow its IRQ");
		}
		if (is_busy && line->is_level && !line->is_masked &&
		    !line->entered_unmasked) {
			broken(device, "I5: a level IRQ is not masked");
		}
	}
}

static void before_release(struct spinlock *lock)
{
	struct world_device *device =
		CONTAINER_OF(lock, struct world_device, dev.lock);
	const char *mistake = vfio_platform_check(&device->dev);

	if (mistake != NULL) {
		broken(device, mistake);
	}
	check_lines(device);
	if (device->is_queue_changed) {
		device->is_queue_changed = false;
		say_queue(device);
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
		op_line_set(&device->dev, irq, true);
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
		line->entered_unmasked = true;
		ret = vfio_platform_irq_fire_without_event(&device->dev, irq);
	}
	if (ret != 0 && !is_linked(device, irq)) {
		broken(device, "the driver refused an interrupt");
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
		{ .offset = RESET_OFFSET, .value = 0, .region = 0, .width = 4 },
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
	setup.link_mask = config->irqfd ? UINT64_MAX : 0;
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
		  name, name, device->dev.machine.timeout_ticks, config->irqfd,
		  config->no_mmap, device->dev.compatible,
		  device->dev.compatible_count);
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
		(void)touch(&device->dev);
	} else {
		ret = vfio_platform_access(&device->dev, region, 0, 4, is_write,
					   &value);
		if (ret != (is_failing ? -HYP_EFAULT : 0)) {
			broken(device, "the driver refused an access");
		}
	}
	device->ack_irq = -1;
	device->is_failing = false;
}

/* The earliest timer that is due by @limit; of equal ones the older device's. */
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
		op_line_set(&device->dev, irq, false);
		op_irq_unmask(&device->dev, irq);
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
		if (device->lines[i].has_event && (irq < 0 || (unsigned int)irq == i)) {
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
		broken(device, "the reset failed");
	}
	world_say(device, "reset needs=1 hot=-1");
}

void world_state(struct world_device *device)
{
	static const char letters[] = "IPA";
	const struct vfio_platform_machine *machine = &device->dev.machine;
	unsigned int count = device->dev.irq_count;
	struct text text = { 0 };
	unsigned int i;

	text_add(&text, "now=%" PRIu64 " irqs=", device->world->now);
	for (i = 0; i < count; i++) {
		text_add(&text, "%s%u:%c", i == 0 ? "" : ",", i,
			 letters[vfio_platform_irq_state(machine, i)]);
	}
	text_add(&text, " queue=[");
	for (i = 0; i < machine->queue_count; i++) {
		text_add(&text, "%s%u", i == 0 ? "" : ",",
			 vfio_platform_queue_at(machine, i));
	}
	text_add(&text, "] vline=");
	for (i = 0; i < count; i++) {
		text_add(&text, "%d", device->lines[i].is_high);
	}
#define ADD_LINES(word, field)                                                 \
	do {                                                                   \
		text_add(&text, " " word "=");                                 \
		for (i = 0; i < count; i++) {                                  \
			text_add(&text, "%c",                                  \
				 !device->lines[i].is_level ? '-' :            \
				 device->lines[i].field	    ? '1' :            \
							      '0');            \
		}                                                              \
	} while (0)
	ADD_LINES("masked", is_masked);
	ADD_LINES("latch", is_latched);
	ADD_LINES("level", is_held);
#undef ADD_LINES
	text_add(&text, " mmap=");
	for (i = 0; i < device->dev.region_count; i++) {
		bool is_mappable = (device->regions[i].flags &
				    VFIO_PLATFORM_REGION_MMAP) != 0;

		text_add(&text, "%c",
			 !is_mappable	     ? '-' :
			 device->is_mapped ? '1' :
						     '0');
	}
	if (device->is_timer_set) {
		text_add(&text, " timer=%" PRIu64, device->timer);
	} else {
		text_add(&text, " timer=-");
	}
	world_say(device, "state %s", text.bytes);
	text_free(&text);
}

void world_props(struct world_device *device)
{
	world_say(device,
		  "props mmap-timeout-ms=%" PRIu64 " (%d) x-irqfd=%d (1) "
		  "x-no-mmap=%d (0)",
		  device->config.timeout_ms, VFIO_PLATFORM_TIMEOUT_MS_DEFAULT,
		  device->config.irqfd, device->config.no_mmap);
}

void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	text_add(&world->out, "%s", "");
	host_lock_on_release(before_release);
}

/* Quiesced in whatever state the script left it, a device must be at rest. */
static void revoke(struct world_device *device)
{
	unsigned int i;

	device->is_live = false;
	if (vfio_platform_revoke(&device->dev) != 0 ||
	    vfio_platform_revoke(&device->dev) != 0) {
		broken(device, "the revocation failed");
	}
	if (device->is_mapped || device->is_timer_set) {
		broken(device, "mapped, or its timer set, after revocation");
	}
	for (i = 0; i < device->config.irq_count; i++) {
		if (device->lines[i].is_high || !device->lines[i].is_masked) {
			broken(device, "a line is live after revocation");
		}
	}
}

void world_free(struct world *world)
{
	struct world_device *device = world->devices;

	while (device != NULL) {
		struct world_device *next = device->next;

		if (device->is_live) {
			revoke(device);
		}
		free(device);
		device = next;
	}
	host_lock_on_release(NULL);
	text_free(&world->out);
}
