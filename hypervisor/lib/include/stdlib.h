/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libfdt names of C's <stdlib.h>: only its overlay code calls it, which EL2
 * does not link, so that there is no definition.
 */
#ifndef LIB_STDLIB_H
#define LIB_STDLIB_H

#include <stddef.h>

unsigned long strtoul(const char *text, char **end, int base);

#endif /* LIB_STDLIB_H */
