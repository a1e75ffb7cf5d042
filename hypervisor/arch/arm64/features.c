// SPDX-License-Identifier: Apache-2.0
/*
 * Features past Armv8.0 that a cell is not granted: their controls at EL2, whose values
 * after a reset are unknown, and what a cell could leave in registers that no control
 * traps.
 */
#include <arch/features.h>
#include <arch/sysreg.h>

/* Registers that the assembler knows by encoding only. */
#define ID_AA64PFR0 S3_0_C0_C4_0
#define ID_AA64PFR1 S3_0_C0_C4_1
#define ID_AA64MMFR0 S3_0_C0_C7_0
#define ID_AA64MMFR1 S3_0_C0_C7_1
#define HCRX_EL2 S3_4_C1_C2_2
#define HFGRTR_EL2 S3_4_C1_C1_4
#define HFGWTR_EL2 S3_4_C1_C1_5
#define HFGITR_EL2 S3_4_C1_C1_6
#define HDFGRTR_EL2 S3_4_C3_C1_4
#define HDFGWTR_EL2 S3_4_C3_C1_5
#define HAFGRTR_EL2 S3_4_C3_C1_6
#define VDISR_EL2 S3_4_C12_C1_1
#define VSESR_EL2 S3_4_C5_C2_3
#define TPIDR2_EL0 S3_3_C13_C0_5

#define HCRX_TALLINT BIT(6)

#define PFR0_RAS_SHIFT 28
#define PFR0_AMU_SHIFT 44
#define PFR1_SME_SHIFT 24
#define MMFR0_FGT_SHIFT 56
#define MMFR1_HCX_SHIFT 40

static bool has_feature(uint64_t id, unsigned int shift)
{
	return (id >> shift & 0xf) != 0;
}

/*
 * Zero: what names a register that may be used ("n...") denies it; all others leave a
 * register to the controls that Armv8.0 has.
 */
static void fine_grained_traps_reset(bool has_amu)
{
	SYSREG_WRITE(HFGRTR_EL2, 0);
	SYSREG_WRITE(HFGWTR_EL2, 0);
	SYSREG_WRITE(HFGITR_EL2, 0);
	SYSREG_WRITE(HDFGRTR_EL2, 0);
	SYSREG_WRITE(HDFGWTR_EL2, 0);
	if (has_amu) {
		SYSREG_WRITE(HAFGRTR_EL2, 0);
	}
}

void features_hand_over(void)
{
	uint64_t pfr0 = SYSREG_READ(ID_AA64PFR0);

	if (has_feature(SYSREG_READ(ID_AA64MMFR1), MMFR1_HCX_SHIFT)) {
		SYSREG_WRITE(HCRX_EL2, HCRX_TALLINT);
	}
	if (has_feature(SYSREG_READ(ID_AA64MMFR0), MMFR0_FGT_SHIFT)) {
		fine_grained_traps_reset(has_feature(pfr0, PFR0_AMU_SHIFT));
	}
	if (has_feature(pfr0, PFR0_RAS_SHIFT)) {
		SYSREG_WRITE(VDISR_EL2, 0); /* a cell's DISR_EL1 */
		SYSREG_WRITE(VSESR_EL2, 0);
	}
	if (has_feature(SYSREG_READ(ID_AA64PFR1), PFR1_SME_SHIFT)) {
		SYSREG_WRITE(TPIDR2_EL0, 0);
	}
}
