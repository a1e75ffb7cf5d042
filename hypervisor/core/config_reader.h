/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of configs share: typed properties and their sentences. */
#ifndef CORE_CONFIG_READER_H
#define CORE_CONFIG_READER_H

#include <hyp/config.h>

#include "tree.h"

/** struct config_reader - one config on its way to being accepted */
struct config_reader {
	const void *blob;
	const char *title; /* "system config", or "cell " before @cell */
	const char *cell;  /* the cell's name, or "" */
	const struct board *board;
	const struct system_config *system; /* NULL while it is read */
	struct message *message;
	uint32_t spi_used[(TREE_SPI_COUNT + 31) / 32]; /* bit n: SPI n */
};

/**
 * config_error() - say what is wrong, after the config's name and the node's path
 * @node: in the config
 *
 * Return: @error.
 */
int config_error(const struct config_reader *reader, int node, int error,
		 const char *format, ...) PRINTF_FORMAT(4, 5) COLD;

/** config_wrap() - put name and path in front of the sentence of a board_x() */
int config_wrap(const struct config_reader *reader, int node, int error) COLD;

/**
 * config_open() - a compiled tree, or a sentence
 *
 * Return: 0, or -HYP_EBADMSG.
 */
int config_open(const struct config_reader *reader, size_t size) MUST_CHECK;

/**
 * config_check_names() - refuse every property that is not one of @names
 *
 * "phandle", "#address-cells" and "#size-cells" (which must say 2) are known
 * everywhere.
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_check_names(const struct config_reader *reader, int node,
		       const char *const *names,
		       unsigned int name_count) MUST_CHECK;

/**
 * config_check_compatible() - is @wanted among the node's compatibles?
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_check_compatible(const struct config_reader *reader, int node,
			    const char *wanted) MUST_CHECK;

/*
 * The readers of one property. @example: what to write; with NULL the property
 * may be missing, and the value then stays as it is.
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_u32(const struct config_reader *reader, int node, const char *name,
	       uint32_t *value, const char *example) MUST_CHECK;
int config_flag(const struct config_reader *reader, int node, const char *name,
		bool *value) MUST_CHECK;

/** config_text() - one string of less than @size bytes, NUL included */
int config_text(const struct config_reader *reader, int node, const char *name,
		const char **text, size_t size, const char *example) MUST_CHECK;

/** config_cells() - a whole number, not 0, of groups of @group cells */
int config_cells(const struct config_reader *reader, int node, const char *name,
		 unsigned int group, const fdt32_t **cells, unsigned int *count,
		 const char *example) MUST_CHECK;

/** config_is_name() - letters, digits, '-', '_', '.', ',', '+' or '@' in
 * @allowed beyond the first four, and not empty */
bool config_is_name(const char *text, const char *allowed);

/**
 * config_check_ram() - page-aligned, not empty, without wrap, in the board's RAM
 * @alignment: bytes, a power of two
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_check_ram(const struct config_reader *reader, int node,
		     uint64_t base, uint64_t size,
		     uint64_t alignment) MUST_CHECK;

/** config_is_in_gic() - does the range share a byte with a frame of the GIC? */
bool config_is_in_gic(const struct board *board, uint64_t base, uint64_t size);

/**
 * config_device_read() - one child of a cell, all but its name's uniqueness
 * @config: memory is filled; device[0] to [device_count - 1] too
 * @device: to fill
 *
 * Return: 0, or an error as of cell_config_read().
 */
int config_device_read(struct config_reader *reader,
		       const struct cell_config *config, int node,
		       struct device_config *device) MUST_CHECK;

/**
 * config_device_options() - the properties that need no look at the board
 * @device: node, region_count and irq_count are filled
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_device_options(const struct config_reader *reader,
			  const struct cell_config *config, int node,
			  struct device_config *device) MUST_CHECK;

/**
 * config_references_check() - the devices' nodes name nothing that the cell lacks,
 * but in properties that it waives
 * @config: all devices are filled
 *
 * Return: 0, or -HYP_EINVAL.
 */
int config_references_check(const struct config_reader *reader,
			    const struct cell_config *config) MUST_CHECK;

/** config_check_no_children() - a node that holds properties only */
int config_check_no_children(const struct config_reader *reader,
			     int node) MUST_CHECK;

/**
 * config_shared_regions() - the regions under /hypervisor
 * @node: /hypervisor
 * @config: memory is filled
 *
 * Return: 0, or an error as of system_config_read().
 */
int config_shared_regions(const struct config_reader *reader, int node,
			  struct system_config *config) MUST_CHECK;

/**
 * config_shared_overlap() - the region that shares a byte with a range, or NULL
 */
const struct shared_config *
config_shared_overlap(const struct system_config *system, uint64_t base,
		      uint64_t size);

/** config_shared_is_use() - is a cell's child shared memory, not a device? */
bool config_shared_is_use(const struct config_reader *reader, int node);

/**
 * config_shared_use() - one such child of a cell
 * @config: memory is filled; takes the use
 *
 * Return: 0, or an error as of cell_config_read().
 */
int config_shared_use(const struct config_reader *reader, int node,
		      struct cell_config *config) MUST_CHECK;

/**
 * config_uart_read() - the virtual UART of a cell
 * @node: the domain
 * @config: all else is filled
 *
 * Return: 0, or an error as of cell_config_read().
 */
int config_uart_read(const struct config_reader *reader, int node,
		     struct cell_config *config) MUST_CHECK;

#endif /* CORE_CONFIG_READER_H */
