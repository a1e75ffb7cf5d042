/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors for the time of one access: a synchronous exception sets probe_fault and
 * goes on after the instruction. Interrupts are masked meanwhile.
 */
	.section .text.probe, "ax"
	.balign	2048
	.globl	probe_vectors
probe_vectors:
	.rept	4
	.balign	128
	b	.
	.endr
	.balign	128			// synchronous, current EL, SP_EL1
	msr	tpidr_el1, x0
	msr	tpidrro_el0, x1
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	adrp	x0, probe_fault
	mov	w1, #1
	str	w1, [x0, #:lo12:probe_fault]
	mrs	x0, tpidr_el1
	mrs	x1, tpidrro_el0
	eret
	.rept	11
	.balign	128
	b	.
	.endr
	.balign	128

	.section .bss.probe, "aw", %nobits
	.balign	4
	.globl	probe_fault
probe_fault:
	.skip	4
