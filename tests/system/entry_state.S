/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that writes down every register as it finds it at its first instruction,
 * then dirties them all and the memory, and spins. Linked nowhere: it is loaded as raw
 * bytes. The test reads the record from the board's memory.
 *
 * x0 is the tree's address; x30 carries the record's address once it is seen to be 0.
 */
#define CANARY 0x5ca1ab1e0ddba115

	.macro	keep register
	mrs	x29, \register
	str	x29, [x30], #8
	.endm

	.macro	soil register, value=0x5a5a5a5a5a5a5a5a
	ldr	x1, =\value
	msr	\register, x1
	.endm

	.text
	.globl	_start
_start:
	cbnz	x30, bad
	adr	x30, record
	// x1 to x29; then what is only seen by MRS
	stp	x1, x2, [x30], #16
	stp	x3, x4, [x30], #16
	stp	x5, x6, [x30], #16
	stp	x7, x8, [x30], #16
	stp	x9, x10, [x30], #16
	stp	x11, x12, [x30], #16
	stp	x13, x14, [x30], #16
	stp	x15, x16, [x30], #16
	stp	x17, x18, [x30], #16
	stp	x19, x20, [x30], #16
	stp	x21, x22, [x30], #16
	stp	x23, x24, [x30], #16
	stp	x25, x26, [x30], #16
	stp	x27, x28, [x30], #16
	str	x29, [x30], #8
	mov	x29, sp
	str	x29, [x30], #8
	keep	cpacr_el1
	keep	sctlr_el1
	keep	ttbr0_el1
	keep	ttbr1_el1
	keep	tcr_el1
	keep	mair_el1
	keep	amair_el1
	keep	vbar_el1
	keep	esr_el1
	keep	far_el1
	keep	afsr0_el1
	keep	afsr1_el1
	keep	par_el1
	keep	elr_el1
	keep	spsr_el1
	keep	sp_el0
	keep	contextidr_el1
	keep	tpidr_el0
	keep	tpidrro_el0
	keep	tpidr_el1
	keep	csselr_el1
	keep	cntkctl_el1
	keep	cntv_ctl_el0
	keep	cntv_cval_el0
	keep	cntp_ctl_el0
	keep	cntp_cval_el0
	keep	daif
	keep	currentel
	keep	spsel
	keep	nzcv
	keep	mdscr_el1
	mov	x1, #(3 << 20)
	msr	cpacr_el1, x1
	isb
	keep	fpcr
	keep	fpsr
	stp	q0, q1, [x30], #32
	stp	q2, q3, [x30], #32
	stp	q4, q5, [x30], #32
	stp	q6, q7, [x30], #32
	stp	q8, q9, [x30], #32
	stp	q10, q11, [x30], #32
	stp	q12, q13, [x30], #32
	stp	q14, q15, [x30], #32
	stp	q16, q17, [x30], #32
	stp	q18, q19, [x30], #32
	stp	q20, q21, [x30], #32
	stp	q22, q23, [x30], #32
	stp	q24, q25, [x30], #32
	stp	q26, q27, [x30], #32
	stp	q28, q29, [x30], #32
	stp	q30, q31, [x30], #32
	// How many words of the range between the image and the tree are not zero.
	adr	x1, image_end
	mov	x2, #0
1:	ldr	x3, [x1], #8
	cmp	x3, #0
	cinc	x2, x2, ne
	cmp	x1, x0
	b.lo	1b
	str	x2, [x30], #8
	dsb	sy
	adr	x1, done
	mov	x2, #1
	str	x2, [x1]
	dsb	sy

	// All memory but this image is canaries; the tree and what is behind it too.
	ldr	x3, =CANARY
	adr	x1, image_end
	add	x2, x0, #0x10000
2:	stp	x3, x3, [x1], #16
	cmp	x1, x2
	b.lo	2b

	soil	ttbr0_el1, 0x5a5a5a5a5000
	soil	ttbr1_el1, 0x5a5a5a5a5000
	soil	tcr_el1, 0x5a195a19
	soil	mair_el1
	soil	amair_el1
	soil	vbar_el1, 0x5a5a5a5a5a5a5800
	soil	esr_el1, 0x5a5a5a5a
	soil	far_el1
	soil	afsr0_el1
	soil	afsr1_el1
	soil	par_el1
	soil	elr_el1
	soil	spsr_el1, 0x5a5a5a5a
	soil	sp_el0
	soil	contextidr_el1, 0x5a5a5a5a
	soil	tpidr_el0
	soil	tpidrro_el0
	soil	tpidr_el1
	soil	csselr_el1, 0x2
	soil	cntkctl_el1, 0x2a2
	soil	cntv_cval_el0
	soil	cntp_cval_el0
	soil	cntv_ctl_el0, 1
	soil	cntp_ctl_el0, 1
	soil	fpcr, 0x03000000
	soil	fpsr, 0x0000009f
	dup	v0.2d, x3
	.irp	n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	mov	v\n\().16b, v0.16b
	.endr
	adr	x1, done
	mov	x2, #2
	str	x2, [x1]
	dsb	sy
	mov	sp, x3
	.irp	n,0,1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, x3
	.endr
	cmp	x3, #0
3:	yield
	b	3b

bad:	adr	x29, done
	mov	x28, #3
	str	x28, [x29]
4:	yield
	b	4b

	.ltorg
	.balign	4096
	.ascii	"RECORD01"
done:	.quad	0
record:	.space	4096
	.balign	4096
image_end:
