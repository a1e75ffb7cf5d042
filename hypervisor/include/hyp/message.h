/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sentence for a person: which file, node and property is wrong, what is
 * wrong with it and what to write instead. Every refusal fills one.
 */
#ifndef HYP_MESSAGE_H
#define HYP_MESSAGE_H

#include <hyp/compiler.h>
#include <stdarg.h>

#define MESSAGE_SIZE 256

/** struct message - a sentence, NUL-terminated, cut (never overrun) if long */
struct message {
	char text[MESSAGE_SIZE];
};

/**
 * text_format_va() - print into a buffer, as vsnprintf() does
 * @buffer: where to, NUL-terminated on return if @size is not 0
 * @size: of @buffer, bytes
 * @format: %s %c %d %i %u %x %X %p %% with flags '0' and '-', a width, a
 *	precision for %s, and the lengths l, ll and z
 *
 * Return: the length that the whole text has, bytes without the NUL.
 */
size_t text_format_va(char *buffer, size_t size, const char *format,
		      va_list args) PRINTF_FORMAT(3, 0);

/** text_format() - text_format_va() with a variable argument list */
size_t text_format(char *buffer, size_t size, const char *format, ...)
	PRINTF_FORMAT(3, 4);

/**
 * message_set() - replace the sentence
 * @message: may be NULL, when nobody will read it
 * @error: negative errno
 *
 * Return: @error, so that a check is `return message_set(m, -HYP_EINVAL, ...)`.
 */
int message_set(struct message *message, int error, const char *format, ...)
	PRINTF_FORMAT(3, 4) COLD;

#endif /* HYP_MESSAGE_H */
