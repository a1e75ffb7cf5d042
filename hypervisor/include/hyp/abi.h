/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABI between a guest and Bulkhead: hypercalls by HVC #0, in the form of
 * the SMC Calling Convention (Arm DEN 0028, fast calls, SMC64, owner 6:
 * vendor specific hypervisor service). Shared with the inmates.
 *
 * x0 holds the function on entry; x1 to x7 its arguments. On return x0 is 0 or
 * a count, or a negative errno of <hyp/errno.h>; x1 to x7 hold results where a
 * call has some and are unchanged otherwise. An unknown function gives -1
 * (SMCCC NOT_SUPPORTED). No argument is a pointer.
 */
#ifndef HYP_ABI_H
#define HYP_ABI_H

#define BH_ABI_MAJOR 1
#define BH_ABI_MINOR 6

/* SMCCC: general service queries of the vendor hypervisor service. */
#define BH_CALL_UID 0x8600FF01
#define BH_CALL_REVISION 0x8600FF03
#define BH_UID_0 0x6b6c7542 /* w0 to w3 of the answer */
#define BH_UID_1 0x64616568
#define BH_UID_2 0x48504143
#define BH_UID_3 0x00000001

#define BH_FUNCTION(n) (0xC6000000 + (n))

/* BH_VERSION: x0 := major << 16 | minor. The cheapest call. */
#define BH_VERSION BH_FUNCTION(0x00)

/*
 * BH_CONSOLE_WRITE: x1 = bytes (0 to 48), x2 to x7 = the bytes, first byte in
 * the low bits of x2. x0 := bytes taken, fewer than asked when the console is
 * busy: call again with the rest. Output appears by whole lines.
 * -EINVAL: more than 48.
 */
#define BH_CONSOLE_WRITE BH_FUNCTION(0x01)
#define BH_CONSOLE_WRITE_MAX 48

/*
 * BH_CONSOLE_READ: x0 := bytes read (0 to 24, 0 when there are none), x1 to x3
 * := the bytes. The interrupt named in the device tree's /hypervisor node is
 * asserted (level) while this cell has input waiting (see BH_EVENTS).
 */
#define BH_CONSOLE_READ BH_FUNCTION(0x02)
#define BH_CONSOLE_READ_MAX 24

/*
 * BH_CONSOLE_MODE: x1 = a value of enum bh_console_mode. RAW: output of this
 * cell appears at once and without a name in front (the shell's prompt and
 * echo); LINES (default): whole lines with the cell's name.
 * -EACCES: the cell may not manage; -EINVAL.
 */
#define BH_CONSOLE_MODE BH_FUNCTION(0x03)
enum bh_console_mode { BH_CONSOLE_LINES = 0, BH_CONSOLE_RAW = 1 };

/*
 * BH_EVENTS: x0 := what the hypervisor has to say to this cell, bits of enum
 * bh_events. SHUTDOWN is said once and taken back by the call; INPUT stands as long
 * as input waits. While a bit stands, the interrupt of the device tree's
 * /hypervisor node is asserted (level). A cell that is asked to shut down answers
 * with PSCI SYSTEM_OFF, within "shutdown-ms" of its config.
 */
#define BH_EVENTS BH_FUNCTION(0x04)
enum bh_events { BH_EVENT_INPUT = 1 << 0, BH_EVENT_SHUTDOWN = 1 << 1 };

/*
 * BH_DOORBELL: x1 = the number of a shared region, "bulkhead,doorbell" of its node
 * in the device tree. x0 := 0: the interrupt of that region's node in the other
 * cell is pending there (edge; several rings that it has not taken yet are one).
 * -ENOENT: this cell has no such region. -EAGAIN: no other cell that has it runs.
 */
#define BH_DOORBELL BH_FUNCTION(0x05)

/*
 * BH_MARK: x1 = any number. Puts it into the trace (see BH_TRACE), so that what a
 * cell did and what the hypervisor did for it can be told in order. x0 := 0, also
 * when the trace is off.
 */
#define BH_MARK BH_FUNCTION(0x06)

/*
 * Management, for cells whose config says `management;` (else -EACCES). Cells
 * are numbered from 0 as the bundle lists their configs; -ENOENT past the last.
 *
 * BH_CELL_OP: x1 = cell, x2 = enum bh_op, x3 = enum bh_op_flags. The call
 * checks, starts the work and returns; the work runs on the cell's own first
 * CPU. x0 := 0, or a negative errno with a sentence for BH_MESSAGE. Its end is
 * seen with BH_CELL_INFO (job NONE; then result 0 or an errno, and a sentence).
 */
#define BH_CELL_OP BH_FUNCTION(0x10)
enum bh_op {
	BH_OP_CREATE = 1,
	BH_OP_LOAD = 2,
	BH_OP_START = 3,
	BH_OP_SHUTDOWN = 4,
	BH_OP_DESTROY = 5,
	BH_OP_RESTART = 6,   /* shutdown if it runs, load, start */
	BH_OP_AUTOSTART = 7, /* at boot, by the config; not a command */
	BH_OP_NR
};
/* FORCE: with SHUTDOWN and RESTART, do not ask the cell first. */
enum bh_op_flags { BH_OP_FORCE = 1 };

/*
 * BH_CELL_INFO: x1 = cell. x1 := state, x2 := job under way (enum bh_op or 0),
 * x3 := result of the last job (0 or negative errno), x4 := CPUs (bit n: the
 * board's CPU n), x5 := memory in bytes, x6 := device count, x7 := reason of
 * the last stop (enum bh_reason).
 */
#define BH_CELL_INFO BH_FUNCTION(0x11)
enum bh_state {
	BH_STATE_ABSENT = 0, /* a config in the bundle, nothing more */
	BH_STATE_CREATED = 1,
	BH_STATE_LOADED = 2,
	BH_STATE_RUNNING = 3,
	BH_STATE_SHUT_DOWN = 4,
	BH_STATE_FAILED = 5,
	BH_STATE_NR
};
enum bh_reason {
	BH_REASON_NONE = 0,
	BH_REASON_COMMAND = 1,	  /* a manager asked */
	BH_REASON_SYSTEM_OFF = 2, /* the guest called PSCI SYSTEM_OFF */
	BH_REASON_FAULT = 3, /* the guest did what no exception can answer */
	BH_REASON_RESET = 4, /* the guest called PSCI SYSTEM_RESET */
	BH_REASON_NR
};

/* BH_CELL_NAME: x1 = cell. x1 to x4 := the name, NUL-padded, 32 bytes. */
#define BH_CELL_NAME BH_FUNCTION(0x12)
#define BH_NAME_SIZE 32

/*
 * BH_MESSAGE: x1 = cell, x2 = offset, x3 = enum bh_message. x1 to x7 := 56 bytes of
 * a sentence, NUL-padded: LAST: that the last refusal or failure concerning this
 * cell left; STOP: why it stopped, until it is started again or destroyed.
 * -ERANGE: the offset is past the end, or there is none; -EINVAL.
 */
#define BH_MESSAGE BH_FUNCTION(0x13)
enum bh_message { BH_MESSAGE_LAST = 0, BH_MESSAGE_STOP = 1 };
#define BH_MESSAGE_CHUNK 56

/*
 * BH_CELL_STAT: x1 = cell, x2 = index of a CPU within the cell, x3 = enum
 * bh_stat. x1 := the counter since the cell's start. -ERANGE: no such CPU or
 * counter.
 */
#define BH_CELL_STAT BH_FUNCTION(0x14)
enum bh_stat {
	BH_STAT_EXITS = 0, /* all entries to EL2 */
	BH_STAT_IRQ = 1,   /* by a physical interrupt, the linked ones aside */
	BH_STAT_MAINTENANCE = 2, /* of those, the GIC's maintenance interrupt */
	BH_STAT_KICK = 3,	 /* of those, from another CPU of EL2 */
	BH_STAT_HYPERCALL = 4,
	BH_STAT_PSCI = 5,
	BH_STAT_MMIO = 6, /* accesses to an emulated register, or to nothing */
	BH_STAT_DEVICE = 7, /* trapped accesses to an assigned device */
	BH_STAT_SYSREG = 8,
	BH_STAT_FAULT = 9,     /* of all, those answered with an exception */
	BH_STAT_INJECTED = 10, /* virtual interrupts put in a list register */
	BH_STAT_OVERFLOWED =
		11,	       /* times that one found none free, and waited */
	BH_STAT_SPURIOUS = 12, /* INTID 1020 to 1023, or owned by nobody */
	BH_STAT_LINKED = 13,   /* by a physical interrupt of the linked path */
	BH_STAT_OTHER = 14, /* instruction aborts, accesses without a syndrome,
				 * what is undefined at EL1 */
	BH_STAT_EMULATOR_POKES = 15, /* GICD writes that work round a fault of
				      * QEMU's GICv2; see gic_v2_emulator.c */
	BH_STAT_INPUT_DROPPED =
		16, /* bytes typed that found no room; CPU 0's */
	BH_STAT_OUTPUT_DROPPED = 17, /* bytes that its UART was too full for */
	BH_STAT_NR
};

/*
 * BH_CONSOLE_FOCUS: x1 = cell. The console's input goes to it from now on, until it
 * stops or the console's keys move it on. -EINVAL: it does not run; a sentence says so.
 */
#define BH_CONSOLE_FOCUS BH_FUNCTION(0x18)

/*
 * BH_POOL: what all cells together hold. x1 := pages of the hypervisor's pool in
 * use, x2 := pages left, x3 := devices assigned, x4 := records of their interrupts in
 * use, x5 := records of their regions in use, x6 := CPUs that belong to a cell, x7 :=
 * SPIs that belong to a cell. A cell that is destroyed gives back all that it took.
 */
#define BH_POOL BH_FUNCTION(0x16)

/*
 * BH_TRACE: x1 = enum bh_trace_op. What the hypervisor did for assigned devices: a
 * ring of the last events for each CPU of the board. Off when the board starts.
 *
 * OFF, ON: x0 := 0. What is in the rings stays.
 * INFO: x1 := OFF or ON, x2 := CPUs, x3 := events that a ring holds. The newest
 *	ones but one can be read, since one may be in the making.
 * READ: x2 = CPU, x3 = number of the event in its ring, from 0. x0 := 1, x1 := the
 *	event's number: higher than x3 if those between were overwritten; x2 to x5 :=
 *	its sequence, time, where and detail. x0 := 0 if there is none to read now, and
 *	x1 := the number to ask for next time.
 * -EINVAL: no such operation; -ERANGE: no such CPU.
 *
 * sequence: from 1, the order of all CPUs' events. time: ticks of CNTPCT_EL0.
 * where: kind (enum bh_trace_kind) | cell << 8 | device << 16 | IRQ or region << 32
 *	| extra << 40. detail and extra: see enum bh_trace_kind.
 */
#define BH_TRACE BH_FUNCTION(0x15)
enum bh_trace_op {
	BH_TRACE_OFF = 0,
	BH_TRACE_ON = 1,
	BH_TRACE_INFO = 2,
	BH_TRACE_READ = 3,
	BH_TRACE_OP_NR
};

#define BH_TRACE_CELL_SHIFT 8
#define BH_TRACE_DEVICE_SHIFT 16
#define BH_TRACE_INDEX_SHIFT 32
#define BH_TRACE_EXTRA_SHIFT 40
#define BH_TRACE_WRITE 0x80 /* in an access's extra; the width is below it */

enum bh_trace_kind {
	/*
	 * A step of the trapped path's state machine. detail: actions (enum
	 * bh_trace_action) | rule (enum bh_trace_rule) << 8 | IRQ that fired or
	 * that is raised << 16 | IRQ that is lowered << 24 | region that was
	 * accessed << 32. extra: length of the queue after it. time: what a new
	 * deadline is counted from, if one is set.
	 */
	BH_TRACE_STEP = 1,
	/* A level line was taken, and is left active; detail: INTID. */
	BH_TRACE_MASK = 2,
	/* It is deactivated, and may fire again; detail: INTID. */
	BH_TRACE_UNMASK = 3,
	/* A linked line was taken; detail: INTID. */
	BH_TRACE_LINKED = 4,
	/* Trapped, not carried out yet. detail: offset; extra: width | WRITE. */
	BH_TRACE_ACCESS = 5,
	/* That access was refused, or failed. detail: errno; extra: the same. */
	BH_TRACE_FAILED = 6,
	/*
	 * The path of an IRQ was chosen. detail: INTID | flags (enum
	 * bh_irq_flags) << 32 | errno of the refused link << 40.
	 */
	BH_TRACE_PATH = 7,
	/* BH_MARK; detail: its number; no device. */
	BH_TRACE_MARK = 8,
	BH_TRACE_NR
};

/* The rules of docs/vfio-platform.md. */
enum bh_trace_rule {
	BH_TRACE_RULE_INJECT = 0,      /* T1 */
	BH_TRACE_RULE_QUEUE = 1,       /* T2 */
	BH_TRACE_RULE_RAISE_AGAIN = 2, /* T3 */
	BH_TRACE_RULE_STAY_QUEUED = 3, /* T4' */
	BH_TRACE_RULE_RETIRE = 4,      /* T6 */
	BH_TRACE_RULE_RETIRE_NEXT = 5, /* T7 */
	BH_TRACE_RULE_EOI_IDLE = 6,    /* T8 */
	BH_TRACE_RULE_REARM = 7,       /* T10 */
	BH_TRACE_RULE_RESTORE = 8,     /* T11 */
	BH_TRACE_RULE_READ_FAILED = 9, /* T14 */
	BH_TRACE_RULE_NR
};

/* Carried out in this order. */
enum bh_trace_action {
	BH_TRACE_DO_REPORT = 1 << 0,
	BH_TRACE_DO_TRAP = 1 << 1,
	BH_TRACE_DO_LINE_DOWN = 1 << 2,
	BH_TRACE_DO_UNMASK = 1 << 3,
	BH_TRACE_DO_LINE_UP = 1 << 4,
	BH_TRACE_DO_QUEUE = 1 << 5,
	BH_TRACE_DO_DEADLINE = 1 << 6,
	BH_TRACE_DO_MAP = 1 << 7,
};

/*
 * Assigned devices, numbered from 0 within a cell; -ENOENT past the last, or
 * when the cell is ABSENT.
 *
 * BH_DEVICE_NAME: x1 = cell, x2 = device. x1 to x7 := its node's name in the cell's
 *	config, NUL-padded, 56 bytes.
 * BH_DEVICE_INFO: x1 = cell, x2 = device. x1 := IRQ count, x2 := region count,
 *	x3 := flags (enum bh_device_flags), x4 := mmap-timeout-ms, x5 := expiries
 *	of the deadline, x6 := times that the regions were trapped, x7 := EOIs by
 *	access that found no active IRQ.
 * BH_IRQ_INFO: x1 = cell, x2 = device, x3 = IRQ. x1 := INTID, x2 := flags (enum
 *	bh_irq_flags), x3 := state (enum bh_irq_state) | reason for the path
 *	(enum bh_path_reason) << 8, x4 := physical interrupts, x5 := EOIs (by
 *	access when trapped, by the guest at its GIC when linked), x6 := times
 *	queued behind another IRQ of the device, x7 := deadline expiries that
 *	found it active.
 * BH_REGION_INFO: x1 = cell, x2 = device, x3 = region. x1 := address (IPA), x2
 *	:= size, x3 := flags (enum bh_region_flags), x4 := trapped accesses.
 */
#define BH_DEVICE_NAME BH_FUNCTION(0x20)
#define BH_DEVICE_INFO BH_FUNCTION(0x21)
#define BH_IRQ_INFO BH_FUNCTION(0x22)
#define BH_REGION_INFO BH_FUNCTION(0x23)
#define BH_DEVICE_NAME_SIZE 56

/*
 * BH_SHARED_INFO: x1 = cell, x2 = number of a shared region. x1 := address (IPA), x2
 *	:= size, x3 := INTID of the doorbell | BH_SHARED_WRITE if the cell may write,
 *	x4 to x7 := the region's name, 32 bytes. -ENOENT past the last, or when the
 *	cell is ABSENT.
 */
#define BH_SHARED_INFO BH_FUNCTION(0x24)
#define BH_SHARED_WRITE (1u << 16)

/*
 * BH_DEVICE_RESET: x1 = cell, x2 = device. Resets the device: its configured writes,
 * then the hook of its compatible, with the meaning of VFIO_DEVICE_RESET: masks,
 * states and counts of its interrupts stay as they are. Meant for a device that its
 * cell has lost control of. A refusal has a sentence for BH_MESSAGE.
 * -EAGAIN: a command for the cell is under way. -ENODEV: the cell does not have the
 * device now: it is shut down. -ENOTTY: the config says reset = "none". -EFAULT: an
 * access was answered with an abort. -ETIMEDOUT: the device did not become idle.
 */
#define BH_DEVICE_RESET BH_FUNCTION(0x25)

enum bh_device_flags {
	BH_DEVICE_DMA_UNPROTECTED = 1 << 0, /* dma = "identity-unprotected" */
	BH_DEVICE_NO_MMAP = 1 << 1,
	BH_DEVICE_NO_RESET = 1 << 2, /* reset = "none" */
};
enum bh_irq_flags {
	BH_IRQ_LEVEL = 1 << 0,	/* else edge */
	BH_IRQ_LINKED = 1 << 1, /* else trapped */
};
enum bh_irq_state {
	BH_IRQ_INACTIVE = 0,
	BH_IRQ_PENDING = 1,
	BH_IRQ_ACTIVE = 2,
};
enum bh_path_reason {
	BH_PATH_DEFAULT = 0,	 /* linked: nothing speaks against it */
	BH_PATH_CONFIG = 1,	 /* trapped: the config says x-irqfd = <0> */
	BH_PATH_UNAVAILABLE = 2, /* trapped: the injector refused the link */
};
enum bh_region_flags {
	BH_REGION_READ = 1 << 0,
	BH_REGION_WRITE = 1 << 1,
	BH_REGION_MAPPABLE = 1 << 2, /* page-aligned in start and size */
	BH_REGION_MAPPED = 1 << 3,   /* now */
};

#endif /* HYP_ABI_H */
