// SPDX-License-Identifier: Apache-2.0
/* The driver's ops, bound to this hypervisor; no decision is taken here. */
#include "vfio_platform.h"
#include <arch/io.h>
#include <hyp/device.h>
#include <hyp/irqchip.h>
#include <hyp/trace.h>
#include <hyp/vfio_platform_hyp.h>

static uint32_t intid_of(const struct vfio_platform_device *dev,
			 unsigned int irq)
{
	return dev->irqs[irq].intid;
}

static int hyp_attach(struct vfio_platform_device *dev)
{
	(void)dev; /* devices_claim() has seen to it that it is free */
	return 0;
}

static int hyp_region_read(struct vfio_platform_device *dev,
			   unsigned int region, uint64_t offset,
			   unsigned int width, uint64_t *value)
{
	return io_guest_read(pa_add(dev->regions[region].base, offset), width,
			     value);
}

static int hyp_region_write(struct vfio_platform_device *dev,
			    unsigned int region, uint64_t offset,
			    unsigned int width, uint64_t value)
{
	return io_guest_write(pa_add(dev->regions[region].base, offset), width,
			      value);
}

static void hyp_irq_disarm(struct vfio_platform_device *dev, unsigned int irq)
{
	irqchip->disable(intid_of(dev, irq));
}

static void hyp_irq_clear(struct vfio_platform_device *dev, unsigned int irq)
{
	irqchip->clear(intid_of(dev, irq));
}

static int hyp_irq_link(struct vfio_platform_device *dev, unsigned int irq)
{
	(void)dev;
	(void)irq; /* every SPI can be linked to a list register */
	return 0;
}

static void hyp_irq_unlink(struct vfio_platform_device *dev, unsigned int irq)
{
	vgic_spi_release(intid_of(dev, irq));
}

/* Apart, so that the usual case needs no stack. */
static COLD NOINLINE void irq_unmask_traced(struct vfio_platform_device *dev,
					    unsigned int irq)
{
	trace_irq(BH_TRACE_UNMASK, dev, irq, intid_of(dev, irq));
	irqchip->deactivate(intid_of(dev, irq));
}

static void hyp_irq_unmask(struct vfio_platform_device *dev, unsigned int irq)
{
	if (trace_is_on()) {
		irq_unmask_traced(dev, irq);
		return;
	}
	irqchip->deactivate(intid_of(dev, irq));
}

static void hyp_line_set(struct vfio_platform_device *dev, unsigned int irq,
			 bool is_high)
{
	/* device_irq_route() has left it there. */
	vgic_line_set((struct virq *)(uintptr_t)dev->irqs[irq].binding,
		      is_high);
}

static uint64_t hyp_now(struct vfio_platform_device *dev)
{
	(void)dev;
	return timer_now();
}

static void hyp_deadline_cancel(struct vfio_platform_device *dev)
{
	(void)dev; /* dev->deadline says so; the timer finds it when it runs */
}

const struct vfio_platform_ops vfio_platform_hyp_ops = {
	.attach = hyp_attach,
	.detach = device_close,
	.device_info = device_info,
	.region_info = device_region_info,
	.irq_info = device_irq_info,
	.region_open = device_region_open,
	.region_prepare = device_region_prepare,
	.region_read = hyp_region_read,
	.region_write = hyp_region_write,
	.regions_trap = device_regions_trap,
	.regions_map = device_regions_map,
	.irq_disarm = hyp_irq_disarm,
	.irq_clear = hyp_irq_clear,
	.irq_link = hyp_irq_link,
	.irq_unlink = hyp_irq_unlink,
	.irq_arm = device_irq_route,
	.irq_unmask = hyp_irq_unmask,
	.line_set = hyp_line_set,
	.now = hyp_now,
	.deadline_set = device_deadline_set,
	.deadline_cancel = hyp_deadline_cancel,
	.is_traced = &trace_switch,
	.trace = trace_step,
};
