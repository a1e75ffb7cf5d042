// SPDX-License-Identifier: Apache-2.0
/*
 * WORK-AROUND for QEMU's GICv2 (7.2 and 10.0): when a guest ends an interrupt through
 * a list register with the link, the distributor is not evaluated again. A level that
 * is still high, or an edge that came meanwhile, stays pending until something else
 * happens to the GIC. So as long as a linked interrupt is in service, and once after,
 * each millisecond one write that changes nothing makes it look.
 *
 * The deadline is the CPU's tick, which is armed on the interrupt's path in a few
 * instructions, and not at all while it is armed already (gic_v2_emulator.h).
 *
 * Only the emulated GIC is treated so: GIC-400 and its like have a product number in
 * GICD_IIDR. GICv3 is right, there and here.
 */
#include "gic_v2_emulator.h"
#include "gicd.h"
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/timer.h>

#define POKE_MS 1

uint64_t gic_v2_poke_ticks;
static void *gicd;
static uint64_t poked_at;

void gic_v2_emulator_init(void *distributor)
{
	if (io_read32(distributor, GICD_IIDR) == GIC_IIDR_ARM) {
		gicd = distributor;
		gic_v2_poke_ticks = timer_ticks(POKE_MS);
	}
}

/* At most once a millisecond, whichever CPU does it: it serves all. */
static bool poke(struct cpu *cpu, uint64_t now)
{
	uint64_t last = __atomic_load_n(&poked_at, __ATOMIC_RELAXED);

	if (now - last < gic_v2_poke_ticks ||
	    !__atomic_compare_exchange_n(&poked_at, &last, now, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		return false;
	}
	io_write32(gicd, GICD_ISENABLER, 0);
	cpu->vcpu.stat[BH_STAT_EMULATOR_POKES]++;
	return true;
}

static bool is_linked_in_service(void)
{
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		uint64_t lr = gic_v2.lr_read(i);

		if ((lr & gic_v2.lr_hw) != 0 &&
		    (lr & (gic_v2.lr_pending | gic_v2.lr_active)) != 0) {
			return true;
		}
	}
	return false;
}

void gic_v2_tick(struct cpu *cpu, uint64_t now)
{
	struct cell *cell = cpu->vcpu.cell;

	if (cell == NULL) {
		return;
	}
	spinlock_lock(&cell->vgic.lock);
	/* vgic_cpu_start() empties the list registers: nothing is in service then. */
	if (cpu->vgic.is_running &&
	    (!poke(cpu, now) || is_linked_in_service())) {
		timer_tick_arm(&cpu->timers, gic_v2_poke_ticks);
	}
	spinlock_unlock(&cell->vgic.lock);
}
