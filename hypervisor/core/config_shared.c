// SPDX-License-Identifier: Apache-2.0
/* Shared memory in configs: the system's regions, and a cell's use of them. */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

static const char *const region_names[] = { "memory" };
static const char *const use_compatible = "bulkhead,shared-memory";
static const char *const use_names[] = { "compatible", "region", "access" };

int config_check_no_children(const struct config_reader *reader, int node)
{
	int child = fdt_first_subnode(reader->blob, node);

	if (child >= 0) {
		return config_error(reader, child, -HYP_EINVAL,
				    "no node is known here; docs/config.md "
				    "lists those there are");
	}
	return 0;
}

const struct shared_config *
config_shared_overlap(const struct system_config *system, uint64_t base,
		      uint64_t size)
{
	for (unsigned int i = 0; i < system->shared_count; i++) {
		const struct shared_config *region = &system->shared[i];

		if (range_overlaps(region->memory.base.raw, region->memory.size,
				   base, size)) {
			return region;
		}
	}
	return NULL;
}

static int region_read_memory(const struct config_reader *reader, int node,
			      const struct system_config *config,
			      struct pa_range *memory)
{
	const struct shared_config *other;
	const fdt32_t *cells;
	unsigned int count;
	int error = config_cells(reader, node, "memory", 4, &cells, &count,
				 "memory = <0 START 0 SIZE>");

	if (error != 0) {
		return error;
	}
	if (count != 1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory: %u ranges; a region is exactly "
				    "one",
				    count);
	}
	memory->base = pa(tree_number(cells, 2));
	memory->size = tree_number(cells + 2, 2);
	error = config_check_ram(reader, node, memory->base.raw, memory->size,
				 PAGE_SIZE);
	if (error != 0) {
		return error;
	}
	if (range_overlaps(config->memory.base.raw, config->memory.size,
			   memory->base.raw, memory->size)) {
		return config_error(reader, node, -HYP_EBUSY,
				    "memory: overlaps the hypervisor's own; "
				    "move one");
	}
	other = config_shared_overlap(config, memory->base.raw, memory->size);
	if (other != NULL) {
		return config_error(reader, node, -HYP_EBUSY,
				    "memory: overlaps that of \"%s\"; move one",
				    other->name);
	}
	return 0;
}

static int region_read(const struct config_reader *reader, int node,
		       struct system_config *config)
{
	const char *name = tree_name(reader->blob, node);
	struct shared_config *region = &config->shared[config->shared_count];
	int error;

	if (config->shared_count == CONFIG_SHARED_MAX) {
		return config_error(reader, node, -HYP_E2BIG,
				    "more than %d regions; raise SHARED_MAX in "
				    "menuconfig",
				    CONFIG_SHARED_MAX);
	}
	if (strlen(name) >= sizeof(region->name) ||
	    !config_is_name(name, "-_.")) {
		return config_error(reader, node, -HYP_EINVAL,
				    "a region's name has at most %d letters, "
				    "digits and -_.",
				    SHARED_NAME_SIZE - 1);
	}
	error = config_check_names(reader, node, region_names,
				   ARRAY_SIZE(region_names));
	if (error == 0) {
		error = config_check_no_children(reader, node);
	}
	if (error == 0) {
		error = region_read_memory(reader, node, config,
					   &region->memory);
	}
	if (error == 0) {
		memcpy(region->name, name, strlen(name) + 1);
		config->shared_count++;
	}
	return error;
}

int config_shared_regions(const struct config_reader *reader, int node,
			  struct system_config *config)
{
	const void *blob = reader->blob;
	int shared, child, error;

	fdt_for_each_subnode(shared, blob, node)
	{
		if (strcmp(tree_name(blob, shared), "shared-memory") != 0) {
			return config_error(reader, shared, -HYP_EINVAL,
					    "unknown node; the one known here "
					    "is shared-memory");
		}
		error = config_check_names(reader, shared, NULL, 0);
		if (error != 0) {
			return error;
		}
		fdt_for_each_subnode(child, blob, shared)
		{
			error = region_read(reader, child, config);
			if (error != 0) {
				return error;
			}
		}
	}
	return 0;
}

bool config_shared_is_use(const struct config_reader *reader, int node)
{
	return tree_compatible_index(reader->blob, node, &use_compatible, 1) >=
	       0;
}

/* The region that is named, and that no other node of this cell names. */
static int use_find(const struct config_reader *reader, int node,
		    const struct cell_config *config, struct shared_use *use)
{
	const struct system_config *system = reader->system;
	const char *name = "";
	int error = config_text(reader, node, "region", &name, SIZE_MAX,
				"region = \"NAME\", a region of the system "
				"config");

	if (error != 0) {
		return error;
	}
	for (unsigned int i = 0; i < system->shared_count; i++) {
		if (strcmp(system->shared[i].name, name) == 0) {
			use->region = &system->shared[i];
		}
	}
	if (use->region == NULL) {
		return config_error(reader, node, -HYP_ENOENT,
				    "region: \"%s\" is not in the system "
				    "config under /hypervisor/shared-memory",
				    name);
	}
	for (unsigned int i = 0; i < config->shared_count; i++) {
		if (config->shared[i].region == use->region) {
			return config_error(reader, node, -HYP_EEXIST,
					    "region: another node of this cell "
					    "names \"%s\" already",
					    name);
		}
	}
	return 0;
}

static int use_read_access(const struct config_reader *reader, int node,
			   struct shared_use *use)
{
	const char *access = "";
	int error = config_text(reader, node, "access", &access, SIZE_MAX,
				"access = \"read-write\" or \"read-only\"");

	if (error != 0) {
		return error;
	}
	use->is_writable = strcmp(access, "read-write") == 0;
	if (!use->is_writable && strcmp(access, "read-only") != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "access: \"%s\" is no choice; write "
				    "\"read-write\" or \"read-only\"",
				    access);
	}
	return 0;
}

/* The region stands at its own address, where the cell's memory may not be. */
static int use_check_place(const struct config_reader *reader, int node,
			   const struct cell_config *config,
			   const struct shared_use *use)
{
	const struct pa_range *range = &use->region->memory;

	for (unsigned int i = 0; i < config->memory_count; i++) {
		if (range_overlaps(config->memory[i].ipa.raw,
				   config->memory[i].size, range->base.raw,
				   range->size)) {
			return config_error(
				reader, node, -HYP_EINVAL,
				"region: 0x%llx is where memory-ipa "
				"puts range %u; move the memory",
				(unsigned long long)range->base.raw, i);
		}
	}
	return 0;
}

int config_shared_use(const struct config_reader *reader, int node,
		      struct cell_config *config)
{
	struct shared_use use = { .region = NULL };
	int error = config_check_names(reader, node, use_names,
				       ARRAY_SIZE(use_names));

	if (error == 0) {
		error = config_check_no_children(reader, node);
	}
	if (error == 0) {
		error = use_find(reader, node, config, &use);
	}
	if (error == 0) {
		error = use_read_access(reader, node, &use);
	}
	if (error == 0) {
		error = use_check_place(reader, node, config, &use);
	}
	if (error == 0) {
		/* There is room: each region of the system is named once. */
		config->shared[config->shared_count++] = use;
	}
	return error;
}
