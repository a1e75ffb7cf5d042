// SPDX-License-Identifier: Apache-2.0
// A cell that does what a test outside tells it to, one thing at a time, and
// nothing else: no interrupt is acknowledged, no register touched, until asked.
//
// The test writes into the mailbox, whose address is printed. Between orders the
// puppet sleeps: its timer has a higher priority than every device, and the CPU
// interface lets nothing else through until an ACK is asked for.

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "devtree.h"
#include "gic.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "puppet.h"
#include "runtime.h"
#include "timer.h"

#define POLL_US 500
#define TIMER_INTID 27
#define TIMER_PRIORITY 0x10
#define PMR_TIMER_ONLY 0x20
#define PMR_ALL 0xff
#define GICC_PMR 0x0004
#define SGI_FRAME 0x10000
#define SWEEP_MAX 16384

static struct puppet_mailbox mailbox;
static jmp_buf recover;
static bool is_awake;
static const struct gic_ops *gic;
static uintptr_t cpu_interface; /* GICv2 */
static uint64_t swept[SWEEP_MAX / 64];
static uint64_t sweep_value[SWEEP_MAX];
static struct puppet_block block;
static uint32_t scratch[16] __attribute__((aligned(64)));

void puppet_exception(unsigned int kind)
{
	mailbox.esr = CPU_READ(esr_el1);
	mailbox.far = CPU_READ(far_el1);
	mailbox.elr = CPU_READ(elr_el1);
	mailbox.fault = kind + 1;
	longjmp(recover, 1);
}

static void pmr_write(uint8_t value)
{
	if (cpu_interface != 0) {
		mmio_write32(cpu_interface + GICC_PMR, value);
		(void)mmio_read32(cpu_interface + GICC_PMR);
	} else {
		CPU_WRITE(icc_pmr_el1, value);
	}
	cpu_isb();
}

/* The timer's interrupt above all others. The library has configured it. */
static void gic_find(void)
{
	int node = devtree_find_compatible("arm,gic-v3");
	struct devtree_region region;

	if (node >= 0) {
		gic = &gic_v3_ops;
		if (devtree_region(node, 1, &region) == 0) {
			mmio_write8((uintptr_t)region.address + SGI_FRAME +
					    GICD_IPRIORITYR + TIMER_INTID,
				    TIMER_PRIORITY);
		}
		return;
	}
	gic = &gic_v2_ops;
	node = devtree_find_compatible("arm,cortex-a15-gic");
	if (node < 0) {
		node = devtree_find_compatible("arm,gic-400");
	}
	if (node >= 0 && devtree_region(node, 0, &region) == 0) {
		mmio_write8((uintptr_t)region.address + GICD_IPRIORITYR +
				    TIMER_INTID,
			    TIMER_PRIORITY);
	}
	if (node >= 0 && devtree_region(node, 1, &region) == 0) {
		cpu_interface = (uintptr_t)region.address;
	}
}

/* WFI until the timer is pending; it alone is acknowledged. */
static void nap(void)
{
	uint32_t token;

	CPU_WRITE(cntv_cval_el0,
		  timer_ticks() + timer_freq_hz() * POLL_US / 1000000);
	CPU_WRITE(cntv_ctl_el0, 1);
	cpu_isb();
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
	CPU_WRITE(cntv_ctl_el0, 0);
	cpu_isb();
	if (gic->acknowledge(&token) < GIC_INTID_LIMIT) {
		gic->end(token);
	}
}

static uint64_t read_width(uint64_t address, uint64_t width)
{
	switch (width) {
	case 1:
		return mmio_read8((uintptr_t)address);
	case 2:
		return mmio_read16((uintptr_t)address);
	case 4:
		return mmio_read32((uintptr_t)address);
	default:
		return mmio_read64((uintptr_t)address);
	}
}

static void write_width(uint64_t address, uint64_t width, uint64_t value)
{
	switch (width) {
	case 1:
		mmio_write8((uintptr_t)address, (uint8_t)value);
		break;
	case 2:
		mmio_write16((uintptr_t)address, (uint16_t)value);
		break;
	case 4:
		mmio_write32((uintptr_t)address, (uint32_t)value);
		break;
	default:
		mmio_write64((uintptr_t)address, value);
		break;
	}
}

static uint64_t execute(uint32_t instruction, uint64_t value)
{
	scratch[0] = instruction;
	scratch[1] = 0xd65f03c0; /* ret */
	__asm__ volatile(
		"dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
		:
		: "r"(scratch)
		: "memory");
	return puppet_jump(value, (uintptr_t)scratch);
}

/* All memory behind the image, but for the tree while it is needed: now not. */
static uint64_t fill_or_scan(uint64_t canary, bool is_fill)
{
	const struct devtree_region *memory = runtime_memory();
	uint64_t *at = (uint64_t *)(uintptr_t)image_end;
	const uint64_t *end =
		(uint64_t *)(uintptr_t)(memory->address + memory->size);
	uint64_t found = 0;

	for (; at < end; at++) {
		if (is_fill) {
			*(volatile uint64_t *)at = canary;
		} else if (*(volatile uint64_t *)at == canary) {
			found++;
		}
	}
	return found;
}

/* The entry of the own level 3 table for an address that MAP has made. */
static void page_write(uint64_t address, uint64_t descriptor)
{
	uint64_t *table =
		(uint64_t *)(CPU_READ(ttbr0_el1) & UINT64_C(0xfffffffff000));

	for (unsigned int shift = 30; shift > 12; shift -= 9) {
		table = (uint64_t *)(table[address >> shift & 511] &
				     UINT64_C(0xfffffffff000));
	}
	*(volatile uint64_t *)&table[address >> 12 & 511] = descriptor;
	__asm__ volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" ::
				 : "memory");
}

/*
 * x1 instructions: x0, and then by adding x2 each time; with x3 in x0 for each. Which
 * of them came back without an exception is a bit each in swept[], and what they left
 * in x0 a word in sweep_value[]. x0 := address of swept[], x1 := of sweep_value[]
 */
static void sweep(uint64_t *x)
{
	static volatile uint64_t i;
	static uint64_t first, count, step, value;

	first = x[0];
	count = x[1] < SWEEP_MAX ? x[1] : SWEEP_MAX;
	step = x[2];
	value = x[3];
	memset(swept, 0, sizeof(swept));
	memset(sweep_value, 0, sizeof(sweep_value));
	i = 0;
	if (setjmp(recover) != 0) {
		i = i + 1;
	}
	while (i < count) {
		sweep_value[i] = execute((uint32_t)(first + step * i), value);
		swept[i / 64] |= BIT(i % 64);
		i = i + 1;
	}
	mailbox.fault = 0;
	x[0] = (uintptr_t)swept;
	x[1] = (uintptr_t)sweep_value;
}

static void touch(uint64_t *x)
{
	static uint64_t first, count, step, width, is_write, value;
	static volatile uint64_t i, done;

	first = x[0];
	count = x[1];
	step = x[2];
	width = x[3];
	is_write = x[4];
	value = x[5];
	i = 0;
	done = 0;
	if (setjmp(recover) != 0) {
		i = i + 1;
	}
	while (i < count) {
		if (is_write != 0) {
			write_width(first + i * step, width, value);
		} else {
			(void)read_width(first + i * step, width);
		}
		done = done + 1;
		i = i + 1;
	}
	mailbox.fault = 0;
	x[0] = done;
}

static _Noreturn void stuck(uint64_t kind, uint64_t argument)
{
	mailbox.done = mailbox.order;
	cpu_dsb();
	switch (kind) {
	case PUPPET_SLEEP:
		puppet_sleep();
	case PUPPET_HVC_LOOP:
		puppet_hvc_loop(&mailbox.x[1]);
	case PUPPET_SMC_LOOP:
		puppet_smc_loop(&mailbox.x[1]);
	case PUPPET_READ_LOOP:
		puppet_read_loop(argument);
	case PUPPET_WRITE_LOOP:
		puppet_write_loop(argument);
	case PUPPET_BRANCH_LOOP:
		puppet_branch_loop(argument);
	case PUPPET_FAULT_LOOP:
		CPU_WRITE(vbar_el1, argument);
		cpu_isb();
		(void)mmio_read32((uintptr_t)argument);
		break;
	default:
		break;
	}
	puppet_spin();
}

static void act(uint64_t *x)
{
	uint32_t token = 0;

	switch (mailbox.verb) {
	case PUPPET_READ:
		x[0] = read_width(x[0], x[1]);
		break;
	case PUPPET_WRITE:
		write_width(x[0], x[1], x[2]);
		break;
	case PUPPET_HVC:
		puppet_hvc(x);
		break;
	case PUPPET_SMC:
		puppet_smc(x);
		break;
	case PUPPET_ACK:
		pmr_write(PMR_ALL);
		(void)gic->acknowledge(&token);
		pmr_write(PMR_TIMER_ONLY);
		x[0] = token;
		break;
	case PUPPET_END:
		gic->end((uint32_t)x[0]);
		break;
	case PUPPET_EXECUTE:
		x[0] = execute((uint32_t)x[0], x[1]);
		break;
	case PUPPET_JUMP:
		x[0] = puppet_jump(0, x[0]);
		break;
	case PUPPET_MAP:
		x[0] = (uint64_t)mmu_map_device(x[0], x[1]);
		break;
	case PUPPET_STUCK:
		stuck(x[0], x[1]);
	case PUPPET_FILL:
		(void)fill_or_scan(x[0], true);
		break;
	case PUPPET_SCAN:
		x[0] = fill_or_scan(x[0], false);
		break;
	case PUPPET_PAGE:
		page_write(x[0], x[1]);
		break;
	case PUPPET_SWEEP:
		sweep(x);
		break;
	case PUPPET_TOUCH:
		touch(x);
		break;
	case PUPPET_AWAKE:
		is_awake = true;
		break;
	case PUPPET_HELPER:
		x[0] = (uintptr_t)puppet_helper;
		x[1] = (uintptr_t)&block;
		break;
	default:
		break;
	}
	cpu_dsb();
}

static void obey(void)
{
	mailbox.fault = 0;
	if (setjmp(recover) == 0) {
		act(mailbox.x);
	}
	__atomic_store_n(&mailbox.done, mailbox.order, __ATOMIC_RELEASE);
}

int main(void)
{
	gic_find();
	cpu_irq_disable();
	pmr_write(PMR_TIMER_ONLY);
	CPU_WRITE(vbar_el1, puppet_vectors);
	cpu_isb();
	memset(&mailbox, 0, sizeof(mailbox));
	mailbox.magic = PUPPET_MAGIC;
	printf("puppet: \"%s\" has its mailbox at 0x%llx\n",
	       devtree_cell_name(), (unsigned long long)(uintptr_t)&mailbox);
	fflush(stdout);
	for (;;) {
		if (__atomic_load_n(&mailbox.order, __ATOMIC_ACQUIRE) !=
		    mailbox.done) {
			obey();
		} else if (!is_awake) {
			nap();
		}
		mailbox.beats++;
	}
}
