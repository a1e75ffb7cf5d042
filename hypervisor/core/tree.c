// SPDX-License-Identifier: Apache-2.0
/* A check of a device tree's structure, and walks and look-ups in a sound one. */
#include <string.h>

#include "tree.h"

#define TREE_VERSION 17
#define TREE_TAG_SIZE ((uint32_t)FDT_TAGSIZE)
#define TREE_HEADER_SIZE ((uint32_t)sizeof(struct fdt_header))
#define TREE_RESERVE_SIZE ((uint32_t)sizeof(struct fdt_reserve_entry))

/** struct tree_blocks - the header in the CPU's byte order, already bounded */
struct tree_blocks {
	const uint8_t *structure;
	uint32_t structure_size;
	const uint8_t *strings;
	uint32_t strings_size;
};

uint32_t tree_load32(const void *bytes)
{
	const uint8_t *b = bytes;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static uint32_t tree_header(const uint8_t *fdt, size_t offset)
{
	return tree_load32(fdt + offset);
}

#define TREE_HEADER(fdt, field) \
	tree_header((fdt), offsetof(struct fdt_header, field))

static bool tree_check_reserve(const uint8_t *fdt, uint32_t total)
{
	uint32_t offset = TREE_HEADER(fdt, off_mem_rsvmap);

	if (offset < TREE_HEADER_SIZE || offset > total || offset % 8 != 0) {
		return false;
	}
	while (total - offset >= TREE_RESERVE_SIZE) {
		uint32_t any = 0;

		for (uint32_t i = 8; i < TREE_RESERVE_SIZE; i += 4) {
			any |= tree_load32(fdt + offset + i);
		}
		if (any == 0) {
			return true; /* an entry of size 0 ends the list */
		}
		offset += TREE_RESERVE_SIZE;
	}
	return false;
}

static const char *tree_check_header(const uint8_t *fdt, size_t max_size,
				     struct tree_blocks *blocks)
{
	uint32_t total, structure, strings;

	if (max_size < TREE_HEADER_SIZE) {
		return "is too short for a device tree";
	}
	if (TREE_HEADER(fdt, magic) != FDT_MAGIC) {
		return "does not begin with a device tree's magic number";
	}
	if (TREE_HEADER(fdt, version) < TREE_VERSION ||
	    TREE_HEADER(fdt, last_comp_version) > TREE_VERSION) {
		return "is of another version than 17";
	}
	total = TREE_HEADER(fdt, totalsize);
	if (total > max_size || total > INT32_MAX || total < TREE_HEADER_SIZE) {
		return "is cut short";
	}
	structure = TREE_HEADER(fdt, off_dt_struct);
	strings = TREE_HEADER(fdt, off_dt_strings);
	blocks->structure_size = TREE_HEADER(fdt, size_dt_struct);
	blocks->strings_size = TREE_HEADER(fdt, size_dt_strings);
	if (structure < TREE_HEADER_SIZE || structure % TREE_TAG_SIZE != 0 ||
	    strings < TREE_HEADER_SIZE ||
	    !range_contains(0, total, structure, blocks->structure_size) ||
	    !range_contains(0, total, strings, blocks->strings_size) ||
	    !tree_check_reserve(fdt, total)) {
		return "has a damaged header";
	}
	blocks->structure = fdt + structure;
	blocks->strings = fdt + strings;
	return NULL;
}

/* Bytes of the tag at @offset with all that belongs to it, 0 when damaged. */
static uint32_t tree_check_tag(const struct tree_blocks *blocks,
			       uint32_t offset, uint32_t tag)
{
	const uint8_t *data = blocks->structure + offset + TREE_TAG_SIZE;
	uint32_t left = blocks->structure_size - offset - TREE_TAG_SIZE;
	uint32_t length = 0, name;
	const uint8_t *end;

	switch (tag) {
	case FDT_BEGIN_NODE:
		end = memchr(data, '\0', left);
		if (end == NULL) {
			return 0;
		}
		length = (uint32_t)(end - data) + 1;
		break;
	case FDT_PROP:
		if (left < 8 || tree_load32(data) > left - 8) {
			return 0;
		}
		length = tree_load32(data) + 8;
		name = tree_load32(data + 4);
		if (name >= blocks->strings_size ||
		    memchr(blocks->strings + name, '\0',
			   blocks->strings_size - name) == NULL) {
			return 0;
		}
		break;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		break;
	default:
		return 0;
	}
	length = (length + TREE_TAG_SIZE - 1) & ~(TREE_TAG_SIZE - 1);
	return length > left ? 0 : TREE_TAG_SIZE + length;
}

const char *tree_check(const void *fdt, size_t max_size)
{
	struct tree_blocks blocks;
	const char *problem = tree_check_header(fdt, max_size, &blocks);
	unsigned int depth = 0;
	bool may_begin = true, may_hold = false;

	if (problem != NULL) {
		return problem;
	}
	for (uint32_t at = 0; blocks.structure_size - at >= TREE_TAG_SIZE;) {
		uint32_t tag = tree_load32(blocks.structure + at);
		uint32_t size = tree_check_tag(&blocks, at, tag);

		if (size == 0) {
			break;
		}
		if (tag == FDT_END) {
			return depth == 0 && !may_begin ? NULL : "is damaged";
		}
		if (tag == FDT_BEGIN_NODE) {
			if (!may_begin ||
			    (depth == 0 && blocks.structure[at + 4] != '\0')) {
				break;
			}
			may_hold = true;
			if (++depth > TREE_DEPTH_MAX) {
				return "is nested deeper than 12 nodes";
			}
		} else if (tag == FDT_END_NODE) {
			may_hold = false;
			if (depth == 0) {
				break;
			}
			depth--;
			may_begin = depth != 0;
		} else if (tag == FDT_PROP && !may_hold) {
			break; /* a property after a child node, or outside */
		}
		at += size;
	}
	return "is damaged";
}

void tree_start(struct tree_place *place, const void *fdt)
{
	place->fdt = fdt;
	place->node = -1;
	place->depth = -1;
}

bool tree_next(struct tree_place *place)
{
	place->node = fdt_next_node(place->fdt, place->node, &place->depth);
	if (place->node < 0 || place->depth < 0 ||
	    place->depth >= TREE_DEPTH_MAX) {
		return false;
	}
	place->ancestor[place->depth] = place->node;
	return true;
}

bool tree_find_node(struct tree_place *place, const void *fdt, int node)
{
	tree_start(place, fdt);
	while (tree_next(place)) {
		if (place->node >= node) {
			return place->node == node;
		}
	}
	return false;
}

bool tree_find_path(struct tree_place *place, const void *fdt, const char *path,
		    size_t length)
{
	const char *end = path + length;
	int matched = 0;

	tree_start(place, fdt);
	while (tree_next(place)) {
		const char *stop;
		const char *name;
		size_t size;

		if (place->depth > matched + 1 || place->depth == 0) {
			continue;
		}
		if (place->depth <= matched || path == end || *path != '/') {
			return false; /* past the last child that could match */
		}
		stop = memchr(path + 1, '/', (size_t)(end - path - 1));
		stop = stop != NULL ? stop : end;
		size = (size_t)(stop - path - 1);
		name = tree_name(fdt, place->node);
		if (strlen(name) != size || memcmp(name, path + 1, size) != 0) {
			continue;
		}
		if (stop == end) {
			return true;
		}
		path = stop;
		matched++;
	}
	return false;
}

const char *tree_name(const void *fdt, int node)
{
	const char *name = fdt_get_name(fdt, node, NULL);

	return name != NULL ? name : "";
}

static bool tree_status_is_okay(const void *fdt, int node)
{
	static const char *const okay[] = { "okay", "ok" };
	int length;
	const char *status = fdt_getprop(fdt, node, "status", &length);

	return status == NULL ||
	       tree_list_index(status, length, okay, ARRAY_SIZE(okay)) >= 0;
}

bool tree_is_enabled(const struct tree_place *place)
{
	for (int i = 1; i <= place->depth; i++) {
		if (!tree_status_is_okay(place->fdt, place->ancestor[i])) {
			return false;
		}
	}
	return true;
}

const char *tree_string(const void *fdt, int node, const char *name)
{
	int length;
	const char *value = fdt_getprop(fdt, node, name, &length);

	if (value == NULL || length <= 0 ||
	    memchr(value, '\0', (size_t)length) != value + length - 1) {
		return NULL;
	}
	return value;
}

int tree_list_index(const char *list, int length, const char *const *names,
		    unsigned int name_count)
{
	const char *end;

	for (; length > 0; length -= (int)(end - list) + 1, list = end + 1) {
		size_t size;

		end = memchr(list, '\0', (size_t)length);
		if (end == NULL) {
			return -HYP_ENOENT;
		}
		size = (size_t)(end - list) + 1;
		for (unsigned int i = 0; i < name_count; i++) {
			if (strlen(names[i]) + 1 == size &&
			    memcmp(list, names[i], size) == 0) {
				return (int)i;
			}
		}
	}
	return -HYP_ENOENT;
}

int tree_compatible_index(const void *fdt, int node, const char *const *names,
			  unsigned int name_count)
{
	int length;
	const char *list = fdt_getprop(fdt, node, "compatible", &length);

	return list != NULL ? tree_list_index(list, length, names, name_count) :
			      -HYP_ENOENT;
}

unsigned int tree_nearest(const char *wrong, const char *right)
{
	/* One row of the table of edit distances, for names up to 31 letters. */
	uint8_t row[32];
	size_t wrong_size = strlen(wrong), right_size = strlen(right);
	unsigned int limit = (unsigned int)(right_size / 4) + 1;

	if (wrong_size >= sizeof(row) || right_size >= sizeof(row)) {
		return UINT32_MAX;
	}
	for (size_t i = 0; i <= right_size; i++) {
		row[i] = (uint8_t)i;
	}
	for (size_t j = 1; j <= wrong_size; j++) {
		uint8_t diagonal = row[0];

		row[0] = (uint8_t)j;
		for (size_t i = 1; i <= right_size; i++) {
			uint8_t above = row[i];
			unsigned int best = diagonal;

			if (wrong[j - 1] != right[i - 1]) {
				best = row[i - 1] < best ? row[i - 1] : best;
				best = above < best ? above : best;
				best++;
			}
			row[i] = (uint8_t)best;
			diagonal = above;
		}
	}
	return row[right_size] <= limit ? row[right_size] : UINT32_MAX;
}
