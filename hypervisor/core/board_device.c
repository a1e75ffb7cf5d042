// SPDX-License-Identifier: Apache-2.0
/* Finds a device in the board's tree and reads its registers and interrupts. */
#include <hyp/board.h>
#include <hyp/errno.h>
#include <string.h>

#include "tree.h"

/* Trigger types, in the low bits of the third cell of a GIC's specifier */
#define BOARD_IRQ_TYPE_MASK 0xfu
#define BOARD_IRQ_EDGE_RISING 1u
#define BOARD_IRQ_EDGE_FALLING 2u
#define BOARD_IRQ_LEVEL_HIGH 4u
#define BOARD_IRQ_LEVEL_LOW 8u

/* The one place whose node was not found when it must be: a stale offset. */
static int board_place(const struct board *board, int node,
		       struct tree_place *place, struct message *message)
{
	if (!tree_find_node(place, board->fdt, node)) {
		return message_set(message, -HYP_EINVAL,
				   "no node at offset %d of the board's tree",
				   node);
	}
	return 0;
}

static int board_find_path(const struct board *board, const char *path,
			   struct message *message)
{
	struct tree_place place;

	if (*path != '/') {
		return message_set(
			message, -HYP_EINVAL,
			"path \"%s\": does not begin with '/'; "
			"write the full path in the board's tree, or "
			"use \"host\" for a node's name",
			path);
	}
	if (!tree_find_path(&place, board->fdt, path, strlen(path))) {
		return message_set(message, -HYP_ENOENT,
				   "path \"%s\": no such node in the board's "
				   "tree; write each name as it stands there, "
				   "with its unit address",
				   path);
	}
	if (!tree_is_enabled(&place)) {
		return message_set(message, -HYP_ENOENT,
				   "path \"%s\": the board's tree disables it "
				   "by \"status\"; name a device that works",
				   path);
	}
	return place.node;
}

static int board_no_host(const struct board *board, const char *host,
			 struct message *message)
{
	struct tree_place place;
	unsigned int best = UINT32_MAX;
	const char *nearest = NULL;

	tree_start(&place, board->fdt);
	while (tree_next(&place)) {
		const char *name = tree_name(board->fdt, place.node);
		unsigned int distance = strchr(name, '@') != NULL ?
						tree_nearest(host, name) :
						UINT32_MAX;

		if (distance < best) {
			best = distance;
			nearest = name;
		}
	}
	if (nearest == NULL) {
		return message_set(
			message, -HYP_ENOENT,
			"host \"%s\": no such node in the board's "
			"tree; name one as it stands there, with its "
			"unit address",
			host);
	}
	return message_set(message, -HYP_ENOENT,
			   "host \"%s\": no such node in the board's tree; "
			   "name one as it stands there, for example \"%s\"",
			   host, nearest);
}

static int board_find_host(const struct board *board, const char *host,
			   struct message *message)
{
	struct tree_place place;
	int found = -1, disabled = -1;

	if (*host == '\0' || strcmp(host, ".") == 0 ||
	    strcmp(host, "..") == 0) {
		return message_set(
			message, -HYP_EINVAL,
			"host \"%s\": not a node's name; write it as "
			"it stands in the board's tree",
			host);
	}
	if (strchr(host, '/') != NULL) {
		return message_set(
			message, -HYP_EINVAL,
			"host \"%s\": a name holds no '/'; write the "
			"last part only, or use \"path\"",
			host);
	}
	tree_start(&place, board->fdt);
	while (tree_next(&place)) {
		if (strcmp(tree_name(board->fdt, place.node), host) != 0) {
			continue;
		}
		if (!tree_is_enabled(&place)) {
			disabled = place.node;
		} else if (found >= 0) {
			return message_set(message, -HYP_EEXIST,
					   "host \"%s\": the board's tree has "
					   "more than one; say which by "
					   "\"path\"",
					   host);
		} else {
			found = place.node;
		}
	}
	if (found < 0 && disabled >= 0) {
		return message_set(message, -HYP_ENOENT,
				   "host \"%s\": the board's tree disables it "
				   "by \"status\"; name a device that works",
				   host);
	}
	return found >= 0 ? found : board_no_host(board, host, message);
}

int board_find_device(const struct board *board, const char *path,
		      const char *host, struct message *message)
{
	if (path != NULL) {
		return board_find_path(board, path, message);
	}
	if (host != NULL) {
		return board_find_host(board, host, message);
	}
	return message_set(message, -HYP_EINVAL,
			   "neither \"host\" nor \"path\" says which device; "
			   "write host = \"NAME@ADDRESS\"");
}

int board_region_count(const struct board *board, int node,
		       struct message *message)
{
	struct tree_place place;
	struct pa_range range;
	int count, error = board_place(board, node, &place, message);

	if (error != 0) {
		return error;
	}
	count = tree_reg_count(&place);
	error = count < 0 ? count : tree_reg(&place, 0, &range);
	if (error == -HYP_ENOENT) {
		return message_set(message, -HYP_EINVAL,
				   "%s has no \"reg\" in the board's tree, so "
				   "there is nothing to assign",
				   tree_name(board->fdt, node));
	}
	if (error == -HYP_EINVAL || error == -HYP_EOPNOTSUPP) {
		return message_set(message, -HYP_EINVAL,
				   "\"reg\" of %s in the board's tree %s",
				   tree_name(board->fdt, node),
				   tree_reg_problem(error));
	}
	return count;
}

int board_region(const struct board *board, int node, unsigned int index,
		 struct board_region *region, struct message *message)
{
	struct tree_place place;
	int error = board_place(board, node, &place, message);

	if (error != 0) {
		return error;
	}
	error = tree_reg(&place, index, &region->range);
	if (error != 0) {
		return message_set(
			message, -HYP_EINVAL,
			"region %u of %s: its \"reg\" in the board's "
			"tree %s",
			index, tree_name(board->fdt, node),
			tree_reg_problem(error));
	}
	return 0;
}

int board_irq_count(const struct board *board, int node,
		    struct message *message)
{
	struct tree_place place;
	int count = board_place(board, node, &place, message);

	if (count != 0) {
		return count;
	}
	count = tree_irq_count(&place, board->gic.node);
	if (count < 0) {
		return message_set(message, -HYP_EINVAL,
				   "\"interrupts\" of %s in the board's tree "
				   "are malformed, or for no known controller",
				   tree_name(board->fdt, node));
	}
	return count;
}

int board_irq(const struct board *board, int node, unsigned int index,
	      struct board_irq *irq, struct message *message)
{
	struct tree_place place;
	struct tree_irq raw;
	const char *problem = NULL;
	int error = board_place(board, node, &place, message);

	if (error != 0) {
		return error;
	}
	error = tree_irq(&place, board->gic.node, index, &raw);
	if (error == -HYP_EOPNOTSUPP) {
		problem = "goes to another controller than the GIC";
	} else if (error != 0) {
		problem = "does not exist";
	} else if (raw.type != TREE_IRQ_SPI || raw.number >= TREE_SPI_COUNT) {
		problem = "is no SPI";
	} else {
		switch (raw.flags & BOARD_IRQ_TYPE_MASK) {
		case BOARD_IRQ_EDGE_RISING:
		case BOARD_IRQ_EDGE_FALLING:
			irq->is_level = false;
			break;
		case BOARD_IRQ_LEVEL_HIGH:
		case BOARD_IRQ_LEVEL_LOW:
			irq->is_level = true;
			break;
		default:
			problem = "is neither level nor edge triggered";
			break;
		}
	}
	if (problem != NULL) {
		return message_set(message, -HYP_EINVAL,
				   "interrupt %u of %s in the board's tree %s, "
				   "so it cannot be assigned",
				   index, tree_name(board->fdt, node), problem);
	}
	irq->intid = raw.number + TREE_INTID_SPI;
	return 0;
}

static void spi_note(uint32_t *used, uint32_t type, uint32_t number)
{
	if (type == TREE_IRQ_SPI && number < TREE_SPI_COUNT) {
		used[number / 32] |= UINT32_C(1) << number % 32;
	}
}

/*
 * Where a bus hands its interrupts to the GIC, the GIC's phandle stands in front
 * of its unit address and the specifier. The phandle is looked for anywhere: what
 * looks like one by chance only marks one SPI more.
 */
static void spis_note_map(const struct board *board, int node, uint32_t *used)
{
	const uint32_t phandle = fdt_get_phandle(board->fdt, board->gic.node);
	const uint64_t skip =
		UINT64_C(1) +
		tree_u32(board->fdt, board->gic.node, "#address-cells", 0);
	int length = 0;
	const fdt32_t *map =
		fdt_getprop(board->fdt, node, "interrupt-map", &length);
	const uint64_t count = map == NULL ? 0 : (size_t)length / sizeof(*map);

	for (uint64_t i = 0; i + skip + 1 < count; i++) {
		if (phandle != 0 && fdt32_to_cpu(map[i]) == phandle) {
			spi_note(used, fdt32_to_cpu(map[i + skip]),
				 fdt32_to_cpu(map[i + skip + 1]));
		}
	}
}

void board_spis_used(const struct board *board, uint32_t *used)
{
	struct tree_place place;

	memset(used, 0, BOARD_SPI_WORDS * sizeof(*used));
	tree_start(&place, board->fdt);
	while (tree_next(&place)) {
		int error = 0;

		for (unsigned int i = 0; error == 0 || error == -HYP_EOPNOTSUPP;
		     i++) {
			struct tree_irq irq = { .type = TREE_IRQ_PPI };

			error = tree_irq(&place, board->gic.node, i, &irq);
			spi_note(used, irq.type, irq.number);
		}
		spis_note_map(board, place.node, used);
	}
}

int board_compatible_count(const struct board *board, int node,
			   struct message *message)
{
	int length, count = 0;
	const char *list = fdt_getprop(board->fdt, node, "compatible", &length);

	if (list == NULL || length == 0) {
		return 0;
	}
	if (list[length - 1] != '\0') {
		return message_set(message, -HYP_EINVAL,
				   "\"compatible\" of %s in the board's tree "
				   "has no NUL at its end",
				   tree_name(board->fdt, node));
	}
	for (int i = 0; i < length; i++) {
		count += list[i] == '\0' ? 1 : 0;
	}
	return count;
}

const char *board_node_name(const struct board *board, int node)
{
	return tree_name(board->fdt, node);
}
