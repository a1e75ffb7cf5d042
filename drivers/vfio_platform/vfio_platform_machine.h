/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of the trapped path: pure, without any side effect but on
 * its own state. It decides; vfio_platform_irq.c carries out. The rules, T1 to
 * T16, are in docs/vfio-platform.md.
 */
#ifndef VFIO_PLATFORM_MACHINE_H
#define VFIO_PLATFORM_MACHINE_H

#include <hyp/compiler.h>

#define VFIO_PLATFORM_IRQS_MAX 64 /* a power of two: it sizes the FIFO */
#define VFIO_PLATFORM_NO_IRQ 0xff

/** enum vfio_platform_state - of one trapped IRQ */
enum vfio_platform_state {
	VFIO_PLATFORM_INACTIVE,
	VFIO_PLATFORM_PENDING, /* waits in the FIFO for the active one's EOI */
	VFIO_PLATFORM_ACTIVE,  /* injected, its EOI has not been seen */
	VFIO_PLATFORM_NR_STATES
};

/** enum vfio_platform_mapping - of all mappable regions of a device together */
enum vfio_platform_mapping {
	VFIO_PLATFORM_UNMAPPABLE, /* no region can be mapped: always trapped */
	VFIO_PLATFORM_MAPPED,	  /* fast path: accesses do not trap */
	VFIO_PLATFORM_TRAPPED, /* slow path: each access traps and is an EOI */
	VFIO_PLATFORM_NR_MAPPINGS
};

/** enum vfio_platform_event - what may happen to the state machine */
enum vfio_platform_event {
	VFIO_PLATFORM_FIRE,		  /* the physical line was taken */
	VFIO_PLATFORM_FIRE_WITHOUT_EVENT, /* its handler ran for nothing (T5) */
	VFIO_PLATFORM_EOI,		  /* a trapped access was carried out */
	VFIO_PLATFORM_EXPIRE,		  /* the deadline passed */
	VFIO_PLATFORM_NR_EVENTS
};

/** enum vfio_platform_rule - which line of the rules a step followed */
enum vfio_platform_rule {
	VFIO_PLATFORM_RULE_INJECT,	/* T1: nothing active */
	VFIO_PLATFORM_RULE_QUEUE,	/* T2: another one is active */
	VFIO_PLATFORM_RULE_RAISE_AGAIN, /* T3: fired while active */
	VFIO_PLATFORM_RULE_STAY_QUEUED, /* T4': fired while pending */
	VFIO_PLATFORM_RULE_RETIRE,	/* T6: EOI, nothing waits */
	VFIO_PLATFORM_RULE_RETIRE_NEXT, /* T7: EOI, the FIFO's head follows */
	VFIO_PLATFORM_RULE_EOI_IDLE,	/* T8: EOI, nothing active */
	VFIO_PLATFORM_RULE_REARM,	/* T10: expiry, one is active */
	VFIO_PLATFORM_RULE_RESTORE,	/* T11: expiry, none is active */
	VFIO_PLATFORM_RULE_READ_FAILED, /* T14: trapped, but no EOI */
	VFIO_PLATFORM_NR_RULES
};

/*
 * What a step asks for. The bits are carried out in ascending order: the guest
 * is told of an interrupt only after its registers trap, and a line may fire
 * again only after the one before it was lowered.
 */
enum vfio_platform_action {
	VFIO_PLATFORM_DO_REPORT = 1,	/* the handler ran without an event */
	VFIO_PLATFORM_DO_TRAP = 2,	/* regions_trap() */
	VFIO_PLATFORM_DO_LINE_DOWN = 4, /* line_set(retired, false) */
	VFIO_PLATFORM_DO_UNMASK = 8,	/* irq_unmask(retired) */
	VFIO_PLATFORM_DO_LINE_UP = 16,	/* line_set(raised, true) */
	VFIO_PLATFORM_DO_QUEUE = 32, /* the FIFO changed; for the trace only */
	VFIO_PLATFORM_DO_DEADLINE = 64, /* deadline_set(now + timeout) */
	VFIO_PLATFORM_DO_MAP = 128	/* regions_map() */
};

/**
 * struct vfio_platform_step - a step's outcome, packed to fit one register
 * @bits: byte 0: actions (enum vfio_platform_action); byte 1: rule (enum
 *	vfio_platform_rule); byte 2: the IRQ that fired, or the FIFO's head that
 *	DO_LINE_UP raises; byte 3: the IRQ that DO_LINE_DOWN lowers; byte 4: the
 *	region that was accessed; a byte that does not apply is 0
 */
struct vfio_platform_step {
	uint64_t bits;
};

#define VFIO_PLATFORM_STEP_RULE_SHIFT 8
#define VFIO_PLATFORM_STEP_RAISED_SHIFT 16
#define VFIO_PLATFORM_STEP_RETIRED_SHIFT 24
#define VFIO_PLATFORM_STEP_REGION_SHIFT 32

/** vfio_platform_step_does() - does the step ask for @action? */
static ALWAYS_INLINE bool
vfio_platform_step_does(struct vfio_platform_step step,
			enum vfio_platform_action action)
{
	return (step.bits & (uint64_t)action) != 0;
}

/** vfio_platform_step_rule() - the rule that the step followed */
static ALWAYS_INLINE enum vfio_platform_rule
vfio_platform_step_rule(struct vfio_platform_step step)
{
	return (enum vfio_platform_rule)(
		(step.bits >> VFIO_PLATFORM_STEP_RULE_SHIFT) & 0xff);
}

/** vfio_platform_step_raised() - the IRQ that fired or, by T7, follows */
static ALWAYS_INLINE unsigned int
vfio_platform_step_raised(struct vfio_platform_step step)
{
	return (step.bits >> VFIO_PLATFORM_STEP_RAISED_SHIFT) & 0xff;
}

/** vfio_platform_step_retired() - the IRQ that an EOI retired */
static ALWAYS_INLINE unsigned int
vfio_platform_step_retired(struct vfio_platform_step step)
{
	return (step.bits >> VFIO_PLATFORM_STEP_RETIRED_SHIFT) & 0xff;
}

/** vfio_platform_step_region() - the region that was accessed */
static ALWAYS_INLINE unsigned int
vfio_platform_step_region(struct vfio_platform_step step)
{
	return (step.bits >> VFIO_PLATFORM_STEP_REGION_SHIFT) & 0xff;
}

/**
 * struct vfio_platform_machine - the whole run-time state of the trapped IRQs
 *
 * Two active IRQs cannot be expressed. The device's lock guards it.
 */
struct vfio_platform_machine {
	uint64_t wired;	  /* bit n: IRQ n is live and on the trapped path */
	uint64_t level;	  /* bit n: IRQ n is automasked and needs an unmask */
	uint64_t pending; /* bit n: IRQ n is in the FIFO */
	uint64_t timeout_ticks; /* constant; 0: once slow, always slow */
	uint8_t active;		/* the active IRQ, or VFIO_PLATFORM_NO_IRQ */
	uint8_t mapping;	/* enum vfio_platform_mapping */
	uint8_t queue_head;	/* slot of the FIFO's first entry */
	uint8_t queue_count;	/* entries in the FIFO */
	uint8_t queue[VFIO_PLATFORM_IRQS_MAX];
};

/**
 * vfio_platform_irq_step() - one transition, rules T1 to T11
 * @machine: changed to the new state
 * @irq: FIRE: the IRQ that fired (< VFIO_PLATFORM_IRQS_MAX); EOI: the region
 *	accessed, for the trace; EXPIRE: ignored
 *
 * Constant work. No side effect but on @machine. For the tests: the driver's
 * own events are inlined copies of its parts.
 *
 * Return: what is to be done.
 */
struct vfio_platform_step
vfio_platform_irq_step(struct vfio_platform_machine *machine,
		       enum vfio_platform_event event, unsigned int irq);

/**
 * vfio_platform_irq_state() - the state of IRQ @irq (< VFIO_PLATFORM_IRQS_MAX)
 */
static ALWAYS_INLINE enum vfio_platform_state
vfio_platform_irq_state(const struct vfio_platform_machine *machine,
			unsigned int irq)
{
	if (machine->active == irq) {
		return VFIO_PLATFORM_ACTIVE;
	}
	return (machine->pending & BIT(irq)) != 0 ? VFIO_PLATFORM_PENDING :
						    VFIO_PLATFORM_INACTIVE;
}

/**
 * vfio_platform_queue_at() - IRQ at place @n (< queue_count) of the FIFO, head
 * 0
 */
static ALWAYS_INLINE unsigned int
vfio_platform_queue_at(const struct vfio_platform_machine *machine,
		       unsigned int n)
{
	return machine
		->queue[(machine->queue_head + n) % VFIO_PLATFORM_IRQS_MAX];
}

#endif /* VFIO_PLATFORM_MACHINE_H */
