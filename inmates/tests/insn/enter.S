/* SPDX-License-Identifier: Apache-2.0 */
/* All registers from a context, one instruction, all registers into it. */
#include "insn.h"

	.section .text.insn, "ax"
	.balign	2048
insn_vectors:
	.rept	16
	.balign	128
	b	leave
	.endr

	/* x30 is the scratch register; the instruction does not use it. */
leave:
	mrs	x30, tpidr_el0
	str	x0, [x30, #CONTEXT_SAVED_X0]
	mrs	x0, esr_el1
	lsr	x0, x0, #26
	cmp	x0, #0x15			/* svc: the way back from EL0 */
	b.eq	1f
	mrs	x0, esr_el1
	str	x0, [x30, #CONTEXT_FAULT]
	mrs	x0, far_el1
	str	x0, [x30, #CONTEXT_FAR]
1:	mrs	x0, spsr_el1
	tst	x0, #0xf
	b.ne	2f
	mrs	x0, sp_el0
	str	x0, [x30, #CONTEXT_SP]
	b	3f
2:	mov	x0, sp
	str	x0, [x30, #CONTEXT_SP]
3:	ldr	x0, [x30, #CONTEXT_SAVED_X0]
	b	save

	.macro	prologue
	stp	x19, x20, [sp, #-160]!
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x9, daif
	mrs	x10, vbar_el1
	stp	x9, x10, [sp, #-16]!
	mov	x9, sp
	str	x9, [x0, #CONTEXT_SAVED_SP]
	str	xzr, [x0, #CONTEXT_FAULT]
	msr	daifset, #0xf
	adrp	x9, insn_vectors
	add	x9, x9, :lo12:insn_vectors
	msr	vbar_el1, x9
	msr	tpidr_el0, x0
	isb
	.endm

	.macro	load_all
	add	x9, x0, #CONTEXT_V
	ldp	q0, q1, [x9, #0]
	ldp	q2, q3, [x9, #32]
	ldp	q4, q5, [x9, #64]
	ldp	q6, q7, [x9, #96]
	ldp	q8, q9, [x9, #128]
	ldp	q10, q11, [x9, #160]
	ldp	q12, q13, [x9, #192]
	ldp	q14, q15, [x9, #224]
	ldp	q16, q17, [x9, #256]
	ldp	q18, q19, [x9, #288]
	ldp	q20, q21, [x9, #320]
	ldp	q22, q23, [x9, #352]
	ldp	q24, q25, [x9, #384]
	ldp	q26, q27, [x9, #416]
	ldp	q28, q29, [x9, #448]
	ldp	q30, q31, [x9, #480]
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldp	x0, x1, [x0]
	.endm

	.globl	insn_run
insn_run:
	prologue
	mov	x30, x1
	ldr	x9, [x0, #CONTEXT_SP]
	mov	sp, x9
	load_all
	blr	x30
	mrs	x30, tpidr_el0
	str	x0, [x30, #CONTEXT_SAVED_X0]
	mov	x0, sp
	str	x0, [x30, #CONTEXT_SP]
	ldr	x0, [x30, #CONTEXT_SAVED_X0]
	b	save

	.globl	insn_run_el0
insn_run_el0:
	prologue
	msr	elr_el1, x1
	mov	x9, #0x3c0			/* EL0, all masked */
	msr	spsr_el1, x9
	ldr	x9, [x0, #CONTEXT_SP]
	msr	sp_el0, x9
	load_all
	eret

	/* x30: the context */
save:
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	stp	x6, x7, [x30, #48]
	stp	x8, x9, [x30, #64]
	stp	x10, x11, [x30, #80]
	stp	x12, x13, [x30, #96]
	stp	x14, x15, [x30, #112]
	stp	x16, x17, [x30, #128]
	stp	x18, x19, [x30, #144]
	stp	x20, x21, [x30, #160]
	stp	x22, x23, [x30, #176]
	stp	x24, x25, [x30, #192]
	stp	x26, x27, [x30, #208]
	stp	x28, x29, [x30, #224]
	add	x9, x30, #CONTEXT_V
	stp	q0, q1, [x9, #0]
	stp	q2, q3, [x9, #32]
	stp	q4, q5, [x9, #64]
	stp	q6, q7, [x9, #96]
	stp	q8, q9, [x9, #128]
	stp	q10, q11, [x9, #160]
	stp	q12, q13, [x9, #192]
	stp	q14, q15, [x9, #224]
	stp	q16, q17, [x9, #256]
	stp	q18, q19, [x9, #288]
	stp	q20, q21, [x9, #320]
	stp	q22, q23, [x9, #352]
	stp	q24, q25, [x9, #384]
	stp	q26, q27, [x9, #416]
	stp	q28, q29, [x9, #448]
	stp	q30, q31, [x9, #480]
	ldr	x9, [x30, #CONTEXT_SAVED_SP]
	mov	sp, x9
	ldp	x9, x10, [sp], #16
	msr	vbar_el1, x10
	isb
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x19, x20, [sp], #160
	msr	daif, x9
	ret
