// SPDX-License-Identifier: Apache-2.0
/* Finds images in the FIT that U-Boot hands over, and checks their hashes. */
#include <hyp/bundle.h>
#include <hyp/errno.h>
#include <mbedtls/sha256.h>
#include <string.h>

#include "tree.h"

/* Legacy image header of U-Boot, with its magic number at offset 0 */
#define BUNDLE_LEGACY_MAGIC 0x27051956u
#define BUNDLE_LEGACY_SIZE 64u

#define BUNDLE_CELL_PREFIX "cell-"
#define BUNDLE_SHA256_SIZE 32

int bundle_open(struct bundle *bundle, const void *start, size_t size,
		struct message *message)
{
	const uint8_t *bytes = start;
	const char *problem;

	if (size >= BUNDLE_LEGACY_SIZE &&
	    tree_load32(start) == BUNDLE_LEGACY_MAGIC) {
		bytes += BUNDLE_LEGACY_SIZE;
		size -= BUNDLE_LEGACY_SIZE;
	}
	problem = tree_check(bytes, size);
	if (problem != NULL) {
		return message_set(message, -HYP_EBADMSG,
				   "the bundle (initrd) %s; make it with "
				   "mkimage -f",
				   problem);
	}
	bundle->fit = bytes;
	bundle->size = fdt_totalsize(bytes);
	bundle->images = fdt_subnode_offset(bytes, 0, "images");
	if (bundle->images < 0) {
		return message_set(message, -HYP_EBADMSG,
				   "the bundle (initrd) has no /images, so it "
				   "is a device tree but no FIT");
	}
	return 0;
}

static int bundle_image_at(const struct bundle *bundle, int node,
			   struct bundle_image *image, struct message *message)
{
	int length = 0;

	image->node = node;
	image->name = tree_name(bundle->fit, node);
	image->data = fdt_getprop(bundle->fit, node, "data", &length);
	if (image->data == NULL || length <= 0) {
		return message_set(
			message, -HYP_EBADMSG,
			"image \"%s\" of the bundle has no \"data\"; "
			"do not use mkimage -E",
			image->name);
	}
	image->size = (size_t)length;
	return 0;
}

int bundle_image(const struct bundle *bundle, const char *name,
		 struct bundle_image *image, struct message *message)
{
	int node;

	/* Unlike fdt_subnode_offset(), "a" does not find a node "a@1". */
	fdt_for_each_subnode(node, bundle->fit, bundle->images)
	{
		if (strcmp(tree_name(bundle->fit, node), name) == 0) {
			return bundle_image_at(bundle, node, image, message);
		}
	}
	return message_set(message, -HYP_ENOENT,
			   "the bundle holds no image \"%s\"", name);
}

/* The first hash-* node of the image that is a SHA-256, or NULL. */
static const uint8_t *bundle_hash(const struct bundle *bundle, int image)
{
	int node;

	fdt_for_each_subnode(node, bundle->fit, image)
	{
		const char *algo = tree_string(bundle->fit, node, "algo");
		int length;
		const uint8_t *value =
			fdt_getprop(bundle->fit, node, "value", &length);

		if (strncmp(tree_name(bundle->fit, node), "hash", 4) == 0 &&
		    algo != NULL && strcmp(algo, "sha256") == 0 &&
		    value != NULL && length == BUNDLE_SHA256_SIZE) {
			return value;
		}
	}
	return NULL;
}

int bundle_image_check(const struct bundle *bundle,
		       const struct bundle_image *image,
		       struct message *message)
{
	uint8_t hash[BUNDLE_SHA256_SIZE];
	const uint8_t *stated = bundle_hash(bundle, image->node);

	if (stated == NULL) {
		return message_set(message, -HYP_EBADMSG,
				   "image \"%s\" of the bundle states no "
				   "sha256 hash",
				   image->name);
	}
	if (mbedtls_sha256_ret(image->data, image->size, hash, 0) != 0 ||
	    memcmp(hash, stated, sizeof(hash)) != 0) {
		return message_set(message, -HYP_EBADMSG,
				   "image \"%s\" of the bundle is damaged: its "
				   "sha256 is not the stated one",
				   image->name);
	}
	return 0;
}

int bundle_cell(const struct bundle *bundle, unsigned int index,
		struct bundle_image *image)
{
	int node;

	fdt_for_each_subnode(node, bundle->fit, bundle->images)
	{
		const char *name = tree_name(bundle->fit, node);

		if (strncmp(name, BUNDLE_CELL_PREFIX,
			    sizeof(BUNDLE_CELL_PREFIX) - 1) == 0 &&
		    index-- == 0) {
			return bundle_image_at(bundle, node, image, NULL);
		}
	}
	return -HYP_ENOENT;
}
