// SPDX-License-Identifier: Apache-2.0
/* Reads and checks the system config: /hypervisor of the image "system". */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

static const char *const system_names[] = {
	"compatible",
	"memory",
	"root-cell",
	"panic-reset-ms",
};

static int system_read_memory(const struct config_reader *reader, int node,
			      struct system_config *config)
{
	const fdt32_t *cells;
	unsigned int count;
	int error = config_cells(reader, node, "memory", 4, &cells, &count,
				 "memory = <0 START 0 SIZE>");

	if (error != 0) {
		return error;
	}
	if (count != 1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory: %u ranges; the hypervisor takes "
				    "exactly one",
				    count);
	}
	config->memory.base = pa(tree_number(cells, 2));
	config->memory.size = tree_number(cells + 2, 2);
	return config_check_ram(reader, node, config->memory.base.raw,
				config->memory.size, BLOCK_SIZE);
}

static NOINLINE int system_read_node(const struct config_reader *reader,
				     int node, struct system_config *config)
{
	const char *root = "";
	int error =
		config_check_compatible(reader, node, "bulkhead,hypervisor-v1");

	if (error == 0) {
		error = config_check_names(reader, node, system_names,
					   ARRAY_SIZE(system_names));
	}
	if (error == 0) {
		error = system_read_memory(reader, node, config);
	}
	if (error == 0) {
		error = config_text(reader, node, "root-cell", &root,
				    sizeof(config->root_cell),
				    "root-cell = \"NAME\"");
	}
	if (error == 0) {
		error = config_u32(reader, node, "panic-reset-ms",
				   &config->panic_reset_ms, NULL);
	}
	if (error != 0) {
		return error;
	}
	if (!config_is_name(root, "-_.")) {
		return config_error(reader, node, -HYP_EINVAL,
				    "root-cell: \"%s\" is no cell's name; "
				    "write the name of its domain",
				    root);
	}
	memcpy(config->root_cell, root, strlen(root) + 1);
	return config_shared_regions(reader, node, config);
}

int system_config_read(struct system_config *config, const void *blob,
		       size_t size, const struct board *board,
		       struct message *message)
{
	const struct config_reader reader = {
		.blob = blob,
		.title = "system config",
		.cell = "",
		.board = board,
		.message = message,
	};
	int node, error = config_open(&reader, size);

	if (error != 0) {
		return error;
	}
	memset(config, 0, sizeof(*config));
	config->panic_reset_ms = CONFIG_PANIC_RESET_MS;
	node = fdt_subnode_offset(blob, 0, "hypervisor");
	if (node < 0) {
		return config_error(&reader, 0, -HYP_EINVAL,
				    "no node /hypervisor; it says which memory "
				    "is the hypervisor's and which cell is the "
				    "root cell");
	}
	return system_read_node(&reader, node, config);
}
