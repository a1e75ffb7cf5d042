/* SPDX-License-Identifier: Apache-2.0 */
/* The inmate's first instructions: relocate, clear, turn the MMU on, enter C. */

// Nothing is on the stack and nothing but the image and the tree's header is
// touched until the MMU is on, so that caches never hold what memory does not.

#define SCTLR_RES1 0x30d00800
#define SCTLR_M_C_I 0x1005
#define R_AARCH64_RELATIVE 1027
#define PSCI_SYSTEM_OFF 0x84000008

	.section .head, "ax"
	b	start
	.long	0

	.section .text.crt0, "ax"

	// dcache_clean_invalidate: x0 = first, x1 = end; clobbers x2, x3
dcache_clean_invalidate:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4			// log2 of the line in words
	mov	x3, #4
	lsl	x2, x3, x2
	sub	x3, x2, #1
	bic	x0, x0, x3
1:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

	// Bare, from a firmware that enters at EL2: leave EL2 out of the way.
leave_el2:
	mov	x0, #(1 << 31)			// HCR_EL2.RW
	msr	hcr_el2, x0
	mrs	x0, cnthctl_el2
	orr	x0, x0, #3			// EL1PCTEN, EL1PCEN
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	mov	x0, #0x33ff			// CPTR_EL2.RES1: no traps
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4			// GIC: system registers?
	cbz	x0, 1f
	mrs	x0, icc_sre_el2
	mov	x1, #9				// SRE, Enable
	orr	x0, x0, x1
	msr	icc_sre_el2, x0
	isb
	msr	ich_hcr_el2, xzr
1:	mov	x0, #0x3c5			// EL1h, DAIF masked
	msr	spsr_el2, x0
	msr	elr_el2, x30
	isb
	eret

	.globl	start
start:
	mov	x19, x0
	msr	daifset, #0xf
	ldr	w0, =SCTLR_RES1
	msr	sctlr_el1, x0
	isb
	mrs	x0, currentel
	cmp	x0, #(2 << 2)
	b.ne	1f
	bl	leave_el2
1:	mov	x0, #(3 << 20)			// CPACR_EL1.FPEN
	msr	cpacr_el1, x0
	msr	spsel, #1
	isb

	adrp	x20, image_start
	adrp	x21, image_end
	mov	x0, x20
	mov	x1, x21
	bl	dcache_clean_invalidate

	// Linked at 0: what is added is where the image stands.
	adrp	x0, rela_start
	add	x0, x0, :lo12:rela_start
	adrp	x1, rela_end
	add	x1, x1, :lo12:rela_end
2:	cmp	x0, x1
	b.hs	3f
	ldp	x2, x3, [x0], #16		// r_offset, r_info
	ldr	x4, [x0], #8			// r_addend
	cbz	x3, 2b				// R_AARCH64_NONE
	cmp	x3, #R_AARCH64_RELATIVE
	b.ne	bad_relocation
	add	x4, x4, x20
	str	x4, [x20, x2]
	b	2b

3:	adrp	x0, bss_start
	add	x0, x0, :lo12:bss_start
	adrp	x1, bss_end
4:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	4b

	adrp	x0, stack_end
	add	x0, x0, :lo12:stack_end
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el1, x0

	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	bl	mmu_early
	mov	x22, x0				// the level 1 table

	mov	x0, x20
	mov	x1, x21
	bl	dcache_clean_invalidate
	ldr	x0, =0x04ff			// 0: normal; 1: device-nGnRE
	msr	mair_el1, x0
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf
	cmp	x1, #5
	mov	x2, #5
	csel	x1, x1, x2, lo			// at most 48 bits
	// TCR_EL1: EPD1, SH0 inner, ORGN0 and IRGN0 write-back, T0SZ 25
	ldr	x0, =((1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 25)
	orr	x0, x0, x1, lsl #32
	msr	tcr_el1, x0
	msr	ttbr0_el1, x22
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	w0, =(SCTLR_RES1 | SCTLR_M_C_I)
	msr	sctlr_el1, x0
	isb

	mov	x0, x19
	bl	runtime_start

	// No console yet: the machine stops rather than run on wrong pointers.
bad_relocation:
	ldr	w0, =PSCI_SYSTEM_OFF
	hvc	#0
5:	wfi
	b	5b

	.ltorg

	.section .stack, "aw", %nobits
	.balign	16
	.globl	exception_stack_end
	.space	8192
exception_stack_end:
	.space	65536
stack_end:
