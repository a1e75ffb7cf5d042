/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that entry.S and head.S share with C; C asserts that they are true. */
#ifndef ARCH_CPU_OFFSETS_H
#define ARCH_CPU_OFFSETS_H

#define CPU_IRQ_HANDLER 0  /* struct cpu: irq_handler */
#define CPU_STACK_SHIFT 13 /* 8 KiB, after a guard of the same size */
#define CPU_STACK_SIZE (1 << CPU_STACK_SHIFT)
#define EMERGENCY_STACK_SIZE 2048
#define PANIC_ROOM 1536 /* of a stack, for a panic; else the emergency stack */

#endif /* ARCH_CPU_OFFSETS_H */
