// SPDX-License-Identifier: Apache-2.0
/* From an image's headers to what goes where; see <hyp/image.h>. */
#include <hyp/errno.h>
#include <hyp/image.h>
#include <string.h>

#define IMAGE_HEADER_SIZE 64
#define IMAGE_TEXT_OFFSET 8
#define IMAGE_SIZE 16
#define IMAGE_FLAGS 24
#define IMAGE_BIG_ENDIAN 1
#define IMAGE_MAGIC 56
#define IMAGE_OLD_TEXT_OFFSET UINT64_C(0x80000)

/* ELF-64 Object File Format: offsets in the ELF header and in a program header */
#define ELF_HEADER_SIZE 64
#define ELF_MAGIC "\177ELF"
#define ELF_CLASS_64_LITTLE "\177ELF\2\1"
#define ELF_TYPE 16
#define ELF_MACHINE 18
#define ELF_ENTRY 24
#define ELF_PHOFF 32
#define ELF_PHENTSIZE 54
#define ELF_PHNUM 56
#define ELF_TYPE_EXEC 2
#define ELF_TYPE_DYN 3
#define ELF_MACHINE_AARCH64 183
#define PH_SIZE 56
#define PH_TYPE 0
#define PH_OFFSET 8
#define PH_PADDR 24
#define PH_FILESZ 32
#define PH_MEMSZ 40
#define PH_TYPE_LOAD 1

static uint64_t load_le(const unsigned char *bytes, unsigned int width)
{
	uint64_t value = 0;

	while (width-- > 0) {
		value = value << 8 | bytes[width];
	}
	return value;
}

static void plan_add(struct image_plan *plan, uint64_t offset,
		     uint64_t file_size, uint64_t memory_size, ipa_t to)
{
	struct image_part *part = &plan->part[plan->part_count++];

	part->offset = offset;
	part->file_size = file_size;
	part->memory_size = memory_size;
	part->to = to;
}

static int plan_linux(struct image_plan *plan, const struct bundle_image *image,
		      const char *cell, ipa_t memory, struct message *message)
{
	const unsigned char *header = image->data;
	uint64_t offset = load_le(header + IMAGE_TEXT_OFFSET, 8);
	uint64_t size = load_le(header + IMAGE_SIZE, 8);

	if ((load_le(header + IMAGE_FLAGS, 8) & IMAGE_BIG_ENDIAN) != 0) {
		return message_set(message, -HYP_EBADMSG,
				   "cell %s: image \"%s\": the Image is "
				   "big-endian, and a cell starts "
				   "little-endian",
				   cell, image->name);
	}
	if (size == 0) {
		/* Before Linux 3.17, where the offset has no fixed endianness. */
		offset = IMAGE_OLD_TEXT_OFFSET;
	}
	if (range_wraps(memory.raw, offset)) {
		return message_set(message, -HYP_EBADMSG,
				   "cell %s: image \"%s\": the Image's text "
				   "offset 0x%llx is past any memory",
				   cell, image->name,
				   (unsigned long long)offset);
	}
	plan->entry = ipa_add(memory, offset);
	plan_add(plan, 0, image->size, size > image->size ? size : image->size,
		 plan->entry);
	return 0;
}

static int elf_refused(const struct bundle_image *image, const char *cell,
		       const char *what, struct message *message)
{
	return message_set(message, -HYP_EBADMSG,
			   "cell %s: image \"%s\": the ELF file %s", cell,
			   image->name, what);
}

static int plan_segment(struct image_plan *plan,
			const struct bundle_image *image,
			const unsigned char *header, const char *cell,
			struct message *message)
{
	uint64_t offset = load_le(header + PH_OFFSET, 8);
	uint64_t file_size = load_le(header + PH_FILESZ, 8);
	uint64_t memory_size = load_le(header + PH_MEMSZ, 8);

	if (load_le(header + PH_TYPE, 4) != PH_TYPE_LOAD || memory_size == 0) {
		return 0;
	}
	if (plan->part_count == IMAGE_PART_MAX) {
		return message_set(message, -HYP_E2BIG,
				   "cell %s: image \"%s\": the ELF file has "
				   "more than %u segments to load",
				   cell, image->name, IMAGE_PART_MAX);
	}
	if (!range_contains(0, image->size, offset, file_size) ||
	    file_size > memory_size) {
		return elf_refused(image, cell,
				   "is cut short: a segment lies outside it",
				   message);
	}
	plan_add(plan, offset, file_size, memory_size,
		 ipa(load_le(header + PH_PADDR, 8)));
	return 0;
}

static int plan_elf(struct image_plan *plan, const struct bundle_image *image,
		    const char *cell, struct message *message)
{
	const unsigned char *header = image->data;
	uint64_t type = load_le(header + ELF_TYPE, 2);
	uint64_t table = load_le(header + ELF_PHOFF, 8);
	uint64_t count = load_le(header + ELF_PHNUM, 2);

	if (load_le(header + ELF_MACHINE, 2) != ELF_MACHINE_AARCH64 ||
	    (type != ELF_TYPE_EXEC && type != ELF_TYPE_DYN)) {
		return elf_refused(image, cell, "is no program for AArch64",
				   message);
	}
	if (load_le(header + ELF_PHENTSIZE, 2) != PH_SIZE ||
	    !range_contains(0, image->size, table, count * PH_SIZE)) {
		return elf_refused(image, cell,
				   "is cut short: its program headers lie "
				   "outside it",
				   message);
	}
	plan->entry = ipa(load_le(header + ELF_ENTRY, 8));
	for (uint64_t i = 0; i < count; i++) {
		int ret = plan_segment(plan, image,
				       header + table + i * PH_SIZE, cell,
				       message);

		if (ret != 0) {
			return ret;
		}
	}
	return plan->part_count != 0 ?
		       0 :
		       elf_refused(image, cell, "has nothing to load", message);
}

int image_plan_make(struct image_plan *plan, const struct bundle_image *image,
		    const char *cell, ipa_t memory, bool has_address,
		    ipa_t address, struct message *message)
{
	const char *bytes = image->data;

	plan->part_count = 0;
	if (has_address) {
		plan->entry = address;
		plan_add(plan, 0, image->size, image->size, address);
		return 0;
	}
	if (image->size >= IMAGE_HEADER_SIZE &&
	    memcmp(bytes + IMAGE_MAGIC, "ARM\x64", 4) == 0) {
		return plan_linux(plan, image, cell, memory, message);
	}
	if (image->size >= ELF_HEADER_SIZE &&
	    memcmp(bytes, ELF_CLASS_64_LITTLE, 6) == 0) {
		return plan_elf(plan, image, cell, message);
	}
	if (image->size >= 4 && memcmp(bytes, ELF_MAGIC, 4) == 0) {
		return elf_refused(image, cell,
				   "is cut short, or not 64-bit little-endian",
				   message);
	}
	return message_set(
		message, -HYP_EBADMSG,
		"cell %s: image \"%s\" is neither an arm64 Image nor "
		"a 64-bit ELF file; raw bytes need image-address = "
		"<HI LO> in /domains/%s",
		cell, image->name, cell);
}
