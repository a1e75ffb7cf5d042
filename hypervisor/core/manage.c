// SPDX-License-Identifier: Apache-2.0
/* The management calls; what they mean is in <hyp/abi.h>. */
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/hypercall.h>
#include <hyp/irqchip.h>
#include <hyp/page.h>
#include <hyp/trace.h>
#include <string.h>

#define NOT_SUPPORTED -1

/* A NUL-padded text into x1 and the registers after it. */
static void result_text(struct frame *frame, const char *text, size_t size)
{
	memset(&frame->x[1], 0, size);
	memcpy(&frame->x[1], text, strnlen(text, size));
}

static int64_t call_cell_op(const struct frame *frame, struct cell *cell)
{
	if (frame->x[2] >= BH_OP_NR || frame->x[3] > BH_OP_FORCE) {
		return -HYP_EINVAL;
	}
	return cell_op(cell, (enum bh_op)frame->x[2], frame->x[3]);
}

static int64_t call_cell_info(struct frame *frame, const struct cell *cell)
{
	uint64_t cpus = 0;
	uint64_t devices = 0;

	cells_lock();
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		cpus |= BIT(cell->cpu[i]->index);
	}
	if (cell->config != NULL) {
		devices = cell->config->device_count;
	}
	frame->x[1] = cell->state;
	frame->x[2] = cell->job;
	frame->x[3] = (uint64_t)(int64_t)cell->job_result;
	frame->x[4] = cpus;
	frame->x[5] = cell->config != NULL ? cell->memory_size : 0;
	frame->x[6] = devices;
	frame->x[7] = cell->reason;
	cells_unlock();
	return 0;
}

static int64_t call_message(struct frame *frame, const struct cell *cell)
{
	const char *text = frame->x[3] == BH_MESSAGE_STOP ?
				   cell->stop_message.text :
				   cell->message.text;
	uint64_t offset = frame->x[2];

	if (frame->x[3] > BH_MESSAGE_STOP) {
		return -HYP_EINVAL;
	}
	if (offset >= strlen(text)) {
		return -HYP_ERANGE;
	}
	result_text(frame, text + offset, BH_MESSAGE_CHUNK);
	return 0;
}

static int64_t call_shared_info(struct frame *frame, const struct cell *cell)
{
	int64_t ret = -HYP_ENOENT;

	cells_lock(); /* a destroy may not take the config away meanwhile */
	if (cell->config != NULL && frame->x[2] < cell->config->shared_count) {
		const struct shared_use *use =
			&cell->config->shared[frame->x[2]];

		frame->x[1] = use->region->memory.base.raw;
		frame->x[2] = use->region->memory.size;
		frame->x[3] = use->intid |
			      (use->is_writable ? BH_SHARED_WRITE : 0u);
		memcpy(&frame->x[4], use->region->name, BH_NAME_SIZE);
		ret = 0;
	}
	cells_unlock();
	return ret;
}

static int64_t call_cell_stat(struct frame *frame, const struct cell *cell)
{
	const uint64_t *stat;
	uint64_t which = frame->x[3];
	uint64_t value;

	cells_lock(); /* a destroy may not take the CPUs away meanwhile */
	if (frame->x[2] >= cell->cpu_count || which >= BH_STAT_NR) {
		cells_unlock();
		return -HYP_ERANGE;
	}
	stat = cell->cpu[frame->x[2]]->vcpu.stat;
	cells_unlock();
	value = stat[which];
	if (which == BH_STAT_EXITS) {
		value = stat[BH_STAT_IRQ] + stat[BH_STAT_LINKED] +
			stat[BH_STAT_HYPERCALL] + stat[BH_STAT_PSCI] +
			stat[BH_STAT_MMIO] + stat[BH_STAT_DEVICE] +
			stat[BH_STAT_SYSREG] + stat[BH_STAT_OTHER] +
			stat[BH_STAT_SPURIOUS];
	} else if (which == BH_STAT_INJECTED) {
		value += stat[BH_STAT_LINKED];
	}
	frame->x[1] = value;
	return 0;
}

static int64_t call_device_info(struct frame *frame,
				const struct device *device)
{
	const struct vfio_platform_device *vfio = &device->vfio;

	frame->x[1] = device->config->irq_count;
	frame->x[2] = device->config->region_count;
	frame->x[3] = (device->config->dma == DEVICE_DMA_IDENTITY_UNPROTECTED ?
			       BH_DEVICE_DMA_UNPROTECTED :
			       0u) |
		      (device->config->no_mmap ? BH_DEVICE_NO_MMAP : 0u) |
		      (device->config->reset_none ? BH_DEVICE_NO_RESET : 0u);
	frame->x[4] = device->config->timeout_ms;
	frame->x[5] = vfio->expiry_count;
	frame->x[6] = vfio->trap_count;
	frame->x[7] = vfio->idle_eoi_count;
	return 0;
}

/* A linked line's interrupts are ended by the guest alone: all but the active. */
static void irq_info_linked(struct frame *frame,
			    const struct vfio_platform_irq *irq)
{
	const struct virq *virq = vgic_spi(irq->intid);
	uint64_t open = vgic_linked_open(virq) ? 1 : 0;

	frame->x[2] |= BH_IRQ_LINKED;
	frame->x[3] = BH_IRQ_INACTIVE;
	if (open != 0) {
		frame->x[3] = BH_IRQ_ACTIVE;
	}
	frame->x[3] |= (uint64_t)BH_PATH_DEFAULT << 8;
	frame->x[4] = virq->count;
	frame->x[5] = virq->count - open;
	frame->x[6] = 0;
	frame->x[7] = 0;
}

/* After a shutdown the path is none: what it was is in the config. */
static bool is_linked(const struct device *device,
		      const struct vfio_platform_irq *irq, unsigned int index)
{
	if (irq->path != VFIO_PLATFORM_PATH_NONE) {
		return irq->path == VFIO_PLATFORM_PATH_LINKED;
	}
	return irq->link_error == 0 &&
	       (device->config->irqfd >> index & 1) != 0;
}

static int64_t call_irq_info(struct frame *frame, const struct device *device)
{
	const struct vfio_platform_device *vfio = &device->vfio;
	const struct vfio_platform_irq *irq;
	unsigned int index = (unsigned int)frame->x[3];

	if (frame->x[3] >= vfio->irq_count) {
		return -HYP_ENOENT;
	}
	irq = &vfio->irqs[index];
	frame->x[1] = irq->intid;
	frame->x[2] = (irq->flags & VFIO_PLATFORM_IRQ_AUTOMASKED) != 0 ?
			      BH_IRQ_LEVEL :
			      0;
	if (is_linked(device, irq, index)) {
		irq_info_linked(frame, irq);
		return 0;
	}
	frame->x[3] = (uint64_t)vfio_platform_irq_state(&vfio->machine, index) |
		      (uint64_t)(irq->link_error != 0 ? BH_PATH_UNAVAILABLE :
							BH_PATH_CONFIG)
			      << 8;
	frame->x[4] = irq->interrupt_count;
	frame->x[5] = irq->eoi_count;
	frame->x[6] = irq->queued_count;
	frame->x[7] = irq->expiry_count;
	return 0;
}

static int64_t call_region_info(struct frame *frame,
				const struct device *device)
{
	const struct vfio_platform_device *vfio = &device->vfio;
	const struct vfio_platform_region *region;
	bool mappable;

	if (frame->x[3] >= vfio->region_count) {
		return -HYP_ENOENT;
	}
	region = &vfio->regions[frame->x[3]];
	mappable = (region->flags & VFIO_PLATFORM_REGION_MMAP) != 0;
	frame->x[1] = region->base.raw;
	frame->x[2] = region->size;
	frame->x[3] =
		((region->flags & VFIO_PLATFORM_REGION_READ) != 0 ?
			 BH_REGION_READ :
			 0u) |
		((region->flags & VFIO_PLATFORM_REGION_WRITE) != 0 ?
			 BH_REGION_WRITE :
			 0u) |
		(mappable ? BH_REGION_MAPPABLE : 0u) |
		(mappable && vfio->machine.mapping == VFIO_PLATFORM_MAPPED ?
			 BH_REGION_MAPPED :
			 0u);
	frame->x[4] = region->access_count;
	return 0;
}

static int64_t call_device(struct frame *frame, const struct cell *cell,
			   uint32_t function)
{
	const struct device *device;
	int64_t ret = -HYP_ENOENT;

	cells_lock(); /* a destroy may not take the records away meanwhile */
	device = cell->config == NULL ? NULL :
					device_of_cell(cell, frame->x[2]);
	if (device == NULL) {
		cells_unlock();
		return -HYP_ENOENT;
	}
	switch (function) {
	case BH_DEVICE_NAME:
		result_text(frame, device->config->name, BH_DEVICE_NAME_SIZE);
		ret = 0;
		break;
	case BH_DEVICE_INFO:
		ret = call_device_info(frame, device);
		break;
	case BH_IRQ_INFO:
		ret = call_irq_info(frame, device);
		break;
	default:
		ret = call_region_info(frame, device);
		break;
	}
	cells_unlock();
	return ret;
}

/* The lock is held throughout: the device cannot change hands under the reset. */
static int64_t call_device_reset(const struct frame *frame, struct cell *cell)
{
	int64_t ret = -HYP_ENOENT;

	cells_lock();
	if (cell->job != 0) {
		ret = -HYP_EAGAIN;
	} else if (cell->config != NULL) {
		struct device *device = device_of_cell(cell, frame->x[2]);

		cell->message.text[0] = '\0';
		if (device != NULL) {
			ret = device_reset(device, &cell->message);
		}
	}
	cells_unlock();
	return ret;
}

static int64_t call_console_focus(struct cell *cell)
{
	int64_t ret;

	cells_lock();
	ret = console_focus(cell);
	if (ret != 0 && cell->job == 0) {
		message_set(&cell->message, 0,
			    "cell %s does not run: it cannot have the "
			    "console's input; start it first",
			    cell->name);
	}
	cells_unlock();
	return ret;
}

static int64_t call_pool(struct frame *frame)
{
	uint64_t cpu_count = 0;
	uint64_t spi_count = 0;

	cells_lock();
	for (unsigned int i = 0; i < CONFIG_CPUS_MAX; i++) {
		const struct cpu *cpu = cpu_by_index(i);

		cpu_count += cpu != NULL && cpu->vcpu.cell != NULL;
	}
	for (uint32_t i = VGIC_PRIVATE; i < irqchip_spi_end; i++) {
		spi_count += vgic_spi_owner(i) != NULL;
	}
	frame->x[1] = page_used_count();
	frame->x[2] = page_free_count();
	devices_count(&frame->x[3], &frame->x[4], &frame->x[5]);
	frame->x[6] = cpu_count;
	frame->x[7] = spi_count;
	cells_unlock();
	return 0;
}

/* Is @function one of the management's? The others are not supported. */
static bool is_known(uint32_t function)
{
	return (function >= BH_CELL_OP && function <= BH_CELL_STAT) ||
	       function == BH_POOL || function == BH_TRACE ||
	       function == BH_CONSOLE_FOCUS ||
	       (function >= BH_DEVICE_NAME && function <= BH_DEVICE_RESET);
}

int64_t manage_call(struct cpu *cpu, struct frame *frame)
{
	uint32_t function = (uint32_t)frame->x[0];
	struct cell *cell = cell_by_index(frame->x[1]);

	if (!is_known(function)) {
		return NOT_SUPPORTED;
	}
	if (!cpu->vcpu.cell->config->may_manage) {
		return -HYP_EACCES;
	}
	if (function == BH_POOL) {
		return call_pool(frame);
	}
	if (function == BH_TRACE) {
		return trace_call(frame);
	}
	if (cell == NULL) {
		return -HYP_ENOENT;
	}
	switch (function) {
	case BH_CELL_OP:
		return call_cell_op(frame, cell);
	case BH_CONSOLE_FOCUS:
		return call_console_focus(cell);
	case BH_CELL_INFO:
		return call_cell_info(frame, cell);
	case BH_CELL_NAME:
		result_text(frame, cell->name, BH_NAME_SIZE);
		return 0;
	case BH_MESSAGE:
		return call_message(frame, cell);
	case BH_CELL_STAT:
		return call_cell_stat(frame, cell);
	case BH_SHARED_INFO:
		return call_shared_info(frame, cell);
	case BH_DEVICE_RESET:
		return call_device_reset(frame, cell);
	default:
		return call_device(frame, cell, function);
	}
}
