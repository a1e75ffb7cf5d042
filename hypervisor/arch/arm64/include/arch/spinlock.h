/* SPDX-License-Identifier: Apache-2.0 */
/* The ticket lock on AArch64; see <hyp/lock.h>. */
#ifndef ARCH_SPINLOCK_H
#define ARCH_SPINLOCK_H

#include <hyp/compiler.h>

/*
 * Code that is made small, since it runs for a command only, calls the lock in
 * spinlock.c; on an exit it is inlined.
 */
#ifdef __OPTIMIZE_SIZE__
void spinlock_lock(struct spinlock *lock) ACQUIRE_LOCK(lock);
#else
#ifndef SPINLOCK_BODY
#define SPINLOCK_BODY static ALWAYS_INLINE
#endif

/*
 * The upper half of the word is the next ticket, the lower half the one being
 * served. The load-acquire of the lower half pairs with the store-release in
 * spinlock_unlock(); WFE is woken by that store, since the wait holds the
 * exclusive monitor on the word (DDI 0487, "Mechanisms for entering a low-power
 * state": clearing of the global monitor is a wake-up event).
 */
SPINLOCK_BODY void spinlock_lock(struct spinlock *lock) ACQUIRE_LOCK(lock)
{
	uint32_t taken;
	uint32_t next;
	uint32_t failed;

	__asm__ volatile("1:	ldaxr	%w0, [%3]\n"
			 "	add	%w1, %w0, #0x10000\n"
			 "	stxr	%w2, %w1, [%3]\n"
			 "	cbnz	%w2, 1b\n"
			 "	eor	%w1, %w0, %w0, ror #16\n"
			 "	cbz	%w1, 3f\n"
			 "	sevl\n"
			 "2:	wfe\n"
			 "	ldaxrh	%w2, [%3]\n"
			 "	eor	%w1, %w2, %w0, lsr #16\n"
			 "	cbnz	%w1, 2b\n"
			 "3:\n"
			 : "=&r"(taken), "=&r"(next), "=&r"(failed)
			 : "r"(&lock->ticket)
			 : "memory");
}
#endif /* __OPTIMIZE_SIZE__ */

static ALWAYS_INLINE void spinlock_unlock(struct spinlock *lock)
	RELEASE_LOCK(lock)
{
	uint32_t serving;

	__asm__ volatile("	ldrh	%w0, [%1]\n"
			 "	add	%w0, %w0, #1\n"
			 "	stlrh	%w0, [%1]\n"
			 : "=&r"(serving)
			 : "r"(&lock->ticket)
			 : "memory");
}

#endif /* ARCH_SPINLOCK_H */
