/* SPDX-License-Identifier: Apache-2.0 */
/* Not in the product: see provoke.c. */
#ifndef CORE_PROVOKE_H
#define CORE_PROVOKE_H

#include <hyp/compiler.h>

#define PROVOKE_FUNCTION 0xC60000F0

int64_t provoke(uint64_t way);

#endif /* CORE_PROVOKE_H */
