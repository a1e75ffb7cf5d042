/* SPDX-License-Identifier: Apache-2.0 */
/* Device registers of EL2's own: one access of the named width each. */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <hyp/addr.h>

/* EL2 maps devices where they are: virtual address = physical address. */
static ALWAYS_INLINE void *io_pointer(paddr_t address)
{
	return (void *)(uintptr_t)address.raw;
}

/*
 * The register as an operand: the compiler may add a constant offset to the access,
 * but neither splits nor repeats it, and never writes the base back.
 */
#define IO_REGISTER(type, base, offset) \
	(*(type *)(void *)((char *)(base) + (offset)))
#define IO_REGISTER_CONST(type, base, offset) \
	(*(const type *)(const void *)((const char *)(base) + (offset)))

static ALWAYS_INLINE uint32_t io_read32(const void *base, size_t offset)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, %1"
			 : "=r"(value)
			 : "m"(IO_REGISTER_CONST(uint32_t, base, offset))
			 : "memory");
	return value;
}

static ALWAYS_INLINE uint64_t io_read64(const void *base, size_t offset)
{
	uint64_t value;

	__asm__ volatile("ldr %0, %1"
			 : "=r"(value)
			 : "m"(IO_REGISTER_CONST(uint64_t, base, offset))
			 : "memory");
	return value;
}

static ALWAYS_INLINE void io_write8(void *base, size_t offset, uint8_t value)
{
	__asm__ volatile("strb %w1, %0"
			 : "=m"(IO_REGISTER(uint8_t, base, offset))
			 : "rZ"(value)
			 : "memory");
}

static ALWAYS_INLINE void io_write32(void *base, size_t offset, uint32_t value)
{
	__asm__ volatile("str %w1, %0"
			 : "=m"(IO_REGISTER(uint32_t, base, offset))
			 : "rZ"(value)
			 : "memory");
}

static ALWAYS_INLINE void io_write64(void *base, size_t offset, uint64_t value)
{
	__asm__ volatile("str %x1, %0"
			 : "=m"(IO_REGISTER(uint64_t, base, offset))
			 : "rZ"(value)
			 : "memory");
}

/**
 * io_guest_read(), io_guest_write() - one access on behalf of a guest
 * @address: mapped at EL2 as device memory
 * @width: bytes: 1, 2, 4 or 8; @address is aligned to it
 *
 * Return: 0, or -HYP_EFAULT: answered with an external abort.
 */
int io_guest_read(paddr_t address, unsigned int width,
		  uint64_t *value) MUST_CHECK;
int io_guest_write(paddr_t address, unsigned int width,
		   uint64_t value) MUST_CHECK;

#endif /* ARCH_IO_H */
