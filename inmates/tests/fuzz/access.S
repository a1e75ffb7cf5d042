/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses that may fault, and the vectors that skip them: a load or store is stepped
 * over, a branch that could not fetch returns. x16 and x17 are the vectors'.
 */
	.section .text.fuzz, "ax"
	.balign	2048
	.globl	fuzz_vectors
fuzz_vectors:
	.rept	16
	.balign	128
	b	fault
	.endr

fault:
	adrp	x16, fuzz_faults
	add	x16, x16, :lo12:fuzz_faults
	ldr	x17, [x16]
	add	x17, x17, #1
	str	x17, [x16]
	mrs	x16, esr_el1
	lsr	x16, x16, #26
	and	x16, x16, #0x3e			// without and with a change of level
	cmp	x16, #0x20			// instruction abort
	b.eq	1f
	cmp	x16, #0x22			// PC alignment
	b.eq	1f
	mrs	x16, elr_el1
	add	x16, x16, #4
	msr	elr_el1, x16
	eret
1:	msr	elr_el1, x30
	eret

	.globl	fuzz_read
fuzz_read:
	mov	x2, x0
	mov	x0, #0
	cmp	x1, #2
	b.lo	1f
	b.eq	2f
	cmp	x1, #8
	b.eq	3f
	ldr	w0, [x2]
	ret
1:	ldrb	w0, [x2]
	ret
2:	ldrh	w0, [x2]
	ret
3:	ldr	x0, [x2]
	ret

	.globl	fuzz_write
fuzz_write:
	cmp	x1, #2
	b.lo	1f
	b.eq	2f
	cmp	x1, #8
	b.eq	3f
	str	w2, [x0]
	ret
1:	strb	w2, [x0]
	ret
2:	strh	w2, [x0]
	ret
3:	str	x2, [x0]
	ret

	.globl	fuzz_pair
fuzz_pair:
	ldp	x1, x2, [x0]
	ldr	x1, [x0], #8
	ldxr	x1, [x0]
	ret

	.globl	fuzz_branch
fuzz_branch:
	br	x0

	.macro	call name, instruction
	.globl	\name
\name:
	mov	x9, x0
	ldp	x0, x1, [x9]
	ldp	x2, x3, [x9, #16]
	ldp	x4, x5, [x9, #32]
	ldp	x6, x7, [x9, #48]
	\instruction
	ret
	.endm

	call	fuzz_hvc, "hvc #0"
	call	fuzz_smc, "smc #0"

	.globl	fuzz_execute
fuzz_execute:
	dc	cvau, x0
	dsb	ish
	ic	ivau, x0
	dsb	ish
	isb
	mov	x9, x0
	mov	x0, x1
	br	x9

	.macro	use_vectors
	adrp	x9, fuzz_vectors
	add	x9, x9, :lo12:fuzz_vectors
	msr	vbar_el1, x9
	msr	daifset, #0xf
	isb
	.endm

	.globl	fuzz_mmu_off
fuzz_mmu_off:
	use_vectors
	mrs	x9, sctlr_el1
	bic	x9, x9, #1			// M
	bic	x9, x9, #4			// C
	msr	sctlr_el1, x9
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	ret

	.globl	fuzz_second
fuzz_second:
	mov	sp, x0
	use_vectors
	mov	w0, #1
	b	fuzz_run
