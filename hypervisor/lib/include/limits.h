/* SPDX-License-Identifier: Apache-2.0 */
/* C's <limits.h>: the compiler's own wants a C library's behind it. */
#ifndef LIB_LIMITS_H
#define LIB_LIMITS_H

#define CHAR_BIT __CHAR_BIT__
#define SCHAR_MAX __SCHAR_MAX__
#define SHRT_MAX __SHRT_MAX__
#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (2U * INT_MAX + 1U)
#define LONG_MAX __LONG_MAX__
#define LONG_MIN (-LONG_MAX - 1L)
#define ULONG_MAX (2UL * LONG_MAX + 1UL)

#endif /* LIB_LIMITS_H */
