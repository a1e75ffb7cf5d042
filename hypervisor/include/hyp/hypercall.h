/* SPDX-License-Identifier: Apache-2.0 */
/* Calls from a guest: Bulkhead's own (<hyp/abi.h>) and PSCI. */
#ifndef HYP_HYPERCALL_H
#define HYP_HYPERCALL_H

#include <arch/frame.h>

struct cpu;

/** hypercall_dispatch() - HVC or SMC; x0 to x7 of @frame are arguments and results */
void hypercall_dispatch(struct cpu *cpu, struct frame *frame);

/** manage_call() - the management part of it; Return: x0 */
int64_t manage_call(struct cpu *cpu, struct frame *frame);

/** psci_call() - PSCI 1.1 as the cell sees it; Return: x0 */
int64_t psci_call(struct cpu *cpu, const struct frame *frame);

#endif /* HYP_HYPERCALL_H */
