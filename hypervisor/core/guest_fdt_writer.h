/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of guest_fdt_build() share: a tree being written. */
#ifndef CORE_GUEST_FDT_WRITER_H
#define CORE_GUEST_FDT_WRITER_H

#include <hyp/guest_fdt.h>

#include "tree.h"

#define GUEST_CLOCK_MAX 16

/** struct guest_writer - a guest's tree being written; keeps the first error */
struct guest_writer {
	void *fdt;
	int error; /* of libfdt, 0: none so far */
	const struct board *board;
	const struct cell_config *config;
	const struct image_part *initrd;
	uint32_t clock[GUEST_CLOCK_MAX]; /* phandles of the clocks copied */
	unsigned int clock_count;
};

/*
 * The writers of nodes and properties do nothing once there was an error.
 * guest_space() returns NULL then, or else where @size bytes go.
 */
void guest_begin(struct guest_writer *writer, const char *name);
void guest_end(struct guest_writer *writer);
void *guest_space(struct guest_writer *writer, const char *name, size_t size);
void guest_bytes(struct guest_writer *writer, const char *name,
		 const void *value, size_t size);
void guest_text(struct guest_writer *writer, const char *name,
		const char *text);
void guest_cell(struct guest_writer *writer, const char *name, uint32_t value);

/** guest_store() - one cell, big-endian; returns where the next one goes */
uint8_t *guest_store(uint8_t *to, uint32_t cell);

/** guest_store_range() - address and size, two cells each */
uint8_t *guest_store_range(uint8_t *to, uint64_t base, uint64_t size);

/**
 * guest_copy() - copy a node's properties from the board's tree
 *
 * Left out: what is written anew ("reg", "interrupts" ...), and what refers to
 * nodes that the cell's tree does not have.
 */
void guest_copy(struct guest_writer *writer, int node);

/** guest_write_clocks() - the fixed clocks that assigned devices refer to */
void guest_write_clocks(struct guest_writer *writer);

/** guest_write_devices() - the assigned devices */
void guest_write_devices(struct guest_writer *writer);

#endif /* CORE_GUEST_FDT_WRITER_H */
