// SPDX-License-Identifier: Apache-2.0
// PSCI 1.1 (DEN 0022) and SMCCC 1.1 (DEN 0028) as a cell finds them, by HVC and by SMC:
// every function, every wrong argument with the error that the specification names, and
// the truth of AFFINITY_INFO while CPUs come and go. What ends the cell is not here.

#include <setjmp.h>
#include <stdio.h>

#include <hyp/abi.h>

#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "runtime.h"
#include "smp.h"
#include "tap.h"
#include "timer.h"

#define VERSION 0x84000000
#define CPU_SUSPEND32 0x84000001
#define CPU_SUSPEND 0xc4000001
#define CPU_OFF 0x84000002
#define CPU_ON32 0x84000003
#define CPU_ON 0xc4000003
#define AFFINITY_INFO32 0x84000004
#define AFFINITY_INFO 0xc4000004
#define MIGRATE_INFO_TYPE 0x84000006
#define SYSTEM_OFF 0x84000008
#define SYSTEM_RESET 0x84000009
#define FEATURES 0x8400000a
#define SYSTEM_RESET2_32 0x84000012
#define SYSTEM_RESET2 0xc4000012
#define SMCCC_VERSION 0x80000000
#define SMCCC_ARCH_FEATURES 0x80000001
#define SMCCC_ARCH_WORKAROUND_1 0x80008000

/* DEN 0022, "Return error codes" */
#define SUCCESS 0
#define NOT_SUPPORTED -1
#define INVALID_PARAMETERS -2
#define ALREADY_ON -4
#define ON_PENDING -5
#define INVALID_ADDRESS -9

#define STATE_ON 0
#define STATE_OFF 1
#define STATE_ON_PENDING 2

#define NO_MIGRATION 2
#define ROUNDS 100
#define SLEEPS 200
#define MPIDR_RES1 UINT64_C(0x80000000)
#define DAIF_ALL 0x3c0
#define SCTLR_M_C_I 0x1005

/* entry.S writes it with its MMU off. */
struct visit {
	uint64_t mpidr, level, daif, sctlr, spsel;
	uint64_t others; /* x1, x7, x18 and x30, or-ed */
	uint64_t count;
} ALIGNED(64);

void visit_hvc(void);
void visit_smc(void);

static struct visit visits[SMP_CPUS_MAX];
static bool by_smc;
static unsigned int cpu_count;

static int64_t call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	struct hypercall x = { { a, b, c } };

	/* 32 bits of result: a function of SMC32 leaves the others unknown. */
	return (int32_t)(by_smc ? hypercall_smc(function, &x) :
				  hypercall(function, &x));
}

static void answers(int64_t expected, uint64_t function, uint64_t a, uint64_t b,
		    uint64_t c)
{
	const int64_t answer = call(function, a, b, c);

	tap_check(answer == expected,
		  "0x%llx(0x%llx, 0x%llx, 0x%llx) is %lld, expected %lld",
		  (unsigned long long)function, (unsigned long long)a,
		  (unsigned long long)b, (unsigned long long)c,
		  (long long)answer, (long long)expected);
}

static uintptr_t entry(void)
{
	return by_smc ? (uintptr_t)visit_smc : (uintptr_t)visit_hvc;
}

static int64_t state(unsigned int cpu)
{
	return call(AFFINITY_INFO, cpu, 0, 0);
}

static void wait_off(unsigned int cpu)
{
	while (state(cpu) != STATE_OFF) {
		cpu_yield();
	}
}

/* What @cpu wrote past its caches. */
static const struct visit *visit_of(unsigned int cpu)
{
	__asm__ volatile("dc civac, %0\n\tdsb sy" ::"r"(&visits[cpu])
			 : "memory");
	return &visits[cpu];
}

static int64_t start_visit(unsigned int cpu)
{
	visit_of(cpu);
	return call(CPU_ON, cpu, entry(), (uintptr_t)&visits[cpu]);
}

static void test_functions(void)
{
	static const uint32_t there[] = {
		VERSION,       CPU_SUSPEND32,	 CPU_SUSPEND,
		CPU_OFF,       CPU_ON32,	 CPU_ON,
		AFFINITY_INFO, AFFINITY_INFO32,	 MIGRATE_INFO_TYPE,
		SYSTEM_OFF,    SYSTEM_RESET,	 FEATURES,
		SYSTEM_RESET2, SYSTEM_RESET2_32, SMCCC_VERSION,
	};
	/* MIGRATE and its CPU, CPU_FREEZE, CPU_DEFAULT_SUSPEND, NODE_HW_STATE, ... */
	static const uint32_t absent[] = {
		0x84000005, 0xc4000005, 0x84000007, 0xc4000007, 0x8400000b,
		0x8400000c, 0xc400000c, 0x8400000d, 0xc400000d, 0x8400000e,
		0xc400000e, 0x8400000f, 0x84000010, 0xc4000010, 0x84000011,
		0xc4000011, 0x84000013, 0xc4000013, 0x84000014, 0x8400001f,
		0xc4000000, 0xc4000002, 0xc4000008, 0xc4000009, 0xc400000a,
		0x84000100,
	};

	answers(0x10001, VERSION, 0, 0, 0);
	answers(NO_MIGRATION, MIGRATE_INFO_TYPE, 0, 0, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++) {
		answers(SUCCESS, FEATURES, there[i], 0, 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		answers(NOT_SUPPORTED, FEATURES, absent[i], 0, 0);
		answers(NOT_SUPPORTED, absent[i], 0, 0, 0);
	}
	/* Of an argument of 32 bits the upper half is not looked at. */
	answers(SUCCESS, FEATURES, 0xdead000000000000 | CPU_ON, 0, 0);
}

static void test_smccc(void)
{
	static const uint32_t absent[] = {
		0x80000002, 0x80007fff, 0x80003fff, 0x81000000, 0x82000000,
		0x83000000, 0xc3000000, 0x85000000, 0xb0000000, 0xbf00ffff,
		0xffffffff, 0x00000000, 0x40000000,
	};

	answers(0x10001, SMCCC_VERSION, 0, 0, 0);
	answers(SUCCESS, SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0);
	answers(SUCCESS, SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0);
	answers(NOT_SUPPORTED, SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1, 0,
		0);
	answers(NOT_SUPPORTED, SMCCC_ARCH_FEATURES, 0x80000002, 0, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++) {
		struct hypercall x = { { 1, 2, 3, 4, 5, 6, 7 } };
		const int64_t answer = by_smc ? hypercall_smc(absent[i], &x) :
						hypercall(absent[i], &x);

		tap_check((int32_t)answer == NOT_SUPPORTED, "0x%x is %lld",
			  absent[i], (long long)answer);
		for (unsigned int n = 0; n < 7; n++) {
			tap_equal(x.x[n], n + 1, "x%u after 0x%x", n + 1,
				  absent[i]);
		}
	}
}

/* No CPU of the cell: the count, affinity 1 to 3, MPIDR's other bits. */
static const uint64_t no_cpu[] = {
	8,
	0xff,
	0x100,
	0x10000,
	0x1000000,
	0x80000000,
	UINT64_C(1) << 32,
	UINT64_C(0xff) << 32,
	UINT64_C(1) << 63,
	~UINT64_C(0),
};

static void test_affinity_info(void)
{
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
		const int64_t expected = cpu == 0 ? STATE_ON : STATE_OFF;

		answers(expected, AFFINITY_INFO, cpu, 0, 0);
		answers(expected, AFFINITY_INFO32, cpu, 0, 0);
		answers(expected, AFFINITY_INFO32, UINT64_C(1) << 32 | cpu,
			UINT64_C(1) << 32, 0);
		/* From PSCI 1.0 on no other level needs to be there. */
		for (uint64_t level = 1; level < 5; level++) {
			answers(INVALID_PARAMETERS, AFFINITY_INFO, cpu, level,
				0);
		}
		answers(INVALID_PARAMETERS, AFFINITY_INFO, cpu,
			UINT64_C(1) << 32, 0);
	}
	answers(INVALID_PARAMETERS, AFFINITY_INFO, cpu_count, 0, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(no_cpu); i++) {
		answers(INVALID_PARAMETERS, AFFINITY_INFO, no_cpu[i], 0, 0);
	}
}

static void test_cpu_on_refused(void)
{
	const struct devtree_region *memory = runtime_memory();
	const uint64_t end = memory->address + memory->size;
	const uint64_t no_address[] = {
		0,
		memory->address - 4,
		end,
		end + 4,
		UINT64_C(0x50000000),
		UINT64_C(0x8000000),
		~UINT64_C(3),
		entry() | 1,
		entry() | 2,
		UINT64_C(1) << 48 | entry(),
	};

	for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(no_address); i++) {
			answers(INVALID_ADDRESS, CPU_ON, cpu, no_address[i], 0);
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(no_cpu); i++) {
		answers(INVALID_PARAMETERS, CPU_ON, no_cpu[i], entry(), 0);
	}
	answers(INVALID_PARAMETERS, CPU_ON, cpu_count, entry(), 0);
	answers(INVALID_PARAMETERS, CPU_ON32, cpu_count, entry(), 0);
	answers(ALREADY_ON, CPU_ON, 0, entry(), 0);
	answers(ALREADY_ON, CPU_ON32, UINT64_C(7) << 32, entry(), 0);
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++) {
		answers(STATE_OFF, AFFINITY_INFO, cpu, 0, 0);
	}
}

/* A CPU starts at EL1h with all masked, its MMU and caches off, x0 as it was given. */
static void test_cpu_on(void)
{
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++) {
		const uint64_t count = visit_of(cpu)->count;
		const struct visit *visit;

		tap_equal((uint64_t)start_visit(cpu), SUCCESS, "CPU_ON(%u)",
			  cpu);
		wait_off(cpu);
		visit = visit_of(cpu);
		tap_equal(visit->count, count + 1, "visits of CPU %u", cpu);
		tap_equal(visit->mpidr, MPIDR_RES1 | cpu, "MPIDR_EL1");
		tap_equal(visit->level, 1 << 2, "CurrentEL");
		tap_equal(visit->daif, DAIF_ALL, "DAIF");
		tap_equal(visit->spsel, 1, "SPSel");
		tap_equal(visit->sctlr & SCTLR_M_C_I, 0, "SCTLR_EL1.{M,C,I}");
		tap_equal(visit->others, 0, "x1, x7, x18, x30");
	}
	tap_equal(CPU_READ(mpidr_el1), MPIDR_RES1, "MPIDR_EL1 of CPU 0");
}

static bool is_one_of(int64_t answer, int64_t a, int64_t b, int64_t c)
{
	return answer == a || answer == b || answer == c;
}

/* CPUs come and go: each CPU_ON that succeeds is one visit, no more and no less. */
static void test_on_off(void)
{
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++) {
		const uint64_t before = visit_of(cpu)->count;
		uint64_t started = 0;

		for (unsigned int i = 0; i < ROUNDS; i++) {
			int64_t answer = start_visit(cpu);

			started += answer == SUCCESS ? 1 : 0;
			tap_check(answer == SUCCESS,
				  "CPU_ON of CPU %u, which is off: %lld", cpu,
				  (long long)answer);
			answer = state(cpu);
			tap_check(is_one_of(answer, STATE_ON, STATE_OFF,
					    STATE_ON_PENDING),
				  "its state: %lld", (long long)answer);
			answer = start_visit(cpu);
			started += answer == SUCCESS ? 1 : 0;
			tap_check(is_one_of(answer, ALREADY_ON, ON_PENDING,
					    SUCCESS),
				  "CPU_ON once more: %lld", (long long)answer);
			wait_off(cpu);
		}
		tap_equal(visit_of(cpu)->count - before, started,
			  "visits of CPU %u", cpu);
	}
}

static uint32_t racing; /* the round that both are in */
static uint32_t raced;	/* rounds that CPU 1 has done */
static uint64_t others_started;
static uint64_t others_odd; /* answers that may not be */

static void race_one(unsigned int target, uint64_t *started, uint64_t *odd)
{
	const int64_t answer = start_visit(target);

	*started += answer == SUCCESS ? 1 : 0;
	*odd += is_one_of(answer, SUCCESS, ALREADY_ON, ON_PENDING) ? 0 : 1;
}

static void race_other(void *arg)
{
	(void)arg;
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		while (__atomic_load_n(&racing, __ATOMIC_ACQUIRE) < i) {
			cpu_yield();
		}
		race_one(2, &others_started, &others_odd);
		__atomic_store_n(&raced, i, __ATOMIC_RELEASE);
	}
}

/* Two CPUs start a third at the same time. */
static void test_race(void)
{
	uint64_t started = 0, odd = 0, before;

	if (cpu_count < 3) {
		tap_note("it takes three CPUs");
		return;
	}
	before = visit_of(2)->count;
	racing = raced = 0;
	others_started = others_odd = 0;
	tap_equal((uint64_t)smp_start(1, race_other, NULL), 0, "CPU 1");
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		__atomic_store_n(&racing, i, __ATOMIC_RELEASE);
		race_one(2, &started, &odd);
		while (__atomic_load_n(&raced, __ATOMIC_ACQUIRE) < i) {
			cpu_yield();
		}
		wait_off(2);
	}
	wait_off(1);
	tap_equal(visit_of(2)->count - before, started + others_started,
		  "visits of CPU 2 that both have started");
	tap_check(started + others_started >= ROUNDS, "not in each round");
	tap_equal(odd + others_odd, 0, "answers that may not be");
}

static void timer_arm(uint64_t delay)
{
	CPU_WRITE(cntv_cval_el0, timer_ticks() + delay);
	CPU_WRITE(cntv_ctl_el0, 1);
	cpu_isb();
}

static bool timer_is_due(void)
{
	return (CPU_READ(cntv_ctl_el0) & 4) != 0; /* ISTATUS */
}

/* The one state is standby: it lasts until an interrupt is pending, masked or not. */
static void test_suspend(void)
{
	const uint64_t no_state[] = { 1,	   0xffff,     1 << 16, 1 << 24,
				      3 << 24,	   0x1010000,  1 << 26, 1 << 30,
				      0x80000000u, 0xffffffffu };

	for (unsigned int i = 0; i < ARRAY_SIZE(no_state); i++) {
		answers(INVALID_PARAMETERS, CPU_SUSPEND, no_state[i], entry(),
			0);
		answers(INVALID_PARAMETERS, CPU_SUSPEND32, no_state[i], entry(),
			0);
	}
	answers(INVALID_PARAMETERS, CPU_SUSPEND, UINT64_C(1) << 32, entry(), 0);
	cpu_irq_disable();
	for (unsigned int i = 0; i < SLEEPS; i++) {
		timer_arm(i * 50);
		/* What EL2 has to do may end it sooner, as it may a WFI. */
		while (!timer_is_due()) {
			answers(SUCCESS,
				i % 2 == 0 ? CPU_SUSPEND : CPU_SUSPEND32, 0,
				entry(), 0);
		}
		/* Pending now, so that it returns at once. */
		answers(SUCCESS, CPU_SUSPEND, 0, entry(), 0);
		cpu_irq_enable();
		cpu_isb();
		cpu_irq_disable();
		CPU_WRITE(cntv_ctl_el0, 0);
	}
	cpu_irq_enable();
}

/* Nothing is lost across a WFI: the interrupt ends it, before it or within it. */
static void test_wfi(void)
{
	cpu_irq_disable();
	for (unsigned int i = 0; i < SLEEPS; i++) {
		timer_arm(i * 50);
		while (!timer_is_due()) {
			__asm__ volatile("dsb sy\n\twfi" ::: "memory");
		}
		__asm__ volatile("dsb sy\n\twfi" ::: "memory");
		cpu_irq_enable();
		cpu_isb();
		cpu_irq_disable();
		CPU_WRITE(cntv_ctl_el0, 0);
	}
	cpu_irq_enable();
}

/* Types that there are not; the vendor's have bit 31. */
static void test_reset2_refused(void)
{
	const uint64_t types[] = { 1, 2, 0x7fffffff };

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		answers(INVALID_PARAMETERS, SYSTEM_RESET2, types[i], 0, 0);
		answers(INVALID_PARAMETERS, SYSTEM_RESET2_32, types[i], 0, 0);
	}
	answers(INVALID_PARAMETERS, SYSTEM_RESET2, 0x80000000, 0, 0);
	answers(INVALID_PARAMETERS, SYSTEM_RESET2_32, 0x80000000, 0, 0);
}

static jmp_buf first_cpu;

static void first_comes_back(void *arg)
{
	(void)arg;
	longjmp(first_cpu, 1);
}

static void starts_the_first(void *arg)
{
	int64_t *answer = arg;

	wait_off(0);
	*answer = smp_start(0, first_comes_back, NULL);
}

/* The first CPU is one like the others. */
static void test_first_off(void)
{
	static int64_t answer;

	if (cpu_count < 2) {
		tap_note("it takes two CPUs");
		return;
	}
	answer = 1;
	if (setjmp(first_cpu) == 0) {
		if (tap_equal((uint64_t)smp_start(cpu_count - 1,
						  starts_the_first, &answer),
			      0, "the last CPU")) {
			call(CPU_OFF, 0, 0, 0);
		}
		tap_check(false, "CPU_OFF has come back");
	}
	wait_off(cpu_count - 1);
	tap_equal((uint64_t)answer, SUCCESS, "CPU_ON of CPU 0");
	tap_equal(CPU_READ(mpidr_el1), MPIDR_RES1, "MPIDR_EL1");
}

#define BY_SMC(test)                 \
	static void test##_smc(void) \
	{                            \
		by_smc = true;       \
		test();              \
		by_smc = false;      \
	}

BY_SMC(test_functions)
BY_SMC(test_smccc)
BY_SMC(test_affinity_info)
BY_SMC(test_cpu_on_refused)
BY_SMC(test_cpu_on)
BY_SMC(test_on_off)
BY_SMC(test_race)
BY_SMC(test_suspend)
BY_SMC(test_reset2_refused)
BY_SMC(test_first_off)

int main(void)
{
	static const struct tap_test tests[] = {
		{ "functions", test_functions },
		{ "functions by SMC", test_functions_smc },
		{ "SMCCC", test_smccc },
		{ "SMCCC by SMC", test_smccc_smc },
		{ "AFFINITY_INFO", test_affinity_info },
		{ "AFFINITY_INFO by SMC", test_affinity_info_smc },
		{ "CPU_ON refused", test_cpu_on_refused },
		{ "CPU_ON refused by SMC", test_cpu_on_refused_smc },
		{ "CPU_ON", test_cpu_on },
		{ "CPU_ON by SMC", test_cpu_on_smc },
		{ "on and off", test_on_off },
		{ "on and off by SMC", test_on_off_smc },
		{ "a race", test_race },
		{ "a race by SMC", test_race_smc },
		{ "CPU_SUSPEND", test_suspend },
		{ "CPU_SUSPEND by SMC", test_suspend_smc },
		{ "WFI", test_wfi },
		{ "SYSTEM_RESET2 refused", test_reset2_refused },
		{ "SYSTEM_RESET2 refused by SMC", test_reset2_refused_smc },
		{ "the first CPU off", test_first_off },
		{ "the first CPU off by SMC", test_first_off_smc },
		{ "AFFINITY_INFO once more", test_affinity_info },
	};

	cpu_count = devtree_cpu_count();
	return tap_run(tests, ARRAY_SIZE(tests));
}
