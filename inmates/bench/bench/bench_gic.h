/* SPDX-License-Identifier: Apache-2.0 */
/* The GIC without the library's handlers: acknowledged and ended by the probes. */
#ifndef BENCH_GIC_H
#define BENCH_GIC_H

#include <hyp/compiler.h>

#define BENCH_SGI 1
#define BENCH_TYPER 0x0004
#define BENCH_ISENABLER 0x0100
#define BENCH_ICENABLER 0x0180
#define BENCH_IPRIORITYR 0x0400

struct bench_gic {
	bool is_v3;
	uintptr_t distributor;
	uintptr_t second; /* GICv2: the CPU interface; GICv3: the redistributors */
};

extern struct bench_gic bench_gic;

/**
 * bench_gic_init() - find the registers that the library has set up and mapped
 *
 * Return: 0, or a negative errno.
 */
int bench_gic_init(void) MUST_CHECK;

/** bench_gic_cpu_init() - the calling CPU's interface and BENCH_SGI, for CPU 1 */
void bench_gic_cpu_init(unsigned int cpu);

/** bench_gic_enable() - an interrupt, at the priority of the library's */
void bench_gic_enable(uint32_t intid);

/** bench_gic_acknowledge() - Return: what end() wants; bits 9:0: the INTID */
uint32_t bench_gic_acknowledge(void);
void bench_gic_end(uint32_t acknowledged);

/** bench_gic_sgi() - the register's value that sends BENCH_SGI to CPU @cpu */
uint64_t bench_gic_sgi(unsigned int cpu);

/** bench_gic_sgir() - GICD_SGIR of GICv2 */
uintptr_t bench_gic_sgir(void);

#endif /* BENCH_GIC_H */
