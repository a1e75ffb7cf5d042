// SPDX-License-Identifier: Apache-2.0
/* Shared memory and doorbells; see <hyp/shared.h>. */
#include "cell_internal.h"
#include <arch/cpu.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/shared.h>

#define SIDES 2

struct side {
	struct cell *cell; /* NULL: free */
	uint32_t intid;	   /* of its doorbell; 0: the board has none left */
	bool is_built;	   /* the cell's address space may hold the region */
	bool is_open;	   /* the cell runs */
};

/* All but the doorbells' numbers is guarded by @lock. */
struct region {
	struct spinlock lock;
	bool is_busy; /* being zeroed, without the lock */
	struct side side[SIDES];
};

static struct region regions[CONFIG_SHARED_MAX];
static const struct shared_config *configs; /* [i] is that of regions[i] */

void shared_init(const struct board *board, const struct system_config *system)
{
	uint32_t used[BOARD_SPI_WORDS];
	uint32_t intid = irqchip_spi_end;

	configs = system->shared;
	if (system->shared_count == 0) {
		return;
	}
	board_spis_used(board, used);
	for (unsigned int i = 0; i < system->shared_count * SIDES; i++) {
		struct side *side = &regions[i / SIDES].side[i % SIDES];

		while (intid > VGIC_PRIVATE && side->intid == 0) {
			uint32_t spi = --intid - VGIC_PRIVATE;

			if ((used[spi / 32] >> spi % 32 & 1) == 0) {
				side->intid = intid;
			}
		}
	}
}

static struct region *region_of(const struct shared_use *use)
{
	return &regions[use->region - configs];
}

static struct side *side_of(struct region *region, const struct cell *cell)
{
	return &region->side[region->side[0].cell == cell ? 0 : 1];
}

static int region_claim(struct cell *cell, struct shared_use *use,
			struct message *message)
{
	struct region *region = region_of(use);
	struct side *side = side_of(region, NULL);

	if (side->cell != NULL) {
		return message_set(
			message, -HYP_EBUSY,
			"cell %s: the shared memory \"%s\" has two "
			"sides, and %s and %s have them; destroy one "
			"of these first",
			cell->name, use->region->name,
			region->side[0].cell->name, side->cell->name);
	}
	if (side->intid == 0) {
		return message_set(message, -HYP_ENOMEM,
				   "cell %s: the shared memory \"%s\": the "
				   "board has no interrupt left for a doorbell",
				   cell->name, use->region->name);
	}
	spinlock_lock(&region->lock);
	side->cell = cell;
	spinlock_unlock(&region->lock);
	use->intid = side->intid;
	return 0;
}

int shared_claim(struct cell *cell, struct message *message)
{
	for (unsigned int i = 0; i < cell->config->shared_count; i++) {
		int ret = region_claim(cell, &cell->config->shared[i], message);

		if (ret != 0) {
			shared_release(cell);
			return ret;
		}
	}
	return 0;
}

void shared_release(struct cell *cell)
{
	for (unsigned int i = 0; i < CONFIG_SHARED_MAX; i++) {
		struct region *region = &regions[i];
		struct side *side = side_of(region, cell);

		if (side->cell == cell) {
			spinlock_lock(&region->lock);
			vgic_virtual_release(side->intid);
			side->cell = NULL;
			spinlock_unlock(&region->lock);
		}
	}
}

/* With the lock held, and given back meanwhile: the CPU of the other side's job may
 * come to the same place, and waits in region_lock(). */
static void region_zero(struct region *region,
			const struct shared_config *config)
{
	if (region->side[0].is_built || region->side[1].is_built) {
		return;
	}
	region->is_busy = true;
	spinlock_unlock(&region->lock);
	cell_memory_zero(config->memory.base, config->memory.size);
	spinlock_lock(&region->lock);
	region->is_busy = false;
}

static void region_lock(struct region *region)
{
	spinlock_lock(&region->lock);
	while (region->is_busy) {
		spinlock_unlock(&region->lock);
		arch_cpu_relax();
		spinlock_lock(&region->lock);
	}
}

int shared_build(struct cell *cell)
{
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < cell->config->shared_count;
	     i++) {
		const struct shared_use *use = &cell->config->shared[i];
		const struct pa_range *memory = &use->region->memory;
		struct region *region = region_of(use);

		region_lock(region);
		region_zero(region, use->region);
		side_of(region, cell)->is_built = true;
		spinlock_unlock(&region->lock);
		ret = stage2_map(&cell->stage2, ipa(memory->base.raw),
				 memory->base, memory->size,
				 use->is_writable ? STAGE2_SHARED :
						    STAGE2_SHARED_READ_ONLY);
	}
	return ret;
}

void shared_unbuild(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->config->shared_count; i++) {
		const struct shared_use *use = &cell->config->shared[i];
		struct region *region = region_of(use);
		struct side *side;

		region_lock(region);
		side = side_of(region, cell);
		if (side->is_built) {
			side->is_built = false;
			region_zero(region, use->region);
		}
		spinlock_unlock(&region->lock);
	}
}

static void shared_set_open(struct cell *cell, bool is_open)
{
	for (unsigned int i = 0; i < cell->config->shared_count; i++) {
		struct region *region = region_of(&cell->config->shared[i]);

		spinlock_lock(&region->lock);
		side_of(region, cell)->is_open = is_open;
		spinlock_unlock(&region->lock);
	}
}

void shared_open(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->config->shared_count; i++) {
		vgic_virtual_assign(cell->config->shared[i].intid, cell);
	}
	shared_set_open(cell, true);
}

void shared_close(struct cell *cell)
{
	shared_set_open(cell, false);
}

int64_t shared_ring(struct cell *cell, uint64_t number)
{
	struct region *region;
	const struct side *other;
	int64_t ret = -HYP_EAGAIN;

	if (number >= cell->config->shared_count) {
		return -HYP_ENOENT;
	}
	region = region_of(&cell->config->shared[number]);
	spinlock_lock(&region->lock);
	other = &region->side[region->side[0].cell == cell ? 1 : 0];
	if (other->is_open) {
		vgic_virtual_ring(other->intid);
		ret = 0;
	}
	spinlock_unlock(&region->lock);
	return ret;
}
