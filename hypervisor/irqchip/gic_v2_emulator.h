/* SPDX-License-Identifier: Apache-2.0 */
/* A work-around for an emulator's GICv2; see gic_v2_emulator.c. */
#ifndef IRQCHIP_GIC_V2_EMULATOR_H
#define IRQCHIP_GIC_V2_EMULATOR_H

#include <hyp/cpu.h>

extern uint64_t gic_v2_poke_ticks; /* from poke to poke; 0: it is not that one */

/** gic_v2_emulator_init() - see whether @distributor is the one at fault */
void gic_v2_emulator_init(void *distributor);

/* The ops of struct irqchip. */
void gic_v2_tick(struct cpu *cpu, uint64_t now);
static ALWAYS_INLINE void gic_v2_watch(struct cpu *cpu)
{
	if (cpu->timers.tick == 0 && gic_v2_poke_ticks != 0) {
		timer_tick_arm(&cpu->timers, gic_v2_poke_ticks);
	}
}

#endif /* IRQCHIP_GIC_V2_EMULATOR_H */
