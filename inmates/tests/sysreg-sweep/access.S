/* SPDX-License-Identifier: Apache-2.0 */
/* One instruction, made at run time, between registers and vectors of its own. */

	.section .text.access, "ax"
	.globl	access_run
	// access_run(x0 = the instruction's, x1 = address of it and of a return,
	// x2 = where its x0 goes): ESR_EL1 of what answered it, or 0. It may be on
	// registers that the call keeps; those that C keeps stay.
access_run:
	stp	x29, x30, [sp, #-32]!
	stp	x19, x20, [sp, #16]
	mov	x19, x2
	mov	x20, #0				// ESR
	blr	x1
	str	x0, [x19]
	mov	x0, x20
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret

	.globl	access_sweep
	// access_sweep(x0 = value, x1 = first stub, x2 = count, x3 = ESRs, x4 =
	// results): every stub in its turn, 8 bytes each
access_sweep:
	stp	x29, x30, [sp, #-64]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	mov	x19, x0
	mov	x21, x1
	mov	x22, x2
	mov	x23, x3
	mov	x24, x4
1:	cbz	x22, 2f
	mov	x0, x19
	mov	x20, #0
	blr	x21
	str	w20, [x23], #4
	str	x0, [x24], #8
	add	x21, x21, #8
	sub	x22, x22, #1
	b	1b
2:	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #64
	ret

	// To the instruction after the one that did not work; x20 = ESR.
	.balign	2048
	.globl	access_vectors
access_vectors:
	.rept	16
	.balign	128
	mrs	x20, elr_el1
	add	x20, x20, #4
	msr	elr_el1, x20
	mrs	x20, esr_el1
	eret
	.endr
