// SPDX-License-Identifier: Apache-2.0
// A cell that sleeps: the one that is booted, or that is restarted by another.

#include <stdio.h>

#include "runtime.h"

int main(void)
{
	printf("bench-peer: asleep\n");
	runtime_idle();
}
