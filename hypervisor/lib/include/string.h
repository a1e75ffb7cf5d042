/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of C's <string.h> that EL2 has, for our code and for libfdt and Mbed
 * TLS. Host builds use the host's own header.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *bytes, int value, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);

#endif /* LIB_STRING_H */
