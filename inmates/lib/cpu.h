/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU's registers, barriers and interrupt mask. */
#ifndef INMATES_LIB_CPU_H
#define INMATES_LIB_CPU_H

#include <stdint.h>

#define CPU_READ(reg)                                           \
	({                                                      \
		uint64_t cpu_value_;                            \
		__asm__ volatile("mrs %0, " #reg                \
				 : "=r"(cpu_value_)::"memory"); \
		cpu_value_;                                     \
	})

#define CPU_WRITE(reg, value) \
	__asm__ volatile("msr " #reg ", %0" ::"r"((uint64_t)(value)) : "memory")

#define CPU_DAIF_I (UINT64_C(1) << 7)
#define CPU_MPIDR_AFFINITY UINT64_C(0xff00ffffff)

static inline void cpu_isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

/* Every earlier access, to devices too, is complete before what follows. */
static inline void cpu_dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void cpu_yield(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static inline void cpu_irq_enable(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

static inline void cpu_irq_disable(void)
{
	__asm__ volatile("msr daifset, #2" ::: "memory");
}

/**
 * cpu_irq_save() - mask interrupts
 *
 * Return: what cpu_irq_restore() wants.
 */
static inline uint64_t cpu_irq_save(void)
{
	uint64_t daif = CPU_READ(daif);

	cpu_irq_disable();
	return daif;
}

static inline void cpu_irq_restore(uint64_t daif)
{
	CPU_WRITE(daif, daif);
}

/**
 * cpu_wait_for_interrupt() - sleep until one is pending, and take it
 *
 * Called with interrupts masked, and returns so: a condition that a handler
 * sets, checked before the call, cannot be missed.
 */
static inline void cpu_wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
	cpu_irq_enable();
	cpu_isb();
	cpu_irq_disable();
}

/* This CPU's affinity fields, as "reg" of its node in the tree has them. */
static inline uint64_t cpu_affinity(void)
{
	return CPU_READ(mpidr_el1) & CPU_MPIDR_AFFINITY;
}

#endif /* INMATES_LIB_CPU_H */
