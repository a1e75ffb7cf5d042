// SPDX-License-Identifier: Apache-2.0
/* The spin lock as a function, for callers that are compiled for size. */
#include <hyp/compiler.h>

struct spinlock;
void spinlock_lock(struct spinlock *lock);

#define SPINLOCK_BODY
#include <hyp/lock.h>
