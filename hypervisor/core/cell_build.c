// SPDX-License-Identifier: Apache-2.0
/* What a cell owns: claimed by its config, then made real, and back again. */
#include "cell_internal.h"
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/page.h>
#include <hyp/shared.h>

#define GIC_FRAME UINT64_C(0x20000) /* a redistributor: RD_base and SGI_base */
#define GICD_SIZE UINT64_C(0x10000)

_Static_assert(sizeof(struct cell_config) <= PAGE_SIZE, "it has a page");

static int claim_cpus(struct cell *cell, struct message *message)
{
	uint32_t cpus = cell->config->cpus;

	cell->cpu_count = 0;
	for (unsigned int i = 0; i < CONFIG_CPUS_MAX; i++) {
		struct cpu *cpu = cpu_by_index(i);

		if ((cpus >> i & 1) == 0) {
			continue;
		}
		if (cpu == NULL) {
			return message_set(message, -HYP_ENODEV,
					   "cell %s: /domains/%s: \"cpus\": "
					   "CPU %u did not start; leave it out",
					   cell->name, cell->name, i);
		}
		if (cpu->vcpu.cell != NULL) {
			return message_set(message, -HYP_EBUSY,
					   "cell %s: /domains/%s: \"cpus\": "
					   "CPU %u belongs to %s; destroy that "
					   "cell first, or name another CPU",
					   cell->name, cell->name, i,
					   cpu->vcpu.cell->name);
		}
		cell->cpu[cell->cpu_count++] = cpu;
	}
	return 0;
}

static int claim_memory(struct cell *cell, struct message *message)
{
	const struct cell *other;

	cell->memory_size = 0;
	for (unsigned int i = 0; i < cell->config->memory_count; i++) {
		cell->memory_size += cell->config->memory[i].size;
	}
	for (uint64_t n = 0; (other = cell_by_index(n)) != NULL; n++) {
		if (other == cell || other->config == NULL) {
			continue; /* one that is being created counts */
		}
		if (other->config->id == cell->config->id) {
			return message_set(message, -HYP_EEXIST,
					   "cell %s: /domains/%s: \"id\" %u is "
					   "that of %s; give it another",
					   cell->name, cell->name,
					   cell->config->id, other->name);
		}
		for (unsigned int i = 0; i < cell->config->memory_count; i++) {
			const struct memory_config *mine =
				&cell->config->memory[i];

			for (unsigned int j = 0;
			     j < other->config->memory_count; j++) {
				const struct memory_config *its =
					&other->config->memory[j];

				if (!range_overlaps(mine->base.raw, mine->size,
						    its->base.raw, its->size)) {
					continue;
				}
				return message_set(
					message, -HYP_EBUSY,
					"cell %s: /domains/%s: \"memory\": "
					"0x%lx to 0x%lx overlaps the memory "
					"of %s; move one",
					cell->name, cell->name, mine->base.raw,
					mine->base.raw + mine->size,
					other->name);
			}
		}
	}
	return 0;
}

int cell_claim(struct cell *cell, const struct board *board,
	       const struct system_config *system, struct message *message)
{
	int ret;

	cell->config = page_alloc();
	if (cell->config == NULL) {
		return message_set(message, -HYP_ENOMEM,
				   "cell %s: the hypervisor has no page left; "
				   "give it more \"memory\" in the system "
				   "config",
				   cell->name);
	}
	ret = cell_config_read(cell->config, cell->config_image.data,
			       cell->config_image.size, board, system, message);
	if (ret == 0) {
		ret = claim_cpus(cell, message);
	}
	if (ret == 0) {
		ret = claim_memory(cell, message);
	}
	if (ret == 0) {
		ret = shared_claim(cell, message);
	}
	if (ret == 0) {
		ret = vuart_claim(cell, message);
	}
	if (ret == 0) {
		ret = devices_claim(cell, message);
	}
	if (ret != 0) {
		vuart_release(cell);
		shared_release(cell);
		page_free(cell->config);
		cell->config = NULL;
		cell->cpu_count = 0;
		cell->memory_size = 0;
		return ret;
	}
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		cell->cpu[i]->vcpu.cell = cell;
		cell->cpu[i]->vcpu.index = i;
		cell->cpu[i]->vcpu.power = VCPU_OFF;
	}
	return 0;
}

void cell_unclaim(struct cell *cell)
{
	devices_release(cell);
	vuart_release(cell);
	shared_release(cell);
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		cell->cpu[i]->vcpu.cell = NULL;
		cell->cpu[i] = NULL;
	}
	cell->cpu_count = 0;
	page_free(cell->config);
	cell->config = NULL;
}

/* The GIC as the cell sees it: registers that trap, and GICv2's GICV. */
static int build_gic(struct cell *cell, const struct board_gic *gic)
{
	uint64_t size = cell->cpu_count * GIC_FRAME;
	int ret = stage2_tag_pages(
		&cell->stage2, ipa(gic->distributor.base.raw),
		gic->version == BOARD_GIC_V3 ? GICD_SIZE : PAGE_SIZE,
		stage2_tag(STAGE2_DISTRIBUTOR, 0));

	if (ret != 0) {
		return ret;
	}
	if (gic->version == BOARD_GIC_V3) {
		return stage2_tag_pages(&cell->stage2,
					ipa(gic->redistributor[0].base.raw),
					size,
					stage2_tag(STAGE2_REDISTRIBUTOR, 0));
	}
	ret = stage2_map(&cell->stage2, ipa(gic->cpu_interface.base.raw),
			 gic->virtual_interface.base, gic->interface_stride,
			 STAGE2_DEVICE);
	if (ret != 0) {
		return ret;
	}
	/* What is ended there may be in no list register, or another CPU's. */
	return stage2_tag_pages(
		&cell->stage2,
		ipa(gic->cpu_interface.base.raw + gic->interface_stride),
		gic->interface_stride, stage2_tag(STAGE2_INTERFACE, 0));
}

static int build_stage2(struct cell *cell, const struct board *board)
{
	int ret = stage2_create(&cell->stage2, (uint8_t)(cell->index + 1));

	for (unsigned int i = 0; ret == 0 && i < cell->config->memory_count;
	     i++) {
		const struct memory_config *memory = &cell->config->memory[i];

		ret = stage2_map(&cell->stage2, memory->ipa, memory->base,
				 memory->size, STAGE2_MEMORY);
	}
	if (ret == 0) {
		ret = shared_build(cell);
	}
	if (ret == 0) {
		ret = vuart_build(cell);
	}
	if (ret == 0) {
		ret = build_gic(cell, &board->gic);
	}
	return ret;
}

int cell_build(struct cell *cell, const struct board *board,
	       struct message *message)
{
	int ret = build_stage2(cell, board);

	if (ret != 0) {
		ret = message_set(message, ret,
				  "cell %s: its address space cannot be made "
				  "(error %d); give the hypervisor more "
				  "\"memory\" in the system config",
				  cell->name, -ret);
	} else {
		/* The driver's tables are invalidated by this cell's VMID. */
		stage2_enter(&cell->stage2);
		cell_memory_scrub(cell);
		ret = devices_assign(cell, message);
	}
	if (ret != 0) {
		cell_unbuild(cell);
	}
	return ret;
}

void cell_unbuild(struct cell *cell)
{
	devices_revoke(cell);
	if (!cell->memory_is_clean) {
		cell_memory_scrub(cell);
	}
	stage2_enter(NULL);
	stage2_destroy(&cell->stage2);
	shared_unbuild(cell);
}
