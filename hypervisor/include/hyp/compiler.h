/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler is told about functions and data. */
#ifndef HYP_COMPILER_H
#define HYP_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define NORETURN __attribute__((noreturn))
#define COLD __attribute__((cold))
#define PACKED __attribute__((packed))
#define ALIGNED(n) __attribute__((aligned(n)))
#define PRINTF_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define BIT(n) (UINT64_C(1) << (n))

/* IS_ENABLED(CONFIG_X): 1 when Kconfig set the bool CONFIG_X, else 0. */
#define IS_ENABLED_PLACEHOLDER_1 0,
#define IS_ENABLED_SECOND(ignored, value, ...) value
#define IS_ENABLED_PICK(x) IS_ENABLED_SECOND(x 1, 0, 0)
#define IS_ENABLED_PASTE(value) IS_ENABLED_PICK(IS_ENABLED_PLACEHOLDER_##value)
#define IS_ENABLED(option) IS_ENABLED_PASTE(option)

#endif /* HYP_COMPILER_H */
