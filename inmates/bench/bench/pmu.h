/* SPDX-License-Identifier: Apache-2.0 */
/* The counters that the probes read. */
#ifndef BENCH_PMU_H
#define BENCH_PMU_H

#include <hyp/compiler.h>

/**
 * pmu_start() - count cycles and, in counter 0, instructions, at EL1 and EL2
 *
 * Return: 0, or -HYP_ENODEV: this CPU has no PMU.
 */
int pmu_start(void) MUST_CHECK;

#endif /* BENCH_PMU_H */
