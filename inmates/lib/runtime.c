// SPDX-License-Identifier: Apache-2.0
// From crt0.S to main(): tree, memory, console, interrupts, time.

#include <stdio.h>
#include <stdlib.h>

#include <hyp/errno.h>

#include <libfdt.h>

#include "console.h"
#include "cpu.h"
#include "irq.h"
#include "mmu.h"
#include "psci.h"
#include "runtime.h"
#include "timer.h"

static struct devtree_region memory;
static uintptr_t heap_end;
static uintptr_t heap_limit;

static _Noreturn void fail(const char *sentence)
{
	console_puts("inmate: ");
	console_puts(sentence);
	console_puts("\n");
	psci_system_off();
}

/* The heap runs from the image to the next thing above it. */
static int memory_init(uintptr_t fdt)
{
	const uintptr_t image = (uintptr_t)image_start;
	const int result = devtree_memory(image, &memory);

	if (result != 0) {
		return result;
	}
	heap_end = (uintptr_t)image_end;
	heap_limit = (uintptr_t)(memory.address + memory.size);
	if (fdt >= heap_end && fdt < heap_limit) {
		heap_limit = fdt;
	}
	if (heap_limit < heap_end) {
		return -HYP_ENOMEM;
	}
	return mmu_map_memory(memory.address, memory.size);
}

void runtime_start(const void *fdt)
{
	int status;

	if (devtree_init(fdt) != 0) {
		fail("x0 holds no device tree");
	}
	psci_init();
	console_init();
	if (memory_init((uintptr_t)fdt) != 0) {
		fail("/memory in the device tree does not hold this image");
	}
	if (irq_init() != 0) {
		fail("the device tree names no GICv2 or GICv3 that works");
	}
	if (timer_init() != 0) {
		fail("the device tree names no generic timer that works");
	}
	if (console_init_input() != 0) {
		fail("the console's interrupt in /hypervisor is taken");
	}
	cpu_irq_enable();
	status = main();
	exit(status);
}

bool runtime_is_cell(void)
{
	return devtree_hypervisor() >= 0;
}

const struct devtree_region *runtime_memory(void)
{
	return &memory;
}

void *runtime_grow_heap(ptrdiff_t bytes)
{
	const uintptr_t old = heap_end;

	if (bytes >= 0 ? (uintptr_t)bytes > heap_limit - heap_end :
			 (uintptr_t)-bytes > heap_end - (uintptr_t)image_end) {
		return NULL;
	}
	heap_end = (uintptr_t)((intptr_t)heap_end + bytes);
	return (void *)old;
}

void runtime_idle(void)
{
	fflush(NULL);
	cpu_irq_disable();
	for (;;) {
		cpu_wait_for_interrupt();
	}
}
