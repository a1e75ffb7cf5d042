// SPDX-License-Identifier: Apache-2.0
/* What a cell's memory holds when it starts: its image and its device tree. */
#include "cell_internal.h"
#include <arch/cache.h>
#include <arch/stage1.h>
#include <hyp/errno.h>
#include <hyp/guest_fdt.h>
#include <string.h>

/* The arm64 Linux Image header: Documentation/arm64/booting.rst, section 4. */
#define IMAGE_HEADER_SIZE 64
#define IMAGE_TEXT_OFFSET 8
#define IMAGE_SIZE 16
#define IMAGE_MAGIC 56
#define GUEST_FDT_SIZE UINT64_C(0x10000)

void cell_memory_scrub(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->config->memory_count; i++) {
		paddr_t at = cell->config->memory[i].base;
		uint64_t left = cell->config->memory[i].size;

		while (left != 0) {
			uint64_t size;
			void *window = stage1_window(at, &size);

			size = size < left ? size : left;
			memset(window, 0, size);
			cache_clean(window, size);
			at = pa_add(at, size);
			left -= size;
		}
	}
	stage1_window_close();
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

static uint64_t load_le64(const unsigned char *bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 8; i-- > 0;) {
		value = value << 8 | bytes[i];
	}
	return value;
}

/* Where in the first range of memory the image goes, and what it needs there. */
static int image_place(const struct cell *cell,
		       const struct bundle_image *image, uint64_t *offset,
		       uint64_t *needs, struct message *message)
{
	const unsigned char *header = image->data;
	const struct memory_config *memory = &cell->config->memory[0];

	if (image->size < IMAGE_HEADER_SIZE ||
	    memcmp(header + IMAGE_MAGIC, "ARM\x64", 4) != 0) {
		return message_set(message, -HYP_EBADMSG,
				   "cell %s: image \"%s\" is no arm64 Image: "
				   "the magic at byte 56 is missing",
				   cell->name, image->name);
	}
	*offset = load_le64(header + IMAGE_TEXT_OFFSET);
	*needs = load_le64(header + IMAGE_SIZE);
	*needs = *needs > image->size ? *needs : image->size;
	if (memory->size < GUEST_FDT_SIZE ||
	    !range_contains(0, memory->size - GUEST_FDT_SIZE, *offset,
			    *needs)) {
		return message_set(message, -HYP_ERANGE,
				   "cell %s: image \"%s\" needs 0x%lx bytes "
				   "at offset 0x%lx and 64 KiB for its device "
				   "tree; /domains/%s: \"memory\" starts with "
				   "0x%lx bytes: give it more",
				   cell->name, image->name, *needs, *offset,
				   cell->name, memory->size);
	}
	return 0;
}

static int cell_write_fdt(struct cell *cell, struct message *message)
{
	const struct memory_config *memory = &cell->config->memory[0];
	uint64_t end = (memory->base.raw + memory->size) & ~(GUEST_FDT_SIZE - 1);
	paddr_t at = pa(end - GUEST_FDT_SIZE);
	void *window = stage1_window(at, NULL);
	int size = guest_fdt_build(window, GUEST_FDT_SIZE, device_board(),
				   cell->config, CONSOLE_INTID, message);

	if (size >= 0) {
		cache_clean(window, (uint64_t)size);
	}
	stage1_window_close();
	cell->fdt = ipa(memory->ipa.raw + (at.raw - memory->base.raw));
	return size < 0 ? size : 0;
}

int cell_image_load(struct cell *cell, const struct bundle *bundle,
		    struct message *message)
{
	const struct memory_config *memory = &cell->config->memory[0];
	struct bundle_image image;
	uint64_t offset = 0;
	uint64_t needs = 0;
	int ret;

	ret = bundle_image(bundle, cell->config->image, &image, message);
	if (ret == 0 && !cell->image_is_checked) {
		ret = bundle_image_check(bundle, &image, message);
		cell->image_is_checked = ret == 0;
	}
	if (ret == 0) {
		ret = image_place(cell, &image, &offset, &needs, message);
	}
	if (ret != 0) {
		return ret;
	}
	if (!cell->memory_is_clean) {
		cell_memory_scrub(cell);
	}
	cell->memory_is_clean = false;
	memory_write(pa_add(memory->base, offset), image.data, image.size);
	cell->entry = ipa_add(memory->ipa, offset);
	return cell_write_fdt(cell, message);
}
