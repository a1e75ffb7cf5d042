/* SPDX-License-Identifier: Apache-2.0 */
/* Barriers. Each use says what it orders. */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H

#include <hyp/compiler.h>

static ALWAYS_INLINE void barrier_isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

static ALWAYS_INLINE void barrier_dsb_sy(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

static ALWAYS_INLINE void barrier_dsb_ish(void)
{
	__asm__ volatile("dsb ish" : : : "memory");
}

static ALWAYS_INLINE void barrier_dsb_ishst(void)
{
	__asm__ volatile("dsb ishst" : : : "memory");
}

static ALWAYS_INLINE void barrier_dmb_ish(void)
{
	__asm__ volatile("dmb ish" : : : "memory");
}

#endif /* ARCH_BARRIER_H */
