// SPDX-License-Identifier: Apache-2.0
/* The guest's EL1: its registers at the start, and exceptions given to it. */
#include <arch/barrier.h>
#include <arch/debug.h>
#include <arch/features.h>
#include <arch/guest.h>
#include <arch/pmu.h>
#include <arch/sysreg.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>

/*
 * All that the architecture can trap and no cell needs, see docs/system-registers.md.
 * A bit of a feature that the CPU lacks is RES0 and ignored.
 */
#define HCR_VALUE                                                         \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO |      \
	 HCR_TID1 | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | \
	 HCR_RW | HCR_TLOR | HCR_TERR | HCR_TID5)
#define MDCR_VALUE (MDCR_TPMS | MDCR_TTRF)
#define CPTR_VALUE (CPTR_RES1 | CPTR_TTA | CPTR_TAM)
#define CNTHCTL_EL1PCTEN BIT(0)
#define CNTHCTL_EL1PCEN BIT(1)
#define MPIDR_RES1 BIT(31)

#define ESR_EC_UNKNOWN UINT64_C(0x00)
#define ESR_EC_IABT UINT64_C(0x20) /* + 1: from the same level */
#define ESR_EC_DABT UINT64_C(0x24)
#define ISS_SYNC_EXTERNAL UINT64_C(0x10)

/* floating.S: V0 to V31, FPCR and FPSR become zero */
void guest_clear_floating_point(void);

static void guest_reset_system(void)
{
	SYSREG_WRITE(SCTLR_EL1, SCTLR_EL1_RES1);
	SYSREG_WRITE(CPACR_EL1, 0);
	SYSREG_WRITE(TTBR0_EL1, 0);
	SYSREG_WRITE(TTBR1_EL1, 0);
	SYSREG_WRITE(TCR_EL1, 0);
	SYSREG_WRITE(MAIR_EL1, 0);
	SYSREG_WRITE(AMAIR_EL1, 0);
	SYSREG_WRITE(VBAR_EL1, 0);
	SYSREG_WRITE(ESR_EL1, 0);
	SYSREG_WRITE(FAR_EL1, 0);
	SYSREG_WRITE(AFSR0_EL1, 0);
	SYSREG_WRITE(AFSR1_EL1, 0);
	SYSREG_WRITE(PAR_EL1, 0);
	SYSREG_WRITE(ELR_EL1, 0);
	SYSREG_WRITE(SPSR_EL1, 0);
	SYSREG_WRITE(SP_EL0, 0);
	SYSREG_WRITE(SP_EL1, 0);
	SYSREG_WRITE(CONTEXTIDR_EL1, 0);
	SYSREG_WRITE(TPIDR_EL0, 0);
	SYSREG_WRITE(TPIDRRO_EL0, 0);
	SYSREG_WRITE(TPIDR_EL1, 0);
	SYSREG_WRITE(CSSELR_EL1, 0);
}

static void guest_reset_timers(void)
{
	SYSREG_WRITE(CNTV_CTL_EL0, 0);
	SYSREG_WRITE(CNTV_CVAL_EL0, 0);
	SYSREG_WRITE(CNTP_CTL_EL0, 0);
	SYSREG_WRITE(CNTP_CVAL_EL0, 0);
	SYSREG_WRITE(CNTKCTL_EL1, 0);
	SYSREG_WRITE(CNTVOFF_EL2, 0);
	SYSREG_WRITE(CNTHCTL_EL2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
}

void guest_reset(struct cpu *cpu)
{
	const struct cell_config *config = cpu->vcpu.cell->config;

	guest_reset_system();
	guest_reset_timers();
	guest_clear_floating_point();
	SYSREG_WRITE(VPIDR_EL2, SYSREG_READ(MIDR_EL1));
	SYSREG_WRITE(VMPIDR_EL2, MPIDR_RES1 | cpu->vcpu.index);
	SYSREG_WRITE(HSTR_EL2, 0);
	SYSREG_WRITE(CPTR_EL2, CPTR_VALUE);
	SYSREG_WRITE(MDCR_EL2, MDCR_VALUE | pmu_hand_over(config->has_pmu) |
				       debug_hand_over(cpu, config->has_debug));
	features_hand_over();
	SYSREG_WRITE(HCR_EL2, HCR_VALUE);
	/* The last owner's translations and instructions are gone. */
	__asm__ volatile("dsb ishst\n"
			 "tlbi vmalls12e1\n"
			 "ic iallu\n"
			 "dsb nsh\n"
			 "isb\n"
			 :
			 :
			 : "memory");
}

void guest_leave(void)
{
	SYSREG_WRITE(CNTV_CTL_EL0, 0);
	SYSREG_WRITE(CNTP_CTL_EL0, 0);
	/* No guest's translations are looked up speculatively at EL2. */
	SYSREG_WRITE(HCR_EL2, HCR_RW | HCR_IMO | HCR_FMO | HCR_AMO);
	barrier_isb();
}

/* Vector offsets by where the exception comes from; DDI 0487, exception vectors. */
static uint64_t vector_offset(uint64_t spsr)
{
	if ((spsr & 0x10) != 0) {
		return 0x600; /* EL0, AArch32 */
	}
	switch (spsr & 0xf) {
	case SPSR_M_EL0T:
		return 0x400;
	case SPSR_M_EL1T:
		return 0x000;
	default:
		return 0x200;
	}
}

static void guest_inject(uint64_t class, uint64_t iss)
{
	uint64_t spsr = SYSREG_READ(SPSR_EL2);
	bool from_el1 = (spsr & 0x1f) == SPSR_M_EL1T ||
			(spsr & 0x1f) == SPSR_M_EL1H;

	if (class != ESR_EC_UNKNOWN && from_el1) {
		class += 1; /* "without a change in Exception level" */
	}
	SYSREG_WRITE(ESR_EL1, class << ESR_EC_SHIFT | ESR_IL | iss);
	SYSREG_WRITE(ELR_EL1, SYSREG_READ(ELR_EL2));
	SYSREG_WRITE(SPSR_EL1, spsr);
	SYSREG_WRITE(ELR_EL2, SYSREG_READ(VBAR_EL1) + vector_offset(spsr));
	SYSREG_WRITE(SPSR_EL2, GUEST_SPSR);
}

void guest_inject_data_abort(void)
{
	SYSREG_WRITE(FAR_EL1, SYSREG_READ(FAR_EL2));
	guest_inject(ESR_EC_DABT,
		     ISS_SYNC_EXTERNAL | (SYSREG_READ(ESR_EL2) & BIT(6)));
}

void guest_inject_instruction_abort(void)
{
	SYSREG_WRITE(FAR_EL1, SYSREG_READ(FAR_EL2));
	guest_inject(ESR_EC_IABT, ISS_SYNC_EXTERNAL);
}

void guest_inject_undefined(void)
{
	guest_inject(ESR_EC_UNKNOWN, 0);
}
