// SPDX-License-Identifier: Apache-2.0
// The cell's other CPUs do what the first one asks for, one order at a time.

#include <string.h>

#include "cpu.h"
#include "mmio.h"
#include "smp.h"
#include "states.h"
#include "timer.h"

#define ANSWER_US 20000000

enum order {
	ORDER_TAKE = 1,
	ORDER_END,
	ORDER_DEACTIVATE,
	ORDER_EOIMODE,
	ORDER_SGI,
	ORDER_FACTS,
	ORDER_STOP
};

struct mailbox {
	uint32_t number; /* of the order; the CPU's answer follows */
	uint32_t done;
	uint32_t order;
	uint32_t argument[2];
	uint32_t result;
	bool is_up;
} ALIGNED(64);

static struct mailbox mailboxes[SMP_CPUS_MAX];

void sgi_send(uint32_t intid, uint32_t targets)
{
	if (targets != TO_ALL_OTHERS) {
		gic_raw_sgi(intid, targets);
	} else if (gic_raw.is_v3) { /* ICC_SGI1R_EL1.IRM */
		cpu_dsb();
		CPU_WRITE(s3_0_c12_c11_5, BIT(40) | (uint64_t)intid << 24);
		cpu_isb();
	} else { /* GICD_SGIR.TargetListFilter */
		cpu_dsb();
		mmio_write32(gic_raw.distributor + GICD_SGIR, 1U << 24 | intid);
	}
}

static void obey(struct mailbox *box)
{
	switch (box->order) {
	case ORDER_TAKE:
		box->result = gic_raw_take(box->argument[0]);
		break;
	case ORDER_END:
		gic_raw_end(box->argument[0]);
		break;
	case ORDER_DEACTIVATE:
		gic_raw_deactivate(box->argument[0]);
		break;
	case ORDER_EOIMODE:
		gic_raw_eoimode(box->argument[0] != 0);
		break;
	case ORDER_SGI:
		sgi_send(box->argument[0], box->argument[1]);
		break;
	case ORDER_FACTS:
		box->result = gic_raw.is_v3 ? smp_index() :
					      mmio_read32(gic_raw.distributor +
							  GICD_ITARGETSR);
		break;
	default:
		break;
	}
}

static void serve(void *arg)
{
	struct mailbox *box = arg;
	bool is_over = false;

	gic_raw_cpu_init();
	__atomic_store_n(&box->is_up, true, __ATOMIC_RELEASE);
	while (!is_over) {
		const uint32_t number =
			__atomic_load_n(&box->number, __ATOMIC_ACQUIRE);

		if (number == box->done) {
			cpu_yield();
			continue;
		}
		is_over = box->order == ORDER_STOP;
		obey(box);
		__atomic_store_n(&box->done, number, __ATOMIC_RELEASE);
	}
}

static uint32_t ask(unsigned int cpu, enum order order, uint32_t first,
		    uint32_t second)
{
	struct mailbox *box = &mailboxes[cpu];
	const uint64_t start = timer_now_us();

	box->order = order;
	box->argument[0] = first;
	box->argument[1] = second;
	__atomic_store_n(&box->number, box->number + 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&box->done, __ATOMIC_ACQUIRE) != box->number) {
		if (timer_now_us() - start > ANSWER_US) {
			tap_check(false, "CPU %u answers", cpu);
			return 0;
		}
		cpu_yield();
	}
	return box->result;
}

uint32_t other_take(unsigned int cpu, uint32_t wait_us)
{
	return ask(cpu, ORDER_TAKE, wait_us, 0);
}

void other_end(unsigned int cpu, uint32_t token)
{
	ask(cpu, ORDER_END, token, 0);
}

void other_deactivate(unsigned int cpu, uint32_t token)
{
	ask(cpu, ORDER_DEACTIVATE, token, 0);
}

void other_eoimode(unsigned int cpu, bool is_split)
{
	ask(cpu, ORDER_EOIMODE, is_split ? 1 : 0, 0);
}

void other_sgi(unsigned int cpu, uint32_t intid, uint32_t targets)
{
	ask(cpu, ORDER_SGI, intid, targets);
}

uint32_t other_facts(unsigned int cpu)
{
	return ask(cpu, ORDER_FACTS, 0, 0);
}

bool others_start_one(unsigned int cpu)
{
	struct mailbox *box = &mailboxes[cpu];
	const uint64_t start = timer_now_us();

	memset(box, 0, sizeof(*box));
	/* It may still be on its way off. */
	while (smp_start(cpu, serve, box) != 0) {
		if (timer_now_us() - start > ANSWER_US) {
			return false;
		}
		cpu_yield();
	}
	while (!__atomic_load_n(&box->is_up, __ATOMIC_ACQUIRE)) {
		if (timer_now_us() - start > ANSWER_US) {
			return false;
		}
		cpu_yield();
	}
	return true;
}

void others_start(void)
{
	reset_all();
	for (unsigned int i = 1; i < gic_raw.cpu_count; i++) {
		if (!mailboxes[i].is_up) {
			tap_check(others_start_one(i), "CPU %u starts", i);
		}
	}
}

void others_stop(unsigned int cpu)
{
	ask(cpu, ORDER_STOP, 0, 0);
	mailboxes[cpu].is_up = false;
}
