/* SPDX-License-Identifier: Apache-2.0 */
/* A work-around for an emulator's GICv2; see gic_v2_emulator.c. */
#ifndef IRQCHIP_GIC_V2_EMULATOR_H
#define IRQCHIP_GIC_V2_EMULATOR_H

#include <hyp/compiler.h>

struct cpu;

/** gic_v2_emulator_init() - see whether @distributor is the one at fault */
void gic_v2_emulator_init(void *distributor);

/* The ops of struct irqchip. */
bool gic_v2_needs_watch(void);
void gic_v2_watch(struct cpu *cpu);

#endif /* IRQCHIP_GIC_V2_EMULATOR_H */
