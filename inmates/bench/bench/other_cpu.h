/* SPDX-License-Identifier: Apache-2.0 */
/* A second CPU, that only sleeps and takes one kind of interrupt. */
#ifndef BENCH_OTHER_CPU_H
#define BENCH_OTHER_CPU_H

#include <hyp/compiler.h>

/**
 * other_cpu_start() - start CPU 1 by PSCI
 *
 * Return: 0, or -HYP_ENODEV: there is none, or it does not come.
 */
int other_cpu_start(void) MUST_CHECK;

/**
 * other_cpu_sample() - send it an SGI
 *
 * Return: from the sending to the first instruction of its vector, in ns of
 * CNTVCT_EL0 (one instruction each under the emulator).
 */
int64_t other_cpu_sample(unsigned int turn);

#endif /* BENCH_OTHER_CPU_H */
