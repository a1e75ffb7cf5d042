/* SPDX-License-Identifier: Apache-2.0 */
/* The few PSCI calls an inmate makes; in a cell the hypervisor answers them. */
#ifndef INMATES_LIB_PSCI_H
#define INMATES_LIB_PSCI_H

#include <hyp/compiler.h>

/* DEN 0022, "Function prototypes" */
#define PSCI_VERSION 0x84000000
#define PSCI_CPU_ON 0xc4000003
#define PSCI_SYSTEM_OFF 0x84000008

/**
 * psci_init() - take the conduit from the tree's /psci node
 *
 * Without the node it is HVC.
 */
void psci_init(void);

/**
 * psci_version() - ask for the version
 *
 * Return: major << 16 | minor, or a negative PSCI error.
 */
int64_t psci_version(void);

/**
 * psci_cpu_on() - start another CPU, with its MMU off
 * @affinity: its MPIDR fields
 * @entry: address
 * @context: in its x0
 *
 * Return: 0, or a negative PSCI error.
 */
int64_t psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context);

/** psci_system_off() - end this cell, or the machine when bare */
_Noreturn void psci_system_off(void);

#endif /* INMATES_LIB_PSCI_H */
