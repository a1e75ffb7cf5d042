/* SPDX-License-Identifier: Apache-2.0 */
/* What crt0.S and the C library need of each other, and of the inmate. */
#ifndef INMATES_LIB_RUNTIME_H
#define INMATES_LIB_RUNTIME_H

#include <hyp/compiler.h>

#include "devtree.h"

/**
 * runtime_start() - from crt0.S, the MMU on: set everything up and run main()
 * @fdt: what x0 held
 */
_Noreturn void runtime_start(const void *fdt);

/** runtime_is_cell() - whether a Bulkhead hypervisor runs below */
bool runtime_is_cell(void);

/** runtime_memory() - the RAM range that this image stands in */
const struct devtree_region *runtime_memory(void);

/**
 * runtime_grow_heap() - for sbrk()
 * @bytes: to add, or to give back when negative
 *
 * Return: the old end of the heap, or NULL when it does not fit.
 */
void *runtime_grow_heap(ptrdiff_t bytes);

/** runtime_idle() - sleep in WFI for ever, taking interrupts */
_Noreturn void runtime_idle(void);

/** main() - the inmate; its return value is the exit status */
int main(void);

/* The image's ends, from inmate.lds; addresses, not data. */
extern char image_start[];
extern char image_end[];

#endif /* INMATES_LIB_RUNTIME_H */
