/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spin lock. EL2 runs with interrupts masked, so a lock is never taken
 * twice by one CPU; holders do a bounded amount of work and never wait for
 * another CPU.
 *
 * Lock order, outermost first. Locks of one kind: lowest address first.
 *   1. the life-cycle lock of the cells        (core/cell.c)
 *   2. the lock of an assigned device          (drivers/vfio_platform)
 *   3. the lock of a cell's events             (core/cell_stop.c)
 *      the lock of a shared region             (core/shared.c)
 *   4. the lock of a cell's virtual GIC        (vgic/)
 *   5. the line buffer of printk()             (core/printk.c)
 *   6. the console                             (core/console.c)
 *   7. the page pool, EL2's own tables         (core/page.c, arch/.../stage1.c)
 *      the triggers' register                  (irqchip/irqchip.c)
 *   8. a CPU's queue of timers                 (core/timer.c)
 */
#ifndef HYP_LOCK_H
#define HYP_LOCK_H

#include <hyp/compiler.h>

#ifdef __clang__
#define LOCK_CAPABILITY __attribute__((capability("mutex")))
#define ACQUIRE_LOCK(l) __attribute__((acquire_capability(l)))
#define RELEASE_LOCK(l) __attribute__((release_capability(l)))
#define REQUIRE_LOCK(l) __attribute__((requires_capability(l)))
#else
#define LOCK_CAPABILITY
#define ACQUIRE_LOCK(l)
#define RELEASE_LOCK(l)
#define REQUIRE_LOCK(l)
#endif /* __clang__ */

/** struct spinlock - free when all bytes are zero; see arch/spinlock.h */
struct LOCK_CAPABILITY spinlock {
	uint32_t ticket; /* next ticket << 16 | now serving */
};

/*
 * spinlock_lock() - wait for the lock and take it; first come, first served
 * spinlock_unlock() - let the next one in
 *
 * The host build takes both from tests/host/host_lock.c.
 */
#include <arch/spinlock.h>

#endif /* HYP_LOCK_H */
