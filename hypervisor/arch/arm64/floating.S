/* SPDX-License-Identifier: Apache-2.0 */
/* The only place where EL2 moves V registers: none of a cell's may reach the next. */

	.arch_extension fp
	.arch_extension simd
	.text
	.global guest_clear_floating_point
guest_clear_floating_point:
	msr	cptr_el2, xzr		/* nothing of it traps meanwhile */
	isb
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movi	v\n\().2d, #0
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	movi	v\n\().2d, #0
	.endr
	msr	fpcr, xzr
	msr	fpsr, xzr
	ret

/*
 * floating_read(x0 = number, x1 = two doublewords), and floating_write(): a jump into
 * a table of two instructions each. FP is the guest's, so nothing traps here.
 */
	.macro	each_register instruction
	adr	x2, 1f
	add	x2, x2, w0, uxtw #3
	br	x2
1:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\instruction	q\n, [x1]
	ret
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\instruction	q\n, [x1]
	ret
	.endr
	.endm

	.global floating_read
floating_read:
	each_register str

	.global floating_write
floating_write:
	each_register ldr
