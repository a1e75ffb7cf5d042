/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where PSCI starts a CPU, its MMU off: x0 = its struct visit, into which it writes what
 * it finds. Then it switches itself off, by the conduit that the visit names.
 */

	.macro	visit name, conduit
	.globl	\name
\name:
	mrs	x2, mpidr_el1
	mrs	x3, CurrentEL
	mrs	x4, daif
	mrs	x5, sctlr_el1
	mrs	x6, spsel
	stp	x2, x3, [x0, #0]
	stp	x4, x5, [x0, #16]
	orr	x1, x1, x7			// what a CPU starts with
	orr	x1, x1, x18
	orr	x1, x1, x30
	stp	x6, x1, [x0, #32]
	ldr	x2, [x0, #48]			// count
	add	x2, x2, #1
	str	x2, [x0, #48]
	dsb	sy
	ldr	w0, =0x84000002			// CPU_OFF
	\conduit #0
	b	.
	.ltorg
	.endm

	.section .text.visit, "ax"
	visit	visit_hvc, hvc
	visit	visit_smc, smc
