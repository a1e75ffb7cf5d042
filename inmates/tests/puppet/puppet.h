/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox through which a test outside moves the puppet, and its asm. */
#ifndef PUPPET_PUPPET_H
#define PUPPET_PUPPET_H

#include <stddef.h>
#include <stdint.h>

#define PUPPET_MAGIC UINT64_C(0x3130544550505550) /* "PUPPET01" */

/** enum puppet_verb - what to do; x[] holds arguments and results */
enum puppet_verb {
	PUPPET_NOTHING = 0,
	PUPPET_READ = 1,  /* x0 := the x1 bytes at x0 */
	PUPPET_WRITE = 2, /* x2 to the x1 bytes at x0 */
	PUPPET_HVC = 3,	  /* x0 to x7, in and out */
	PUPPET_SMC = 4,	  /* the same */
	PUPPET_ACK = 5,	  /* x0 := what the GIC's acknowledge register says */
	PUPPET_END = 6,	  /* x0: what ACK gave */
	PUPPET_EXECUTE =
		7,	   /* one instruction x0, with x0 := x1; x0 := its x0 */
	PUPPET_JUMP = 8,   /* fetch from x0 */
	PUPPET_MAP = 9,	   /* x1 bytes of device at x0, in the own tables */
	PUPPET_STUCK = 10, /* enum puppet_stuck in x0: it hears no more */
	PUPPET_FILL = 11,  /* x0 into all memory that is not the image */
	PUPPET_SCAN = 12,  /* x0 := how often x0 stands in that memory */
	PUPPET_PAGE = 13,  /* descriptor x1 into the own page table for x0 */
	PUPPET_SWEEP =
		14, /* x1 instructions from x0 on, each by itself: see act() */
	PUPPET_HELPER =
		15, /* x0 := address of puppet_helper, x1 := of its block */
	PUPPET_TOUCH =
		16, /* x1 accesses from x0 on, x2 apart, x3 bytes wide; x4: write
			     * x5; x0 := how many were answered, not refused */
	PUPPET_AWAKE =
		17, /* no sleep between orders: its GIC will be of no use */
};

/** enum puppet_stuck - ways never to come back */
enum puppet_stuck {
	PUPPET_SPIN = 0,       /* all interrupts masked */
	PUPPET_SLEEP = 1,      /* WFI, all interrupts masked */
	PUPPET_FAULT_LOOP = 2, /* no vectors: every abort aborts again */
	PUPPET_HVC_LOOP = 3,   /* with x1 to x7 in x0 to x6 */
	PUPPET_SMC_LOOP = 4,
	PUPPET_READ_LOOP = 5, /* the word at x1, every abort ignored */
	PUPPET_WRITE_LOOP = 6,
	PUPPET_BRANCH_LOOP = 7, /* to x1, which faults */
};

/** struct puppet_mailbox - written from outside and here, found by its address */
struct puppet_mailbox {
	uint64_t magic;
	uint32_t order; /* from outside, after all else: another number */
	uint32_t done;	/* here, after all else: the order's number */
	uint32_t verb;
	uint32_t fault; /* the verb ended by an exception */
	uint64_t x[8];
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
	uint64_t beats; /* times that it has looked at @order */
};

/**
 * struct puppet_block - what a second CPU does over and over, see puppet_helper()
 *
 * Written from outside, also while it runs.
 */
struct puppet_block {
	uint64_t count; /* of the calls below, from the first; 0: none, wait */
	uint64_t turns; /* here: calls made */
	uint64_t off;	/* not 0: PSCI CPU_OFF next */
	uint64_t idle;	/* here: times that it found no call to make */
	uint64_t x[16][8]; /* x0 to x7 of each HVC; x0 0: read the word at x1 */
};

extern char puppet_vectors[];

/** puppet_helper() - entry of another CPU, x0 = its block; MMU off, no stack */
void puppet_helper(void);

/** puppet_call() - HVC #0 or SMC #0, x0 to x7 in and out */
void puppet_hvc(uint64_t *x);
void puppet_smc(uint64_t *x);

/** puppet_jump() - call @address with @value in x0; return its x0 */
uint64_t puppet_jump(uint64_t value, uint64_t address);

/* The endless ones; see enum puppet_stuck. */
_Noreturn void puppet_spin(void);
_Noreturn void puppet_sleep(void);
_Noreturn void puppet_hvc_loop(const uint64_t *x);
_Noreturn void puppet_smc_loop(const uint64_t *x);
_Noreturn void puppet_read_loop(uint64_t address);
_Noreturn void puppet_write_loop(uint64_t address);
_Noreturn void puppet_branch_loop(uint64_t address);

/** puppet_exception() - from the vectors; @kind: 0 synchronous, 1 IRQ, 2 other */
_Noreturn void puppet_exception(unsigned int kind);

#endif /* PUPPET_PUPPET_H */
