// SPDX-License-Identifier: Apache-2.0
// The smallest inmate: says who it is and where it runs, counts, and ends.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <newlib.h>

#include "cpu.h"
#include "psci.h"
#include "runtime.h"
#include "timer.h"

#define COUNT 5
#define STEP_MS 100
#define HEAP_TEST_SIZE 65536

int main(void)
{
	const struct devtree_region *memory = runtime_memory();
	const int64_t psci = psci_version();
	const uint64_t start_us = timer_now_us();
	void *heap = malloc(HEAP_TEST_SIZE);

	if (runtime_is_cell()) {
		printf("hello from cell \"%s\"\n", devtree_cell_name());
	} else {
		printf("hello from an inmate that runs bare\n");
	}
	printf("hello: newlib %s, EL%u, CPU 0x%llx of %u, PSCI %u.%u\n",
	       _NEWLIB_VERSION, (unsigned int)(CPU_READ(currentel) >> 2),
	       (unsigned long long)cpu_affinity(), devtree_cpu_count(),
	       (unsigned int)(psci >> 16), (unsigned int)(psci & 0xffff));
	printf("hello: memory %llu KiB at 0x%llx, image at %p, heap at %p\n",
	       (unsigned long long)memory->size / 1024,
	       (unsigned long long)memory->address, (void *)image_start, heap);
	for (unsigned int i = 1; i <= COUNT; i++) {
		timer_delay_ms(STEP_MS);
		printf("hello: %u, its square root %.4f, after %.1f ms\n", i,
		       sqrt(i), (double)(timer_now_us() - start_us) / 1e3);
	}
	free(heap);
	printf("hello: done\n");
	return heap == NULL ? EXIT_FAILURE : EXIT_SUCCESS;
}
