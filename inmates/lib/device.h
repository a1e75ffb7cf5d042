/* SPDX-License-Identifier: Apache-2.0 */
/* A device of one region and at most one interrupt, found and made usable. */
#ifndef INMATES_LIB_DEVICE_H
#define INMATES_LIB_DEVICE_H

#include <hyp/compiler.h>

/**
 * device_open() - find the first node of a kind, map its registers, and
 * request its interrupt
 * @name: of the program, for what is printed
 * @compatible: of the device
 * @handler: as irq_request() has it, or NULL: the device's interrupt is not used
 * @registers: takes the address of region 0
 *
 * Prints what it found, or in one line with FAIL what is missing.
 *
 * Return: 0, or the error of devtree_region(), devtree_irq(), mmu_map_device() or
 * irq_request().
 */
int device_open(const char *name, const char *compatible,
		void (*handler)(void *arg), uintptr_t *registers) MUST_CHECK;

#endif /* INMATES_LIB_DEVICE_H */
