// SPDX-License-Identifier: Apache-2.0
/*
 * What assigned devices refer to: clocks, resets, pins and so on. A cell's tree can
 * only name what the cell has, so anything else is refused, or waived by the config.
 */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"
#include "references.h"

#define WAIVE "waive"

/* A list of strings in the device's node of the config. */
static bool is_waived(const struct config_reader *reader,
		      const struct device_config *device, const char *name)
{
	int size = 0;
	const char *list =
		fdt_getprop(reader->blob, device->config_node, WAIVE, &size);

	return list != NULL && tree_list_index(list, size, &name, 1) >= 0;
}

static int missing_error(const struct config_reader *reader,
			 const struct device_config *device, const char *name,
			 uint32_t phandle)
{
	const struct board *board = reader->board;
	int target = phandle == 0 ?
			     -1 :
			     fdt_node_offset_by_phandle(board->fdt, phandle);

	if (target < 0) {
		return config_error(reader, device->config_node, -HYP_EINVAL,
				    "\"%s\" of %s refers to other nodes in a "
				    "way that cannot be passed on; write "
				    "waive = \"%s\" to leave it out",
				    name, board_node_name(board, device->node),
				    name);
	}
	return config_error(reader, device->config_node, -HYP_EINVAL,
			    "\"%s\" of %s refers to %s, which the cell does "
			    "not own; assign that too, or write waive = \"%s\" "
			    "to leave the property out",
			    name, board_node_name(board, device->node),
			    board_node_name(board, target), name);
}

static int device_check(const struct config_reader *reader,
			const struct cell_config *config,
			const struct device_config *device)
{
	const struct reference_scope scope = { reader->board, config };
	const void *fdt = reader->board->fdt;
	int property;

	fdt_for_each_property_offset(property, fdt, device->node)
	{
		const char *name = NULL;
		uint32_t phandle;

		if (fdt_getprop_by_offset(fdt, property, &name, NULL) != NULL &&
		    reference_kind(&scope, device->node, name, &phandle) ==
			    REFERENCE_MISSING &&
		    !reference_is_companion(name) &&
		    !is_waived(reader, device, name)) {
			return missing_error(reader, device, name, phandle);
		}
	}
	return 0;
}

/* What is waived must be there: a misspelt name would waive nothing. */
static int waivers_check(const struct config_reader *reader,
			 const struct device_config *device)
{
	int count =
		fdt_stringlist_count(reader->blob, device->config_node, WAIVE);

	if (count == -FDT_ERR_NOTFOUND) {
		return 0;
	}
	if (count <= 0) {
		return config_error(reader, device->config_node, -HYP_EINVAL,
				    "waive: is not a list of names; write "
				    "waive = \"PROPERTY\", ...");
	}
	for (int i = 0; i < count; i++) {
		const char *name = fdt_stringlist_get(
			reader->blob, device->config_node, WAIVE, i, NULL);

		if (fdt_getprop(reader->board->fdt, device->node, name, NULL) ==
		    NULL) {
			return config_error(
				reader, device->config_node, -HYP_EINVAL,
				"waive: %s has no property \"%s\"; leave it "
				"away",
				board_node_name(reader->board, device->node),
				name);
		}
	}
	return 0;
}

int config_references_check(const struct config_reader *reader,
			    const struct cell_config *config)
{
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct device_config *device = &config->device[i];
		int error = waivers_check(reader, device);

		if (error == 0) {
			error = device_check(reader, config, device);
		}
		if (error != 0) {
			return error;
		}
	}
	return 0;
}
