// SPDX-License-Identifier: Apache-2.0
/*
 * The trapped path: a pure step of the state machine, and an actor that carries
 * out what the step asks for. Rules T1 to T16: docs/vfio-platform.md.
 */
#include "vfio_platform_core.h"

#define QUEUE_SIZE VFIO_PLATFORM_IRQS_MAX

/*
 * The slot is found by a mask, and a FIFO of all IRQs but the active one fits.
 */
_Static_assert((QUEUE_SIZE & (QUEUE_SIZE - 1)) == 0, "a power of two");
_Static_assert(QUEUE_SIZE <= 64, "an IRQ is a bit of uint64_t");

static ALWAYS_INLINE struct vfio_platform_step
step_make(enum vfio_platform_rule rule, unsigned int actions,
	  unsigned int raised, unsigned int retired, unsigned int region)
{
	return (struct vfio_platform_step){
		actions | (uint64_t)rule << VFIO_PLATFORM_STEP_RULE_SHIFT |
		(uint64_t)raised << VFIO_PLATFORM_STEP_RAISED_SHIFT |
		(uint64_t)retired << VFIO_PLATFORM_STEP_RETIRED_SHIFT |
		(uint64_t)region << VFIO_PLATFORM_STEP_REGION_SHIFT
	};
}

static ALWAYS_INLINE void queue_push(struct vfio_platform_machine *machine,
				     unsigned int irq)
{
	unsigned int slot = machine->queue_head + machine->queue_count;

	machine->queue[slot % QUEUE_SIZE] = (uint8_t)irq;
	machine->queue_count++;
	machine->pending |= BIT(irq);
}

static ALWAYS_INLINE unsigned int
queue_pop(struct vfio_platform_machine *machine)
{
	unsigned int irq = machine->queue[machine->queue_head];

	machine->queue_head = (uint8_t)((machine->queue_head + 1) % QUEUE_SIZE);
	machine->queue_count--;
	machine->pending &= ~BIT(irq);
	return irq;
}

/*
 * is_usual: what is known of an event before its step, so that the compiler leaves
 * the rest out. Of a fire: none is active, the regions are mapped, and there is a
 * timeout. Of an EOI: one is active and none waits.
 *
 * T1 to T5. A waiting IRQ implies an active one (I3), so "busy" is one compare.
 * T3 asks for no trap: while one is active the regions trap already (I6).
 */
static ALWAYS_INLINE struct vfio_platform_step
step_fire(struct vfio_platform_machine *machine, unsigned int irq,
	  bool has_event, bool is_usual)
{
	enum vfio_platform_rule rule = VFIO_PLATFORM_RULE_INJECT;
	unsigned int actions = VFIO_PLATFORM_DO_LINE_UP;

	if (is_usual || machine->active == VFIO_PLATFORM_NO_IRQ) {
		machine->active = (uint8_t)irq;
		if (is_usual || machine->mapping == VFIO_PLATFORM_MAPPED) {
			machine->mapping = VFIO_PLATFORM_TRAPPED;
			actions |= VFIO_PLATFORM_DO_TRAP;
		}
	} else if (machine->active == irq) {
		rule = VFIO_PLATFORM_RULE_RAISE_AGAIN;
	} else if ((machine->pending & BIT(irq)) != 0) {
		return step_make(VFIO_PLATFORM_RULE_STAY_QUEUED, 0, irq, 0, 0);
	} else {
		queue_push(machine, irq);
		return step_make(VFIO_PLATFORM_RULE_QUEUE,
				 VFIO_PLATFORM_DO_QUEUE, irq, 0, 0);
	}
	if (is_usual || machine->timeout_ticks != 0) {
		actions |= VFIO_PLATFORM_DO_DEADLINE;
	}
	if (!has_event) {
		actions |= VFIO_PLATFORM_DO_REPORT;
	}
	return step_make(rule, actions, irq, 0, 0);
}

/* T6 to T8. The next one neither traps the regions nor moves the deadline. */
static ALWAYS_INLINE struct vfio_platform_step
step_eoi(struct vfio_platform_machine *machine, unsigned int region,
	 bool is_usual)
{
	unsigned int retired = machine->active;
	unsigned int actions = VFIO_PLATFORM_DO_LINE_DOWN;

	if (!is_usual && retired == VFIO_PLATFORM_NO_IRQ) {
		return step_make(VFIO_PLATFORM_RULE_EOI_IDLE, 0, 0, 0, region);
	}
	if ((machine->level & BIT(retired)) != 0) {
		actions |= VFIO_PLATFORM_DO_UNMASK;
	}
	if (is_usual || machine->queue_count == 0) {
		machine->active = VFIO_PLATFORM_NO_IRQ;
		return step_make(VFIO_PLATFORM_RULE_RETIRE, actions, 0, retired,
				 region);
	}
	machine->active = (uint8_t)queue_pop(machine);
	actions |= VFIO_PLATFORM_DO_LINE_UP | VFIO_PLATFORM_DO_QUEUE;
	return step_make(VFIO_PLATFORM_RULE_RETIRE_NEXT, actions,
			 machine->active, retired, region);
}

/* T10 and T11. */
static ALWAYS_INLINE struct vfio_platform_step
step_expire(struct vfio_platform_machine *machine)
{
	if (machine->active != VFIO_PLATFORM_NO_IRQ) {
		return step_make(VFIO_PLATFORM_RULE_REARM,
				 VFIO_PLATFORM_DO_DEADLINE, 0, 0, 0);
	}
	if (machine->mapping != VFIO_PLATFORM_TRAPPED) {
		return step_make(VFIO_PLATFORM_RULE_RESTORE, 0, 0, 0, 0);
	}
	machine->mapping = VFIO_PLATFORM_MAPPED;
	return step_make(VFIO_PLATFORM_RULE_RESTORE, VFIO_PLATFORM_DO_MAP, 0, 0,
			 0);
}

struct vfio_platform_step
vfio_platform_irq_step(struct vfio_platform_machine *machine,
		       enum vfio_platform_event event, unsigned int irq)
{
	struct vfio_platform_step step = { 0 };

	switch (event) {
	case VFIO_PLATFORM_FIRE:
		step = step_fire(machine, irq, true, false);
		break;
	case VFIO_PLATFORM_FIRE_WITHOUT_EVENT:
		step = step_fire(machine, irq, false, false);
		break;
	case VFIO_PLATFORM_EOI:
		step = step_eoi(machine, irq, false);
		break;
	case VFIO_PLATFORM_EXPIRE:
		step = step_expire(machine);
		break;
	case VFIO_PLATFORM_NR_EVENTS:
		break;
	}
	return step;
}

static ALWAYS_INLINE bool is_traced(const struct vfio_platform_device *dev)
{
	return UNLIKELY(
		__atomic_load_n(dev->ops->is_traced, __ATOMIC_RELAXED) != 0);
}

/* The bits in ascending order; see enum vfio_platform_action. */
static ALWAYS_INLINE void act(struct vfio_platform_device *dev,
			      struct vfio_platform_step step, uint64_t now)
	REQUIRE_LOCK(dev->lock)
{
	const struct vfio_platform_ops *ops = dev->ops;

	if (is_traced(dev)) {
		ops->trace(dev, step, now);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_REPORT)) {
		dev->report_count++;
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_TRAP)) {
		dev->trap_count++;
		ops->regions_trap(dev);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_DOWN)) {
		ops->line_set(dev, vfio_platform_step_retired(step), false);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_UNMASK)) {
		ops->irq_unmask(dev, vfio_platform_step_retired(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_UP)) {
		ops->line_set(dev, vfio_platform_step_raised(step), true);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_DEADLINE)) {
		dev->deadline = now + dev->machine.timeout_ticks;
		ops->deadline_set(dev, dev->deadline);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_MAP)) {
		ops->regions_map(dev);
	}
}

static ALWAYS_INLINE void count_fire(struct vfio_platform_irq *irq,
				     enum vfio_platform_rule rule)
{
	irq->interrupt_count++;
	if (rule == VFIO_PLATFORM_RULE_QUEUE) {
		irq->queued_count++;
	} else if (rule != VFIO_PLATFORM_RULE_INJECT) {
		irq->refire_count++;
	}
}

static ALWAYS_INLINE void handle_fire(struct vfio_platform_device *dev,
				      unsigned int irq, bool has_event,
				      bool is_usual) REQUIRE_LOCK(dev->lock)
{
	struct vfio_platform_step step =
		step_fire(&dev->machine, irq, has_event, is_usual);
	uint64_t now = 0;

	count_fire(&dev->irqs[irq], vfio_platform_step_rule(step));
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_DEADLINE)) {
		now = dev->ops->now(dev);
	}
	act(dev, step, now);
}

static ALWAYS_INLINE void handle_eoi(struct vfio_platform_device *dev,
				     unsigned int region, bool is_usual)
	REQUIRE_LOCK(dev->lock)
{
	struct vfio_platform_step step =
		step_eoi(&dev->machine, region, is_usual);

	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_DOWN)) {
		dev->irqs[vfio_platform_step_retired(step)].eoi_count++;
	} else {
		dev->idle_eoi_count++;
	}
	act(dev, step, 0);
}

/*
 * Each event's handler stands behind a test for the usual case, where the
 * compiler drops all that cannot happen, and apart for the rest.
 */
static NOINLINE void handle_seldom_fire(struct vfio_platform_device *dev,
					unsigned int irq, bool has_event)
	REQUIRE_LOCK(dev->lock)
{
	handle_fire(dev, irq, has_event, false);
}

static NOINLINE void handle_seldom_eoi(struct vfio_platform_device *dev,
				       unsigned int region)
	REQUIRE_LOCK(dev->lock)
{
	handle_eoi(dev, region, false);
}

static ALWAYS_INLINE int fire(struct vfio_platform_device *dev,
			      unsigned int irq, bool has_event)
{
	int ret = 0;

	if (irq >= VFIO_PLATFORM_IRQS_MAX) {
		return -HYP_ERANGE;
	}
	spinlock_lock(&dev->lock);
	if (UNLIKELY((dev->machine.wired & BIT(irq)) == 0)) {
		dev->refused_count++;
		ret = -HYP_ENODEV;
	} else if (LIKELY(dev->machine.active == VFIO_PLATFORM_NO_IRQ &&
			  dev->machine.mapping == VFIO_PLATFORM_MAPPED &&
			  dev->machine.timeout_ticks != 0)) {
		handle_fire(dev, irq, has_event, true);
	} else {
		handle_seldom_fire(dev, irq, has_event);
	}
	spinlock_unlock(&dev->lock);
	return ret;
}

int vfio_platform_irq_fire(struct vfio_platform_device *dev, unsigned int irq)
{
	return fire(dev, irq, true);
}

int vfio_platform_irq_fire_without_event(struct vfio_platform_device *dev,
					 unsigned int irq)
{
	return fire(dev, irq, false);
}

/* An EOI that is not idle, or one that the trace wants. */
static NOINLINE int eoi_unlock(struct vfio_platform_device *dev,
			       unsigned int region) REQUIRE_LOCK(dev->lock)
	RELEASE_LOCK(dev->lock)
{
	if (LIKELY(dev->machine.active != VFIO_PLATFORM_NO_IRQ &&
		   dev->machine.queue_count == 0)) {
		handle_eoi(dev, region, true);
	} else {
		handle_seldom_eoi(dev, region);
	}
	spinlock_unlock(&dev->lock);
	return 0;
}

int vfio_platform_irq_eoi(struct vfio_platform_device *dev,
			  struct vfio_platform_region *region,
			  unsigned int index)
{
	spinlock_lock(&dev->lock);
	region->access_count++;
	if (dev->machine.active != VFIO_PLATFORM_NO_IRQ || is_traced(dev)) {
		return eoi_unlock(dev, index);
	}
	dev->idle_eoi_count++; /* that is all of T8 */
	spinlock_unlock(&dev->lock);
	return 0;
}

NOINLINE int vfio_platform_irq_access_failed(struct vfio_platform_device *dev,
					     unsigned int region, bool is_write,
					     int ret)
{
	if (is_write) {
		(void)vfio_platform_irq_eoi(dev, &dev->regions[region], region);
		return ret;
	}
	spinlock_lock(&dev->lock);
	dev->regions[region].access_count++;
	act(dev, step_make(VFIO_PLATFORM_RULE_READ_FAILED, 0, 0, 0, region), 0);
	spinlock_unlock(&dev->lock);
	return ret;
}

void vfio_platform_deadline(struct vfio_platform_device *dev, uint64_t now)
{
	struct vfio_platform_step step;

	spinlock_lock(&dev->lock);
	if (dev->deadline == VFIO_PLATFORM_NO_DEADLINE) {
		/* It was cancelled while this call was under way. */
	} else if (now < dev->deadline) {
		dev->ops->deadline_set(dev, dev->deadline);
	} else {
		dev->deadline = VFIO_PLATFORM_NO_DEADLINE;
		dev->expiry_count++;
		step = step_expire(&dev->machine);
		if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_DEADLINE)) {
			dev->irqs[dev->machine.active].expiry_count++;
		}
		act(dev, step, now);
	}
	spinlock_unlock(&dev->lock);
}
