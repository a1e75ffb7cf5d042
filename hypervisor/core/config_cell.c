// SPDX-License-Identifier: Apache-2.0
/* Reads and checks a cell's config: the one domain of its file. */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

#define CELL_NAME_EXTRA "-_."

/* A mode of System Device Tree: EL1 (bits 1:0), non-secure (bit 31 clear) */
#define CELL_MODE_EL1 0x1u

static const char *const cell_names[] = {
	"compatible", "id",	      "cpus",		"memory",
	"memory-ipa", "image",	      "bootargs",	"os,type",
	"management", "autostart",    "shutdown-ms",	"image-address",
	"pmu",	      "debug",	      "initrd",		"initrd-address",
	"uart",	      "uart-address", "uart-interrupt",
};
static const char *const domains_names[] = { "compatible", "ranges" };

static int cell_read_id(const struct config_reader *reader, int node,
			struct cell_config *config)
{
	int error = config_u32(reader, node, "id", &config->id,
			       "id = <NUMBER>, from 1, another for each cell");

	if (error == 0 && config->id == 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "id: 0 is the hypervisor's; number the "
				    "cells from 1");
	}
	return error;
}

static int cell_read_cpus(const struct config_reader *reader, int node,
			  struct cell_config *config)
{
	static const char *const cluster_names[] = { "cpus,cluster" };
	const unsigned int board_cpus = reader->board->cpu_count;
	const fdt32_t *cells;
	unsigned int count;
	int cluster;
	int error = config_cells(reader, node, "cpus", 3, &cells, &count,
				 "cpus = <&cpus MASK 0x1>, bit n of MASK for "
				 "the board's CPU n");

	if (error != 0) {
		return error;
	}
	if (count != 1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "cpus: %u clusters; write one, "
				    "cpus = <&cpus MASK 0x1>",
				    count);
	}
	cluster = fdt_node_offset_by_phandle(reader->blob,
					     fdt32_to_cpu(cells[0]));
	if (cluster < 0 || tree_compatible_index(reader->blob, cluster,
						 cluster_names, 1) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "cpus: the first number is no reference to "
				    "a \"cpus,cluster\"; write "
				    "cpus = <&cpus MASK 0x1>");
	}
	config->cpus = fdt32_to_cpu(cells[1]);
	if (config->cpus == 0) {
		return config_error(
			reader, node, -HYP_EINVAL,
			"cpus: the mask is empty; set bit n for the "
			"board's CPU n");
	}
	if (((uint64_t)config->cpus >> board_cpus) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "cpus: mask 0x%x names a CPU past the "
				    "board's %u; set bits 0 to %u only",
				    config->cpus, board_cpus, board_cpus - 1);
	}
	if (fdt32_to_cpu(cells[2]) != CELL_MODE_EL1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "cpus: mode 0x%x; a cell runs at EL1, "
				    "non-secure: write 0x1",
				    fdt32_to_cpu(cells[2]));
	}
	return 0;
}

/* One range against the hypervisor's memory and the ranges before it. */
static int cell_check_memory(const struct config_reader *reader, int node,
			     const struct cell_config *config,
			     const struct memory_config *range)
{
	const struct pa_range *own = &reader->system->memory;
	const uint64_t base = range->base.raw;
	const struct shared_config *shared;
	int error =
		config_check_ram(reader, node, base, range->size, PAGE_SIZE);

	if (error != 0) {
		return error;
	}
	if (range_overlaps(own->base.raw, own->size, base, range->size)) {
		return config_error(reader, node, -HYP_EBUSY,
				    "memory: 0x%llx, size 0x%llx, overlaps the "
				    "hypervisor's (0x%llx, size 0x%llx)",
				    (unsigned long long)base,
				    (unsigned long long)range->size,
				    (unsigned long long)own->base.raw,
				    (unsigned long long)own->size);
	}
	shared = config_shared_overlap(reader->system, base, range->size);
	if (shared != NULL) {
		return config_error(reader, node, -HYP_EBUSY,
				    "memory: 0x%llx, size 0x%llx, overlaps the "
				    "shared memory \"%s\"; move one",
				    (unsigned long long)base,
				    (unsigned long long)range->size,
				    shared->name);
	}
	for (unsigned int i = 0; i < config->memory_count; i++) {
		if (range_overlaps(config->memory[i].base.raw,
				   config->memory[i].size, base, range->size)) {
			return config_error(reader, node, -HYP_EINVAL,
					    "memory: range %u overlaps range "
					    "%u; name each byte once",
					    config->memory_count, i);
		}
	}
	return 0;
}

static int cell_read_memory(const struct config_reader *reader, int node,
			    struct cell_config *config)
{
	const fdt32_t *cells;
	unsigned int count;
	int error = config_cells(reader, node, "memory", 4, &cells, &count,
				 "memory = <0 START 0 SIZE>");

	if (error != 0) {
		return error;
	}
	if (count > CELL_MEMORY_MAX) {
		return config_error(reader, node, -HYP_E2BIG,
				    "memory: %u ranges; a cell has at most %d",
				    count, CELL_MEMORY_MAX);
	}
	for (unsigned int i = 0; i < count; i++, cells += 4) {
		struct memory_config *range = &config->memory[i];

		range->base = pa(tree_number(cells, 2));
		range->ipa = ipa(range->base.raw);
		range->size = tree_number(cells + 2, 2);
		error = cell_check_memory(reader, node, config, range);
		if (error != 0) {
			return error;
		}
		config->memory_count++;
	}
	return 0;
}

static int cell_check_ipa(const struct config_reader *reader, int node,
			  const struct cell_config *config, unsigned int index)
{
	const struct memory_config *range = &config->memory[index];
	const unsigned long long base = range->ipa.raw;

	if ((base & PAGE_MASK) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory-ipa: 0x%llx is not aligned to "
				    "0x1000",
				    base);
	}
	if (range_wraps(base, range->size)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory-ipa: 0x%llx wraps past 2^64 with "
				    "the size that \"memory\" gives it",
				    base);
	}
	if (config_is_in_gic(reader->board, base, range->size)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory-ipa: 0x%llx hides the interrupt "
				    "controller, which the cell sees at the "
				    "board's address",
				    base);
	}
	for (unsigned int i = 0; i < index; i++) {
		if (range_overlaps(config->memory[i].ipa.raw,
				   config->memory[i].size, base, range->size)) {
			return config_error(reader, node, -HYP_EINVAL,
					    "memory-ipa: address %u overlaps "
					    "range %u",
					    index, i);
		}
	}
	return 0;
}

static int cell_read_ipa(const struct config_reader *reader, int node,
			 struct cell_config *config)
{
	const fdt32_t *cells;
	unsigned int count = 0;
	int error = config_cells(reader, node, "memory-ipa", 2, &cells, &count,
				 NULL);

	if (error != 0 || cells == NULL) {
		return error;
	}
	if (count != config->memory_count) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory-ipa: %u addresses for %u ranges of "
				    "\"memory\"; write one <HIGH LOW> for each",
				    count, config->memory_count);
	}
	for (unsigned int i = 0; i < count; i++, cells += 2) {
		config->memory[i].ipa = ipa(tree_number(cells, 2));
		error = cell_check_ipa(reader, node, config, i);
		if (error != 0) {
			return error;
		}
	}
	return 0;
}

/* An address of the cell, if it is there. */
static int cell_read_address(const struct config_reader *reader, int node,
			     const char *name, bool *is_there, ipa_t *address)
{
	const fdt32_t *cells;
	unsigned int count = 0;
	int error = config_cells(reader, node, name, 2, &cells, &count, NULL);

	if (error != 0 || cells == NULL) {
		return error;
	}
	if (count != 1) {
		return config_error(reader, node, -HYP_EINVAL,
				    "%s: %u addresses; write one <HIGH LOW>",
				    name, count);
	}
	*is_there = true;
	*address = ipa(tree_number(cells, 2));
	return 0;
}

/* @name: "image" or "initrd", an image of the bundle; empty: there is none */
static int cell_read_image_name(const struct config_reader *reader, int node,
				const char *name, char *image,
				const char *example)
{
	const char *text = "";
	int error = config_text(reader, node, name, &text, IMAGE_NAME_SIZE,
				example);

	if (error != 0) {
		return error;
	}
	if (fdt_getprop(reader->blob, node, name, NULL) != NULL &&
	    !config_is_name(text, CELL_NAME_EXTRA)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "%s: \"%s\" is no image's name; write "
				    "that of a %s in the bundle",
				    name, text,
				    example != NULL ? "program" : "ramdisk");
	}
	memcpy(image, text, strlen(text) + 1);
	return 0;
}

/* The program, and what it is started with. */
static int cell_read_images(const struct config_reader *reader, int node,
			    struct cell_config *config)
{
	int error = cell_read_image_name(
		reader, node, "image", config->image,
		"image = \"NAME\", an image of the bundle");

	if (error == 0) {
		error = cell_read_address(reader, node, "image-address",
					  &config->has_image_address,
					  &config->image_address);
	}
	if (error == 0) {
		error = cell_read_image_name(reader, node, "initrd",
					     config->initrd, NULL);
	}
	if (error == 0) {
		error = cell_read_address(reader, node, "initrd-address",
					  &config->has_initrd_address,
					  &config->initrd_address);
	}
	if (error == 0 && config->has_initrd_address &&
	    config->initrd[0] == '\0') {
		return config_error(reader, node, -HYP_EINVAL,
				    "initrd-address: there is no initrd; "
				    "write initrd = \"NAME\" too");
	}
	return error;
}

static int cell_read_texts(const struct config_reader *reader, int node,
			   struct cell_config *config)
{
	const char *bootargs = "", *os_type;
	int error = cell_read_images(reader, node, config);

	if (error == 0) {
		error = config_text(reader, node, "bootargs", &bootargs,
				    sizeof(config->bootargs), NULL);
	}
	if (error == 0) {
		/* Part of the binding; says nothing that matters here. */
		error = config_text(reader, node, "os,type", &os_type, SIZE_MAX,
				    NULL);
	}
	if (error == 0) {
		error = config_flag(reader, node, "management",
				    &config->may_manage);
	}
	if (error == 0) {
		error = config_flag(reader, node, "autostart",
				    &config->autostart);
	}
	if (error == 0) {
		config->shutdown_ms = SHUTDOWN_MS_DEFAULT;
		error = config_u32(reader, node, "shutdown-ms",
				   &config->shutdown_ms, NULL);
	}
	if (error == 0) {
		error = config_flag(reader, node, "pmu", &config->has_pmu);
	}
	if (error == 0) {
		error = config_flag(reader, node, "debug", &config->has_debug);
	}
	if (error != 0) {
		return error;
	}
	memcpy(config->bootargs, bootargs, strlen(bootargs) + 1);
	return 0;
}

static NOINLINE int cell_read_children(struct config_reader *reader, int node,
				       struct cell_config *config)
{
	int child;

	fdt_for_each_subnode(child, reader->blob, node)
	{
		struct device_config *device;
		int error;

		if (config_shared_is_use(reader, child)) {
			error = config_shared_use(reader, child, config);
			if (error != 0) {
				return error;
			}
			continue;
		}
		if (config->device_count == CONFIG_CELL_DEVICES_MAX) {
			return config_error(reader, node, -HYP_E2BIG,
					    "more than %d devices; raise "
					    "CELL_DEVICES_MAX in menuconfig",
					    CONFIG_CELL_DEVICES_MAX);
		}
		device = &config->device[config->device_count];
		error = config_device_read(reader, config, child, device);
		if (error != 0) {
			return error;
		}
		config->device_count++;
	}
	return 0;
}

/* The only child of /domains, with a usable name, or an error. */
static int cell_find_domain(struct config_reader *reader)
{
	const void *blob = reader->blob;
	const int domains = fdt_subnode_offset(blob, 0, "domains");
	const char *name;
	int node, error;

	if (domains < 0) {
		return config_error(reader, 0, -HYP_EINVAL,
				    "no node /domains; a cell is "
				    "/domains/NAME");
	}
	node = fdt_first_subnode(blob, domains);
	if (node < 0) {
		return config_error(reader, domains, -HYP_EINVAL,
				    "holds no domain; a cell is /domains/NAME");
	}
	if (fdt_next_subnode(blob, node) >= 0) {
		return config_error(reader, domains, -HYP_EINVAL,
				    "holds more than one domain; give each "
				    "cell a file of its own");
	}
	error = config_check_names(reader, domains, domains_names,
				   ARRAY_SIZE(domains_names));
	if (error != 0) {
		return error;
	}
	name = tree_name(blob, node);
	if (strlen(name) >= CELL_NAME_SIZE) {
		return config_error(reader, domains, -HYP_EINVAL,
				    "the name \"%s\" is longer than %d "
				    "characters",
				    name, CELL_NAME_SIZE - 1);
	}
	if (!config_is_name(name, CELL_NAME_EXTRA)) {
		return config_error(reader, domains, -HYP_EINVAL,
				    "the name \"%s\" is not made of letters, "
				    "digits, '-', '_' and '.'",
				    name);
	}
	reader->title = "cell ";
	reader->cell = name;
	return node;
}

static NOINLINE int cell_read_domain(const struct config_reader *reader,
				     int node, struct cell_config *config)
{
	int error = config_check_compatible(reader, node, "bulkhead,cell-v1");

	if (error == 0) {
		error = config_check_names(reader, node, cell_names,
					   ARRAY_SIZE(cell_names));
	}
	if (error == 0) {
		error = cell_read_id(reader, node, config);
	}
	if (error == 0) {
		error = cell_read_cpus(reader, node, config);
	}
	if (error == 0) {
		error = cell_read_memory(reader, node, config);
	}
	if (error == 0) {
		error = cell_read_ipa(reader, node, config);
	}
	if (error == 0) {
		error = cell_read_texts(reader, node, config);
	}
	return error;
}

int cell_config_read(struct cell_config *config, const void *blob, size_t size,
		     const struct board *board,
		     const struct system_config *system,
		     struct message *message)
{
	struct config_reader reader = {
		.blob = blob,
		.title = "cell config",
		.cell = "",
		.board = board,
		.system = system,
		.message = message,
	};
	int node, error = config_open(&reader, size);

	if (error != 0) {
		return error;
	}
	memset(config, 0, sizeof(*config));
	node = cell_find_domain(&reader);
	if (node < 0) {
		return node;
	}
	config->blob = blob;
	config->node = node;
	memcpy(config->name, reader.cell, strlen(reader.cell) + 1);
	error = cell_read_domain(&reader, node, config);
	if (error == 0) {
		error = cell_read_children(&reader, node, config);
	}
	if (error == 0) {
		error = config_uart_read(&reader, node, config);
	}
	return error != 0 ? error : config_references_check(&reader, config);
}

bool cell_config_autostarts(const void *blob)
{
	int domains = fdt_path_offset(blob, "/domains");
	int node = domains < 0 ? domains : fdt_first_subnode(blob, domains);

	return node >= 0 && fdt_getprop(blob, node, "autostart", NULL) != NULL;
}
