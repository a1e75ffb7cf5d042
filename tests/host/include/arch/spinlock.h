/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's lock: there is one thread, so it only finds mistakes. Taken twice
 * or released when free, it aborts the test.
 */
#ifndef ARCH_SPINLOCK_H
#define ARCH_SPINLOCK_H

#include <hyp/compiler.h>

#ifdef __clang__
#define HOST_LOCK_BODY __attribute__((no_thread_safety_analysis))
#else
#define HOST_LOCK_BODY
#endif /* __clang__ */

struct spinlock;

void spinlock_lock(struct spinlock *lock) ACQUIRE_LOCK(lock);
void spinlock_unlock(struct spinlock *lock) RELEASE_LOCK(lock);

/** host_lock_is_held() - for asserts in fakes: "locked" ops, and those not */
bool host_lock_is_held(const struct spinlock *lock);

/**
 * host_lock_on_release() - call @check just before each release
 * @check: is given the lock, still held; NULL: none
 */
void host_lock_on_release(void (*check)(struct spinlock *lock));

#endif /* ARCH_SPINLOCK_H */
