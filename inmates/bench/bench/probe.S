/* SPDX-License-Identifier: Apache-2.0 */
/* The measured sequences; see probe.h. */

#include "probe.h"

#define ICC_SGI1R_EL1 s3_0_c12_c11_5

	.section .text.probe, "ax"

// The vectors: an interrupt's time goes to x10, and x11 says where to go on.
// There is no way back to what was interrupted: the probe is over. All else is
// reported by the library's vectors.

	.macro	vector_table name, counter
	.balign	2048
	.globl	\name
\name:
	.irp	offset, 0x000, 0x080, 0x100, 0x180, 0x200
	.balign	128
	b	vectors + \offset
	.endr
	.balign	128
	mrs	x10, \counter
	br	x11
	.irp	offset, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, \
		0x700, 0x780
	.balign	128
	b	vectors + \offset
	.endr
	.endm

	vector_table probe_vectors, pmccntr_el0
	vector_table probe_vectors_retired, pmevcntr0_el0
	vector_table probe_vectors_time, cntvct_el0

	// function NAME: ... x9 and x10 hold the counter, before and after.
	.macro	function name
	.balign	16
	.globl	\name
\name:
	.endm

	// How a probe without an interrupt begins and ends.
	.macro	before
	isb
	mrs	x9, pmccntr_el0
	.endm
	.macro	after
	mrs	x10, pmccntr_el0
	sub	x0, x10, x9
	ret
	.endm

	// And one with an interrupt. Nothing is pending when it begins.
	.macro	before_irq
	adr	x11, 9f
	mov	x12, #(PROBE_PATIENCE & 0xffff)
	movk	x12, #(PROBE_PATIENCE >> 16), lsl #16
	msr	daifclr, #2
	isb
	mrs	x9, pmccntr_el0
	.endm
	.macro	after_irq
1:	yield
	subs	x12, x12, #1
	b.ne	1b
	msr	daifset, #2
	mov	x0, #PROBE_NO_INTERRUPT
	ret
9:	sub	x0, x10, x9
	ret
	.endm

	function probe_nothing
	before
	nop
	after

	function probe_load
	before
	ldr	w2, [x0]
	after

	function probe_store
	before
	str	w1, [x0]
	after

	function probe_store_byte
	before
	strb	w1, [x0]
	after

	function probe_hvc		// the SMC Calling Convention keeps x18 to x30
	stp	x19, x20, [sp, #-16]!
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	isb
	mrs	x19, pmccntr_el0
	hvc	#0
	mrs	x10, pmccntr_el0
	sub	x0, x10, x19
	ldp	x19, x20, [sp], #16
	ret

	function probe_irq_store
	before_irq
	str	w1, [x0]
	after_irq

	function probe_irq_timer
	before_irq
	msr	cntv_ctl_el0, x0
	after_irq

	function probe_irq_sgi1r
	before_irq
	msr	ICC_SGI1R_EL1, x0
	after_irq

	// The store makes the device raise its line later, while the CPU sleeps.
	function probe_irq_sleep
	adr	x11, 9f
	dsb	sy
	str	w1, [x0]
	dsb	sy
	msr	daifclr, #2
	isb
	mrs	x9, pmevcntr0_el0
1:	wfi
	b	1b			// something else ended it
9:	sub	w0, w10, w9
	ret

	.macro	wait_taken
1:	wfe
	ldr	x3, [x2]
	cbz	x3, 1b
	mov	x0, x9
	ret
	.endm

	function probe_send_store
	dsb	sy
	isb
	mrs	x9, cntvct_el0
	str	w1, [x0]
	wait_taken

	function probe_send_sgi1r
	mov	x2, x1
	dsb	sy
	isb
	mrs	x9, cntvct_el0
	msr	ICC_SGI1R_EL1, x0
	wait_taken

	function probe_receive
	adr	x11, 9f
	msr	daifclr, #2
	isb
1:	wfi
	b	1b
9:	mov	x0, x10
	ret

	function probe_start_cpu
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	ldp	x5, x6, [x0, #32]
	msr	ttbr0_el1, x1
	msr	tcr_el1, x2
	msr	mair_el1, x3
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	mov	x1, #(3 << 20)		// CPACR_EL1.FPEN
	msr	cpacr_el1, x1
	msr	spsel, #1
	isb
	mov	sp, x5
	mov	x29, xzr
	mov	x30, xzr
	br	x6
