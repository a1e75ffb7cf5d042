// SPDX-License-Identifier: Apache-2.0
/* Typed properties of configs, and the sentence for each way to get one wrong. */
#include <hyp/errno.h>
#include <string.h>

#include "config_reader.h"

/* "cell rtc-demo: /domains/rtc-demo: " into @text; its length. */
static size_t config_prefix(const struct config_reader *reader, int node,
			    char *text, size_t size)
{
	size_t used =
		text_format(text, size, "%s%s: ", reader->title, reader->cell);

	if (node > 0 && used < size &&
	    fdt_get_path(reader->blob, node, text + used, (int)(size - used)) ==
		    0) {
		used += strlen(text + used);
		used += text_format(text + used, size - used, ": ");
	}
	return used < size ? used : size - 1;
}

int config_error(const struct config_reader *reader, int node, int error,
		 const char *format, ...)
{
	struct message *message = reader->message;
	size_t used;
	va_list args;

	if (message == NULL) {
		return error;
	}
	used = config_prefix(reader, node, message->text, MESSAGE_SIZE);
	va_start(args, format);
	text_format_va(message->text + used, MESSAGE_SIZE - used, format, args);
	va_end(args);
	return error;
}

int config_wrap(const struct config_reader *reader, int node, int error)
{
	char prefix[112];
	struct message *message = reader->message;
	size_t used, kept;

	if (message == NULL) {
		return error;
	}
	used = config_prefix(reader, node, prefix, sizeof(prefix));
	kept = strlen(message->text);
	kept = kept < MESSAGE_SIZE - 1 - used ? kept : MESSAGE_SIZE - 1 - used;
	memmove(message->text + used, message->text, kept);
	memcpy(message->text, prefix, used);
	message->text[used + kept] = '\0';
	return error;
}

int config_open(const struct config_reader *reader, size_t size)
{
	const char *problem = tree_check(reader->blob, size);

	if (problem != NULL) {
		return config_error(reader, 0, -HYP_EBADMSG,
				    "the compiled tree %s; compile it with dtc",
				    problem);
	}
	return 0;
}

static int config_unknown(const struct config_reader *reader, int node,
			  const char *name, const char *const *names,
			  unsigned int name_count)
{
	unsigned int best = UINT32_MAX, nearest = 0;

	for (unsigned int i = 0; i < name_count; i++) {
		unsigned int distance = tree_nearest(name, names[i]);

		if (distance < best) {
			best = distance;
			nearest = i;
		}
	}
	if (best == UINT32_MAX) {
		return config_error(
			reader, node, -HYP_EINVAL,
			"%s: unknown property; docs/config.md lists "
			"those there are",
			name);
	}
	return config_error(reader, node, -HYP_EINVAL,
			    "%s: unknown property; did you mean \"%s\"?", name,
			    names[nearest]);
}

int config_check_names(const struct config_reader *reader, int node,
		       const char *const *names, unsigned int name_count)
{
	static const char *const cells[] = { "#address-cells", "#size-cells" };
	const void *blob = reader->blob;
	int property;

	fdt_for_each_property_offset(property, blob, node)
	{
		const char *name = NULL;
		unsigned int i = 0;

		if (fdt_getprop_by_offset(blob, property, &name, NULL) ==
			    NULL ||
		    strcmp(name, "phandle") == 0 ||
		    strcmp(name, "linux,phandle") == 0) {
			continue;
		}
		if (strcmp(name, cells[0]) == 0 ||
		    strcmp(name, cells[1]) == 0) {
			if (tree_u32(blob, node, name, 0) != 2) {
				return config_error(
					reader, node, -HYP_EINVAL,
					"%s: addresses and sizes of a config "
					"are 64 bits wide; write %s = <2>",
					name, name);
			}
			continue;
		}
		while (i < name_count && strcmp(name, names[i]) != 0) {
			i++;
		}
		if (i == name_count) {
			return config_unknown(reader, node, name, names,
					      name_count);
		}
	}
	return 0;
}

int config_check_compatible(const struct config_reader *reader, int node,
			    const char *wanted)
{
	if (tree_compatible_index(reader->blob, node, &wanted, 1) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "compatible: does not hold \"%s\"; without "
				    "it this node means nothing here",
				    wanted);
	}
	return 0;
}

/* The property's bytes, or NULL and in @error what to return. */
static const void *config_find(const struct config_reader *reader, int node,
			       const char *name, const char *example,
			       int *length, int *error)
{
	const void *value = fdt_getprop(reader->blob, node, name, length);

	*error = 0;
	if (value == NULL && example != NULL) {
		*error = config_error(reader, node, -HYP_EINVAL,
				      "%s: missing; write %s", name, example);
	}
	return value;
}

int config_u32(const struct config_reader *reader, int node, const char *name,
	       uint32_t *value, const char *example)
{
	int length, error;
	const fdt32_t *cells =
		config_find(reader, node, name, example, &length, &error);

	if (cells == NULL) {
		return error;
	}
	if (length != (int)sizeof(*cells)) {
		return config_error(
			reader, node, -HYP_EINVAL,
			"%s: is not one number; write %s = <NUMBER>", name,
			name);
	}
	*value = fdt32_to_cpu(*cells);
	return 0;
}

int config_flag(const struct config_reader *reader, int node, const char *name,
		bool *value)
{
	int length;

	*value = fdt_getprop(reader->blob, node, name, &length) != NULL;
	if (*value && length != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "%s: takes no value; write \"%s;\", or "
				    "leave it out",
				    name, name);
	}
	return 0;
}

int config_text(const struct config_reader *reader, int node, const char *name,
		const char **text, size_t size, const char *example)
{
	int length, error;

	if (config_find(reader, node, name, example, &length, &error) == NULL) {
		return error;
	}
	*text = tree_string(reader->blob, node, name);
	if (*text == NULL) {
		return config_error(
			reader, node, -HYP_EINVAL,
			"%s: is not one string; write %s = \"TEXT\"", name,
			name);
	}
	if ((size_t)length > size) {
		return config_error(reader, node, -HYP_EINVAL,
				    "%s: is longer than %zu characters", name,
				    size - 1);
	}
	return 0;
}

int config_cells(const struct config_reader *reader, int node, const char *name,
		 unsigned int group, const fdt32_t **cells, unsigned int *count,
		 const char *example)
{
	int length, error;

	*cells = config_find(reader, node, name, example, &length, &error);
	if (*cells == NULL) {
		return error;
	}
	if (length == 0 || (size_t)length % (group * sizeof(**cells)) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "%s: takes numbers in groups of %u, at "
				    "least one; docs/config.md shows the form",
				    name, group);
	}
	*count = (unsigned int)((size_t)length / sizeof(**cells)) / group;
	return 0;
}

bool config_is_name(const char *text, const char *allowed)
{
	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		char c = *text;

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && strchr(allowed, c) == NULL) {
			return false;
		}
	}
	return true;
}

int config_check_ram(const struct config_reader *reader, int node,
		     uint64_t base, uint64_t size, uint64_t alignment)
{
	const struct board *board = reader->board;
	const unsigned long long start = base, bytes = size;

	if (size == 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory: size 0 at 0x%llx; write "
				    "<START-HIGH START-LOW SIZE-HIGH SIZE-LOW>",
				    start);
	}
	if (((base | size) & (alignment - 1)) != 0) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory: 0x%llx, size 0x%llx, is not "
				    "aligned; write multiples of 0x%llx",
				    start, bytes,
				    (unsigned long long)alignment);
	}
	if (range_wraps(base, size)) {
		return config_error(reader, node, -HYP_EINVAL,
				    "memory: 0x%llx, size 0x%llx, wraps past "
				    "2^64",
				    start, bytes);
	}
	for (unsigned int i = 0; i < board->memory_count; i++) {
		if (range_contains(board->memory[i].base.raw,
				   board->memory[i].size, base, size)) {
			return 0;
		}
	}
	return config_error(reader, node, -HYP_EINVAL,
			    "memory: 0x%llx, size 0x%llx, is not all RAM; the "
			    "board has 0x%llx bytes at 0x%llx",
			    start, bytes,
			    (unsigned long long)board->memory[0].size,
			    (unsigned long long)board->memory[0].base.raw);
}

bool config_is_in_gic(const struct board *board, uint64_t base, uint64_t size)
{
	const struct board_gic *gic = &board->gic;
	const struct pa_range *const frames[] = {
		&gic->distributor,	&gic->cpu_interface,
		&gic->hyp_interface,	&gic->virtual_interface,
		&gic->redistributor[0], &gic->redistributor[1],
		&gic->redistributor[2], &gic->redistributor[3],
	};

	_Static_assert(BOARD_REDISTRIBUTOR_MAX == 4, "list them all above");
	for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++) {
		if (range_overlaps(frames[i]->base.raw, frames[i]->size, base,
				   size)) {
			return true;
		}
	}
	return false;
}
