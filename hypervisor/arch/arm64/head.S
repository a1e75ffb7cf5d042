/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CPU enters: the boot CPU from U-Boot, then once more after the image
 * has moved to the hypervisor's memory; the other CPUs from PSCI CPU_ON.
 */
#include <arch/cpu_offsets.h>

	.section .head, "ax"

/*
 * The arm64 Linux Image header (Linux Documentation/arm64/booting.rst, section 4),
 * which booti, bootm and QEMU's -kernel all accept. text_offset is 0.
 */
	.global image_start
image_start:
	b	head_from_loader
	.long	0
	.quad	0			/* text_offset */
	.quad	__image_memory_size	/* image_size, bss included */
	.quad	0xa			/* flags: little-endian, 4 KiB, anywhere */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0

	.text

/* x0 = device tree. The MMU and the data cache are off. */
head_from_loader:
	msr	daifset, #0xf
	mov	x21, x0
	bl	head_prepare
	adrp	x0, boot_stack + CPU_STACK_SIZE
	add	x0, x0, :lo12:(boot_stack + CPU_STACK_SIZE)
	mov	sp, x0
	mrs	x1, CurrentEL
	ubfx	x1, x1, #2, #2
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	cmp	x1, #2
	b.eq	1f
	msr	vbar_el1, x2
	b	2f
1:	msr	vbar_el2, x2
	/* EL2 is not VHE and takes no interrupt; the timer is off. */
	mov	x3, #(1 << 31)
	msr	hcr_el2, x3
	msr	cnthp_ctl_el2, xzr
2:	isb
	mov	x0, x21
	bl	boot_from_loader
	b	.

/*
 * head_reenter(x0 = entry of the moved image, x1 to x3 = what it passes on):
 * the moved image starts with a clean memory of its own.
 */
	.global head_reenter
head_reenter:
	ic	iallu
	dsb	nsh
	isb
	br	x0

	.global head_moved
head_moved:
	mov	x21, x1
	mov	x22, x2
	mov	x23, x3
	bl	head_prepare
	adrp	x0, boot_stack + CPU_STACK_SIZE
	add	x0, x0, :lo12:(boot_stack + CPU_STACK_SIZE)
	mov	sp, x0
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	msr	vbar_el2, x2
	isb
	mov	x0, x21
	mov	x1, x22
	mov	x2, x23
	bl	boot_moved
	b	.

/*
 * Clear .bss and apply the image's own relocations (ELF for the Arm 64-bit
 * Architecture, R_AARCH64_RELATIVE: *(base + offset) = base + addend).
 */
head_prepare:
	adrp	x0, __bss_start
	add	x0, x0, :lo12:__bss_start
	adrp	x1, __bss_end
	add	x1, x1, :lo12:__bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	adrp	x0, __rela_start
	add	x0, x0, :lo12:__rela_start
	adrp	x1, __rela_end
	add	x1, x1, :lo12:__rela_end
	adrp	x2, image_start
	add	x2, x2, :lo12:image_start
3:	cmp	x0, x1
	b.hs	4f
	ldp	x3, x4, [x0], #16
	ldr	x5, [x0], #8
	cmp	w4, #1027		/* R_AARCH64_RELATIVE; the link has no other */
	b.ne	3b
	add	x5, x5, x2
	str	x5, [x2, x3]
	b	3b
4:	ret

/*
 * PSCI CPU_ON enters here, at EL2, MMU off, x0 = struct cpu_boot of this CPU
 * (cleaned to the point of coherency): stack, table, mair, tcr, sctlr, argument.
 */
	.global head_secondary
head_secondary:
	msr	daifset, #0xf
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	msr	vbar_el2, x2
	mov	x3, #(1 << 31)
	msr	hcr_el2, x3
	msr	cnthp_ctl_el2, xzr
	ldp	x1, x2, [x0]		/* stack, table */
	ldp	x3, x4, [x0, #16]	/* mair, tcr */
	ldp	x5, x6, [x0, #32]	/* sctlr, argument */
	msr	mair_el2, x3
	msr	tcr_el2, x4
	msr	ttbr0_el2, x2
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x5
	isb
	mov	sp, x1
	mov	x0, x6
	bl	cpu_main
	b	.

/* arch_mmu_on(x0 = table, x1 = mair, x2 = tcr, x3 = sctlr) */
	.global arch_mmu_on
arch_mmu_on:
	msr	mair_el2, x1
	msr	tcr_el2, x2
	msr	ttbr0_el2, x0
	isb
	tlbi	alle2
	dsb	nsh
	isb
	msr	sctlr_el2, x3
	isb
	ret

/* arch_call_on_stack(x0 = argument, x1 = stack top, x2 = function): no return */
	.global arch_call_on_stack
arch_call_on_stack:
	mov	sp, x1
	mov	x29, xzr
	mov	x30, xzr
	br	x2
