// SPDX-License-Identifier: Apache-2.0
// A hostile neighbour: it tries everything a cell can try, at random, on up to two CPUs,
// with the MMU off so that every address is a guest-physical one. It never stops. The
// seed is printed, and taken from "seed=" in the bootargs when there is one.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hyp/abi.h>

#include <libfdt.h>

#include "devtree.h"
#include "fuzz.h"
#include "runtime.h"
#include "timer.h"

#define PSCI_CPU_OFF 0x84000002
#define PSCI_CPU_ON 0xc4000003
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define PSCI_SYSTEM_RESET2 0x84000012
#define STACK_SIZE 16384
#define GICR_SIZE 0x40000

#define MSR_ICC 0xd518c000u /* S3_0_C12_Cm_op2, x0 */
#define MRS_ICC 0xd538c000u
#define ICC_BPR1 (12u << 8 | 3u << 5)
#define MRS_ANY 0xd5300000u

uint64_t fuzz_faults;

static struct fuzz_record record;
static uint64_t state[2];
static uint32_t code[2][2] __attribute__((aligned(64)));
static uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));
static uint64_t own_start;
static uint64_t own_end;
static bool is_gic_v3;

static struct {
	uint64_t base;
	uint64_t size;
} frames[6]; /* where an access is most likely to be answered */
static unsigned int frame_count;

static uint64_t roll(unsigned int cpu)
{
	uint64_t x = state[cpu];

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	state[cpu] = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(unsigned int cpu, uint64_t bound)
{
	return (roll(cpu) >> 16) % bound;
}

/* Numbers that break things more often than others do. */
static uint64_t number(unsigned int cpu)
{
	switch (below(cpu, 6)) {
	case 0:
		return below(cpu, 16);
	case 1:
		return UINT64_C(1) << below(cpu, 64);
	case 2:
		return (UINT64_C(1) << below(cpu, 64)) - 1;
	case 3:
		return ~below(cpu, 4096);
	case 4:
		return own_start + below(cpu, own_end - own_start);
	default:
		return roll(cpu);
	}
}

static bool is_own(uint64_t address)
{
	return address + 64 > own_start && address < own_end;
}

static uint64_t address_anywhere(unsigned int cpu)
{
	uint64_t address;

	do {
		switch (below(cpu, 4)) {
		case 0: /* RAM, of others */
			address = 0x40000000 + below(cpu, 0x50000000);
			break;
		case 1: /* the board's devices */
			address = below(cpu, 0x40000000);
			break;
		case 2: /* around the own end */
			address = own_end + below(cpu, 8192);
			break;
		default:
			address = number(cpu) & ((UINT64_C(1) << 48) - 1);
			break;
		}
	} while (is_own(address));
	return below(cpu, 4) == 0 ? address : address & ~UINT64_C(7);
}

static uint64_t address_of_frame(unsigned int cpu)
{
	const unsigned int frame = (unsigned int)below(cpu, frame_count);
	const uint64_t at = frames[frame].base + below(cpu, frames[frame].size);

	return below(cpu, 8) == 0 ? at : at & ~UINT64_C(3);
}

static void try_access(unsigned int cpu, uint64_t address)
{
	const uint64_t width = UINT64_C(1) << below(cpu, 4);

	switch (below(cpu, 8)) {
	case 0:
		fuzz_pair(address);
		break;
	case 1:
	case 2:
	case 3:
		fuzz_write(address, width, number(cpu));
		break;
	default:
		(void)fuzz_read(address, width);
		break;
	}
}

static bool ends_us(uint64_t function)
{
	switch (function & 0xbfffffff) {
	case PSCI_CPU_OFF:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_SYSTEM_RESET2:
	case 0x84000001: /* CPU_SUSPEND: nothing would end it */
		return true;
	default:
		return false;
	}
}

static void try_call(unsigned int cpu)
{
	uint64_t x[8];

	for (unsigned int i = 0; i < 8; i++) {
		x[i] = number(cpu);
	}
	switch (below(cpu, 4)) {
	case 0:
		x[0] = 0x84000000 | below(cpu, 32) | below(cpu, 2) << 30;
		break;
	case 1:
	case 2:
		x[0] = BH_FUNCTION(below(cpu, 48));
		break;
	default:
		break;
	}
	if (ends_us((uint32_t)x[0])) {
		return;
	}
	if ((uint32_t)x[0] == BH_CONSOLE_WRITE &&
	    x[1] <= BH_CONSOLE_WRITE_MAX) {
		return; /* its own business, and no use to who reads the console */
	}
	if ((x[0] & 0xbfffffff) == (PSCI_CPU_ON & 0xbfffffff) && x[1] == 1) {
		return; /* at an entry that is one, or at none: see try_second() */
	}
	if (below(cpu, 4) == 0) {
		fuzz_smc(x);
	} else {
		fuzz_hvc(x);
	}
}

/* The second CPU goes off and on; the first one never does. */
static void try_second(unsigned int cpu)
{
	uint64_t x[8] = { PSCI_CPU_ON, 1, (uintptr_t)fuzz_second,
			  (uintptr_t)(stack + STACK_SIZE) };

	if (cpu == 1) {
		if (below(cpu, 64) == 0) {
			x[0] = PSCI_CPU_OFF;
			fuzz_hvc(x);
		}
		return;
	}
	fuzz_hvc(x);
}

static void try_instruction(unsigned int cpu, uint32_t instruction,
			    uint64_t value)
{
	code[cpu][0] = instruction;
	code[cpu][1] = 0xd65f03c0; /* ret */
	fuzz_execute(code[cpu], value);
}

/*
 * QEMU's GICv3 keeps the low three bits of what is written to ICC_BPR1_EL1, but
 * compares all of it with the least that is allowed: 8 leaves a 0 behind, which an
 * assertion finds, and the emulator is gone. See docs/threat-model.md.
 */
static uint64_t value_for(unsigned int cpu, uint32_t icc)
{
	const uint64_t value = number(cpu);

	return icc == ICC_BPR1 ? value & 7 : value;
}

/* The virtual CPU interface by its registers, and a read of any register. */
static void try_register(unsigned int cpu)
{
	const uint32_t icc = (uint32_t)(8 + below(cpu, 5)) << 8 |
			     (uint32_t)below(cpu, 8) << 5;

	switch (below(cpu, 3)) {
	case 0:
		if (is_gic_v3) {
			try_instruction(cpu, MSR_ICC | icc,
					value_for(cpu, icc));
		}
		break;
	case 1:
		if (is_gic_v3) {
			try_instruction(cpu, MRS_ICC | icc, number(cpu));
		}
		break;
	default:
		try_instruction(cpu,
				MRS_ANY | (uint32_t)below(cpu, 1 << 15) << 5,
				number(cpu));
		break;
	}
}

void fuzz_run(unsigned int cpu)
{
	for (;;) {
		switch (below(cpu, 16)) {
		case 0:
			try_second(cpu);
			break;
		case 1:
			fuzz_branch(address_anywhere(cpu) & ~UINT64_C(3));
			break;
		case 2:
		case 3:
			try_register(cpu);
			break;
		case 4:
		case 5:
		case 6:
		case 7:
			try_call(cpu);
			break;
		case 8:
		case 9:
			try_access(cpu, address_anywhere(cpu));
			break;
		default:
			try_access(cpu, address_of_frame(cpu));
			break;
		}
		record.step_count[cpu]++;
		record.fault_count = fuzz_faults;
	}
}

static void add_node(const char *compatible)
{
	const int node = devtree_find_compatible(compatible);
	struct devtree_region region;

	for (unsigned int i = 0; node >= 0 && frame_count < 6 &&
				 devtree_region(node, i, &region) == 0;
	     i++) {
		frames[frame_count].base = region.address;
		frames[frame_count].size = region.size;
		if (i > 0 && is_gic_v3 && region.size > GICR_SIZE) {
			frames[frame_count].size = GICR_SIZE;
		}
		frame_count++;
	}
}

static uint64_t choose_seed(void)
{
	const void *fdt = devtree_blob();
	const char *bootargs = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"),
					   "bootargs", NULL);
	const char *given = bootargs == NULL ? NULL : strstr(bootargs, "seed=");
	const uint64_t seed =
		given != NULL ? strtoull(given + 5, NULL, 0) :
				timer_ticks() * UINT64_C(0x9e3779b97f4a7c15);

	return seed != 0 ? seed : 1;
}

int main(void)
{
	own_start = runtime_memory()->address;
	own_end = own_start + runtime_memory()->size;
	is_gic_v3 = devtree_find_compatible("arm,gic-v3") >= 0;
	add_node("arm,gic-v3");
	add_node("arm,cortex-a15-gic");
	add_node("arm,gic-400");
	add_node("arm,pl061"); /* the device, if it owns one */
	record.magic = FUZZ_MAGIC;
	record.seed = choose_seed();
	state[0] = record.seed;
	state[1] = ~record.seed;
	printf("fuzz: \"%s\" has its record at 0x%llx, seed=0x%llx\n",
	       devtree_cell_name(), (unsigned long long)(uintptr_t)&record,
	       (unsigned long long)record.seed);
	fflush(stdout);
	fuzz_mmu_off();
	fuzz_run(0);
}
