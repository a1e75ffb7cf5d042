// SPDX-License-Identifier: Apache-2.0
/*
 * SPIs that no line of the board is behind: edges that EL2 makes itself. Their
 * physical namesakes stay masked, and belong to nobody.
 */
#include "vgic.h"

void vgic_virtual_assign(uint32_t intid, struct cell *cell)
{
	if (vgic_spi_owner(intid) != cell) {
		vgic_spi_give(vgic_spi(intid), cell, VIRQ_UNOWNED, true);
	}
}

/*
 * Where the guest has disabled it, its CPU is left alone: enabling looks at the
 * flags. So a cell can always protect itself from one that rings all the time.
 */
void vgic_virtual_ring(uint32_t intid)
{
	struct virq *virq = vgic_spi(intid);
	struct vgic *vgic = &virq->cell->vgic;

	spinlock_lock(&vgic->lock);
	virq_set(virq, VIRQ_PENDING);
	if (virq_has(virq, VIRQ_ENABLED)) {
		vgic_update(virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_virtual_release(uint32_t intid)
{
	if (vgic_spi_owner(intid) != NULL) {
		vgic_spi_take(vgic_spi(intid));
	}
}

void vgic_emulated_assign(struct cell *cell, uint32_t intid)
{
	cell->vgic.emulated.intid = (uint16_t)intid;
	vgic_spi_give(&cell->vgic.emulated, cell, VIRQ_UNOWNED, false);
	cell->vgic.emulated_intid = intid;
}

void vgic_emulated_set(struct cell *cell, bool level)
{
	if (cell->vgic.emulated_intid != 0) {
		vgic_line_set(&cell->vgic.emulated, level);
	}
}

void vgic_emulated_release(struct cell *cell)
{
	if (cell->vgic.emulated_intid != 0) {
		vgic_spi_take(&cell->vgic.emulated);
		cell->vgic.emulated_intid = 0;
	}
}
