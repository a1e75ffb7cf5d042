/* SPDX-License-Identifier: Apache-2.0 */
/* One instruction with all registers given, run where the test wants it. */
#ifndef INMATES_TESTS_INSN_H
#define INMATES_TESTS_INSN_H

/* enter.S knows these offsets. */
#define CONTEXT_V 256
#define CONTEXT_SP 768
#define CONTEXT_FAULT 776
#define CONTEXT_FAR 784
#define CONTEXT_SAVED_SP 792
#define CONTEXT_SAVED_X0 800

#ifndef __ASSEMBLER__
#include <hyp/compiler.h>

/** struct context - in: the registers before; out: after */
struct context {
	uint64_t x[32]; /* x[30] and x[31] are not the instruction's */
	uint64_t v[32][2];
	uint64_t sp;
	uint64_t fault; /* ESR_EL1, 0: none */
	uint64_t far;
	uint64_t saved_sp;
	uint64_t saved_x0;
};
_Static_assert(offsetof(struct context, v) == CONTEXT_V, "enter.S");
_Static_assert(offsetof(struct context, sp) == CONTEXT_SP, "enter.S");
_Static_assert(offsetof(struct context, saved_x0) == CONTEXT_SAVED_X0,
	       "enter.S");

/**
 * insn_run() - run @code with the context's registers, at EL1
 * @code: one instruction and "ret"
 *
 * Interrupts are masked. An exception ends it.
 */
void insn_run(struct context *context, uint64_t code);

/** insn_run_el0() - the same at EL0; @code: one instruction and "svc #0" */
void insn_run_el0(struct context *context, uint64_t code);

/**
 * insn_code() - where a page of @word and @last stands; @last: CODE_RET or CODE_SVC
 *
 * Two such pages exist, by @number.
 */
#define CODE_RET UINT32_C(0xd65f03c0)
#define CODE_SVC UINT32_C(0xd4000001)
uint64_t insn_code(unsigned int number, uint32_t word, uint32_t last);

/**
 * insn_show() - show @physical as page @page (0 to 511) of WINDOW
 * insn_hide() - and no longer, on any CPU
 */
#define WINDOW UINT64_C(0x4000000000)
#define WINDOW_PAGE(page) (WINDOW + (uint64_t)(page)*4096)
#define WINDOW_CODE UINT64_C(0x7c3) /* read-only, executed at EL0 and EL1 */
#define WINDOW_MEMORY UINT64_C(0x60000000000743) /* for EL0 and EL1 */
#define WINDOW_DEVICE UINT64_C(0x60000000000447) /* for EL0 and EL1 */
void insn_show(unsigned int page, uint64_t physical, uint64_t attributes);
void insn_hide(unsigned int page);

#define AREA_WORDS 16

/** struct place - the same bytes, once on the device and once in memory */
struct place {
	uint64_t device;
	uint64_t plain;
};

/** struct shape - an instruction, and what it needs to know of its registers */
struct shape {
	uint32_t word;
	bool is_sp_base; /* the base is SP, else X2 */
	bool is_el0;
	uint64_t index; /* X5 */
	uint64_t code;	/* where to run it; 0: a page of the test's own */
};

/**
 * insn_compare() - @shape does on the device's registers what it does in memory
 * @base: of the instruction, in both
 * @area: AREA_WORDS doublewords that are filled before and compared after, in both
 */
bool insn_compare(const struct shape *shape, const struct place *base,
		  const struct place *area);

/** insn_literal() - the same; the code is shown at WINDOW, before @base */
bool insn_literal(const struct shape *shape, const struct place *base,
		  const struct place *area);

/** insn_fault() - run @word on @address; Return: ESR_EL1 and FAR_EL1, or 0 */
uint64_t insn_fault(uint32_t word, uint64_t address, uint64_t *far);

/** insn_forms() - every form, at the device's address; see forms.c */
void insn_forms(void);

extern struct place pages; /* two pages each */
extern uint64_t device_accesses;

#endif /* __ASSEMBLER__ */

#endif /* INMATES_TESTS_INSN_H */
