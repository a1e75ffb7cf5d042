/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware's PSCI (Arm DEN 0022), as EL2 calls it. */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <hyp/board.h>

#define PSCI_VERSION 0x84000000
#define PSCI_CPU_SUSPEND 0xc4000001
#define PSCI_CPU_SUSPEND32 0x84000001
#define PSCI_CPU_OFF 0x84000002
#define PSCI_CPU_ON 0xc4000003
#define PSCI_CPU_ON32 0x84000003
#define PSCI_AFFINITY_INFO 0xc4000004
#define PSCI_AFFINITY_INFO32 0x84000004
#define PSCI_MIGRATE_INFO_TYPE 0x84000006
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define PSCI_FEATURES 0x8400000a
#define PSCI_SYSTEM_RESET2 0xc4000012
#define PSCI_SYSTEM_RESET2_32 0x84000012
#define SMCCC_VERSION 0x80000000
#define SMCCC_ARCH_FEATURES 0x80000001

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED -1
#define PSCI_INVALID_PARAMETERS -2
#define PSCI_DENIED -3
#define PSCI_ALREADY_ON -4
#define PSCI_ON_PENDING -5
#define PSCI_INVALID_ADDRESS -9

/** power_smc(), power_hvc() - one call by that conduit. Return: x0. */
int64_t power_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
int64_t power_hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

/** power_cpu_on() - start a CPU in head.S with @boot. Return: PSCI's answer. */
int64_t power_cpu_on(uint64_t mpidr, const void *boot);

/** power_off() - the machine, by @conduit; if it returns, nobody can do more */
NORETURN void power_off(enum board_conduit conduit);

/** power_reset() - the machine, at EL2 */
NORETURN void power_reset(void);

/** power_wait() - sleep until something happens */
static inline void power_wait(void)
{
	__asm__ volatile("dsb sy\n"
			 "wfi\n"
			 :
			 :
			 : "memory");
}

#endif /* ARCH_POWER_H */
