// SPDX-License-Identifier: Apache-2.0
/* Cache maintenance by address. */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/sysreg.h>

void cache_clean(const void *start, uint64_t size)
{
	/* CTR_EL0.DminLine: log2 of the words in the smallest data line */
	uint64_t line = UINT64_C(4) << (SYSREG_READ(CTR_EL0) >> 16 & 0xf);
	uint64_t at = (uintptr_t)start & ~(line - 1);
	uint64_t end = (uintptr_t)start + size;

	for (; at < end; at += line) {
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	}
	barrier_dsb_sy(); /* done before anybody looks at memory uncached */
}

void cache_instructions(void)
{
	__asm__ volatile("ic ialluis" : : : "memory");
	barrier_dsb_ish();
	barrier_isb();
}
