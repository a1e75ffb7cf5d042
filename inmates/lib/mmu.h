/* SPDX-License-Identifier: Apache-2.0 */
/* The inmate's identity map: RAM cached, devices where a driver asks. */
#ifndef INMATES_LIB_MMU_H
#define INMATES_LIB_MMU_H

#include <hyp/compiler.h>

/**
 * mmu_early() - map what is needed to read the tree
 * @fdt: the tree's address, or 0
 * @image_start: first byte of the image
 * @image_end: first byte after it, both page-aligned
 *
 * Called by crt0.S with the MMU off.
 *
 * Return: the address of the level 1 table, for TTBR0_EL1.
 */
uintptr_t mmu_early(uintptr_t fdt, uintptr_t image_start, uintptr_t image_end);

/**
 * mmu_map_memory() - map RAM, cached
 * @address: first byte; the range is widened to whole pages
 * @size: bytes
 *
 * Return: 0, -HYP_ERANGE (beyond 512 GiB), -HYP_EEXIST (a device is mapped
 * there), or -HYP_ENOMEM (out of tables).
 */
int mmu_map_memory(uint64_t address, uint64_t size) MUST_CHECK;

/**
 * mmu_map_device() - map device registers, at their own address
 * @address: first byte; the range is widened to whole pages
 * @size: bytes
 *
 * May be called again for the same pages.
 *
 * Return: as mmu_map_memory(); -HYP_EEXIST: RAM is mapped there.
 */
int mmu_map_device(uint64_t address, uint64_t size) MUST_CHECK;

#endif /* INMATES_LIB_MMU_H */
