// SPDX-License-Identifier: Apache-2.0
/* The performance monitors: a cell's own by its config, or nobody's. */
#include <arch/barrier.h>
#include <arch/pmu.h>
#include <arch/sysreg.h>

#define PMCR_P BIT(1) /* reset the event counters */
#define PMCR_C BIT(2) /* and the cycle counter */
#define PMCR_N_SHIFT 11
#define PMCR_N_MASK UINT64_C(0x1f)

/* ID_AA64DFR0_EL1.PMUVer: 0 is none, 0xf one that is not the architecture's */
static bool pmu_is_present(void)
{
	uint64_t version = SYSREG_READ(ID_AA64DFR0_EL1) >> 8 & 0xf;

	return version != 0 && version != 0xf;
}

/* Stopped, zero, without filters, events or interrupts, closed to EL0. */
static void pmu_reset(uint64_t counter_count)
{
	SYSREG_WRITE(PMCR_EL0, PMCR_P | PMCR_C);
	SYSREG_WRITE(PMCNTENCLR_EL0, UINT32_MAX);
	SYSREG_WRITE(PMINTENCLR_EL1, UINT32_MAX);
	SYSREG_WRITE(PMOVSCLR_EL0, UINT32_MAX);
	SYSREG_WRITE(PMUSERENR_EL0, 0);
	SYSREG_WRITE(PMCCFILTR_EL0, 0);
	for (uint64_t i = 0; i < counter_count; i++) {
		SYSREG_WRITE(PMSELR_EL0, i);
		barrier_isb(); /* the next access is to counter i */
		SYSREG_WRITE(PMXEVTYPER_EL0, 0);
	}
	SYSREG_WRITE(PMSELR_EL0, 0);
}

uint64_t pmu_hand_over(bool granted)
{
	uint64_t counter_count;

	if (!pmu_is_present()) {
		return MDCR_TPM | MDCR_TPMCR;
	}
	counter_count = SYSREG_READ(PMCR_EL0) >> PMCR_N_SHIFT & PMCR_N_MASK;
	pmu_reset(counter_count);
	return counter_count | (granted ? 0 : MDCR_TPM | MDCR_TPMCR);
}
