// SPDX-License-Identifier: Apache-2.0
/* The self-hosted debug registers: a cell's own by its config, or nobody's. */
#include <arch/barrier.h>
#include <arch/debug.h>
#include <arch/sysreg.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>

/* ID_AA64DFR0_EL1.BRPs and .WRPs: one less than there are */
#define DFR0_BRPS_SHIFT 12
#define DFR0_WRPS_SHIFT 20
#define COUNT_LEAST 2

#define RESET_CASE(n, value, control)              \
	case n:                                    \
		SYSREG_WRITE(control##n##_EL1, 0); \
		SYSREG_WRITE(value##n##_EL1, 0);   \
		break
#define RESET_CASES(value, control)     \
	RESET_CASE(0, value, control);  \
	RESET_CASE(1, value, control);  \
	RESET_CASE(2, value, control);  \
	RESET_CASE(3, value, control);  \
	RESET_CASE(4, value, control);  \
	RESET_CASE(5, value, control);  \
	RESET_CASE(6, value, control);  \
	RESET_CASE(7, value, control);  \
	RESET_CASE(8, value, control);  \
	RESET_CASE(9, value, control);  \
	RESET_CASE(10, value, control); \
	RESET_CASE(11, value, control); \
	RESET_CASE(12, value, control); \
	RESET_CASE(13, value, control); \
	RESET_CASE(14, value, control); \
	RESET_CASE(15, value, control)

static unsigned int count_physical(unsigned int shift)
{
	return (unsigned int)(SYSREG_READ(ID_AA64DFR0_EL1) >> shift & 0xf) + 1;
}

static void breakpoint_reset(unsigned int n)
{
	switch (n) {
		RESET_CASES(DBGBVR, DBGBCR);
	default:
		break;
	}
}

static void watchpoint_reset(unsigned int n)
{
	switch (n) {
		RESET_CASES(DBGWVR, DBGWCR);
	default:
		break;
	}
}

static void debug_reset(void)
{
	for (unsigned int n = 0; n < count_physical(DFR0_BRPS_SHIFT); n++) {
		breakpoint_reset(n);
	}
	for (unsigned int n = 0; n < count_physical(DFR0_WRPS_SHIFT); n++) {
		watchpoint_reset(n);
	}
	SYSREG_WRITE(MDCCINT_EL1, 0);
	SYSREG_WRITE(OSLAR_EL1, 1);
}

uint64_t debug_hand_over(struct cpu *cpu, bool granted)
{
	/* Without it no breakpoint, watchpoint or step of a former guest is on. */
	SYSREG_WRITE(MDSCR_EL1, 0);
	cpu->vcpu.is_os_locked = true;
	if (!granted) {
		return MDCR_TDA | MDCR_TDOSA | MDCR_TDRA;
	}
	debug_reset();
	return MDCR_TDOSA | MDCR_TDRA;
}

unsigned int debug_breakpoint_count(const struct cpu *cpu)
{
	return cpu->vcpu.cell->config->has_debug ?
		       count_physical(DFR0_BRPS_SHIFT) :
		       COUNT_LEAST;
}

unsigned int debug_watchpoint_count(const struct cpu *cpu)
{
	return cpu->vcpu.cell->config->has_debug ?
		       count_physical(DFR0_WRPS_SHIFT) :
		       COUNT_LEAST;
}
