/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One access each, x0 = address: access_read_N(address, value) and
 * access_write_N(address, value). They return ESR_EL1 of the exception that answered
 * the access, or 0. The vectors step over what faulted.
 */

	.macro	reader width, instruction
	.globl	access_read_\width
access_read_\width:
	mov	x2, #0
	mov	x3, #0
	\instruction
	str	x3, [x1]
	mov	x0, x2
	ret
	.endm

	.macro	writer width, instruction
	.globl	access_write_\width
access_write_\width:
	mov	x2, #0
	\instruction
	dsb	sy
	mov	x0, x2
	ret
	.endm

	.section .text.access, "ax"
	reader	1, "ldrb w3, [x0]"
	reader	2, "ldrh w3, [x0]"
	reader	4, "ldr w3, [x0]"
	reader	8, "ldr x3, [x0]"
	writer	1, "strb w1, [x0]"
	writer	2, "strh w1, [x0]"
	writer	4, "str w1, [x0]"
	writer	8, "str x1, [x0]"

	.balign	2048
	.globl	access_vectors
access_vectors:
	.rept	16
	.balign	128
	mrs	x2, elr_el1
	add	x2, x2, #4
	msr	elr_el1, x2
	mrs	x2, esr_el1
	eret
	.endr
