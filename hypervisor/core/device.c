// SPDX-License-Identifier: Apache-2.0
/* Records of assigned devices: claimed per cell, assigned, revoked, released. */
#include <hyp/cell.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/printk.h>
#include <hyp/vfio_platform_hyp.h>
#include <string.h>

#define RESET_TIMEOUT_MS 1000

static struct device devices[CONFIG_DEVICES_MAX];
static struct device_region device_regions[CONFIG_REGION_RECORDS];
static struct vfio_platform_region vfio_regions[CONFIG_REGION_RECORDS];
static struct vfio_platform_irq vfio_irqs[CONFIG_IRQ_RECORDS];
static struct vfio_platform_reset_write reset_writes[CONFIG_RESET_WRITE_RECORDS];
static const struct board *the_board;

_Static_assert(CONFIG_REGION_RECORDS < DEVICE_REGION_NONE, "a number is left");

void device_init(const struct board *board)
{
	the_board = board;
}

const struct board *device_board(void)
{
	return the_board;
}

struct device_region *device_region(uint32_t number)
{
	return &device_regions[number];
}

struct device *device_of_cell(const struct cell *cell, uint64_t index)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].cell == cell && index-- == 0) {
			return &devices[i];
		}
	}
	return NULL;
}

static const unsigned int pool_size[DEVICE_POOL_NR] = {
	[DEVICE_REGIONS] = CONFIG_REGION_RECORDS,
	[DEVICE_IRQS] = CONFIG_IRQ_RECORDS,
	[DEVICE_RESET_WRITES] = CONFIG_RESET_WRITE_RECORDS,
};

static unsigned int pool_need(const struct device_config *config,
			      unsigned int pool)
{
	const unsigned int need[DEVICE_POOL_NR] = {
		[DEVICE_REGIONS] = config->region_count,
		[DEVICE_IRQS] = config->irq_count,
		[DEVICE_RESET_WRITES] = config->reset_write_count,
	};

	return need[pool];
}

/* First of the records in a row that no device uses; -1: there are none. */
static int records_find(const struct device_config *config, unsigned int pool)
{
	unsigned int count = pool_need(config, pool);
	unsigned int at = 0;

	while (at + count <= pool_size[pool]) {
		const struct device *in_the_way = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
			const struct device *device = &devices[i];
			unsigned int first;
			unsigned int used;

			if (device->cell == NULL) {
				continue;
			}
			first = device->first[pool];
			used = pool_need(device->config, pool);
			if (range_overlaps(at, count, first, used)) {
				in_the_way = device;
				at = first + used;
				break;
			}
		}
		if (in_the_way == NULL) {
			return (int)at;
		}
	}
	return -1;
}

static const char *spi_owner(uint32_t intid)
{
	const struct virq *virq = vgic_spi(intid);

	if (virq == NULL) {
		return "no interrupt controller of this board";
	}
	if (vgic_spi_owner(intid) != NULL) {
		return virq->cell->name;
	}
	return virq->kind != VIRQ_UNOWNED ? "the hypervisor" : NULL;
}

static int claim_refused(const struct cell *cell,
			 const struct device_config *config, const char *what,
			 const char *owner, struct message *message)
{
	return message_set(message, -HYP_EBUSY,
			   "cell %s: device %s (%s): %s belongs to %s; destroy "
			   "that cell first, or name another device",
			   cell->name, config->name,
			   board_node_name(the_board, config->node), what,
			   owner);
}

static int claim_check_regions(const struct cell *cell,
			       const struct device_config *config,
			       const struct device *other,
			       struct message *message)
{
	for (unsigned int i = 0; i < config->region_count; i++) {
		struct board_region region;
		int ret = board_region(the_board, config->node, i, &region,
				       message);

		if (ret != 0) {
			return ret;
		}
		for (unsigned int j = 0; j < other->config->region_count; j++) {
			struct board_region taken;

			ret = board_region(the_board, other->config->node, j,
					   &taken, message);
			if (ret == 0 && range_overlaps(region.range.base.raw,
						       region.range.size,
						       taken.range.base.raw,
						       taken.range.size)) {
				return claim_refused(cell, config,
						     "a part of its registers",
						     other->cell->name,
						     message);
			}
		}
	}
	return 0;
}

static int claim_check(const struct cell *cell,
		       const struct device_config *config,
		       struct message *message)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		const struct device *other = &devices[i];
		int ret;

		if (other->cell == NULL || other->cell == cell) {
			continue;
		}
		if (other->config->node == config->node) {
			return claim_refused(cell, config, "it",
					     other->cell->name, message);
		}
		ret = claim_check_regions(cell, config, other, message);
		if (ret != 0) {
			return ret;
		}
	}
	for (unsigned int i = 0; i < config->irq_count; i++) {
		struct board_irq irq;
		int ret = board_irq(the_board, config->node, i, &irq, message);

		if (ret != 0) {
			return ret;
		}
		if (spi_owner(irq.intid) != NULL) {
			return claim_refused(cell, config, "its interrupt",
					     spi_owner(irq.intid), message);
		}
	}
	return 0;
}

static struct device *device_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].cell == NULL) {
			return &devices[i];
		}
	}
	return NULL;
}

static int device_claim(struct cell *cell, unsigned int index,
			struct message *message)
{
	const struct device_config *config = &cell->config->device[index];
	struct device *device = device_free();
	int first[DEVICE_POOL_NR];
	bool is_full = device == NULL;
	int ret = claim_check(cell, config, message);

	if (ret != 0) {
		return ret;
	}
	for (unsigned int i = 0; i < DEVICE_POOL_NR; i++) {
		first[i] = records_find(config, i);
		is_full = is_full || first[i] < 0;
	}
	if (is_full) {
		return message_set(message, -HYP_ENOMEM,
				   "cell %s: device %s: the records for "
				   "devices, regions, interrupts or reset "
				   "writes are used up; raise "
				   "CONFIG_DEVICES_MAX, CONFIG_REGION_RECORDS, "
				   "CONFIG_IRQ_RECORDS or "
				   "CONFIG_RESET_WRITE_RECORDS",
				   cell->name, config->name);
	}
	/*
	 * The last owner's lock and timer stay as they are: a deadline that has
	 * just expired on another CPU may still be on its way in.
	 */
	device->vfio.irq_count = 0;
	device->vfio.region_count = 0;
	device->vfio.live_region_count = 0;
	device->is_live = false;
	device->cell = cell;
	device->config = config;
	device->index = (uint16_t)index;
	for (unsigned int i = 0; i < DEVICE_POOL_NR; i++) {
		device->first[i] = (uint16_t)first[i];
	}
	device->vfio.binding = device;
	return 0;
}

int devices_claim(struct cell *cell, struct message *message)
{
	for (unsigned int i = 0; i < cell->config->device_count; i++) {
		int ret = device_claim(cell, i, message);

		if (ret != 0) {
			devices_release(cell);
			return ret;
		}
	}
	return 0;
}

/* Its lines go to nobody, as they did before they were anybody's. */
static void device_release(struct device *device)
{
	for (unsigned int i = 0; i < device->vfio.irq_count; i++) {
		uint32_t intid = device->vfio.irqs[i].intid;

		irqchip->set_edge(intid, false);
		irqchip->set_target(intid, NULL);
	}
	device->cell = NULL;
}

void devices_release(struct cell *cell)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].cell == cell) {
			device_release(&devices[i]);
		}
	}
}

void devices_count(uint64_t *device_count, uint64_t *irq_count,
		   uint64_t *region_count)
{
	*device_count = 0;
	*irq_count = 0;
	*region_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].cell != NULL) {
			(*device_count)++;
			*irq_count += devices[i].config->irq_count;
			*region_count += devices[i].config->region_count;
		}
	}
}

static const char *const stage_words[VFIO_PLATFORM_NR_STAGES] = {
	[VFIO_PLATFORM_ABSENT] = "nothing was tried",
	[VFIO_PLATFORM_SETUP] = "it is assigned already",
	[VFIO_PLATFORM_ATTACH] = "it cannot be attached",
	[VFIO_PLATFORM_DEVICE_INFO] = "its node cannot be read",
	[VFIO_PLATFORM_REGION] = "a region cannot be read from \"reg\"",
	[VFIO_PLATFORM_REGION_OPEN] = "no page is left to map its registers",
	[VFIO_PLATFORM_IRQ] = "an interrupt cannot be read from \"interrupts\"",
	[VFIO_PLATFORM_RESET_WRITE] = "a write of \"reset-writes\" failed",
	[VFIO_PLATFORM_RESET_HOOK] =
		"no reset is known for it; give \"reset-writes\", or say "
		"reset = \"none\"",
	[VFIO_PLATFORM_ARM] = "its interrupt cannot be routed",
	[VFIO_PLATFORM_LIVE] = "nothing failed",
};

/* What a user should know of a device that works, but not as fast as it could. */
static void device_warn(const struct cell *cell, const struct device *device)
{
	for (unsigned int i = 0; i < device->vfio.region_count; i++) {
		const struct vfio_platform_region *region =
			&device->vfio.regions[i];

		if (region->trap_reason == VFIO_PLATFORM_TRAP_UNALIGNED ||
		    region->trap_reason == VFIO_PLATFORM_TRAP_PREPARE) {
			printk(LOG_NOTICE,
			       "cell %s: device %s: region %u (0x%lx, 0x%lx "
			       "bytes) cannot be mapped in whole pages: each "
			       "access traps, performance may be slow",
			       cell->name, device->config->name, i,
			       region->base.raw, region->size);
		}
	}
	if (device->config->dma == DEVICE_DMA_IDENTITY_UNPROTECTED) {
		printk(LOG_NOTICE,
		       "cell %s: device %s may master the bus and no SMMU "
		       "holds it back (dma = \"identity-unprotected\"): it can "
		       "reach all of memory",
		       cell->name, device->config->name);
	}
	if (device->config->reset_none) {
		printk(LOG_NOTICE,
		       "cell %s: device %s is not reset when it changes hands "
		       "(reset = \"none\"): it may be running, and what it "
		       "holds is handed on",
		       cell->name, device->config->name);
	}
}

static void reset_writes_read(const struct cell *cell,
			      const struct device *device)
{
	for (unsigned int i = 0; i < device->config->reset_write_count; i++) {
		struct reset_write_config write = device_config_reset_write(
			cell->config, device->config, i);

		reset_writes[device->first[DEVICE_RESET_WRITES] + i] =
			(struct vfio_platform_reset_write){
				.offset = write.offset,
				.value = write.value,
				.width = (uint8_t)write.width,
			};
	}
}

static int device_assign(struct cell *cell, struct device *device,
			 struct message *message)
{
	const struct device_config *config = device->config;
	struct vfio_platform_failure failure = { 0 };
	struct vfio_platform_setup setup = {
		.ops = &vfio_platform_hyp_ops,
		.irqs = &vfio_irqs[device->first[DEVICE_IRQS]],
		.irq_capacity = config->irq_count,
		.regions = &vfio_regions[device->first[DEVICE_REGIONS]],
		.region_capacity = config->region_count,
		.link_mask = config->irqfd,
		.no_mmap = config->no_mmap,
		.timeout_ticks = timer_ticks(config->timeout_ms),
		.reset_policy = config->reset_none ?
					VFIO_PLATFORM_RESET_NONE :
					VFIO_PLATFORM_RESET_REQUIRED,
		.reset_writes =
			&reset_writes[device->first[DEVICE_RESET_WRITES]],
		.reset_write_count = config->reset_write_count,
		.reset_timeout_ticks = timer_ticks(RESET_TIMEOUT_MS),
	};
	int ret;

	reset_writes_read(cell, device);
	ret = vfio_platform_assign(&device->vfio, &setup, &failure);
	if (ret != 0) {
		return message_set(message, ret,
				   "cell %s: device %s (%s): %s (number %u, "
				   "error %d)",
				   cell->name, config->name,
				   board_node_name(the_board, config->node),
				   stage_words[failure.stage], failure.index,
				   -ret);
	}
	device->is_live = true;
	if (!cell->is_hushed) {
		device_warn(cell, device);
	}
	return 0;
}

int devices_assign(struct cell *cell, struct message *message)
{
	for (unsigned int i = 0; i < cell->config->device_count; i++) {
		struct device *device = device_of_cell(cell, i);
		int ret;

		if (device->is_live) {
			continue;
		}
		ret = device_assign(cell, device, message);
		if (ret != 0) {
			devices_revoke(cell);
			return ret;
		}
	}
	return 0;
}

void devices_open(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->config->device_count; i++) {
		const struct device *device = device_of_cell(cell, i);

		for (unsigned int j = 0; j < device->vfio.irq_count; j++) {
			vgic_spi_open(device->vfio.irqs[j].intid);
		}
	}
}

void devices_revoke(struct cell *cell)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		struct device *device = &devices[i];

		if (device->cell != cell || !device->is_live) {
			continue;
		}
		if (vfio_platform_revoke(&device->vfio) != 0) {
			printk(LOG_ERROR,
			       "cell %s: device %s could not be reset: it may "
			       "still be running",
			       cell->name, device->config->name);
		}
		timer_cancel(&device->timer);
		device->is_live = false;
	}
}

static const char *reset_words(enum vfio_platform_stage stage)
{
	return stage == VFIO_PLATFORM_RESET_WRITE ?
		       stage_words[stage] :
		       "the device does not become idle";
}

int device_reset(struct device *device, struct message *message)
{
	const struct device_config *config = device->config;
	struct vfio_platform_failure failure = { 0 };
	int ret;

	if (!device->is_live) {
		return message_set(message, -HYP_ENODEV,
				   "cell %s: device %s is not the cell's now: "
				   "load the cell first",
				   device->cell->name, config->name);
	}
	if (config->reset_none) {
		return message_set(message, -HYP_ENOTTY,
				   "cell %s: device %s has no reset: its "
				   "config says reset = \"none\"",
				   device->cell->name, config->name);
	}
	ret = vfio_platform_reset(&device->vfio, &failure);
	return ret == 0 ? 0 :
			  message_set(message, ret,
				      "cell %s: device %s: the reset failed: "
				      "%s (number %u, error %d)",
				      device->cell->name, config->name,
				      reset_words(failure.stage), failure.index,
				      -ret);
}
