/* SPDX-License-Identifier: Apache-2.0 */
/* The exception vectors: interrupts are dispatched, all else is reported. */

#include "exception.h"

	.macro	vector kind
	.balign	128
	msr	tpidr_el1, x0
	mov	x0, #\kind
	b	exception_entry
	.endm

	.section .text.vectors, "ax"
	.balign	2048
	.globl	vectors
vectors:
	vector	EXCEPTION_SYNC			// current EL, SP_EL0
	vector	EXCEPTION_IRQ
	vector	EXCEPTION_FIQ
	vector	EXCEPTION_SERROR
	vector	EXCEPTION_SYNC			// current EL, SP_EL1
	.balign	128
	b	irq_entry
	vector	EXCEPTION_FIQ
	vector	EXCEPTION_SERROR
	.rept	2				// EL0: there is none
	vector	EXCEPTION_SYNC
	vector	EXCEPTION_IRQ
	vector	EXCEPTION_FIQ
	vector	EXCEPTION_SERROR
	.endr

	// What C may clobber. ELR and SPSR stay in place: no interrupt nests.
irq_entry:
	sub	sp, sp, #704
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x29, [sp, #144]
	mrs	x0, fpsr
	stp	x30, x0, [sp, #160]
	add	x0, sp, #176
	stp	q0, q1, [x0, #0]
	stp	q2, q3, [x0, #32]
	stp	q4, q5, [x0, #64]
	stp	q6, q7, [x0, #96]
	stp	q8, q9, [x0, #128]
	stp	q10, q11, [x0, #160]
	stp	q12, q13, [x0, #192]
	stp	q14, q15, [x0, #224]
	stp	q16, q17, [x0, #256]
	stp	q18, q19, [x0, #288]
	stp	q20, q21, [x0, #320]
	stp	q22, q23, [x0, #352]
	stp	q24, q25, [x0, #384]
	stp	q26, q27, [x0, #416]
	stp	q28, q29, [x0, #448]
	stp	q30, q31, [x0, #480]
	bl	irq_dispatch
	add	x0, sp, #176
	ldp	q0, q1, [x0, #0]
	ldp	q2, q3, [x0, #32]
	ldp	q4, q5, [x0, #64]
	ldp	q6, q7, [x0, #96]
	ldp	q8, q9, [x0, #128]
	ldp	q10, q11, [x0, #160]
	ldp	q12, q13, [x0, #192]
	ldp	q14, q15, [x0, #224]
	ldp	q16, q17, [x0, #256]
	ldp	q18, q19, [x0, #288]
	ldp	q20, q21, [x0, #320]
	ldp	q22, q23, [x0, #352]
	ldp	q24, q25, [x0, #384]
	ldp	q26, q27, [x0, #416]
	ldp	q28, q29, [x0, #448]
	ldp	q30, q31, [x0, #480]
	ldp	x30, x0, [sp, #160]
	msr	fpsr, x0
	ldp	x18, x29, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp, #0]
	add	sp, sp, #704
	eret

	// x0 = kind, its own value in TPIDR_EL1. A stack of its own, because
	// the fault may be the stack's.
exception_entry:
	msr	tpidrro_el0, x1
	msr	tpidr_el0, x2
	mov	x1, sp
	adrp	x2, exception_stack_end
	add	x2, x2, :lo12:exception_stack_end
	mov	sp, x2
	sub	sp, sp, #EXCEPTION_FRAME_SIZE
	stp	x3, x4, [sp, #(3 * 8)]
	stp	x5, x6, [sp, #(5 * 8)]
	stp	x7, x8, [sp, #(7 * 8)]
	stp	x9, x10, [sp, #(9 * 8)]
	stp	x11, x12, [sp, #(11 * 8)]
	stp	x13, x14, [sp, #(13 * 8)]
	stp	x15, x16, [sp, #(15 * 8)]
	stp	x17, x18, [sp, #(17 * 8)]
	stp	x19, x20, [sp, #(19 * 8)]
	stp	x21, x22, [sp, #(21 * 8)]
	stp	x23, x24, [sp, #(23 * 8)]
	stp	x25, x26, [sp, #(25 * 8)]
	stp	x27, x28, [sp, #(27 * 8)]
	stp	x29, x30, [sp, #(29 * 8)]
	mrs	x3, tpidr_el1
	mrs	x4, tpidrro_el0
	mrs	x5, tpidr_el0
	stp	x3, x4, [sp, #0]
	str	x5, [sp, #(2 * 8)]
	mrs	x3, elr_el1
	stp	x1, x3, [sp, #(31 * 8)]
	mrs	x3, spsr_el1
	mrs	x4, esr_el1
	stp	x3, x4, [sp, #(33 * 8)]
	mrs	x3, far_el1
	str	x3, [sp, #(35 * 8)]
	mov	x1, x0
	mov	x0, sp
	bl	exception_report
	b	.
