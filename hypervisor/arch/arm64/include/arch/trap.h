/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the exceptions share. */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

struct cpu;

/**
 * trap_instruction_abort() - the guest executed where it has nothing: an abort for
 * it, or its end when it has no handler for that
 */
void trap_instruction_abort(struct cpu *cpu);

#endif /* ARCH_TRAP_H */
