// SPDX-License-Identifier: Apache-2.0
/* The host's lock: checks that it is free when taken and held when released. */
#include <hyp/lock.h>
#include <stdio.h>
#include <stdlib.h>

static void (*release_check)(struct spinlock *lock);

static void fail(const char *what)
{
	fprintf(stderr, "host_lock: %s\n", what);
	abort();
}

bool host_lock_is_held(const struct spinlock *lock)
{
	return lock->ticket != 0;
}

void host_lock_on_release(void (*check)(struct spinlock *lock))
{
	release_check = check;
}

HOST_LOCK_BODY void spinlock_lock(struct spinlock *lock)
{
	if (host_lock_is_held(lock)) {
		fail("taken twice");
	}
	lock->ticket = 1;
}

HOST_LOCK_BODY void spinlock_unlock(struct spinlock *lock)
{
	if (!host_lock_is_held(lock)) {
		fail("released when free");
	}
	if (release_check != NULL) {
		release_check(lock);
	}
	lock->ticket = 0;
}
