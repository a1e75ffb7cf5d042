/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses to device registers: one plain load or store of the exact width
 * each, with a base register only, which every hypervisor can decode.
 */
#ifndef INMATES_LIB_MMIO_H
#define INMATES_LIB_MMIO_H

#include <stdint.h>

static inline uint8_t mmio_read8(uintptr_t address)
{
	uint32_t value;

	__asm__ volatile("ldrb %w0, [%1]"
			 : "=r"(value)
			 : "r"(address)
			 : "memory");
	return (uint8_t)value;
}

static inline uint16_t mmio_read16(uintptr_t address)
{
	uint32_t value;

	__asm__ volatile("ldrh %w0, [%1]"
			 : "=r"(value)
			 : "r"(address)
			 : "memory");
	return (uint16_t)value;
}

static inline uint32_t mmio_read32(uintptr_t address)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]"
			 : "=r"(value)
			 : "r"(address)
			 : "memory");
	return value;
}

static inline uint64_t mmio_read64(uintptr_t address)
{
	uint64_t value;

	__asm__ volatile("ldr %0, [%1]"
			 : "=r"(value)
			 : "r"(address)
			 : "memory");
	return value;
}

static inline void mmio_write8(uintptr_t address, uint8_t value)
{
	__asm__ volatile("strb %w0, [%1]" ::"rZ"(value), "r"(address)
			 : "memory");
}

static inline void mmio_write16(uintptr_t address, uint16_t value)
{
	__asm__ volatile("strh %w0, [%1]" ::"rZ"(value), "r"(address)
			 : "memory");
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" ::"rZ"(value), "r"(address)
			 : "memory");
}

static inline void mmio_write64(uintptr_t address, uint64_t value)
{
	__asm__ volatile("str %x0, [%1]" ::"rZ"(value), "r"(address)
			 : "memory");
}

#endif /* INMATES_LIB_MMIO_H */
