// SPDX-License-Identifier: Apache-2.0
/* A growing string, and lines that concern a device. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void text_add_va(struct text *text, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0) {
		abort();
	}
	if (text->capacity - text->size <= (size_t)length) {
		text->capacity = 2 * text->capacity + (size_t)length + 64;
		text->bytes = realloc(text->bytes, text->capacity);
		if (text->bytes == NULL) {
			abort();
		}
	}
	vsnprintf(text->bytes + text->size, text->capacity - text->size, format,
		  args);
	text->size += (size_t)length;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_add_va(text, format, args);
	va_end(args);
}

void text_free(struct text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}

void world_say(struct world_device *device, const char *format, ...)
{
	struct world *world = device->world;
	va_list args;

	if (world->printed != device) {
		world->printed = device;
		text_add(&world->out, "@%s\n", device->name);
	}
	va_start(args, format);
	text_add_va(&world->out, format, args);
	va_end(args);
	text_add(&world->out, "\n");
}
