/* SPDX-License-Identifier: Apache-2.0 */
/* Cache maintenance by address. */
#ifndef ARCH_CACHE_H
#define ARCH_CACHE_H

#include <hyp/compiler.h>

/** cache_clean() - write back and invalidate to the point of coherency */
void cache_clean(const void *start, uint64_t size);

/** cache_instructions() - no CPU executes old instructions after it */
void cache_instructions(void);

#endif /* ARCH_CACHE_H */
