/* SPDX-License-Identifier: Apache-2.0 */
/* The puppet's vectors, its calls with every register, and its endless loops. */

	.macro	vector kind
	.balign	128
	mov	x0, #\kind
	b	puppet_exception
	.endm

	.section .text.puppet, "ax"
	.balign	2048
	.globl	puppet_vectors
puppet_vectors:
	.rept	4
	vector	0
	vector	1
	vector	2
	vector	2
	.endr

	// Vectors that skip the instruction which faulted.
	.balign	2048
skip_vectors:
	.rept	16
	.balign	128
	mrs	x9, elr_el1
	add	x9, x9, #4
	msr	elr_el1, x9
	eret
	.endr

	// The same, where what faulted is the fetch: back to who branched.
	.balign	2048
return_vectors:
	.rept	16
	.balign	128
	msr	elr_el1, x30
	eret
	.endr

	.macro	call name, instruction
	.globl	\name
\name:
	str	x19, [sp, #-16]!
	mov	x19, x0
	ldp	x0, x1, [x19]
	ldp	x2, x3, [x19, #16]
	ldp	x4, x5, [x19, #32]
	ldp	x6, x7, [x19, #48]
	\instruction
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	stp	x4, x5, [x19, #32]
	stp	x6, x7, [x19, #48]
	ldr	x19, [sp], #16
	ret
	.endm

	call	puppet_hvc, "hvc #0"
	call	puppet_smc, "smc #0"

	.globl	puppet_jump
puppet_jump:
	br	x1

	.macro	vectors_to table
	adr	x10, \table
	msr	vbar_el1, x10
	isb
	.endm

	.globl	puppet_spin
puppet_spin:
	msr	daifset, #0xf
1:	yield
	b	1b

	.globl	puppet_sleep
puppet_sleep:
	msr	daifset, #0xf
1:	wfi
	b	1b

	.macro	loop name, instruction
	.globl	\name
\name:
	vectors_to skip_vectors
	mov	x20, x0
1:	ldp	x0, x1, [x20]
	ldp	x2, x3, [x20, #16]
	ldp	x4, x5, [x20, #32]
	ldr	x6, [x20, #48]
	\instruction
	b	1b
	.endm

	loop	puppet_hvc_loop, "hvc #0"
	loop	puppet_smc_loop, "smc #0"

	.globl	puppet_read_loop
puppet_read_loop:
	vectors_to skip_vectors
1:	ldr	w1, [x0]
	b	1b

	.globl	puppet_write_loop
puppet_write_loop:
	vectors_to skip_vectors
	mov	w1, #-1
1:	str	w1, [x0]
	b	1b

	.globl	puppet_branch_loop
puppet_branch_loop:
	vectors_to return_vectors
1:	blr	x0
	b	1b

	.globl	puppet_helper
puppet_helper:
	mov	x20, x0
	vectors_to skip_vectors
1:	ldr	x21, [x20]			// count
	add	x22, x20, #32
	ldr	x23, [x20, #16]			// off
	cbnz	x23, 4f
	cbnz	x21, 2f
	ldr	x24, [x20, #24]
	add	x24, x24, #1
	str	x24, [x20, #24]
	yield
	b	1b
2:	ldp	x0, x1, [x22]
	ldp	x2, x3, [x22, #16]
	ldp	x4, x5, [x22, #32]
	ldp	x6, x7, [x22, #48]
	cbnz	x0, 3f
	cbnz	x2, 6f
	ldr	w9, [x1]
	b	5f
6:	str	w2, [x1]
	b	5f
3:	hvc	#0
5:	add	x22, x22, #64
	ldr	x24, [x20, #8]
	add	x24, x24, #1
	str	x24, [x20, #8]
	subs	x21, x21, #1
	b.ne	2b
	b	1b
4:	ldr	w0, =0x84000002			// CPU_OFF
	hvc	#0
	b	1b
	.ltorg
