/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to what runs below: the hypervisor's (HVC) and the firmware's (SMC). */
#ifndef INMATES_LIB_HYPERCALL_H
#define INMATES_LIB_HYPERCALL_H

#include <hyp/abi.h>
#include <hyp/compiler.h>

#define HYPERCALL_REGISTERS 7

/** struct hypercall - x1 to x7, in and out */
struct hypercall {
	uint64_t x[HYPERCALL_REGISTERS];
};

/**
 * hypercall() - HVC #0
 * @function: BH_VERSION and the like; see <hyp/abi.h>
 * @call: the arguments; overwritten by the results
 *
 * Return: x0: 0, a count, or a negative errno.
 */
int64_t hypercall(uint64_t function, struct hypercall *call);

/**
 * hypercall_smc() - the same by SMC #0
 *
 * Return: x0.
 */
int64_t hypercall_smc(uint64_t function, struct hypercall *call);

#endif /* INMATES_LIB_HYPERCALL_H */
