// SPDX-License-Identifier: Apache-2.0
// CPU 1: it sleeps, notes when its interrupt came, and sleeps again.

#include <hyp/errno.h>

#include "cpu.h"
#include "devtree.h"
#include "bench_gic.h"
#include "hypercall.h"
#include "other_cpu.h"
#include "probe.h"
#include "psci.h"
#include "timer.h"

#define STACK_SIZE 4096
#define START_MS 10

static uint8_t stack[STACK_SIZE] ALIGNED(16);
static struct probe_start start;
static uint64_t is_ready;
static uint64_t is_taken;
static uint64_t taken_at; /* CNTVCT_EL0 in the vector */

static _Noreturn void other_cpu_main(void)
{
	bench_gic_cpu_init(1);
	CPU_WRITE(vbar_el1, (uintptr_t)probe_vectors_time);
	cpu_isb();
	__atomic_store_n(&is_ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		const uint64_t now = probe_receive();

		bench_gic_end(bench_gic_acknowledge());
		taken_at = now;
		__atomic_store_n(&is_taken, 1, __ATOMIC_RELEASE);
		__asm__ volatile("dsb ish\n\tsev" ::: "memory");
	}
}

static bool is_up(void *arg)
{
	(void)arg;
	return __atomic_load_n(&is_ready, __ATOMIC_ACQUIRE) != 0;
}

/* It reads @start with its MMU off. */
static void clean(const void *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += 16) {
		__asm__ volatile("dc civac, %0" ::"r"((uintptr_t)bytes + at)
				 : "memory");
	}
	cpu_dsb();
}

int other_cpu_start(void)
{
	struct hypercall call = { { 1, (uintptr_t)probe_start_cpu,
				    (uintptr_t)&start } };

	if (devtree_cpu_count() < 2) {
		return -HYP_ENODEV;
	}
	start.ttbr0 = CPU_READ(ttbr0_el1);
	start.tcr = CPU_READ(tcr_el1);
	start.mair = CPU_READ(mair_el1);
	start.sctlr = CPU_READ(sctlr_el1);
	start.stack = (uintptr_t)stack + sizeof(stack);
	start.entry = (uintptr_t)other_cpu_main;
	clean(&start, sizeof(start));
	if (hypercall(PSCI_CPU_ON, &call) != 0 ||
	    !timer_wait(is_up, NULL, START_MS)) {
		return -HYP_ENODEV;
	}
	return 0;
}

int64_t other_cpu_sample(unsigned int turn)
{
	const uint64_t value = bench_gic_sgi(1);
	uint64_t sent;

	(void)turn;
	timer_delay_ms(1); /* it is asleep again */
	__atomic_store_n(&is_taken, 0, __ATOMIC_RELEASE);
	cpu_irq_disable();
	if (bench_gic.is_v3) {
		sent = probe_send_sgi1r(value, &is_taken);
	} else {
		sent = probe_send_store(bench_gic_sgir(), (uint32_t)value,
					&is_taken);
	}
	cpu_irq_enable();
	return (int64_t)((taken_at - sent) * 1000000000 / timer_freq_hz());
}
