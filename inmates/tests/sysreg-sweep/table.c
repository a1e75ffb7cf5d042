// SPDX-License-Identifier: Apache-2.0
// The registers and system instructions of a cell, by encoding. DDI 0487, IHI 0069.

#include <string.h>

#include "cpu.h"
#include "table.h"

#define ONES (~UINT64_C(0))
#define ICC_NO_INTID 1023 /* ends or deactivates nothing */

#define R(op1, crn, crm, op2) ENCODING(3, op1, crn, crm, op2)
#define D(op1, crn, crm, op2) ENCODING(2, op1, crn, crm, op2)
#define S(op1, crn, crm, op2) ENCODING(1, op1, crn, crm, op2)
#define NEXT_OP2 1
#define NEXT_CRM 8

#define ONE(encoding, when, access, value, name)          \
	{                                                 \
		encoding, 1, 1, when, access, value, name \
	}
#define RUN(encoding, count, when, access, value, name)              \
	{                                                            \
		encoding, count, NEXT_OP2, when, access, value, name \
	}

static unsigned int pmu_counters;
static unsigned int breakpoints;
static unsigned int watchpoints;
static bool applies[WHEN_NR];

static const struct entry registers[] = {
	/* Identification. MSR to any of them is undefined. */
	ONE(R(0, 0, 0, 0), WHEN_ALWAYS, ACCESS_RO, 0, "MIDR_EL1"),
	ONE(R(0, 0, 0, 5), WHEN_ALWAYS, ACCESS_RO, 0, "MPIDR_EL1"),
	ONE(R(0, 0, 0, 6), WHEN_ALWAYS, ACCESS_RO, 0, "REVIDR_EL1"),
	RUN(R(0, 0, 1, 0), 56, WHEN_ALWAYS, ACCESS_RO, 0, "an ID register"),
	ONE(R(1, 0, 0, 0), WHEN_ALWAYS, ACCESS_RO, 0, "CCSIDR_EL1"),
	ONE(R(1, 0, 0, 1), WHEN_ALWAYS, ACCESS_RO, 0, "CLIDR_EL1"),
	ONE(R(1, 0, 0, 2), WHEN_CCIDX, ACCESS_RO, 0, "CCSIDR2_EL1"),
	ONE(R(1, 0, 0, 7), WHEN_ALWAYS, ACCESS_RAZ, 0, "AIDR_EL1"),
	ONE(R(2, 0, 0, 0), WHEN_ALWAYS, ACCESS_RW, 1, "CSSELR_EL1"),
	ONE(R(3, 0, 0, 1), WHEN_ALWAYS, ACCESS_RO, 0, "CTR_EL0"),
	ONE(R(3, 0, 0, 7), WHEN_ALWAYS, ACCESS_RO, 0, "DCZID_EL0"),

	/* Control; ACTLR_EL1 is denied. No bits are toggled that a fetch needs. */
	ONE(R(0, 1, 0, 0), WHEN_ALWAYS, ACCESS_RW, 0, "SCTLR_EL1"),
	ONE(R(0, 1, 0, 2), WHEN_ALWAYS, ACCESS_RW, 0, "CPACR_EL1"),
	ONE(R(0, 2, 0, 0), WHEN_ALWAYS, ACCESS_RW, 0, "TTBR0_EL1"),
	ONE(R(0, 2, 0, 1), WHEN_ALWAYS, ACCESS_RW, 0, "TTBR1_EL1"),
	ONE(R(0, 2, 0, 2), WHEN_ALWAYS, ACCESS_RW, 0, "TCR_EL1"),
	ONE(R(0, 10, 2, 0), WHEN_ALWAYS, ACCESS_RW, 0, "MAIR_EL1"),
	ONE(R(0, 10, 3, 0), WHEN_ALWAYS, ACCESS_RW, 0, "AMAIR_EL1"),
	ONE(R(0, 13, 0, 1), WHEN_ALWAYS, ACCESS_RW, 0xffffffff,
	    "CONTEXTIDR_EL1"),

	/* Exceptions */
	ONE(R(0, 4, 0, 0), WHEN_ALWAYS, ACCESS_RW, 0xf0000000, "SPSR_EL1"),
	ONE(R(0, 4, 0, 1), WHEN_ALWAYS, ACCESS_RW, ONES << 2, "ELR_EL1"),
	ONE(R(0, 5, 1, 0), WHEN_ALWAYS, ACCESS_RW, 0, "AFSR0_EL1"),
	ONE(R(0, 5, 1, 1), WHEN_ALWAYS, ACCESS_RW, 0, "AFSR1_EL1"),
	ONE(R(0, 5, 2, 0), WHEN_ALWAYS, ACCESS_RW, 0xfc000000, "ESR_EL1"),
	ONE(R(0, 6, 0, 0), WHEN_ALWAYS, ACCESS_RW, ONES, "FAR_EL1"),
	ONE(R(0, 7, 4, 0), WHEN_ALWAYS, ACCESS_RW, 0, "PAR_EL1"),
	ONE(R(0, 12, 0, 0), WHEN_ALWAYS, ACCESS_RW, 0, "VBAR_EL1"),
	ONE(R(0, 12, 1, 0), WHEN_ALWAYS, ACCESS_RO, 0, "ISR_EL1"),
	ONE(R(0, 12, 1, 1), WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DISR_EL1"),

	/* Process state */
	ONE(R(0, 4, 1, 0), WHEN_ALWAYS, ACCESS_RW, ONES, "SP_EL0"),
	ONE(R(0, 4, 2, 0), WHEN_ALWAYS, ACCESS_RW, 0, "SPSel"),
	ONE(R(0, 4, 2, 2), WHEN_ALWAYS, ACCESS_RO, 0, "CurrentEL"),
	ONE(R(0, 4, 2, 3), WHEN_PAN, ACCESS_RW, 0x400000, "PAN"),
	ONE(R(0, 4, 2, 4), WHEN_UAO, ACCESS_RW, 0x800000, "UAO"),
	ONE(R(3, 4, 2, 0), WHEN_ALWAYS, ACCESS_RW, 0xf0000000, "NZCV"),
	ONE(R(3, 4, 2, 1), WHEN_ALWAYS, ACCESS_RW, 0, "DAIF"),
	ONE(R(3, 4, 2, 5), WHEN_DIT, ACCESS_RW, 0x1000000, "DIT"),
	ONE(R(3, 4, 2, 6), WHEN_SSBS, ACCESS_RW, 0x1000, "SSBS"),
	ONE(R(3, 4, 2, 7), WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "TCO"),
	ONE(R(3, 4, 4, 0), WHEN_ALWAYS, ACCESS_RW, 0x1000000, "FPCR"),
	ONE(R(3, 4, 4, 1), WHEN_ALWAYS, ACCESS_RW, 0x1f, "FPSR"),
	/* By fine-grained traps only: SME's, of which a cell has the rest denied. */
	ONE(R(0, 1, 2, 4), WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "SMPRI_EL1"),
	RUN(R(3, 2, 4, 0), 2, WHEN_RNDR, ACCESS_RO, 0, "RNDR, RNDRRS"),

	/* Thread registers. TPIDR2_EL0 is SME's: cleared between two cells. */
	ONE(R(0, 13, 0, 4), WHEN_ALWAYS, ACCESS_RW, ONES, "TPIDR_EL1"),
	ONE(R(3, 13, 0, 2), WHEN_ALWAYS, ACCESS_RW, ONES, "TPIDR_EL0"),
	ONE(R(3, 13, 0, 3), WHEN_ALWAYS, ACCESS_RW, ONES, "TPIDRRO_EL0"),
	ONE(R(3, 13, 0, 5), WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "TPIDR2_EL0"),

	/* The generic timer: counters are read-only, no register of EL2's. */
	ONE(R(0, 14, 1, 0), WHEN_ALWAYS, ACCESS_RW, 0x3ff, "CNTKCTL_EL1"),
	ONE(R(3, 14, 0, 0), WHEN_ALWAYS, ACCESS_RO, 0, "CNTFRQ_EL0"),
	RUN(R(3, 14, 0, 1), 2, WHEN_ALWAYS, ACCESS_RO, 0, "CNTPCT, CNTVCT"),
	RUN(R(3, 14, 0, 5), 2, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "CNTPCTSS"),
	ONE(R(3, 14, 2, 0), WHEN_ALWAYS, ACCESS_RW, 0, "CNTP_TVAL_EL0"),
	ONE(R(3, 14, 2, 1), WHEN_ALWAYS, ACCESS_RW, 2, "CNTP_CTL_EL0"),
	ONE(R(3, 14, 2, 2), WHEN_ALWAYS, ACCESS_RW, ONES, "CNTP_CVAL_EL0"),
	ONE(R(3, 14, 3, 0), WHEN_ALWAYS, ACCESS_RW, 0, "CNTV_TVAL_EL0"),
	ONE(R(3, 14, 3, 1), WHEN_ALWAYS, ACCESS_RW, 2, "CNTV_CTL_EL0"),
	ONE(R(3, 14, 3, 2), WHEN_ALWAYS, ACCESS_RW, ONES, "CNTV_CVAL_EL0"),

	/* GICv3's CPU interface: IHI 0069, "AArch64 System register descriptions" */
	ONE(R(0, 4, 6, 0), WHEN_GIC_V3, ACCESS_RW, 0xf8, "ICC_PMR_EL1"),
	ONE(R(0, 12, 8, 0), WHEN_GIC_V3, ACCESS_RO, 0, "ICC_IAR0_EL1"),
	ONE(R(0, 12, 8, 1), WHEN_GIC_V3, ACCESS_WO, ICC_NO_INTID,
	    "ICC_EOIR0_EL1"),
	ONE(R(0, 12, 8, 2), WHEN_GIC_V3, ACCESS_RO, 0, "ICC_HPPIR0_EL1"),
	ONE(R(0, 12, 8, 3), WHEN_GIC_V3, ACCESS_RW, 0, "ICC_BPR0_EL1"),
	ONE(R(0, 12, 8, 4), WHEN_GIC_V3, ACCESS_RW, 0, "ICC_AP0R0_EL1"),
	ONE(R(0, 12, 8, 5), WHEN_PREEMPTION_6, ACCESS_RW, 0, "ICC_AP0R1_EL1"),
	RUN(R(0, 12, 8, 6), 2, WHEN_PREEMPTION_7, ACCESS_RW, 0,
	    "ICC_AP0R2_EL1, 3"),
	ONE(R(0, 12, 9, 0), WHEN_GIC_V3, ACCESS_RW, 0, "ICC_AP1R0_EL1"),
	ONE(R(0, 12, 9, 1), WHEN_PREEMPTION_6, ACCESS_RW, 0, "ICC_AP1R1_EL1"),
	RUN(R(0, 12, 9, 2), 2, WHEN_PREEMPTION_7, ACCESS_RW, 0,
	    "ICC_AP1R2_EL1, 3"),
	ONE(R(0, 12, 11, 1), WHEN_GIC_V3, ACCESS_WO, ICC_NO_INTID,
	    "ICC_DIR_EL1"),
	ONE(R(0, 12, 11, 3), WHEN_GIC_V3, ACCESS_RO, 0, "ICC_RPR_EL1"),
	RUN(R(0, 12, 11, 5), 3, WHEN_GIC_V3, ACCESS_WO, 0,
	    "ICC_SGI1R_EL1, ASGI1R, SGI0R"),
	ONE(R(0, 12, 12, 0), WHEN_GIC_V3, ACCESS_RO, 0, "ICC_IAR1_EL1"),
	ONE(R(0, 12, 12, 1), WHEN_GIC_V3, ACCESS_WO, ICC_NO_INTID,
	    "ICC_EOIR1_EL1"),
	ONE(R(0, 12, 12, 2), WHEN_GIC_V3, ACCESS_RO, 0, "ICC_HPPIR1_EL1"),
	ONE(R(0, 12, 12, 3), WHEN_GIC_V3, ACCESS_RW, 0, "ICC_BPR1_EL1"),
	ONE(R(0, 12, 12, 4), WHEN_GIC_V3, ACCESS_RW, 2, "ICC_CTLR_EL1"),
	ONE(R(0, 12, 12, 5), WHEN_GIC_V3, ACCESS_RW, 0, "ICC_SRE_EL1"),
	RUN(R(0, 12, 12, 6), 2, WHEN_GIC_V3, ACCESS_RW, 1,
	    "ICC_IGRPEN0_EL1, 1"),

	/* Performance monitors */
	RUN(R(0, 9, 14, 1), 2, WHEN_PMU, ACCESS_RW, 0, "PMINTENSET_EL1, CLR"),
	ONE(R(0, 9, 14, 6), WHEN_PMU_V3P4, ACCESS_RO, 0, "PMMIR_EL1"),
	RUN(R(3, 9, 12, 0), 4, WHEN_PMU, ACCESS_RW, 0,
	    "PMCR_EL0, PMCNTENSET, CLR, PMOVSCLR"),
	ONE(R(3, 9, 12, 4), WHEN_PMU, ACCESS_WO, 0, "PMSWINC_EL0"),
	ONE(R(3, 9, 12, 5), WHEN_PMU, ACCESS_RW, 0, "PMSELR_EL0"),
	RUN(R(3, 9, 12, 6), 2, WHEN_PMU, ACCESS_RO, 0, "PMCEID0_EL0, 1"),
	RUN(R(3, 9, 13, 0), 3, WHEN_PMU, ACCESS_RW, 0,
	    "PMCCNTR_EL0, PMXEVTYPER, PMXEVCNTR"),
	ONE(R(3, 9, 14, 0), WHEN_PMU, ACCESS_RW, 0xf, "PMUSERENR_EL0"),
	ONE(R(3, 9, 14, 3), WHEN_PMU, ACCESS_RW, 0, "PMOVSSET_EL0"),
	RUN(R(3, 14, 8, 0), 31, WHEN_PMU, ACCESS_RW, 0, "PMEVCNTR<n>_EL0"),
	RUN(R(3, 14, 12, 0), 31, WHEN_PMU, ACCESS_RW, 0, "PMEVTYPER<n>_EL0"),
	ONE(R(3, 14, 15, 7), WHEN_PMU, ACCESS_RW, 0, "PMCCFILTR_EL0"),

	/* Debug. Implementation defined, and the emulator traps none of them: */
	RUN(R(1, 11, 0, 0), 128, WHEN_ALWAYS, ACCESS_LOOSE, 0, "S3_1_C11"),
	RUN(R(1, 15, 0, 0), 128, WHEN_ALWAYS, ACCESS_LOOSE, 0, "S3_1_C15"),
};

/* Without "debug" in the config RAZ/WI; the two locks are emulated in any case. */
#define DEBUG(encoding, name)                                 \
	ONE(encoding, WHEN_NO_DEBUG, ACCESS_RAZ_WI, 0, name), \
		ONE(encoding, WHEN_DEBUG, ACCESS_RW, 0, name)
#define DEBUG_RUN(op2, name)                                                  \
	{                                                                     \
		D(0, 0, 0, op2), 16, NEXT_CRM, WHEN_NO_DEBUG,                 \
		ACCESS_RAZ_WI,	 0,  name                                     \
	},                                                                    \
	{                                                                     \
		D(0, 0, 0, op2), 16, NEXT_CRM, WHEN_DEBUG, ACCESS_RW, 0, name \
	}

static const struct entry debug_registers[] = {
	DEBUG(D(0, 0, 2, 2), "MDSCR_EL1"),
	DEBUG(D(0, 0, 2, 0), "MDCCINT_EL1"),
	DEBUG_RUN(4, "DBGBVR<n>_EL1"),
	DEBUG_RUN(5, "DBGBCR<n>_EL1"),
	DEBUG_RUN(6, "DBGWVR<n>_EL1"),
	DEBUG_RUN(7, "DBGWCR<n>_EL1"),
	/* The emulator lacks most of these. */
	ONE(D(0, 0, 0, 2), WHEN_NO_DEBUG, ACCESS_GAP, 0, "OSDTRRX_EL1"),
	ONE(D(0, 0, 3, 2), WHEN_NO_DEBUG, ACCESS_GAP, 0, "OSDTRTX_EL1"),
	ONE(D(0, 0, 6, 2), WHEN_NO_DEBUG, ACCESS_GAP, 0, "OSECCR_EL1"),
	ONE(D(0, 7, 8, 6), WHEN_NO_DEBUG, ACCESS_GAP, 0, "DBGCLAIMSET_EL1"),
	ONE(D(0, 7, 9, 6), WHEN_NO_DEBUG, ACCESS_GAP, 0, "DBGCLAIMCLR_EL1"),
	ONE(D(0, 7, 14, 6), WHEN_NO_DEBUG, ACCESS_GAP, 0, "DBGAUTHSTATUS_EL1"),
	ONE(D(3, 0, 1, 0), WHEN_NO_DEBUG, ACCESS_GAP, 0, "MDCCSR_EL0"),
	ONE(D(3, 0, 4, 0), WHEN_NO_DEBUG, ACCESS_GAP, 0, "DBGDTR_EL0"),
	ONE(D(3, 0, 5, 0), WHEN_NO_DEBUG, ACCESS_GAP, 0, "DBGDTRTX_EL0"),
	ONE(D(0, 0, 0, 2), WHEN_DEBUG, ACCESS_LOOSE, 0, "OSDTRRX_EL1"),
	ONE(D(0, 0, 3, 2), WHEN_DEBUG, ACCESS_LOOSE, 0, "OSDTRTX_EL1"),
	ONE(D(0, 0, 6, 2), WHEN_DEBUG, ACCESS_LOOSE, 0, "OSECCR_EL1"),
	RUN(D(0, 7, 8, 6), 1, WHEN_DEBUG, ACCESS_LOOSE, 0, "DBGCLAIMSET_EL1"),
	RUN(D(0, 7, 9, 6), 1, WHEN_DEBUG, ACCESS_LOOSE, 0, "DBGCLAIMCLR_EL1"),
	ONE(D(0, 7, 14, 6), WHEN_DEBUG, ACCESS_LOOSE, 0, "DBGAUTHSTATUS_EL1"),
	ONE(D(3, 0, 1, 0), WHEN_DEBUG, ACCESS_LOOSE, 0, "MDCCSR_EL0"),
	ONE(D(3, 0, 4, 0), WHEN_DEBUG, ACCESS_LOOSE, 0, "DBGDTR_EL0"),
	ONE(D(3, 0, 5, 0), WHEN_DEBUG, ACCESS_LOOSE, 0, "DBGDTRTX_EL0"),
	/* Powering down and the debug ROM are nobody's. */
	ONE(D(0, 1, 0, 0), WHEN_ALWAYS, ACCESS_RAZ, 0, "MDRAR_EL1"),
	ONE(D(0, 1, 0, 4), WHEN_ALWAYS, ACCESS_WO, 0, "OSLAR_EL1"),
	ONE(D(0, 1, 1, 4), WHEN_ALWAYS, ACCESS_RO, 0, "OSLSR_EL1"),
	ONE(D(0, 1, 3, 4), WHEN_ALWAYS, ACCESS_RAZ_WI, 0, "OSDLR_EL1"),
	ONE(D(0, 1, 4, 4), WHEN_ALWAYS, ACCESS_GAP, 0, "DBGPRCR_EL1"),
};

/* DDI 0487, "System instructions"; all of Armv8.0 but what is for EL2 and EL3 */
static const struct entry instructions[] = {
	ONE(S(0, 7, 1, 0), WHEN_ALWAYS, ACCESS_WO, 0, "IC IALLUIS"),
	ONE(S(0, 7, 5, 0), WHEN_ALWAYS, ACCESS_WO, 0, "IC IALLU"),
	ONE(S(0, 7, 6, 1), WHEN_ALWAYS, ACCESS_WO, 0, "DC IVAC"),
	ONE(S(0, 7, 6, 2), WHEN_ALWAYS, ACCESS_WO, 0, "DC ISW"),
	RUN(S(0, 7, 8, 0), 4, WHEN_ALWAYS, ACCESS_WO, 0, "AT S1E1R, W, E0"),
	ONE(S(0, 7, 10, 2), WHEN_ALWAYS, ACCESS_WO, 0, "DC CSW"),
	ONE(S(0, 7, 14, 2), WHEN_ALWAYS, ACCESS_WO, 0, "DC CISW"),
	ONE(S(3, 7, 4, 1), WHEN_ALWAYS, ACCESS_WO, 0, "DC ZVA"),
	ONE(S(3, 7, 5, 1), WHEN_ALWAYS, ACCESS_WO, 0, "IC IVAU"),
	ONE(S(3, 7, 10, 1), WHEN_ALWAYS, ACCESS_WO, 0, "DC CVAC"),
	ONE(S(3, 7, 11, 1), WHEN_ALWAYS, ACCESS_WO, 0, "DC CVAU"),
	ONE(S(3, 7, 14, 1), WHEN_ALWAYS, ACCESS_WO, 0, "DC CIVAC"),
	RUN(S(0, 8, 3, 0), 4, WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VMALLE1IS.."),
	ONE(S(0, 8, 3, 5), WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VALE1IS"),
	ONE(S(0, 8, 3, 7), WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VAALE1IS"),
	RUN(S(0, 8, 7, 0), 4, WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VMALLE1.."),
	ONE(S(0, 8, 7, 5), WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VALE1"),
	ONE(S(0, 8, 7, 7), WHEN_ALWAYS, ACCESS_WO, 0, "TLBI VAALE1"),
	/* Of later versions: by ranges, to the outer domain, tags, prediction */
	RUN(S(0, 8, 0, 0), 128, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "TLBI"),
	RUN(S(0, 9, 0, 0), 128, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "TLBI nXS"),
	RUN(S(0, 7, 6, 3), 4, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC IGVAC"),
	RUN(S(0, 7, 9, 0), 2, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "AT S1E1RP"),
	RUN(S(0, 7, 10, 3), 4, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CGSW"),
	RUN(S(0, 7, 14, 3), 4, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CIGSW"),
	RUN(S(3, 7, 3, 4), 4, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "CFP RCTX"),
	RUN(S(3, 7, 4, 3), 2, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC GVA"),
	RUN(S(3, 7, 10, 3), 3, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CGVAC"),
	RUN(S(3, 7, 12, 1), 5, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CVAP"),
	RUN(S(3, 7, 13, 1), 5, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CVADP"),
	RUN(S(3, 7, 14, 3), 3, WHEN_NOT_V8_0, ACCESS_LOOSE, 0, "DC CIGVAC"),
};

static unsigned int field(uint64_t value, unsigned int shift)
{
	return (unsigned int)(value >> shift & 0xf);
}

/* Cortex-A53, A57, A72 */
static bool is_v8_0(void)
{
	const uint64_t part = CPU_READ(midr_el1) >> 4 & 0xfff;

	return part == 0xd03 || part == 0xd07 || part == 0xd08;
}

void table_init(bool is_gic_v3, bool has_pmu, bool has_debug)
{
	const uint64_t dfr0 = CPU_READ(id_aa64dfr0_el1);
	const uint64_t mmfr2 = CPU_READ(S3_0_C0_C7_2);
	const uint64_t priority_bits =
		is_gic_v3 ? (CPU_READ(S3_0_C12_C12_4) >> 8 & 7) + 1 : 0;

	breakpoints = field(dfr0, 12) + 1;
	watchpoints = field(dfr0, 20) + 1;
	pmu_counters =
		has_pmu ? (unsigned int)(CPU_READ(pmcr_el0) >> 11 & 0x1f) : 0;
	applies[WHEN_ALWAYS] = true;
	applies[WHEN_GIC_V3] = is_gic_v3;
	applies[WHEN_PREEMPTION_6] = priority_bits >= 6;
	applies[WHEN_PREEMPTION_7] = priority_bits >= 7;
	applies[WHEN_PMU] = has_pmu;
	applies[WHEN_PMU_V3P4] = has_pmu && field(dfr0, 8) >= 5;
	applies[WHEN_NO_DEBUG] = !has_debug;
	applies[WHEN_DEBUG] = has_debug;
	applies[WHEN_PAN] = field(CPU_READ(S3_0_C0_C7_1), 20) != 0;
	applies[WHEN_UAO] = field(mmfr2, 4) != 0;
	applies[WHEN_DIT] = field(CPU_READ(id_aa64pfr0_el1), 48) != 0;
	applies[WHEN_SSBS] = field(CPU_READ(id_aa64pfr1_el1), 4) == 2;
	applies[WHEN_CCIDX] = field(mmfr2, 20) != 0;
	applies[WHEN_RNDR] = field(CPU_READ(id_aa64isar0_el1), 60) != 0;
	applies[WHEN_IDST] = field(mmfr2, 36) != 0;
	applies[WHEN_NOT_V8_0] = !is_v8_0();
}

bool table_applies(enum when when)
{
	return applies[when];
}

/* How many of a run there are in this cell. */
static unsigned int run_count(const struct entry *entry)
{
	if (strncmp(entry->name, "PMEV", 4) == 0) {
		return pmu_counters;
	}
	if (strncmp(entry->name, "DBGB", 4) == 0) {
		return breakpoints;
	}
	if (strncmp(entry->name, "DBGW", 4) == 0) {
		return watchpoints;
	}
	return entry->count;
}

static const struct entry *find(const struct entry *entries, size_t count,
				uint32_t encoding)
{
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = &entries[i];
		const uint32_t at = encoding - entry->first;

		/* The cheap questions first: this is asked for each encoding. */
		if (at < entry->count * entry->step && applies[entry->when] &&
		    at % entry->step == 0 &&
		    at / entry->step < run_count(entry)) {
			return entry;
		}
	}
	return NULL;
}

const struct entry *table_find(uint32_t encoding)
{
	switch (encoding >> 14) {
	case 1:
		return find(instructions, ARRAY_SIZE(instructions), encoding);
	case 2:
		return find(debug_registers, ARRAY_SIZE(debug_registers),
			    encoding);
	default:
		return find(registers, ARRAY_SIZE(registers), encoding);
	}
}
