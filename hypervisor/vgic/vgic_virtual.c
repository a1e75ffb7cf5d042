// SPDX-License-Identifier: Apache-2.0
/*
 * SPIs that no line of the board is behind: edges that EL2 makes itself. Their
 * physical namesakes stay masked, and belong to nobody.
 */
#include "vgic.h"

void vgic_virtual_assign(uint32_t intid, struct cell *cell)
{
	struct virq *virq = vgic_spi(intid);

	spinlock_lock(&cell->vgic.lock);
	virq->cell = cell;
	virq->cpu = cell->cpu[0];
	virq->flags = VIRQ_EDGE;
	virq->priority = 0;
	vgic_lr_refresh(virq);
	spinlock_unlock(&cell->vgic.lock);
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
	virq->flags |= VIRQ_PENDING;
	if ((virq->flags & VIRQ_ENABLED) != 0) {
		vgic_update(virq);
	}
	spinlock_unlock(&vgic->lock);
}

void vgic_virtual_release(uint32_t intid)
{
	struct virq *virq = vgic_spi(intid);

	virq->cell = NULL;
	virq->cpu = NULL;
	virq->flags = 0;
}
