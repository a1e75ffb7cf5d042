/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cell can be loaded with: an arm64 Linux Image, an ELF file, or raw bytes at
 * an address that the config gives. Pure: from the bytes to a plan, nothing is moved.
 */
#ifndef HYP_IMAGE_H
#define HYP_IMAGE_H

#include <hyp/addr.h>
#include <hyp/bundle.h>

#define IMAGE_PART_MAX 8

/** struct image_part - bytes of the file that go to one place; zeroes follow them */
struct image_part {
	uint64_t offset;      /* in the file */
	uint64_t file_size;   /* bytes to copy */
	uint64_t memory_size; /* bytes that it needs; at least @file_size */
	ipa_t to;
};

struct image_plan {
	struct image_part part[IMAGE_PART_MAX];
	unsigned int part_count;
	ipa_t entry;
};

/**
 * image_plan_make() - read the headers
 * @memory: where the cell's first range of memory begins: an Image goes to its
 *	text_offset from there
 * @has_address: the config says `image-address`: the bytes go there as they are
 *
 * One whose size is 0 has a text_offset of 0x80000, whatever it says.
 *
 * An arm64 Image has "ARM\x64" at byte 56 (Linux, Documentation/arm64/booting.rst, 4);
 * an ELF file is ELF64, little-endian, for AArch64, of type EXEC or DYN, and its
 * PT_LOAD segments go to their p_paddr. Every offset is checked against the file.
 *
 * Return: 0, -HYP_EBADMSG (neither, or damaged) or -HYP_E2BIG (more than
 * IMAGE_PART_MAX segments), with a sentence that begins with @cell.
 */
int image_plan_make(struct image_plan *plan, const struct bundle_image *image,
		    const char *cell, ipa_t memory, bool has_address,
		    ipa_t address, struct message *message) MUST_CHECK;

#endif /* HYP_IMAGE_H */
