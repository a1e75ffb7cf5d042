/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's EL1: its registers at the start, and exceptions given to it. */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include <hyp/compiler.h>

struct cpu;

#define GUEST_SPSR UINT64_C(0x3c5) /* EL1h, DAIF masked */

/** guest_reset() - EL1 and EL0 state as after a reset; traps as a cell has them */
void guest_reset(struct cpu *cpu);

/** guest_leave() - nothing of the guest's timers is left running */
void guest_leave(void);

/* Each enters the guest's vector for the exception; the PC is not advanced. */
void guest_inject_data_abort(void);
void guest_inject_instruction_abort(void);
void guest_inject_undefined(void);

/** arch_guest_enter() - see entry.S */
NORETURN void arch_guest_enter(uint64_t pc, uint64_t x0, uint64_t stack,
			       uint64_t spsr);

#endif /* ARCH_GUEST_H */
