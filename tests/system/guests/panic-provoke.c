// SPDX-License-Identifier: Apache-2.0
// Makes the hypervisor of test_panic.py fail; the one of the product has no such call.

#include <stdio.h>
#include <stdlib.h>

#include <libfdt.h>

#include "devtree.h"
#include "hypercall.h"

#define PROVOKE_FUNCTION 0xC60000F0

int main(void)
{
	const char *way = fdt_getprop(
		devtree_blob(), devtree_find_path("/chosen"), "bootargs", NULL);
	struct hypercall call = { { strtoull(way, NULL, 10) } };

	printf("panic-provoke: now\n");
	fflush(stdout);
	printf("panic-provoke: came back with %d\n",
	       (int)hypercall(PROVOKE_FUNCTION, &call));
	return EXIT_SUCCESS;
}
