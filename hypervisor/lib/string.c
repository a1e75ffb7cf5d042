// SPDX-License-Identifier: Apache-2.0
/* Bytes and strings, for EL2 and the libraries that it links. */
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias)) word_t;
typedef uint32_t __attribute__((may_alias)) half_t;

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	char *out = to;
	const char *in = from;

	if ((((uintptr_t)out | (uintptr_t)in) & 7) == 0) {
		for (; size >= 8; size -= 8, out += 8, in += 8) {
			*(word_t *)(void *)out =
				*(const word_t *)(const void *)in;
		}
	} else if ((((uintptr_t)out | (uintptr_t)in) & 3) == 0) {
		for (; size >= 4; size -= 4, out += 4, in += 4) {
			*(half_t *)(void *)out =
				*(const half_t *)(const void *)in;
		}
	}
	for (; size != 0; size--) {
		*out++ = *in++;
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *out = to;
	const char *in = from;

	if ((uintptr_t)out - (uintptr_t)in >= size) {
		return memcpy(to, from, size);
	}
	while (size != 0) {
		size--;
		out[size] = in[size];
	}
	return to;
}

void *memset(void *to, int value, size_t size)
{
	char *out = to;
	uint64_t word = UINT64_C(0x0101010101010101) * (uint8_t)value;

	for (; size != 0 && ((uintptr_t)out & 7) != 0; size--) {
		*out++ = (char)value;
	}
	for (; size >= 32; size -= 32, out += 32) {
		word_t *words = (word_t *)(void *)out;

		words[0] = word;
		words[1] = word;
		words[2] = word;
		words[3] = word;
	}
	for (; size != 0; size--) {
		*out++ = (char)value;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	for (; size != 0; size--, x++, y++) {
		if (*x != *y) {
			return *x - *y;
		}
	}
	return 0;
}

void *memchr(const void *bytes, int value, size_t size)
{
	const unsigned char *at = bytes;

	for (; size != 0; size--, at++) {
		if (*at == (unsigned char)value) {
			return (void *)(uintptr_t)at;
		}
	}
	return NULL;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0') {
		length++;
	}
	return length;
}

size_t strnlen(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length] != '\0') {
		length++;
	}
	return length;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max != 0; max--, a++, b++) {
		if (*a != *b || *a == '\0') {
			return (unsigned char)*a - (unsigned char)*b;
		}
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *text, int character)
{
	for (;; text++) {
		if (*text == (char)character) {
			return (char *)(uintptr_t)text;
		}
		if (*text == '\0') {
			return NULL;
		}
	}
}

char *strrchr(const char *text, int character)
{
	char *last = NULL;

	for (;; text++) {
		if (*text == (char)character) {
			last = (char *)(uintptr_t)text;
		}
		if (*text == '\0') {
			return last;
		}
	}
}
