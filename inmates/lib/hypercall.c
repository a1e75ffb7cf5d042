// SPDX-License-Identifier: Apache-2.0
// Calls to what runs below, in the form of the SMC Calling Convention.

#include "hypercall.h"

/* DEN 0028, "Register use in AArch64 SMC64 and HVC64 calls" */
#define CALL(instruction)                                                    \
	register uint64_t x0 __asm__("x0") = function;                       \
	register uint64_t x1 __asm__("x1") = call->x[0];                     \
	register uint64_t x2 __asm__("x2") = call->x[1];                     \
	register uint64_t x3 __asm__("x3") = call->x[2];                     \
	register uint64_t x4 __asm__("x4") = call->x[3];                     \
	register uint64_t x5 __asm__("x5") = call->x[4];                     \
	register uint64_t x6 __asm__("x6") = call->x[5];                     \
	register uint64_t x7 __asm__("x7") = call->x[6];                     \
                                                                             \
	__asm__ volatile(instruction                                         \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), \
			   "+r"(x5), "+r"(x6), "+r"(x7)                      \
			 :                                                   \
			 : "x8", "x9", "x10", "x11", "x12", "x13", "x14",    \
			   "x15", "x16", "x17", "memory");                   \
	call->x[0] = x1;                                                     \
	call->x[1] = x2;                                                     \
	call->x[2] = x3;                                                     \
	call->x[3] = x4;                                                     \
	call->x[4] = x5;                                                     \
	call->x[5] = x6;                                                     \
	call->x[6] = x7

int64_t hypercall(uint64_t function, struct hypercall *call)
{
	CALL("hvc #0");
	return (int64_t)x0;
}

int64_t hypercall_smc(uint64_t function, struct hypercall *call)
{
	CALL("smc #0");
	return (int64_t)x0;
}
