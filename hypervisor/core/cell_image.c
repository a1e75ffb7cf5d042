// SPDX-License-Identifier: Apache-2.0
/* What a cell's memory holds when it starts: its image and its device tree. */
#include "cell_internal.h"
#include <arch/cache.h>
#include <arch/stage1.h>
#include <hyp/errno.h>
#include <hyp/guest_fdt.h>
#include <hyp/image.h>
#include <string.h>

#define GUEST_FDT_SIZE UINT64_C(0x10000)

void cell_memory_zero(paddr_t at, uint64_t left)
{
	while (left != 0) {
		uint64_t size;
		void *window = stage1_window(at, &size);

		size = size < left ? size : left;
		memset(window, 0, size);
		cache_clean(window, size);
		at = pa_add(at, size);
		left -= size;
	}
	stage1_window_close();
}

void cell_memory_scrub(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->config->memory_count; i++) {
		cell_memory_zero(cell->config->memory[i].base,
				 cell->config->memory[i].size);
	}
	cell->memory_is_clean = true;
}

static void memory_write(paddr_t to, const char *bytes, uint64_t size)
{
	while (size != 0) {
		uint64_t part;
		void *window = stage1_window(to, &part);

		part = part < size ? part : size;
		memcpy(window, bytes, part);
		cache_clean(window, part);
		to = pa_add(to, part);
		bytes += part;
		size -= part;
	}
	stage1_window_close();
	cache_instructions();
}

/* Where a part of the cell's address space is; false: not within one range. */
static bool memory_find(const struct cell *cell, ipa_t at, uint64_t size,
			paddr_t *found)
{
	for (unsigned int i = 0; i < cell->config->memory_count; i++) {
		const struct memory_config *memory = &cell->config->memory[i];

		if (range_contains(memory->ipa.raw, memory->size, at.raw,
				   size)) {
			*found = pa_add(memory->base, at.raw - memory->ipa.raw);
			return true;
		}
	}
	return false;
}

/* The last 64 KiB of the first range, at a multiple of that in physical memory, so
 * that one window shows them whole. */
static int fdt_place(struct cell *cell, struct message *message)
{
	const struct memory_config *memory = &cell->config->memory[0];
	uint64_t end = (memory->base.raw + memory->size) &
		       ~(GUEST_FDT_SIZE - 1);

	if (end < memory->base.raw || end - memory->base.raw < GUEST_FDT_SIZE) {
		return message_set(
			message, -HYP_ERANGE,
			"cell %s: /domains/%s: \"memory\": the first "
			"range has no 64 KiB for the device tree; "
			"give it more",
			cell->name, cell->name);
	}
	cell->fdt =
		ipa_add(memory->ipa, end - GUEST_FDT_SIZE - memory->base.raw);
	return 0;
}

static int part_check(const struct cell *cell, const struct image_part *part,
		      const char *image, struct message *message)
{
	paddr_t at;

	if (range_wraps(part->to.raw, part->memory_size) ||
	    !memory_find(cell, part->to, part->memory_size, &at) ||
	    range_overlaps(part->to.raw, part->memory_size, cell->fdt.raw,
			   GUEST_FDT_SIZE)) {
		return message_set(message, -HYP_ERANGE,
				   "cell %s: image \"%s\" needs 0x%lx bytes at "
				   "0x%lx, and its device tree has 64 KiB at "
				   "0x%lx: /domains/%s: \"memory\" does not "
				   "hold both; move it or give it more",
				   cell->name, image, part->memory_size,
				   part->to.raw, cell->fdt.raw, cell->name);
	}
	return 0;
}

static int plan_check(const struct cell *cell, const struct image_plan *plan,
		      const char *image, struct message *message)
{
	paddr_t at;

	for (unsigned int i = 0; i < plan->part_count; i++) {
		int ret = part_check(cell, &plan->part[i], image, message);

		if (ret != 0) {
			return ret;
		}
	}
	if ((plan->entry.raw & 3) != 0 ||
	    !memory_find(cell, plan->entry, 4, &at)) {
		return message_set(message, -HYP_ERANGE,
				   "cell %s: image \"%s\": its entry 0x%lx is "
				   "not in the cell's memory",
				   cell->name, image, plan->entry.raw);
	}
	return 0;
}

static int cell_write_fdt(struct cell *cell, struct message *message)
{
	paddr_t at;
	void *window;
	int size;

	if (!memory_find(cell, cell->fdt, GUEST_FDT_SIZE, &at)) {
		return -HYP_ERANGE; /* fdt_place() has seen to it */
	}
	window = stage1_window(at, NULL);
	size = guest_fdt_build(window, GUEST_FDT_SIZE, device_board(),
			       cell->config, &cell->initrd, CONSOLE_INTID,
			       message);

	if (size >= 0) {
		cache_clean(window, (uint64_t)size);
	}
	stage1_window_close();
	return size < 0 ? size : 0;
}

/* @is_checked: whether its hash was found right before, or is now */
static int image_find(const struct cell *cell, const struct bundle *bundle,
		      const char *property, const char *name, bool *is_checked,
		      struct bundle_image *image, struct message *message)
{
	int ret = bundle_image(bundle, name, image, NULL);

	if (ret != 0) {
		return message_set(message, ret,
				   "cell %s: /domains/%s: %s: the bundle holds "
				   "no image \"%s\"; pack it, or name another",
				   cell->name, cell->name, property, name);
	}
	if (!*is_checked) {
		ret = bundle_image_check(bundle, image, message);
		*is_checked = ret == 0;
	}
	return ret;
}

/* Where the config says, or in whole pages right below the device tree. */
static int initrd_place(struct cell *cell, const struct bundle_image *image,
			struct message *message)
{
	struct image_part *initrd = &cell->initrd;
	uint64_t size = image->size;
	int ret;

	initrd->file_size = size;
	initrd->memory_size = size;
	initrd->to = cell->config->initrd_address;
	if (!cell->config->has_initrd_address) {
		uint64_t below = (size + PAGE_SIZE - 1) & ~PAGE_MASK;

		initrd->to = ipa(cell->fdt.raw - below);
	}
	ret = part_check(cell, initrd, image->name, message);
	if (ret != 0) {
		return ret;
	}
	for (unsigned int i = 0; i < cell->plan.part_count; i++) {
		const struct image_part *part = &cell->plan.part[i];

		if (range_overlaps(initrd->to.raw, size, part->to.raw,
				   part->memory_size)) {
			return message_set(
				message, -HYP_ERANGE,
				"cell %s: initrd \"%s\" at 0x%lx (0x%lx bytes) "
				"overlaps image \"%s\" at 0x%lx (0x%lx bytes): "
				"/domains/%s: give more \"memory\", or another "
				"\"initrd-address\"",
				cell->name, image->name, initrd->to.raw, size,
				cell->config->image, part->to.raw,
				part->memory_size, cell->name);
		}
	}
	return 0;
}

/* @image: the ramdisk, if the config names one */
static int initrd_plan(struct cell *cell, const struct bundle *bundle,
		       struct bundle_image *image, struct message *message)
{
	int ret;

	cell->initrd.file_size = 0;
	if (cell->config->initrd[0] == '\0') {
		return 0;
	}
	ret = image_find(cell, bundle, "initrd", cell->config->initrd,
			 &cell->initrd_is_checked, image, message);
	return ret != 0 ? ret : initrd_place(cell, image, message);
}

static void part_load(const struct cell *cell, const struct image_part *part,
		      const struct bundle_image *image)
{
	paddr_t at;

	if (memory_find(cell, part->to, part->memory_size, &at)) {
		memory_write(at, (const char *)image->data + part->offset,
			     part->file_size);
	}
}

int cell_image_load(struct cell *cell, const struct bundle *bundle,
		    struct message *message)
{
	const struct cell_config *config = cell->config;
	struct image_plan *plan = &cell->plan;
	struct bundle_image image, initrd;
	int ret = image_find(cell, bundle, "image", config->image,
			     &cell->image_is_checked, &image, message);

	if (ret == 0) {
		ret = fdt_place(cell, message);
	}
	if (ret == 0) {
		ret = image_plan_make(plan, &image, cell->name,
				      config->memory[0].ipa,
				      config->has_image_address,
				      config->image_address, message);
	}
	if (ret == 0) {
		ret = plan_check(cell, plan, image.name, message);
	}
	if (ret == 0) {
		ret = initrd_plan(cell, bundle, &initrd, message);
	}
	if (ret != 0) {
		return ret;
	}
	if (!cell->memory_is_clean) {
		cell_memory_scrub(cell);
	}
	cell->memory_is_clean = false;
	for (unsigned int i = 0; i < plan->part_count; i++) {
		part_load(cell, &plan->part[i], &image);
	}
	if (cell->initrd.file_size != 0) {
		part_load(cell, &cell->initrd, &initrd);
	}
	cell->entry = plan->entry;
	return cell_write_fdt(cell, message);
}
