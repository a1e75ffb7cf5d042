// SPDX-License-Identifier: Apache-2.0
/*
 * Who answers a trapped access. The invalid stage 2 entry that made it trap holds
 * a tag, so the search is one walk, however many devices there are.
 */
#include "vfio_platform.h"
#include <arch/stage2.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/mmio.h>
#include <hyp/trace.h>

static uint64_t distributor_base;
static uint64_t redistributor_base;

void mmio_init(const struct board_gic *gic)
{
	distributor_base = gic->distributor.base.raw;
	redistributor_base = gic->redistributor[0].base.raw;
}

static COLD NOINLINE int
region_access_traced(const struct device_region *region, uint64_t offset,
		     unsigned int width, bool is_write, uint64_t *value)
{
	int ret;

	trace_access(BH_TRACE_ACCESS, region->device, region->index, width,
		     is_write, offset);
	ret = vfio_platform_access(region->device, region->index, offset, width,
				   is_write, value);
	if (ret != 0) {
		trace_access(BH_TRACE_FAILED, region->device, region->index,
			     width, is_write, (uint64_t)-ret);
	}
	return ret;
}

/*
 * Regions that share a page are chained; as many as devices fit in a page. NULL: it
 * is the page's unassigned part.
 */
static ALWAYS_INLINE const struct device_region *region_find(uint32_t number,
							     ipa_t address)
{
	const struct device_region *region = device_region(number);

	while (UNLIKELY(address.raw - region->base.raw >= region->size)) {
		if (region->next_in_page == DEVICE_REGION_NONE) {
			return NULL;
		}
		region = device_region(region->next_in_page);
	}
	return region;
}

static ALWAYS_INLINE int region_access(struct cpu *cpu, uint32_t number,
				       ipa_t address, unsigned int width,
				       bool is_write, uint64_t *value)
{
	const struct device_region *region = region_find(number, address);

	cpu->vcpu.stat[BH_STAT_DEVICE]++;
	if (UNLIKELY(region == NULL)) {
		return -HYP_ERANGE;
	}
	if (trace_is_on()) {
		return region_access_traced(region,
					    address.raw - region->base.raw,
					    width, is_write, value);
	}
	return vfio_platform_access(region->device, region->index,
				    address.raw - region->base.raw, width,
				    is_write, value);
}

/* What else EL2 emulates itself. */
static int emulated_access(struct cpu *cpu, uint64_t tag, ipa_t address,
			   unsigned int width, bool is_write, uint64_t *value)
{
	switch (stage2_tag_owner(tag)) {
	case STAGE2_REDISTRIBUTOR:
		return vgic_redistributor_access(
			cpu, address.raw - redistributor_base, width, is_write,
			value);
	case STAGE2_INTERFACE:
		return vgic_interface_access(cpu, address.raw & PAGE_MASK,
					     width, is_write, value);
	case STAGE2_UART:
		return vuart_access(cpu, (uint32_t)(address.raw & PAGE_MASK),
				    width, is_write, value);
	case STAGE2_DISTRIBUTOR:
	case STAGE2_REGION:
	case STAGE2_NOBODY:
		break;
	}
	return tag == STAGE2_MAPPED ? MMIO_RETRY : -HYP_EFAULT;
}

/* A function of its own: the other way needs no stack. */
static NOINLINE int emulated(struct cpu *cpu, uint64_t tag, ipa_t address,
			     unsigned int width, bool is_write, uint64_t *value)
{
	uint64_t stored;

	cpu->vcpu.stat[BH_STAT_MMIO]++;
	if (is_write) {
		stored = mmio_store_value(width, *value);
		value = &stored;
	}
	return emulated_access(cpu, tag, address, width, is_write, value);
}

static ALWAYS_INLINE int dispatch(struct cpu *cpu, ipa_t address,
				  unsigned int width, bool is_write,
				  uint64_t *value)
{
	uint64_t tag = stage2_lookup(&cpu->vcpu.cell->stage2, address);

	if (stage2_tag_owner(tag) == STAGE2_REGION) {
		return region_access(cpu, stage2_tag_number(tag), address,
				     width, is_write, value);
	}
	if (stage2_tag_owner(tag) == STAGE2_DISTRIBUTOR) {
		cpu->vcpu.stat[BH_STAT_MMIO]++;
		return vgic_distributor_access(cpu,
					       address.raw - distributor_base,
					       width, is_write, value);
	}
	return emulated(cpu, tag, address, width, is_write, value);
}

int mmio_access(struct cpu *cpu, ipa_t address, unsigned int width,
		bool is_write, uint64_t *value)
{
	return dispatch(cpu, address, width, is_write, value);
}

_Static_assert(MMIO_PARTS_MAX == VFIO_PLATFORM_PARTS_MAX,
	       "an instruction's accesses are handed on as they are");

static int region_parts(struct cpu *cpu, uint32_t number,
			struct mmio_part *parts, unsigned int part_count,
			bool is_write)
{
	struct vfio_platform_part of_region[VFIO_PLATFORM_PARTS_MAX];
	const struct device_region *region =
		region_find(number, parts[0].address);
	int ret;

	cpu->vcpu.stat[BH_STAT_DEVICE]++;
	if (region == NULL) {
		return -HYP_ERANGE;
	}
	for (unsigned int i = 0; i < part_count; i++) {
		of_region[i] = (struct vfio_platform_part){
			/* Below the region it wraps to above its size. */
			.offset = parts[i].address.raw - region->base.raw,
			.value = parts[i].value,
			.width = parts[i].width,
		};
	}
	if (trace_is_on()) {
		trace_access(BH_TRACE_ACCESS, region->device, region->index,
			     parts[0].width, is_write, of_region[0].offset);
	}
	ret = vfio_platform_access_parts(region->device, region->index,
					 of_region, part_count, is_write);
	if (ret != 0 && trace_is_on()) {
		trace_access(BH_TRACE_FAILED, region->device, region->index,
			     parts[0].width, is_write, (uint64_t)-ret);
	}
	for (unsigned int i = 0; i < part_count; i++) {
		parts[i].value = of_region[i].value;
	}
	return ret;
}

/* What EL2 emulates has no EOI by access: one part is like an access of its own. */
static int emulated_parts(struct cpu *cpu, struct mmio_part *parts,
			  unsigned int part_count, bool is_write)
{
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < part_count; i++) {
		ret = dispatch(cpu, parts[i].address, parts[i].width, is_write,
			       &parts[i].value);
	}
	return ret;
}

int mmio_parts(struct cpu *cpu, struct mmio_part *parts,
	       unsigned int part_count, bool is_write)
{
	uint64_t tag = stage2_lookup(&cpu->vcpu.cell->stage2, parts[0].address);

	switch (stage2_tag_owner(tag)) {
	case STAGE2_REGION:
		return region_parts(cpu, stage2_tag_number(tag), parts,
				    part_count, is_write);
	case STAGE2_DISTRIBUTOR:
	case STAGE2_REDISTRIBUTOR:
	case STAGE2_INTERFACE:
	case STAGE2_UART:
		return emulated_parts(cpu, parts, part_count, is_write);
	case STAGE2_NOBODY:
		break;
	}
	cpu->vcpu.stat[BH_STAT_MMIO]++;
	return tag == STAGE2_MAPPED ? MMIO_RETRY : -HYP_EFAULT;
}
