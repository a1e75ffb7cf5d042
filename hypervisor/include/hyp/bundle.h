/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle: a FIT (made by mkimage) that U-Boot hands over as the initrd. It
 * holds the system config (image "system"), the cells' configs ("cell-NAME") and
 * the inmates (any other name), each with a hash-1 of sha256.
 */
#ifndef HYP_BUNDLE_H
#define HYP_BUNDLE_H

#include <hyp/addr.h>
#include <hyp/message.h>

/** struct bundle - where the FIT is, readable by EL2 */
struct bundle {
	const void *fit;
	size_t size;
	int images; /* offset of /images */
};

/** struct bundle_image - one image's bytes and its hash */
struct bundle_image {
	const char *name;
	int node;
	const void *data;
	size_t size;
};

/**
 * bundle_open() - find and check the FIT
 * @start: of the initrd, any alignment at which words can be loaded (with the MMU
 *	on: any); a legacy uImage header (64 bytes, magic 0x27051956) in front of the
 *	FIT is skipped
 * @size: of the initrd, bytes
 *
 * Return: 0, or -HYP_EBADMSG: neither a FIT nor a wrapped one, cut short, damaged,
 * or without /images.
 */
int bundle_open(struct bundle *bundle, const void *start, size_t size,
		struct message *message) MUST_CHECK;

/**
 * bundle_image() - look an image up by name; the hash is not checked
 *
 * Return: 0, -HYP_ENOENT (no image of that name), or -HYP_EBADMSG (no "data").
 */
int bundle_image(const struct bundle *bundle, const char *name,
		 struct bundle_image *image,
		 struct message *message) MUST_CHECK;

/**
 * bundle_image_check() - does the data have the hash that the FIT states?
 *
 * About 60 instructions a byte.
 *
 * Return: 0, or -HYP_EBADMSG: no hash node of algo sha256 with a 32-byte value, or
 * another hash.
 */
int bundle_image_check(const struct bundle *bundle,
		       const struct bundle_image *image,
		       struct message *message) MUST_CHECK;

/**
 * bundle_cell() - the @index-th image whose name begins with "cell-"
 * @image: its name is the whole name; the cell's begins 5 bytes later
 *
 * Return: 0, -HYP_ENOENT past the last, or -HYP_EBADMSG (no "data").
 */
int bundle_cell(const struct bundle *bundle, unsigned int index,
		struct bundle_image *image) MUST_CHECK;

#endif /* HYP_BUNDLE_H */
