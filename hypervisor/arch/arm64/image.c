// SPDX-License-Identifier: Apache-2.0
/* The image in memory; the linker script defines the symbols. */
#include <arch/boot.h>
#include <arch/cpu_offsets.h>
#include <arch/sysreg.h>

extern char image_start[];
extern char __text_end[];
extern char __rodata_end[];
extern char __bss_end[];
extern char head_moved[];

NORETURN void head_reenter(uint64_t entry, uint64_t fdt, uint64_t bundle,
			   const struct boot_state *state);

/* head.S and entry.S name the ends of these. */
char boot_stack[CPU_STACK_SIZE] ALIGNED(CPU_STACK_SIZE); /* for backtraces */
char emergency_stack[EMERGENCY_STACK_SIZE] ALIGNED(16);

unsigned int arch_exception_level(void)
{
	return (unsigned int)(SYSREG_READ(CurrentEL) >> 2 & 3);
}

uint64_t arch_image_start(void)
{
	return (uintptr_t)image_start;
}

uint64_t arch_image_file_size(void)
{
	return (uint64_t)(__rodata_end - image_start);
}

uint64_t arch_image_memory_size(void)
{
	return (uint64_t)(__bss_end - image_start);
}

void arch_image_ranges(struct pa_range *text, struct pa_range *read_only,
		       struct pa_range *data)
{
	text->base = pa((uintptr_t)image_start);
	text->size = (uint64_t)(__text_end - image_start);
	read_only->base = pa((uintptr_t)__text_end);
	read_only->size = (uint64_t)(__rodata_end - __text_end);
	data->base = pa((uintptr_t)__rodata_end);
	data->size = (uint64_t)(__bss_end - __rodata_end);
}

void arch_reenter(uint64_t image, uint64_t fdt, uint64_t bundle,
		  const struct boot_state *state)
{
	uint64_t entry = image + (uint64_t)(head_moved - image_start);

	head_reenter(entry, fdt, bundle, state);
}
