/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assignment of a platform device to a cell: its registers and its interrupt
 * lines, with the semantics of VFIO platform devices. The rules, T1 to T16 and
 * I1 to I7, are in docs/vfio-platform.md.
 *
 * The core (vfio_platform_irq.c, _region.c, _assign.c, reset/) reaches the
 * machine through struct vfio_platform_ops only, and is linked unmodified into
 * the host's tests.
 *
 * Lock order (see also <hyp/lock.h>): the device's lock, then the virtual
 * GIC's. Nobody waits for another CPU while holding either. Locks of two
 * devices are never held together.
 */
#ifndef VFIO_PLATFORM_H
#define VFIO_PLATFORM_H

#include <hyp/addr.h>
#include <hyp/errno.h>
#include <hyp/lock.h>
#include "vfio_platform_machine.h"

#define VFIO_PLATFORM_REGIONS_MAX 16
#define VFIO_PLATFORM_NO_DEADLINE 0 /* now + a timeout is never 0 */
#define VFIO_PLATFORM_TIMEOUT_MS_DEFAULT 1100

struct vfio_platform_device;

/* --- What a device is made of --- */

enum vfio_platform_irq_flags {
	VFIO_PLATFORM_IRQ_EVENTFD = 1,	 /* can signal; always set */
	VFIO_PLATFORM_IRQ_MASKABLE = 2,	 /* level */
	VFIO_PLATFORM_IRQ_AUTOMASKED = 4 /* level */
};

enum vfio_platform_region_flags {
	VFIO_PLATFORM_REGION_READ = 1,
	VFIO_PLATFORM_REGION_WRITE = 2,
	VFIO_PLATFORM_REGION_MMAP = 4 /* may be mapped into the cell */
};

enum vfio_platform_device_flags {
	VFIO_PLATFORM_DEVICE_RESET = 1,	  /* the binder knows a reset; unused */
	VFIO_PLATFORM_DEVICE_PLATFORM = 2 /* a platform device: required */
};

/** enum vfio_platform_path - how an IRQ reaches the cell */
enum vfio_platform_path {
	VFIO_PLATFORM_PATH_NONE,    /* not yet, or no longer */
	VFIO_PLATFORM_PATH_TRAPPED, /* this state machine */
	VFIO_PLATFORM_PATH_LINKED,  /* a list register with the HW bit */
	VFIO_PLATFORM_NR_PATHS
};

/** enum vfio_platform_trap_reason - why a region is never mapped */
enum vfio_platform_trap_reason {
	VFIO_PLATFORM_TRAP_NOT,	      /* it is mappable */
	VFIO_PLATFORM_TRAP_HOLE,      /* size 0: there is nothing */
	VFIO_PLATFORM_TRAP_CONFIG,    /* x-no-mmap */
	VFIO_PLATFORM_TRAP_INFO,      /* region_info() did not offer MMAP */
	VFIO_PLATFORM_TRAP_UNALIGNED, /* base or size is no multiple of a page:
				       * warn that it may be slow */
	VFIO_PLATFORM_TRAP_PREPARE,   /* region_prepare() failed, see
				       * prepare_error: warn */
	VFIO_PLATFORM_NR_TRAP_REASONS
};

/** struct vfio_platform_irq - one interrupt; from a pool of the caller's */
struct ALIGNED(64) vfio_platform_irq {
	uint32_t intid;	    /* physical and, equal to it, virtual */
	uint8_t flags;	    /* of enum vfio_platform_irq_flags */
	uint8_t path;	    /* enum vfio_platform_path */
	int16_t link_error; /* why it is trapped: negative errno of irq_link(),
			     * or 0: the config said so */
	/* Counters; guarded by the device's lock; 0 on the linked path. */
	uint64_t interrupt_count; /* taken */
	uint64_t eoi_count;	  /* retired by an access */
	uint64_t queued_count;	  /* had to wait for another one */
	uint64_t expiry_count;	  /* found active by the deadline: stuck? */
	uint64_t refire_count;	  /* fired again while active or pending */
	uint64_t binding;	  /* the binder's own */
};

/**
 * struct vfio_platform_region - one range of registers; from the caller's pool
 */
struct ALIGNED(64) vfio_platform_region {
	paddr_t base;
	uint64_t size;	       /* bytes; 0: a hole */
	uintptr_t window;      /* the binder's own: where EL2 sees it */
	uint64_t access_count; /* trapped; guarded by the device's lock */
	uint8_t flags;	       /* of enum vfio_platform_region_flags; MMAP is
			       * cleared when the region is trap-only */
	uint8_t trap_reason;   /* enum vfio_platform_trap_reason */
	int16_t prepare_error; /* negative errno of region_prepare(), or 0 */
};

/** struct vfio_platform_device_info - VFIO_DEVICE_GET_INFO */
struct vfio_platform_device_info {
	uint32_t flags; /* of enum vfio_platform_device_flags */
	unsigned int region_count;
	unsigned int irq_count;
	const char *compatible; /* the first string, NUL-terminated, or NULL */
	unsigned int compatible_count;
};

/** struct vfio_platform_region_info - VFIO_DEVICE_GET_REGION_INFO */
struct vfio_platform_region_info {
	paddr_t base;
	uint64_t size;	/* bytes */
	uint32_t flags; /* of enum vfio_platform_region_flags */
};

/** struct vfio_platform_irq_info - VFIO_DEVICE_GET_IRQ_INFO */
struct vfio_platform_irq_info {
	uint32_t intid;
	uint32_t flags; /* of enum vfio_platform_irq_flags */
};

/**
 * struct vfio_platform_ops - everything the core asks of the machine
 *
 * One static const table per machine; no entry is NULL. "Locked" means: the
 * device's lock is held, so the function may take the virtual GIC's lock, must
 * not take a device's, and must not wait for another CPU (the completion of a
 * TLB invalidation is no such wait).
 *
 * Set-up, never locked, in this order: attach, device_info, {region_info,
 * region_open, region_prepare} per region, {irq_info, irq_disarm, irq_clear}
 * per IRQ, the reset's region_read and region_write, regions_map, {irq_link,
 * irq_arm} per IRQ. Take-down: see vfio_platform_revoke(). What a failed or
 * finished assignment leaves behind is undone by detach() alone.
 */
struct vfio_platform_ops {
	/*
	 * Take the device for the cell. Undone by detach().
	 * Return: 0 or a negative errno, which is passed on; nothing is held
	 * then.
	 */
	int (*attach)(struct vfio_platform_device *dev);

	/* Give back all of attach(), region_open() and region_prepare(). */
	void (*detach)(struct vfio_platform_device *dev);

	/*
	 * Fill @info. The string must live until detach().
	 * Return: 0 or a negative errno, which is passed on (so for the next
	 * two).
	 */
	int (*device_info)(struct vfio_platform_device *dev,
			   struct vfio_platform_device_info *info);
	int (*region_info)(struct vfio_platform_device *dev,
			   unsigned int region,
			   struct vfio_platform_region_info *info);
	int (*irq_info)(struct vfio_platform_device *dev, unsigned int irq,
			struct vfio_platform_irq_info *info);

	/*
	 * Make the region's registers reachable by region_read() and
	 * region_write(). base, size and flags of its record are set; holes are
	 * not asked for.
	 * Return: 0 or a negative errno, which is passed on.
	 */
	int (*region_open)(struct vfio_platform_device *dev,
			   unsigned int region);

	/*
	 * Prepare the region for regions_map(): page tables down to pages, all
	 * entries invalid. Asked for only if it is mappable.
	 * Return: 0, or a negative errno: the region is trap-only then.
	 */
	int (*region_prepare)(struct vfio_platform_device *dev,
			      unsigned int region);

	/*
	 * One access to the device of @width bytes (1, 2, 4 or 8), never split;
	 * @offset + @width is inside the region and @offset a multiple of
	 * @width. A write has reached the device before a later irq_unmask()
	 * reaches the interrupt controller. Not locked.
	 * Return: 0, or -HYP_EFAULT (external abort; @value is unchanged).
	 */
	int (*region_read)(struct vfio_platform_device *dev,
			   unsigned int region, uint64_t offset,
			   unsigned int width, uint64_t *value);
	int (*region_write)(struct vfio_platform_device *dev,
			    unsigned int region, uint64_t offset,
			    unsigned int width, uint64_t value);

	/*
	 * Make all mappable regions (flag MMAP) trap. On return the TLB
	 * invalidation is complete on every CPU: no access of the cell goes
	 * through untrapped any more. Locked.
	 */
	void (*regions_trap)(struct vfio_platform_device *dev);

	/* Map them. Locked, but at set-up. */
	void (*regions_map)(struct vfio_platform_device *dev);

	/*
	 * Mask the physical line and wait until that has taken effect. Locked,
	 * but at set-up.
	 */
	void (*irq_disarm)(struct vfio_platform_device *dev, unsigned int irq);

	/* Clear the physical line's pending and active state. Not locked. */
	void (*irq_clear)(struct vfio_platform_device *dev, unsigned int irq);

	/*
	 * Bind the physical line to the virtual one (list register with the HW
	 * bit), for a level or an edge line; IRQ's intid and flags are set.
	 * From irq_arm() on the state machine does not see this IRQ. Not
	 * locked.
	 * Return: 0, or a negative errno: the IRQ takes the trapped path.
	 */
	int (*irq_link)(struct vfio_platform_device *dev, unsigned int irq);

	/*
	 * Take the virtual interrupt out of the virtual GIC: no list register,
	 * pending, active or line bit is left; undo irq_link(). Called for
	 * every IRQ that irq_link() was tried for or that may have fired.
	 * Locked.
	 */
	void (*irq_unlink)(struct vfio_platform_device *dev, unsigned int irq);

	/*
	 * Set trigger type and target of the physical line and unmask it; it
	 * may fire before this returns. Last step of set-up. Not locked.
	 * Return: 0 or a negative errno, which is passed on.
	 */
	int (*irq_arm)(struct vfio_platform_device *dev, unsigned int irq);

	/*
	 * The line of a level IRQ, masked since it was taken (left active by
	 * the acknowledge, or disabled), may fire again: deactivate or enable
	 * it. Harmless if it is not masked. Never called for an edge IRQ.
	 * Locked.
	 */
	void (*irq_unmask)(struct vfio_platform_device *dev, unsigned int irq);

	/*
	 * Set the level of the virtual line. Repeated true: an edge line
	 * latches each. False never takes back the latched edge of an edge
	 * line. Locked.
	 */
	void (*line_set)(struct vfio_platform_device *dev, unsigned int irq,
			 bool is_high);

	/*
	 * The clock of the deadlines, ticks; never goes backwards. Locked, but
	 * in a reset.
	 */
	uint64_t (*now)(struct vfio_platform_device *dev);

	/*
	 * Call vfio_platform_deadline() at @ticks or later, once; replaces any
	 * earlier setting, which is never later than @ticks, so that a timer
	 * already running elsewhere may stay and find the new deadline in
	 * dev->deadline when it runs. Locked.
	 */
	void (*deadline_set)(struct vfio_platform_device *dev, uint64_t ticks);

	/* Forget it. A call that is under way finds nothing to do. Locked. */
	void (*deadline_cancel)(struct vfio_platform_device *dev);

	/*
	 * One record per event, before its actions are carried out. @now: the
	 * time of an expiry, and the time that a new deadline is counted from
	 * (machine.timeout_ticks later); else 0. Locked.
	 *
	 * Not called while *@is_traced is 0: to ask costs less than a call.
	 */
	const uint32_t *is_traced;
	void (*trace)(struct vfio_platform_device *dev,
		      struct vfio_platform_step step, uint64_t now);
};

/** struct vfio_platform_reset_write - one configured register write */
struct vfio_platform_reset_write {
	uint64_t offset; /* bytes from the region's start */
	uint64_t value;
	uint8_t region;
	uint8_t width; /* bytes: 1, 2, 4 or 8 */
};

/** enum vfio_platform_reset_policy - what to do about resets */
enum vfio_platform_reset_policy {
	VFIO_PLATFORM_RESET_REQUIRED, /* a device without one is refused */
	VFIO_PLATFORM_RESET_NONE,     /* opted out: never reset */
	VFIO_PLATFORM_NR_RESET_POLICIES
};

/**
 * struct vfio_platform_setup - what vfio_platform_assign() is given
 *
 * All pointers must stay valid until vfio_platform_revoke().
 */
struct vfio_platform_setup {
	const struct vfio_platform_ops *ops;
	struct vfio_platform_irq *irqs; /* records to use; contents ignored */
	unsigned int irq_capacity;	/* of @irqs */
	struct vfio_platform_region *regions; /* records to use */
	unsigned int region_capacity;	      /* of @regions */
	uint64_t link_mask;	/* bit n: IRQ n may be linked (x-irqfd) */
	bool no_mmap;		/* x-no-mmap: never map a region */
	uint64_t timeout_ticks; /* mmap-timeout-ms in the clock's ticks; 0: once
				 * slow, always slow */
	enum vfio_platform_reset_policy reset_policy;
	const struct vfio_platform_reset_write *reset_writes; /* or NULL */
	unsigned int reset_write_count;
	uint64_t reset_timeout_ticks; /* for a reset to take effect */
};

/** enum vfio_platform_stage - how far an assignment came */
enum vfio_platform_stage {
	VFIO_PLATFORM_ABSENT, /* not assigned */
	VFIO_PLATFORM_SETUP,  /* nothing taken: the arguments were refused */
	VFIO_PLATFORM_ATTACH,
	VFIO_PLATFORM_DEVICE_INFO,
	VFIO_PLATFORM_REGION, /* region_info() or its answer */
	VFIO_PLATFORM_REGION_OPEN,
	VFIO_PLATFORM_IRQ,	   /* irq_info() or its answer */
	VFIO_PLATFORM_RESET_WRITE, /* a configured write */
	VFIO_PLATFORM_RESET_HOOK,  /* missing, or failed */
	VFIO_PLATFORM_ARM,
	VFIO_PLATFORM_LIVE,
	VFIO_PLATFORM_NR_STAGES
};

/** struct vfio_platform_failure - where an assignment or a reset failed */
struct vfio_platform_failure {
	enum vfio_platform_stage stage;
	unsigned int index; /* region, IRQ or configured write; else 0 */
	int error;	    /* negative errno */
};

/**
 * struct vfio_platform_device - an assigned device, or one that can be
 *
 * All zero: not assigned. Fields are read-only outside the core; run-time ones
 * are guarded by lock (a reader who only displays them may do without).
 */
struct vfio_platform_device {
	struct spinlock lock;
	unsigned int live_region_count; /* region_count, or 0 when not live */
	const struct vfio_platform_ops *ops;
	struct vfio_platform_irq *irqs;
	struct vfio_platform_region *regions;
	uint64_t deadline; /* ticks, or ..._NO_DEADLINE; guarded by lock */
	struct vfio_platform_machine machine; /* guarded by lock */
	/* Counters; guarded by lock. */
	uint64_t trap_count;	 /* regions_trap() at an injection */
	uint64_t expiry_count;	 /* deadline expiries */
	uint64_t idle_eoi_count; /* EOIs with nothing active */
	uint64_t refused_count;	 /* fired, but not wired to the state machine */
	uint64_t report_count;	 /* handlers that ran without an event */
	/* Set by vfio_platform_assign(). */
	uint8_t stage;	      /* enum vfio_platform_stage */
	uint8_t reset_policy; /* enum vfio_platform_reset_policy */
	unsigned int irq_count;
	unsigned int region_count;
	unsigned int compatible_count;
	const char *compatible; /* the first one, or NULL */
	const struct vfio_platform_reset_write *reset_writes;
	unsigned int reset_write_count;
	uint64_t reset_timeout_ticks;
	void *binding; /* the binder's own; the core never touches it */
};

/* --- At run time --- */

/**
 * vfio_platform_irq_fire() - a physical interrupt of the device was taken
 * @irq: index of the IRQ
 *
 * The interrupt controller's driver has masked a level line before (by leaving
 * it active) and has given an edge line free. Rules T1 to T4'.
 *
 * Return: 0, or
 *	-HYP_ERANGE: no IRQ can have this index,
 *	-HYP_ENODEV: the IRQ is not live on the trapped path; a level line is to
 *	be left masked.
 */
int vfio_platform_irq_fire(struct vfio_platform_device *dev,
			   unsigned int irq) MUST_CHECK;

/**
 * vfio_platform_irq_fire_without_event() - the same, for a handler run for
 * nothing
 *
 * Rule T5. A GIC never does this (a spurious INTID has no owner); the tests do.
 *
 * Return: as vfio_platform_irq_fire().
 */
int vfio_platform_irq_fire_without_event(struct vfio_platform_device *dev,
					 unsigned int irq) MUST_CHECK;

/**
 * vfio_platform_access() - a guest's trapped access to a register
 * @region: index of the region
 * @offset: bytes from the region's start
 * @width: bytes: 1, 2, 4 or 8
 * @value: read: filled, zero-extended; write: what to write, low @width bytes
 *
 * Everything is checked first; then the access is carried out without the lock;
 * then, in any case but a failed read, it is the EOI (rules T6 to T8, T13 to
 * T15).
 *
 * Return: 0, or, with nothing done:
 *	-HYP_ERANGE: no such region, device not live, or not wholly inside it,
 *	-HYP_EINVAL: bad width or @offset is no multiple of it,
 *	-HYP_EPERM: the region cannot be read, or written;
 * or -HYP_EFAULT: the device answered with an external abort. @value is
 * unchanged on any error. The caller injects an abort into the guest on all of
 * them.
 */
int vfio_platform_access(struct vfio_platform_device *dev, unsigned int region,
			 uint64_t offset, unsigned int width, bool is_write,
			 uint64_t *value) MUST_CHECK;

#define VFIO_PLATFORM_PARTS_MAX 4

/** struct vfio_platform_part - one of the accesses of an instruction */
struct vfio_platform_part {
	uint64_t offset; /* bytes from the region's start */
	uint64_t value;	 /* as for vfio_platform_access() */
	uint8_t width;	 /* bytes: 1, 2, 4 or 8 */
};

/**
 * vfio_platform_access_parts() - a guest's instruction that accesses more than once
 * @part_count: 1 to VFIO_PLATFORM_PARTS_MAX
 *
 * All parts are checked first; then they are carried out in order, up to the first
 * that fails; then, in any case but a failed read, the instruction is one EOI: after
 * the first of its parts the device's line may still be high.
 *
 * Return: as vfio_platform_access(), and -HYP_EINVAL for a bad @part_count.
 */
int vfio_platform_access_parts(struct vfio_platform_device *dev,
			       unsigned int region,
			       struct vfio_platform_part *parts,
			       unsigned int part_count,
			       bool is_write) COLD MUST_CHECK;

/**
 * vfio_platform_deadline() - the timer set by deadline_set() ran
 * @now: ticks
 *
 * Early (the deadline was moved meanwhile): deadline_set() again. Cancelled
 * meanwhile: nothing. Else rules T10 and T11.
 */
void vfio_platform_deadline(struct vfio_platform_device *dev, uint64_t now);

/* --- Assignment --- */

/**
 * vfio_platform_assign() - attach, populate, reset, realize, link the IRQs
 * @dev: all zero, or revoked; its lock is free
 * @failure: filled on failure; may be NULL
 *
 * On failure all steps done are undone and the device is not assigned. Warnings
 * are read from the records: a region's trap_reason, an IRQ's link_error.
 *
 * Return: 0, or
 *	-HYP_EBUSY: it is assigned already,
 *	-HYP_EINVAL: an entry of the ops is NULL; a region wraps; an IRQ's flags
 *	or the number of regions contradict themselves (SETUP, REGION, IRQ),
 *	-HYP_ENODEV: not a platform device (DEVICE_INFO),
 *	-HYP_E2BIG: more IRQs or regions than records, or than 64 and 16,
 *	-HYP_ENOTTY: no reset is known and none was opted out of (RESET_HOOK),
 *	or the error of an op or of vfio_platform_reset().
 */
int vfio_platform_assign(struct vfio_platform_device *dev,
			 const struct vfio_platform_setup *setup,
			 struct vfio_platform_failure *failure) MUST_CHECK;

/**
 * vfio_platform_revoke() - quiesce the device and give it back
 *
 * Idempotent; right in every state. No CPU of the cell runs the guest. Order:
 * under the lock: not live; mask every line; cancel the deadline; drop the
 * FIFO; lower the active line; take every virtual interrupt out of the virtual
 * GIC; trap the regions; then without it: reset; clear every line; detach().
 *
 * Return: 0, or the error of vfio_platform_reset(): the device was given back
 * all the same, but may still be running.
 */
int vfio_platform_revoke(struct vfio_platform_device *dev) MUST_CHECK;

/**
 * vfio_platform_reset() - put the device's hardware to rest
 * @failure: filled on failure; may be NULL
 *
 * The configured writes in order, then the hook of the first compatible string:
 * DMA stopped, interrupt sources disabled and cleared. No state of the IRQs is
 * touched (T16). The caller sees to it that nobody else uses the device.
 *
 * Return: 0 (also when opted out), or
 *	-HYP_ENODEV: not assigned,
 *	-HYP_ENOTTY: neither a write nor a hook,
 *	-HYP_ERANGE, -HYP_EINVAL, -HYP_EPERM: a write is not one that
 *	vfio_platform_access() would allow,
 *	-HYP_EFAULT: an access failed,
 *	-HYP_EIO: the device is not what its compatible says,
 *	-HYP_ETIMEDOUT: the reset did not take effect in time.
 */
int vfio_platform_reset(struct vfio_platform_device *dev,
			struct vfio_platform_failure *failure) MUST_CHECK;

#endif /* VFIO_PLATFORM_H */
