/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the exceptions share. */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include <arch/frame.h>

struct cpu;

/**
 * trap_instruction_abort() - the guest executed where it has nothing: an abort for
 * it, or its end when it has no handler for that
 */
void trap_instruction_abort(struct cpu *cpu);

/**
 * trap_no_syndrome() - carry out the instruction of a data abort without a syndrome
 * @esr: ESR_EL2 of a translation fault, which FAR_EL2 and HPFAR_EL2 describe
 *
 * Then the guest goes on behind it, or tries it again, or gets an external abort.
 */
void trap_no_syndrome(struct cpu *cpu, struct frame *frame, uint64_t esr) COLD;

#endif /* ARCH_TRAP_H */
