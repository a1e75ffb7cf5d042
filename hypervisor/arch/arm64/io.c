// SPDX-License-Identifier: Apache-2.0
/* One access to a device for a guest, that survives an external abort. */
#include <arch/io.h>
#include <hyp/errno.h>

/*
 * Each access has an entry in the fixup table (see el2_sync in entry.S): on an
 * abort it is left at label 2 with the error set. The abort takes the place of the
 * guest's exception in EL2's registers, which are needed to give the abort on, so
 * they are kept; ESR_EL2.WnR, which is looked at too, is the same for both.
 */
#define IO_ACCESS(instruction, error, operand, address)   \
	__asm__ volatile("	mov	%w0, wzr\n"                \
			 "	mrs	x9, elr_el2\n"             \
			 "	mrs	x10, spsr_el2\n"           \
			 "	mrs	x11, far_el2\n"            \
			 "1:	" instruction ", [%2]\n"  \
			 "	dsb	sy\n"                      \
			 "	b	3f\n"                        \
			 "2:	msr	elr_el2, x9\n"           \
			 "	msr	spsr_el2, x10\n"           \
			 "	msr	far_el2, x11\n"            \
			 "	mov	%w0, %3\n"                 \
			 "3:\n"                           \
			 "	.pushsection .fixup, \"a\"\n"  \
			 "	.long	1b - .\n"                \
			 "	.long	2b - .\n"                \
			 "	.popsection\n"                 \
			 : "=&r"(error), operand          \
			 : "r"(address), "i"(-HYP_EFAULT) \
			 : "x9", "x10", "x11", "memory")

int io_guest_read(paddr_t address, unsigned int width, uint64_t *value)
{
	uint64_t data = *value; /* it stays, if the load fails */
	int error;

	if (LIKELY(width == 4)) {
		IO_ACCESS("ldr %w1", error, "+r"(data), address.raw);
		*value = data;
		return error;
	}
	switch (width) {
	case 1:
		IO_ACCESS("ldrb %w1", error, "+r"(data), address.raw);
		break;
	case 2:
		IO_ACCESS("ldrh %w1", error, "+r"(data), address.raw);
		break;
	default:
		IO_ACCESS("ldr %1", error, "+r"(data), address.raw);
		break;
	}
	*value = data;
	return error;
}

int io_guest_write(paddr_t address, unsigned int width, uint64_t value)
{
	int error;

	if (LIKELY(width == 4)) {
		IO_ACCESS("str %w1", error, "+r"(value), address.raw);
		return error;
	}
	switch (width) {
	case 1:
		IO_ACCESS("strb %w1", error, "+r"(value), address.raw);
		break;
	case 2:
		IO_ACCESS("strh %w1", error, "+r"(value), address.raw);
		break;
	default:
		IO_ACCESS("str %1", error, "+r"(value), address.raw);
		break;
	}
	return error;
}
