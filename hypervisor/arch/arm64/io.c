// SPDX-License-Identifier: Apache-2.0
/* One access to a device for a guest, that survives an external abort. */
#include <arch/io.h>
#include <hyp/errno.h>

/*
 * Each access has an entry in the fixup table (see el2_sync in entry.S): on an
 * abort it is left at label 2 with the error set.
 */
#define IO_ACCESS(instruction, error, operand, address)                        \
	__asm__ volatile("	mov	%w0, wzr\n"                             \
			 "1:	" instruction ", [%2]\n"                        \
			 "	dsb	sy\n"                                   \
			 "	b	3f\n"                                   \
			 "2:	mov	%w0, %3\n"                              \
			 "3:\n"                                                \
			 "	.pushsection .fixup, \"a\"\n"                  \
			 "	.long	1b - .\n"                               \
			 "	.long	2b - .\n"                               \
			 "	.popsection\n"                                 \
			 : "=&r"(error), operand                               \
			 : "r"(address), "i"(-HYP_EFAULT)                      \
			 : "memory")

int io_guest_read(paddr_t address, unsigned int width, uint64_t *value)
{
	uint64_t data = 0;
	int error;

	switch (width) {
	case 1:
		IO_ACCESS("ldrb %w1", error, "+r"(data), address.raw);
		break;
	case 2:
		IO_ACCESS("ldrh %w1", error, "+r"(data), address.raw);
		break;
	case 4:
		IO_ACCESS("ldr %w1", error, "+r"(data), address.raw);
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

	switch (width) {
	case 1:
		IO_ACCESS("strb %w1", error, "+r"(value), address.raw);
		break;
	case 2:
		IO_ACCESS("strh %w1", error, "+r"(value), address.raw);
		break;
	case 4:
		IO_ACCESS("str %w1", error, "+r"(value), address.raw);
		break;
	default:
		IO_ACCESS("str %1", error, "+r"(value), address.raw);
		break;
	}
	return error;
}
