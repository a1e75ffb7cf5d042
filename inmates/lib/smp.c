// SPDX-License-Identifier: Apache-2.0
// The other CPUs of the cell.

#include <stddef.h>

#include "cpu.h"
#include "psci.h"
#include "smp.h"

#define STACK_SIZE 16384

/* smp_entry.S reads it with its MMU off, in this order. */
struct smp_start {
	uint64_t ttbr0;
	uint64_t tcr;
	uint64_t mair;
	uint64_t sctlr;
	uint64_t vbar;
	uint64_t stack;
	void (*entry)(void *arg);
	void *arg;
};
_Static_assert(offsetof(struct smp_start, arg) == 56, "smp_entry.S reads it");

void smp_entry(void);

static struct smp_start starts[SMP_CPUS_MAX] ALIGNED(64);
static uint8_t stacks[SMP_CPUS_MAX][STACK_SIZE] ALIGNED(16);

unsigned int smp_index(void)
{
	return (unsigned int)(cpu_affinity() & 0xff);
}

int64_t smp_start(unsigned int index, void (*entry)(void *arg), void *arg)
{
	struct smp_start *start = &starts[index];

	start->ttbr0 = CPU_READ(ttbr0_el1);
	start->tcr = CPU_READ(tcr_el1);
	start->mair = CPU_READ(mair_el1);
	start->sctlr = CPU_READ(sctlr_el1);
	start->vbar = CPU_READ(vbar_el1);
	start->stack = (uintptr_t)stacks[index] + STACK_SIZE;
	start->entry = entry;
	start->arg = arg;
	__asm__ volatile("dsb sy\n\tdc civac, %0\n\tdsb sy" ::"r"(start)
			 : "memory");
	return psci_cpu_on(index, (uintptr_t)smp_entry, (uintptr_t)start);
}
