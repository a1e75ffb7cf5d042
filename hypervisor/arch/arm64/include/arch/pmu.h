/* SPDX-License-Identifier: Apache-2.0 */
/* The performance monitors of this CPU. */
#ifndef ARCH_PMU_H
#define ARCH_PMU_H

#include <hyp/compiler.h>

/**
 * pmu_hand_over() - reset all counters, before this CPU's next guest
 * @granted: the guest may use them
 *
 * Return: MDCR_EL2.HPMN, TPM and TPMCR for that guest. A CPU without a PMU has
 * none to grant.
 */
uint64_t pmu_hand_over(bool granted);

#endif /* ARCH_PMU_H */
