/* SPDX-License-Identifier: Apache-2.0 */
/* Where PSCI starts another CPU: x0 = its struct smp_start; MMU off, no stack. */

#define PSCI_CPU_OFF 0x84000002

	.section .text.smp_entry, "ax"
	.globl	smp_entry
smp_entry:
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	ldp	x5, x6, [x0, #32]
	ldp	x7, x8, [x0, #48]
	msr	ttbr0_el1, x1
	msr	tcr_el1, x2
	msr	mair_el1, x3
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	msr	vbar_el1, x5
	mov	x1, #(3 << 20)			// CPACR_EL1.FPEN
	msr	cpacr_el1, x1
	msr	spsel, #1
	isb
	mov	sp, x6
	mov	x29, xzr
	mov	x0, x8
	blr	x7
	ldr	w0, =PSCI_CPU_OFF
	hvc	#0
1:	wfi
	b	1b
	.ltorg
