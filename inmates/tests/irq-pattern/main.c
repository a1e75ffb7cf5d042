// SPDX-License-Identifier: Apache-2.0
// Accesses to a made-up device, one by one as a test outside orders them.
//
// The interrupts of the device are acknowledged by polling. Level ones are left active
// until the test says so (the CPU interface's EOImode is 1): a trapped line stays up
// until the device is accessed, and would come again and again otherwise.

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "irq.h"
#include "mailbox.h"
#include "mmio.h"
#include "mmu.h"

#define REGIONS_MAX 4
#define INTID_NONE 1020

/* IHI 0048B 4.4 */
#define GICC_CTLR 0x0000
#define GICC_CTLR_EOIMODE (1U << 9)
#define GICC_IAR 0x000c
#define GICC_EOIR 0x0010
#define GICC_DIR 0x1000
/* IHI 0069H 12.2, ICC_CTLR_EL1.EOImode */
#define ICC_CTLR_EOIMODE 2U

struct device {
	unsigned int region_count;
	unsigned int irq_count;
	struct devtree_region region[REGIONS_MAX];
	uint32_t intid[MAILBOX_IRQS];
	uint64_t edge;	 /* bit n: IRQ n is one */
	uint64_t active; /* bit n: IRQ n was acknowledged, not deactivated */
};

static struct mailbox mailbox __attribute__((aligned(4096)));
static struct device devices[MAILBOX_DEVICES];
static unsigned int device_count;
static uintptr_t cpu_interface; /* GICv2; 0: GICv3 */

static uint32_t acknowledge(void)
{
	if (cpu_interface != 0) {
		return mmio_read32(cpu_interface + GICC_IAR) & 0x3ff;
	}
	return (uint32_t)CPU_READ(icc_iar1_el1);
}

static void drop_priority(uint32_t intid)
{
	if (cpu_interface != 0) {
		mmio_write32(cpu_interface + GICC_EOIR, intid);
	} else {
		CPU_WRITE(icc_eoir1_el1, intid);
		cpu_isb();
	}
}

static void deactivate(uint32_t intid)
{
	if (cpu_interface != 0) {
		mmio_write32(cpu_interface + GICC_DIR, intid);
	} else {
		CPU_WRITE(icc_dir_el1, intid);
		cpu_isb();
	}
}

static int gic_open(void)
{
	const int node = devtree_find_compatible("arm,cortex-a15-gic");
	struct devtree_region region;
	int result;

	if (node < 0) {
		CPU_WRITE(icc_ctlr_el1,
			  CPU_READ(icc_ctlr_el1) | ICC_CTLR_EOIMODE);
		cpu_isb();
		return 0;
	}
	result = devtree_region(node, 1, &region);
	if (result == 0) {
		cpu_interface = (uintptr_t)region.address;
		mmio_write32(cpu_interface + GICC_CTLR,
			     mmio_read32(cpu_interface + GICC_CTLR) |
				     GICC_CTLR_EOIMODE);
	}
	return result;
}

static void unused_handler(void *arg)
{
	(void)arg; /* interrupts are masked: it is never called */
}

static int device_open(struct device *device, int node)
{
	struct devtree_irq irq;
	int result = 0;

	while (result == 0 && device->region_count < REGIONS_MAX &&
	       devtree_region(node, device->region_count,
			      &device->region[device->region_count]) == 0) {
		const struct devtree_region *region =
			&device->region[device->region_count];

		result = mmu_map_device(region->address, region->size);
		device->region_count++;
	}
	while (result == 0 && device->irq_count < MAILBOX_IRQS &&
	       devtree_irq(node, device->irq_count, &irq) == 0) {
		device->intid[device->irq_count] = irq.intid;
		device->edge |= irq.is_edge ? BIT(device->irq_count) : 0;
		device->irq_count++;
		result = irq_request(irq.intid, unused_handler, NULL,
				     irq.is_edge);
	}
	return result;
}

static int devices_open(void)
{
	const void *blob = devtree_blob();
	int node =
		fdt_node_offset_by_compatible(blob, -1, "bulkhead,irq-pattern");

	while (node >= 0 && device_count < MAILBOX_DEVICES) {
		const int result = device_open(&devices[device_count], node);

		if (result != 0) {
			return result;
		}
		printf("irq-pattern: device %u: %u regions, %u interrupts\n",
		       device_count, devices[device_count].region_count,
		       devices[device_count].irq_count);
		device_count++;
		node = fdt_node_offset_by_compatible(blob, node,
						     "bulkhead,irq-pattern");
	}
	return device_count != 0 ? 0 : node;
}

static void took(uint32_t intid)
{
	for (unsigned int i = 0; i < device_count; i++) {
		for (unsigned int j = 0; j < devices[i].irq_count; j++) {
			if (devices[i].intid[j] != intid) {
				continue;
			}
			mailbox.taken[i][j]++;
			if ((devices[i].edge & BIT(j)) == 0) {
				devices[i].active |= BIT(j);
			} else {
				deactivate(intid);
			}
			return;
		}
	}
	mailbox.spurious++;
	deactivate(intid);
}

static void take_interrupts(void)
{
	uint32_t intid = acknowledge();

	while (intid < INTID_NONE) {
		drop_priority(intid);
		took(intid);
		intid = acknowledge();
	}
}

static void access_write(uintptr_t address)
{
	switch (mailbox.width) {
	case 1:
		mmio_write8(address, (uint8_t)mailbox.value);
		break;
	case 2:
		mmio_write16(address, (uint16_t)mailbox.value);
		break;
	case 4:
		mmio_write32(address, (uint32_t)mailbox.value);
		break;
	default:
		mmio_write64(address, mailbox.value);
		break;
	}
}

static void access_read(uintptr_t address)
{
	switch (mailbox.width) {
	case 1:
		mailbox.value = mmio_read8(address);
		break;
	case 2:
		mailbox.value = mmio_read16(address);
		break;
	case 4:
		mailbox.value = mmio_read32(address);
		break;
	default:
		mailbox.value = mmio_read64(address);
		break;
	}
}

static void access_device(const struct device *device)
{
	const uintptr_t address =
		(uintptr_t)device->region[mailbox.region].address +
		mailbox.offset;
	const uint64_t vectors = CPU_READ(vbar_el1);

	probe_fault = 0;
	CPU_WRITE(vbar_el1, (uintptr_t)probe_vectors);
	cpu_isb();
	if (mailbox.op == MAILBOX_WRITE) {
		access_write(address);
	} else {
		access_read(address);
	}
	cpu_dsb();
	CPU_WRITE(vbar_el1, vectors);
	cpu_isb();
	mailbox.fault = probe_fault;
}

static void end_interrupts(struct device *device, uint64_t ended)
{
	device->active &= ~ended;
	while (ended != 0) {
		const int irq = __builtin_ctzll(ended);

		ended &= ended - 1;
		deactivate(device->intid[irq]);
	}
}

static void serve(void)
{
	struct device *device =
		&devices[mailbox.device < device_count ? mailbox.device : 0];
	const uint64_t ended = mailbox.end & device->active;
	struct hypercall mark = { { mailbox.mark } };

	if (mailbox.mark != 0) {
		(void)hypercall(BH_MARK, &mark);
	}
	if (mailbox.op != MAILBOX_NOTHING &&
	    mailbox.region < device->region_count) {
		access_device(device);
	}
	take_interrupts();
	end_interrupts(device, ended);
	take_interrupts();
}

int main(void)
{
	int result;

	cpu_irq_disable();
	result = gic_open();
	if (result == 0) {
		result = devices_open();
	}
	if (result != 0) {
		printf("irq-pattern: FAIL: error %d\n", result);
		return EXIT_FAILURE;
	}
	printf("irq-pattern: mailbox at 0x%lx\n", (unsigned long)&mailbox);
	for (;;) {
		const uint32_t request =
			__atomic_load_n(&mailbox.request, __ATOMIC_ACQUIRE);

		take_interrupts();
		if (request != mailbox.answer) {
			serve();
			__atomic_store_n(&mailbox.answer, request,
					 __ATOMIC_RELEASE);
		}
		cpu_yield();
	}
}
