// SPDX-License-Identifier: Apache-2.0
/*
 * Where SPIs go. The registers read as they were written, where that is implemented;
 * an interrupt has one target, so of several that GICv2 may name, the first takes it.
 */
#include "vgic.h"
#include <hyp/errno.h>
#include <hyp/page.h>

#define ROUTE_AFFINITY 0x00ffffffu /* no Aff3, no 1 of N: GICD_TYPER says so */

/* [INTID - 32]: GICv2: a byte of CPUs; GICv3: the lower half of GICD_IROUTER. */
static uint32_t *routes;

int vgic_route_init(void)
{
	routes = page_alloc_table((irqchip_spi_end - VGIC_PRIVATE) *
				  sizeof(*routes));
	return routes == NULL ? -HYP_ENOMEM : 0;
}

static uint32_t *route_of(const struct virq *virq)
{
	struct vgic *vgic = &virq->cell->vgic;

	return virq == &vgic->emulated ? &vgic->emulated_route :
					 &routes[virq->intid - VGIC_PRIVATE];
}

/* A cell's CPUs have affinity 0.0.0.n. One that it has not gets nothing. */
static struct cpu *route_target(const struct cell *cell, uint32_t route)
{
	uint32_t index = route;

	if (irqchip->version == 2) {
		if (route == 0) {
			return NULL;
		}
		index = (uint32_t)__builtin_ctz(route);
	}
	return index < cell->cpu_count ? cell->cpu[index] : NULL;
}

void vgic_route_reset(struct virq *virq)
{
	/* IHI 0048B, GICD_ITARGETSRn: zero; but one CPU takes everything. */
	bool to_first = irqchip->version == 3 || virq->cell->cpu_count == 1;

	*route_of(virq) = 0;
	virq->cpu = to_first ? virq->cell->cpu[0] : NULL;
}

/* IHI 0048B, GICD_ITARGETSRn: RAZ/WI where there is one CPU; 0 to 7 name the reader. */
uint32_t vgic_targets_read(struct cpu *cpu, uint32_t first, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++) {
		const struct virq *virq = vgic_lookup(cpu, first + i);

		if (virq == NULL || cpu->vcpu.cell->cpu_count == 1) {
			continue;
		}
		value |= (first + i < VGIC_PRIVATE ? 1u << cpu->vcpu.index :
						     *route_of(virq))
			 << 8 * i;
	}
	return value;
}

void vgic_targets_write(struct cpu *cpu, uint32_t first, unsigned int width,
			uint32_t value)
{
	const struct cell *cell = cpu->vcpu.cell;
	uint32_t cpus = UINT32_MAX >> (32 - cell->cpu_count);

	if (first < VGIC_PRIVATE || cell->cpu_count == 1) {
		return;
	}
	for (unsigned int i = 0; i < width; i++) {
		struct virq *virq = vgic_lookup(cpu, first + i);
		uint32_t route = value >> 8 * i & 0xff & cpus;

		if (virq != NULL && *route_of(virq) != route) {
			*route_of(virq) = route;
			vgic_retarget(virq, route_target(cell, route));
		}
	}
}

uint32_t vgic_route_read(struct cpu *cpu, uint32_t intid)
{
	const struct virq *virq = vgic_lookup(cpu, intid);

	return virq == NULL ? 0 : *route_of(virq);
}

void vgic_route_write(struct cpu *cpu, uint32_t intid, uint32_t value)
{
	struct virq *virq = vgic_lookup(cpu, intid);

	value &= ROUTE_AFFINITY;
	if (virq != NULL && *route_of(virq) != value) {
		*route_of(virq) = value;
		vgic_retarget(virq, route_target(cpu->vcpu.cell, value));
	}
}
