/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a test outside tells the inmate what to do: a page of RAM, written through
 * the emulator while the inmate runs. tests/system/pattern.py has the same layout.
 */
#ifndef IRQ_PATTERN_MAILBOX_H
#define IRQ_PATTERN_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#define MAILBOX_DEVICES 2
#define MAILBOX_IRQS 64

enum mailbox_op {
	MAILBOX_NOTHING = 0, /* to see that what came before was handled */
	MAILBOX_READ = 1,
	MAILBOX_WRITE = 2,
};

/** struct mailbox - filled first; then request is set to another number */
struct mailbox {
	uint32_t request;
	uint32_t answer; /* set to request when all is done */
	uint32_t op;	 /* enum mailbox_op */
	uint32_t mark;	 /* put in the trace first, if not 0 */
	uint32_t device; /* in the order of the cell's tree */
	uint32_t region;
	uint32_t offset; /* bytes from the region's start */
	uint32_t width;	 /* bytes: 1, 2, 4 or 8 */
	uint64_t value;	 /* to write, or that was read */
	/* Bit n: deactivate level IRQ n of device after the access, if it was active. */
	uint64_t end;
	uint32_t fault;	   /* 1: the access was answered with an abort */
	uint32_t spurious; /* acknowledged INTIDs that are no device's */
	/* Virtual interrupts taken. */
	uint32_t taken[MAILBOX_DEVICES][MAILBOX_IRQS];
};

_Static_assert(offsetof(struct mailbox, value) == 32, "pattern.py");
_Static_assert(offsetof(struct mailbox, taken) == 56, "pattern.py");

/* probe.S: exceptions of an access are counted in probe_fault, and passed by */
extern char probe_vectors[];
extern uint32_t probe_fault;

#endif /* IRQ_PATTERN_MAILBOX_H */
