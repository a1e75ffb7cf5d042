/* SPDX-License-Identifier: Apache-2.0 */
/* Where a program for the bare board begins: at EL1, MMU off, x0 from the loader. */
	.section .text.start, "ax"
	.global	_start
_start:
	mov	x19, x0
	msr	daifset, #15
	adr	x1, vectors
	msr	vbar_el1, x1
	isb
	adr	x1, stack_end
	mov	sp, x1
	adr	x1, bss_start
	adr	x2, bss_end
1:	cmp	x1, x2
	b.hs	2f
	str	xzr, [x1], #8
	b	1b
2:	mov	x0, x19
	bl	program
	/* PSCI SYSTEM_OFF */
	movz	w0, #0x0008
	movk	w0, #0x8400, lsl #16
	hvc	#0
3:	wfi
	b	3b

	/* Another CPU: x0 is its number, as PSCI CPU_ON was given it. */
	.text
	.global	second_start
second_start:
	msr	daifset, #15
	adr	x1, vectors
	msr	vbar_el1, x1
	adr	x1, second_stack_end
	sub	x1, x1, x0, lsl #12
	mov	sp, x1
	isb
	bl	second_program
	b	3b

	.macro	vector name
	.balign	0x80
	b	\name
	.endm

	.balign	0x800
vectors:
	.rept	4
	vector	fault
	.endr
	vector	fault
	vector	interrupt
	vector	fault
	vector	fault
	.rept	8
	vector	fault
	.endr

fault:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	bl	fault_report
4:	wfi
	b	4b

interrupt:
	sub	sp, sp, #176
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	bl	interrupt_take
	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x30, [sp, #144]
	add	sp, sp, #176
	eret

	.bss
	.balign	16
	.skip	8192
stack_end:
	.skip	4 * 4096
second_stack_end:
