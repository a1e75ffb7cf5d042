/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPU this is, and its record. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/barrier.h>
#include <arch/sysreg.h>

struct cpu;

static ALWAYS_INLINE struct cpu *arch_cpu_this(void)
{
	return (struct cpu *)(uintptr_t)SYSREG_READ(TPIDR_EL2);
}

static inline void arch_cpu_set_this(struct cpu *cpu)
{
	SYSREG_WRITE(TPIDR_EL2, (uintptr_t)cpu);
}

/** arch_cpu_mpidr() - the affinity fields of this CPU */
static inline uint64_t arch_cpu_mpidr(void)
{
	return SYSREG_READ(MPIDR_EL1) & MPIDR_AFFINITY_MASK;
}

/** arch_cpu_relax() - in a loop that waits for another CPU */
static inline void arch_cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/** arch_call_on_stack() - see head.S */
NORETURN void arch_call_on_stack(void *argument, uint64_t stack,
				 void (*function)(struct cpu *cpu));

#endif /* ARCH_CPU_H */
