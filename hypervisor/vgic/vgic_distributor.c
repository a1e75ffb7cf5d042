// SPDX-License-Identifier: Apache-2.0
/*
 * An access to the distributor. What guests do often is done here, the rest register
 * by register in vgic_registers.c.
 */
#include "vgic.h"
#include <hyp/errno.h>
#include <hyp/mmio.h>

/* Of the SPIs; those of private interrupts lie in a redistributor on GICv3. */
static bool is_spi_register(uint32_t offset, uint32_t first, uint32_t bytes)
{
	return offset - first - bytes / 32 < bytes - bytes / 32;
}

static void distributor_write(struct cpu *cpu, uint32_t offset,
			      unsigned int width, uint64_t value)
{
	struct vgic *vgic = &cpu->vcpu.cell->vgic;

	if (width == 4 && offset == GICD_SGIR && irqchip->version == 2) {
		vgic_sgir_write(cpu, (uint32_t)value);
	} else if (width == 4 &&
		   is_spi_register(offset, GICD_ISENABLER, 0x80)) {
		if (value != 0) {
			spinlock_lock(&vgic->lock);
			vgic_enable_write(cpu, (offset - GICD_ISENABLER) * 8,
					  (uint32_t)value);
			spinlock_unlock(&vgic->lock);
		}
	} else if (width == 1 &&
		   is_spi_register(offset, GICD_IPRIORITYR, 0x400)) {
		spinlock_lock(&vgic->lock);
		vgic_priority_write(cpu, offset - GICD_IPRIORITYR, 1,
				    (uint8_t)value);
		spinlock_unlock(&vgic->lock);
	} else {
		vgic_distributor_write(cpu, offset, width,
				       mmio_store_value(width, value));
	}
}

NOINLINE int vgic_distributor_access(struct cpu *cpu, uint64_t offset,
				     unsigned int width, bool is_write,
				     uint64_t *value)
{
	uint32_t at = (uint32_t)offset;

	if ((at & (width - 1)) != 0) {
		return -HYP_EFAULT;
	}
	if (is_write) {
		distributor_write(cpu, at, width, *value);
	} else if (at == GICD_TYPER && width == 4) {
		*value = cpu->vcpu.cell->vgic.typer;
	} else {
		*value = vgic_distributor_read(cpu, at, width);
	}
	return 0;
}
