/* SPDX-License-Identifier: Apache-2.0 */
/* The image in memory, and the way from head.S into boot.c and back. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <hyp/addr.h>

struct boot_state;

/* head.S calls them, once each, on the boot stack. */
void boot_from_loader(const void *fdt);
void boot_moved(const void *fdt, const void *bundle,
		const struct boot_state *before);

/** arch_exception_level() - 1 or 2 */
unsigned int arch_exception_level(void);

/** arch_image_start() - where the image runs now */
uint64_t arch_image_start(void);

/** arch_image_file_size() - bytes to copy; arch_image_memory_size(): with .bss */
uint64_t arch_image_file_size(void);
uint64_t arch_image_memory_size(void);

/** arch_image_ranges() - the image by protection, whole pages each */
void arch_image_ranges(struct pa_range *text, struct pa_range *read_only,
		       struct pa_range *data);

/** arch_panic() - an exception at this place, which saves all registers */
static inline NORETURN void arch_panic(void)
{
	__asm__ volatile("brk #0" : : : "memory");
	__builtin_unreachable();
}

/** arch_reenter() - go on in the copy at @image, in boot_moved() */
NORETURN void arch_reenter(uint64_t image, uint64_t fdt, uint64_t bundle,
			   const struct boot_state *state);

#endif /* ARCH_BOOT_H */
