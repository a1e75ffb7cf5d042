/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception vectors of EL2, and the way back into a guest. An interrupt's
 * path is here to irq_handler() of the GIC at hand (irqchip/) and back; an
 * access's is here to trap_data_abort() (trap.c) and back.
 */
#include <arch/frame.h>
#include <arch/cpu_offsets.h>

#define EC_HVC64 0x16
#define EC_SYSREG 0x18
#define EC_DABT_LOWER 0x24
#define DABT_WITH_SYNDROME (EC_DABT_LOWER << 2 | 3) /* IL and ISV are set */

/*
 * The registers that C may clobber: x0 to x16 and x30. EL2's code is compiled without
 * x17 and x18, see EL2_REGISTERS: each register that is saved costs every exit.
 */
.macro save_clobbered size
	stp	x0, x1, [sp, #-\size]!
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
.endm

.macro restore_clobbered size
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x0, x1, [sp], #\size
.endm

.macro guest_irq
	save_clobbered FRAME_IRQ_SIZE
	stp	x16, x30, [sp, #128]
	mrs	x0, tpidr_el2
	ldr	x1, [x0, #CPU_IRQ_HANDLER]
	blr	x1
	ldp	x16, x30, [sp, #128]
	restore_clobbered FRAME_IRQ_SIZE
	eret
.endm

.macro return_few
	ldr	x16, [sp, #128]
	ldr	x30, [sp, #240]
	restore_clobbered FRAME_SIZE
	eret
.endm

/* x0 = the CPU, x1 = the frame, x2 = ESR_EL2, x3 = its EC, IL and ISS.ISV */
.macro begin_sync
	save_clobbered FRAME_SIZE
	str	x16, [sp, #128]
	str	x30, [sp, #240]
	mrs	x2, esr_el2
	mrs	x0, tpidr_el2
	mov	x1, sp
	ubfx	x3, x2, #24, #8
.endm

.macro vector label
	.balign	128
	b	\label
.endm

	.text
	.balign	2048
	.global vectors
vectors:
	/* From EL2 on SP_EL0, which is never used: a fault of ours. */
	vector	el2_sync
	vector	el2_other
	vector	el2_other
	vector	el2_other
	/* From EL2: a fault of ours, or a device access with a fixup. */
	vector	el2_sync
	vector	el2_other
	vector	el2_other
	vector	el2_other
	/* From a guest in AArch64. */
	.balign	128
	/*
	 * A load or store of one of x0 to x15: no other register is looked at or
	 * changed. ESR_EL2.ISS.SRT is in bits 20:16, so bit 20 tells.
	 */
	begin_sync
	cmp	x3, #DABT_WITH_SYNDROME
	b.ne	guest_sync_other
	tbnz	x2, #20, guest_sync_whole
	bl	trap_data_abort
	cbnz	w0, guest_access_failed
	return_few
	.balign	128
	guest_irq
	.balign	128
	b	guest_irq_out_of_line	/* FIQ: no group 0 interrupt is ours */
	.balign	128
	b	guest_serror
	/* From a guest in AArch32: EL0 of a cell; EL1 is always AArch64. */
	vector	guest_sync_out_of_line
	vector	guest_irq_out_of_line
	vector	guest_irq_out_of_line
	vector	guest_serror

guest_irq_out_of_line:
	guest_irq

guest_serror:
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	stp	x29, x30, [sp, #16]
	mrs	x0, tpidr_el2
	bl	trap_serror
	b	.

/* The same for a call, and a system register with ISS.Rt, bits 9:5, below 16. */
guest_sync_other:
	ubfx	x3, x2, #26, #6
	adr	x30, guest_return_few
	cmp	x3, #EC_HVC64
	b.eq	hypercall_dispatch
	cmp	x3, #EC_SYSREG
	b.ne	guest_sync_whole
	tbnz	x2, #9, guest_sync_whole
	b	trap_sysreg
guest_access_failed:
	mov	w1, w0
	mrs	x0, tpidr_el2
	bl	trap_access_failed
guest_return_few:
	return_few

guest_sync_out_of_line:
	begin_sync
/* All of x0 to x30 are in the frame. */
guest_sync_whole:
	str	x17, [sp, #136]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	str	xzr, [sp, #248]	/* x[31] */
	ubfx	x3, x2, #26, #6
	cmp	x3, #EC_DABT_LOWER
	b.eq	1f
	bl	trap_other
	b	guest_return
1:	bl	trap_data_abort
	cbz	w0, guest_return
	mov	w1, w0
	mrs	x0, tpidr_el2
	bl	trap_access_failed
guest_return:
	ldr	x17, [sp, #136]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	return_few

/*
 * arch_guest_enter(x0 = PC, x1 = the guest's x0, x2 = stack top, x3 = SPSR):
 * no return. Every general register is the cell's from here on.
 */
	.global arch_guest_enter
arch_guest_enter:
	msr	elr_el2, x0
	msr	spsr_el2, x3
	mov	sp, x2
	mov	x0, x1
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	mov	x8, xzr
	mov	x9, xzr
	mov	x10, xzr
	mov	x11, xzr
	mov	x12, xzr
	mov	x13, xzr
	mov	x14, xzr
	mov	x15, xzr
	mov	x16, xzr
	mov	x17, xzr
	mov	x18, xzr
	mov	x19, xzr
	mov	x20, xzr
	mov	x21, xzr
	mov	x22, xzr
	mov	x23, xzr
	mov	x24, xzr
	mov	x25, xzr
	mov	x26, xzr
	mov	x27, xzr
	mov	x28, xzr
	mov	x29, xzr
	mov	x30, xzr
	eret

/*
 * A fault at EL2. If the PC stands in the fixup table, the access that io.c
 * made for a guest was answered with an abort: go on at the fixup.
 */
el2_sync:
	/*
	 * Stacks are 8 KiB in slots of 16 KiB, guard first: bit 13 of the stack
	 * pointer is 0 after an overflow. x0 is kept by the sums.
	 */
	sub	sp, sp, #32
	add	sp, sp, x0
	sub	x0, sp, x0
	tbz	x0, #CPU_STACK_SHIFT, 3f
	sub	x0, sp, x0
	sub	sp, sp, x0
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	4f
	mrs	x0, elr_el2
	adrp	x1, __fixup_start
	add	x1, x1, :lo12:__fixup_start
	adrp	x2, __fixup_end
	add	x2, x2, :lo12:__fixup_end
1:	cmp	x1, x2
	b.hs	4f
	ldrsw	x3, [x1]		/* self-relative offset of the access */
	add	x3, x1, x3
	cmp	x3, x0
	b.eq	2f
	add	x1, x1, #8
	b	1b
2:	ldrsw	x3, [x1, #4]!		/* and of its fixup */
	add	x3, x1, x3
	msr	elr_el2, x3
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #32
	eret
	/* The stack is gone: on the emergency stack, with all registers kept. */
3:	msr	tpidr_el0, x0
	sub	x0, sp, x0
	msr	tpidrro_el0, x30
	adrp	x30, emergency_stack + EMERGENCY_STACK_SIZE
	add	x30, x30, :lo12:(emergency_stack + EMERGENCY_STACK_SIZE)
	mov	sp, x30
	mrs	x30, tpidrro_el0
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	mrs	x1, tpidr_el0
	add	x1, x1, #32
	mov	x0, #1
	b	el2_panic
	/* No fixup. Is there room to say so? */
4:	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #32
	sub	sp, sp, #PANIC_ROOM
	add	sp, sp, x0
	sub	x0, sp, x0
	tbnz	x0, #CPU_STACK_SHIFT, 6f
	sub	x0, sp, x0
	sub	sp, sp, x0
	add	sp, sp, #(PANIC_ROOM - 32)
	add	sp, sp, x0
	sub	x0, sp, x0
	b	3b
6:	sub	x0, sp, x0
	sub	sp, sp, x0
	add	sp, sp, #PANIC_ROOM
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	mov	x0, #1
	b	5f
el2_other:
	stp	x0, x1, [sp, #-FRAME_SIZE]!
	mov	x0, #0
5:	add	x1, sp, #FRAME_SIZE
/* x0 and x1 are saved; x0 = is it synchronous?, x1 = the stack pointer before */
el2_panic:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	str	x17, [sp, #136]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	stp	x30, x1, [sp, #240]
	mov	x1, x0
	mov	x0, sp
	bl	trap_panic
	b	.
