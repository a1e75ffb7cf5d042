// SPDX-License-Identifier: Apache-2.0
/* The trace points, and the call that switches and reads the trace. */
#include <arch/frame.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/trace.h>

#define NOBODY 0xff

/* The ABI's numbers are the driver's. */
#define ASSERT_SAME(name) \
	_Static_assert((int)BH_TRACE_##name == (int)VFIO_PLATFORM_##name, #name)
ASSERT_SAME(RULE_INJECT);
ASSERT_SAME(RULE_QUEUE);
ASSERT_SAME(RULE_RAISE_AGAIN);
ASSERT_SAME(RULE_STAY_QUEUED);
ASSERT_SAME(RULE_RETIRE);
ASSERT_SAME(RULE_RETIRE_NEXT);
ASSERT_SAME(RULE_EOI_IDLE);
ASSERT_SAME(RULE_REARM);
ASSERT_SAME(RULE_RESTORE);
ASSERT_SAME(RULE_READ_FAILED);
ASSERT_SAME(DO_REPORT);
ASSERT_SAME(DO_TRAP);
ASSERT_SAME(DO_LINE_DOWN);
ASSERT_SAME(DO_UNMASK);
ASSERT_SAME(DO_LINE_UP);
ASSERT_SAME(DO_QUEUE);
ASSERT_SAME(DO_DEADLINE);
ASSERT_SAME(DO_MAP);
_Static_assert((int)BH_TRACE_RULE_NR == (int)VFIO_PLATFORM_NR_RULES, "rules");

uint32_t trace_switch;

static struct trace_ring rings[CONFIG_CPUS_MAX];
static uint64_t last_sequence;

/* Several CPUs' events of one device stand in the order of the device's lock. */
static void trace_put(enum bh_trace_kind kind, uint64_t where, uint64_t detail,
		      uint64_t time)
{
	const struct trace_event event = {
		.sequence =
			__atomic_add_fetch(&last_sequence, 1, __ATOMIC_RELAXED),
		.time = time,
		.where = where | kind,
		.detail = detail,
	};

	trace_ring_put(&rings[cpu_this()->index], &event);
}

static uint64_t where_of(struct vfio_platform_device *dev, unsigned int index,
			 unsigned int extra)
{
	const struct device *device = CONTAINER_OF(dev, struct device, vfio);
	const struct cell *cell = device->cell;
	unsigned int number = cell != NULL ? cell->index : NOBODY;

	return (uint64_t)number << BH_TRACE_CELL_SHIFT |
	       (uint64_t)device->index << BH_TRACE_DEVICE_SHIFT |
	       (uint64_t)index << BH_TRACE_INDEX_SHIFT |
	       (uint64_t)extra << BH_TRACE_EXTRA_SHIFT;
}

void trace_step(struct vfio_platform_device *dev,
		struct vfio_platform_step step, uint64_t now)
{
	trace_put(BH_TRACE_STEP, where_of(dev, 0, dev->machine.queue_count),
		  step.bits, now != 0 ? now : timer_now());
}

void trace_irq(enum bh_trace_kind kind, struct vfio_platform_device *dev,
	       unsigned int irq, uint64_t detail)
{
	trace_put(kind, where_of(dev, irq, 0), detail, timer_now());
}

void trace_linked(const struct virq *virq)
{
	if (virq->device != NULL) { /* else a PPI: the guest's own timer */
		trace_irq(BH_TRACE_LINKED, virq->device, virq->device_irq,
			  virq->intid);
	}
}

void trace_access(enum bh_trace_kind kind, struct vfio_platform_device *dev,
		  unsigned int region, unsigned int width, bool is_write,
		  uint64_t detail)
{
	trace_put(kind,
		  where_of(dev, region,
			   width | (is_write ? BH_TRACE_WRITE : 0u)),
		  detail, timer_now());
}

void trace_mark(const struct cell *cell, uint64_t number)
{
	trace_put(BH_TRACE_MARK, (uint64_t)cell->index << BH_TRACE_CELL_SHIFT,
		  number, timer_now());
}

static int64_t call_read(struct frame *frame)
{
	struct trace_event event;
	uint64_t number = frame->x[3];

	if (frame->x[2] >= ARRAY_SIZE(rings)) {
		return -HYP_ERANGE;
	}
	if (!trace_ring_get(&rings[frame->x[2]], &number, &event)) {
		frame->x[1] = number;
		return 0;
	}
	frame->x[1] = number;
	frame->x[2] = event.sequence;
	frame->x[3] = event.time;
	frame->x[4] = event.where;
	frame->x[5] = event.detail;
	return 1;
}

/* An interrupt under way on another CPU is handled by the handler it began with. */
static void trace_set(bool on)
{
	__atomic_store_n(&trace_switch, on ? 1 : 0, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < CONFIG_CPUS_MAX; i++) {
		struct cpu *cpu = cpu_by_index(i);

		if (cpu != NULL) {
			__atomic_store_n(&cpu->irq_handler,
					 on ? irqchip->handle_traced :
					      irqchip->handle,
					 __ATOMIC_RELAXED);
		}
	}
}

int64_t trace_call(struct frame *frame)
{
	switch (frame->x[1]) {
	case BH_TRACE_OFF:
	case BH_TRACE_ON:
		trace_set(frame->x[1] == BH_TRACE_ON);
		return 0;
	case BH_TRACE_INFO:
		frame->x[1] = trace_is_on() ? BH_TRACE_ON : BH_TRACE_OFF;
		frame->x[2] = ARRAY_SIZE(rings);
		frame->x[3] = CONFIG_TRACE_EVENTS;
		return 0;
	case BH_TRACE_READ:
		return call_read(frame);
	default:
		return -HYP_EINVAL;
	}
}
