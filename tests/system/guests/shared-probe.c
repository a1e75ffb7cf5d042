// SPDX-License-Identifier: Apache-2.0
// Does one thing with the region "ring", or to it: bootargs say what.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "devtree.h"
#include "hypercall.h"
#include "irq.h"
#include "mmu.h"
#include "runtime.h"
#include "shared.h"
#include "timer.h"

#define PATTERN 0xb00b1e55u

static struct shared ring;
static unsigned int heard_count;

static volatile uint32_t *words(void)
{
	return ring.memory;
}

static void look(void)
{
	unsigned int zero_count = 0, pattern_count = 0;
	const unsigned int count = (unsigned int)(ring.size / 4);

	for (unsigned int i = 0; i < count; i++) {
		zero_count += words()[i] == 0 ? 1 : 0;
		pattern_count += words()[i] == PATTERN + i ? 1 : 0;
	}
	printf("shared-probe: %u words, %u zero, %u patterned, %s\n", count,
	       zero_count, pattern_count,
	       ring.is_read_only ? "read-only" : "read-write");
}

static void fill(void)
{
	for (unsigned int i = 0; i < ring.size / 4; i++) {
		words()[i] = PATTERN + i;
	}
	look();
}

/* The hypervisor answers with an abort, which ends this cell. */
static void write_one(void)
{
	look();
	printf("shared-probe: writes now\n");
	words()[0] = 0;
	printf("shared-probe: FAIL: written\n");
}

static void execute(void)
{
	union {
		void *memory;
		void (*function)(void);
	} code = { ring.memory };

	words()[0] = 0xd65f03c0; /* ret */
	printf("shared-probe: jumps now\n");
	code.function();
	printf("shared-probe: FAIL: executed\n");
}

static void flood(void)
{
	printf("shared-probe: floods, the first with %d\n",
	       -shared_ring(&ring));
	fflush(stdout);
	for (;;) {
		(void)!shared_ring(&ring);
	}
}

static void handler(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&heard_count, 1, __ATOMIC_RELAXED);
}

static bool has_heard(void *arg)
{
	(void)arg;
	return __atomic_load_n(&heard_count, __ATOMIC_RELAXED) != 0;
}

static void listen(bool is_deaf)
{
	if (shared_listen(&ring, handler, NULL) != 0) {
		printf("shared-probe: FAIL: no doorbell\n");
		return;
	}
	if (is_deaf) {
		irq_disable(ring.intid);
		printf("shared-probe: deaf\n");
		(void)timer_wait(has_heard, NULL, 5000);
		printf("shared-probe: heard %u while deaf\n", heard_count);
		irq_enable(ring.intid);
	}
	printf("shared-probe: listens\n");
	if (timer_wait(has_heard, NULL, 30000)) {
		printf("shared-probe: heard it\n");
	}
}

static void numbers(void)
{
	static const uint64_t tries[] = { 0, 1, 8, UINT64_C(1) << 32,
					  UINT64_MAX };

	for (unsigned int i = 0; i < ARRAY_SIZE(tries); i++) {
		struct hypercall call = { { tries[i] } };

		printf("shared-probe: doorbell 0x%llx: %d\n",
		       (unsigned long long)tries[i],
		       (int)hypercall(BH_DOORBELL, &call));
	}
}

/* Memory that the tree does not give. */
static void peek(const char *address)
{
	const uint64_t at = strtoull(address, NULL, 0);

	if (mmu_map_memory(at, 4096) == 0) {
		printf("shared-probe: reads now\n");
		printf("shared-probe: FAIL: read 0x%lx\n",
		       (unsigned long)*(volatile uint32_t *)(uintptr_t)at);
	}
}

static void run(const char *what)
{
	if (strcmp(what, "numbers") == 0) {
		numbers();
	} else if (strncmp(what, "peek ", 5) == 0) {
		peek(what + 5);
	} else if (shared_open(&ring, "ring") != 0) {
		printf("shared-probe: FAIL: no ring\n");
	} else if (strcmp(what, "look") == 0) {
		look();
	} else if (strcmp(what, "fill") == 0) {
		fill();
	} else if (strcmp(what, "write") == 0) {
		write_one();
	} else if (strcmp(what, "execute") == 0) {
		execute();
	} else if (strcmp(what, "flood") == 0) {
		flood();
	} else {
		listen(strcmp(what, "deaf") == 0);
	}
}

int main(void)
{
	const char *what = fdt_getprop(
		devtree_blob(), devtree_find_path("/chosen"), "bootargs", NULL);

	run(what == NULL ? "" : what);
	fflush(stdout);
	runtime_idle();
}
