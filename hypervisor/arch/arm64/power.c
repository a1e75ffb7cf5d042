// SPDX-License-Identifier: Apache-2.0
/* The firmware's PSCI, by SMC or HVC. */
#include <arch/power.h>

#define POWER_CALL(name, instruction)                                         \
	int64_t name(uint64_t function, uint64_t a, uint64_t b, uint64_t c)   \
	{                                                                     \
		register uint64_t x0 __asm__("x0") = function;                \
		register uint64_t x1 __asm__("x1") = a;                       \
		register uint64_t x2 __asm__("x2") = b;                       \
		register uint64_t x3 __asm__("x3") = c;                       \
                                                                              \
		__asm__ volatile(instruction                                  \
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)     \
				 :                                            \
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", \
				   "x11", "x12", "x13", "x14", "x15", "x16",  \
				   "x17", "memory");                          \
		return (int64_t)x0;                                           \
	}

POWER_CALL(power_smc, "smc #0")
POWER_CALL(power_hvc, "hvc #0")

extern char head_secondary[];

int64_t power_cpu_on(uint64_t mpidr, const void *boot)
{
	return power_smc(PSCI_CPU_ON, mpidr, (uintptr_t)head_secondary,
			 (uintptr_t)boot);
}

static NORETURN void power_stopped(void)
{
	for (;;) {
		power_wait();
	}
}

void power_off(enum board_conduit conduit)
{
	if (conduit == BOARD_CONDUIT_HVC) {
		power_hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
	} else if (conduit == BOARD_CONDUIT_SMC) {
		power_smc(PSCI_SYSTEM_OFF, 0, 0, 0);
	}
	power_stopped();
}

void power_reset(void)
{
	power_smc(PSCI_SYSTEM_RESET, 0, 0, 0);
	power_stopped();
}
