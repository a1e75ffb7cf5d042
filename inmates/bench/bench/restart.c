// SPDX-License-Identifier: Apache-2.0
// The manager's side of a restart.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hyp/compiler.h>

#include "hypercall.h"
#include "restart.h"
#include "runtime.h"
#include "timer.h"

#define PEER "peer"
#define POLL_MS 1
#define PATIENCE_MS 1000

static uint64_t peer; /* its index */

void NOINLINE restart_mark(void)
{
	__asm__ volatile("" ::: "memory");
}

static bool find_peer(void)
{
	for (peer = 0;; peer++) {
		struct hypercall call = { { peer } };
		char name[BH_NAME_SIZE + 1] = "";

		if (hypercall(BH_CELL_NAME, &call) != 0) {
			return false;
		}
		memcpy(name, call.x, BH_NAME_SIZE);
		if (strcmp(name, PEER) == 0) {
			return true;
		}
	}
}

static bool is_settled(void *arg)
{
	struct hypercall call = { { peer } };

	return hypercall(BH_CELL_INFO, &call) != 0 ||
	       (call.x[1] == 0 && call.x[0] == *(const uint64_t *)arg);
}

static bool command(enum bh_op op, uint64_t state)
{
	struct hypercall call = { { peer, op, BH_OP_FORCE } };

	return hypercall(BH_CELL_OP, &call) == 0 &&
	       timer_wait(is_settled, &state, PATIENCE_MS);
}

int restart_run(void)
{
	if (!find_peer() || !command(BH_OP_CREATE, BH_STATE_CREATED) ||
	    !command(BH_OP_LOAD, BH_STATE_LOADED) ||
	    !command(BH_OP_START, BH_STATE_RUNNING)) {
		printf("bench: FAIL: the cell \"" PEER
		       "\" cannot be started\n");
		return EXIT_FAILURE;
	}
	timer_delay_ms(POLL_MS); /* it sleeps by now */
	restart_mark();
	if (!command(BH_OP_RESTART, BH_STATE_RUNNING)) {
		printf("bench: FAIL: the cell \"" PEER "\" does not restart\n");
		return EXIT_FAILURE;
	}
	printf("bench: done\n");
	runtime_idle();
}
