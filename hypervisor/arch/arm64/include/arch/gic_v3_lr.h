/* SPDX-License-Identifier: Apache-2.0 */
/* The GICv3 list registers, which are system registers, by number. */
#ifndef ARCH_GIC_V3_LR_H
#define ARCH_GIC_V3_LR_H

#include <hyp/compiler.h>

/** gic_v3_lr_read() - ICH_LR<slot>_EL2; @slot below the implemented count */
uint64_t gic_v3_lr_read(unsigned int slot);

/** gic_v3_lr_write() - ICH_LR<slot>_EL2 := value */
void gic_v3_lr_write(unsigned int slot, uint64_t value);

/**
 * gic_v3_lr_write_inline() - the same, for the interrupt's path: it makes the caller
 * no function that saves its return address
 */
static ALWAYS_INLINE void gic_v3_lr_write_inline(unsigned int slot,
						 uint64_t value)
{
	uint64_t at;

	/* A branch into a table of two instructions each, as in gic_v3_lr.S. */
	__asm__ volatile("	adr	%0, 1f\n"
			 "	add	%0, %0, %w1, uxtw #3\n"
			 "	br	%0\n"
			 "1:\n"
			 "	.irp n, 12_0, 12_1, 12_2, 12_3, 12_4, 12_5, "
			 "12_6, 12_7, 13_0, 13_1, 13_2, 13_3, 13_4, 13_5, "
			 "13_6, 13_7\n"
			 "	msr	s3_4_c12_c\\n, %2\n"
			 "	b	2f\n"
			 "	.endr\n"
			 "2:\n"
			 : "=&r"(at)
			 : "r"(slot), "r"(value)
			 : "memory");
}

/** gic_v3_lr_read_inline() - so too the reading */
static ALWAYS_INLINE uint64_t gic_v3_lr_read_inline(unsigned int slot)
{
	uint64_t value;

	__asm__ volatile("	adr	%0, 1f\n"
			 "	add	%0, %0, %w1, uxtw #3\n"
			 "	br	%0\n"
			 "1:\n"
			 "	.irp n, 12_0, 12_1, 12_2, 12_3, 12_4, 12_5, "
			 "12_6, 12_7, 13_0, 13_1, 13_2, 13_3, 13_4, 13_5, "
			 "13_6, 13_7\n"
			 "	mrs	%0, s3_4_c12_c\\n\n"
			 "	b	2f\n"
			 "	.endr\n"
			 "2:\n"
			 : "=&r"(value)
			 : "r"(slot)
			 : "memory");
	return value;
}

#endif /* ARCH_GIC_V3_LR_H */
