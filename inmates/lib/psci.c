// SPDX-License-Identifier: Apache-2.0
// The few PSCI calls an inmate makes, by the conduit that the tree names.

#include <string.h>

#include <libfdt.h>

#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "psci.h"

static bool is_smc;

static int64_t psci_call(uint64_t function)
{
	struct hypercall call = { { 0 } };

	return is_smc ? hypercall_smc(function, &call) :
			hypercall(function, &call);
}

void psci_init(void)
{
	const int node = devtree_find_path("/psci");
	const char *method =
		node < 0 ? NULL :
			   fdt_getprop(devtree_blob(), node, "method", NULL);

	is_smc = method != NULL && strcmp(method, "smc") == 0;
}

int64_t psci_version(void)
{
	return psci_call(PSCI_VERSION);
}

int64_t psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context)
{
	struct hypercall call = { { affinity, entry, context } };

	return is_smc ? hypercall_smc(PSCI_CPU_ON, &call) :
			hypercall(PSCI_CPU_ON, &call);
}

void psci_system_off(void)
{
	cpu_irq_disable();
	(void)psci_call(PSCI_SYSTEM_OFF);
	for (;;) { /* it does not return; without PSCI this CPU sleeps */
		cpu_wait_for_interrupt();
	}
}
