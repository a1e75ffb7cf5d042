// SPDX-License-Identifier: Apache-2.0
/*
 * Not in the product: test_panic.py puts it into a copy of the tree, with a call
 * that a guest can make. Each way is a failure of the hypervisor of its own kind.
 */
#include "provoke.h"
#include <hyp/printk.h>

static volatile uint64_t depth;

static NOINLINE uint64_t provoke_overflow(uint64_t from)
{
	volatile uint64_t room[16] = { from };

	if (++depth > 1000000) {
		return 0;
	}
	return provoke_overflow(from + 1) + room[0];
}

/* A leaf: its caller stands in x30 only. */
static NOINLINE uint64_t provoke_load(const volatile uint64_t *from)
{
	return *from;
}

static NOINLINE uint64_t provoke_deeper(uint64_t way)
{
	void (*nowhere)(void) = (void (*)(void))UINT64_C(0x123456789abc);

	switch (way) {
	case 0:
		panic("provoked by the test, way %lu", way);
	case 1:
		return provoke_load((const volatile uint64_t *)(way << 28)) + 1;
	case 2:
		return provoke_overflow(0);
	case 3:
		__asm__ volatile("udf #0");
		return 3;
	default:
		nowhere();
		return way;
	}
}

int64_t provoke(uint64_t way)
{
	return (int64_t)(provoke_deeper(way) + depth);
}
