/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers and their fields, named as in the Arm Architecture Reference
 * Manual (DDI 0487) and, for ICC_ and ICH_, the GIC specification (IHI 0069).
 */
#ifndef ARCH_SYSREG_H
#define ARCH_SYSREG_H

#include <hyp/compiler.h>

#define SYSREG_STRING(name) #name
#define SYSREG_NAME(name) SYSREG_STRING(name)

#define SYSREG_READ(name)                                     \
	({                                                    \
		uint64_t sysreg_value;                        \
		__asm__ volatile("mrs %0, " SYSREG_NAME(name) \
				 : "=r"(sysreg_value));       \
		sysreg_value;                                 \
	})
#define SYSREG_WRITE(name, value)                                \
	({                                                       \
		uint64_t sysreg_new = (value);                   \
		__asm__ volatile("msr " SYSREG_NAME(name) ", %0" \
				 :                               \
				 : "r"(sysreg_new)               \
				 : "memory");                    \
	})

/* GICv3 registers, which the assembler knows by encoding only. */
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_DIR_EL1 S3_0_C12_C11_1
#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICH_HCR_EL2 S3_4_C12_C11_0
#define ICH_VTR_EL2 S3_4_C12_C11_1
#define ICH_MISR_EL2 S3_4_C12_C11_2
#define ICH_EISR_EL2 S3_4_C12_C11_3
#define ICH_ELRSR_EL2 S3_4_C12_C11_5
#define ICH_VMCR_EL2 S3_4_C12_C11_7
#define ICH_AP0R0_EL2 S3_4_C12_C8_0
#define ICH_AP0R1_EL2 S3_4_C12_C8_1
#define ICH_AP0R2_EL2 S3_4_C12_C8_2
#define ICH_AP0R3_EL2 S3_4_C12_C8_3
#define ICH_AP1R0_EL2 S3_4_C12_C9_0
#define ICH_AP1R1_EL2 S3_4_C12_C9_1
#define ICH_AP1R2_EL2 S3_4_C12_C9_2
#define ICH_AP1R3_EL2 S3_4_C12_C9_3
#define ICH_LR0_EL2 S3_4_C12_C12_0
#define ICH_LR1_EL2 S3_4_C12_C12_1
#define ICH_LR2_EL2 S3_4_C12_C12_2
#define ICH_LR3_EL2 S3_4_C12_C12_3
#define ICH_LR4_EL2 S3_4_C12_C12_4
#define ICH_LR5_EL2 S3_4_C12_C12_5
#define ICH_LR6_EL2 S3_4_C12_C12_6
#define ICH_LR7_EL2 S3_4_C12_C12_7
#define ICH_LR8_EL2 S3_4_C12_C13_0
#define ICH_LR9_EL2 S3_4_C12_C13_1
#define ICH_LR10_EL2 S3_4_C12_C13_2
#define ICH_LR11_EL2 S3_4_C12_C13_3
#define ICH_LR12_EL2 S3_4_C12_C13_4
#define ICH_LR13_EL2 S3_4_C12_C13_5
#define ICH_LR14_EL2 S3_4_C12_C13_6
#define ICH_LR15_EL2 S3_4_C12_C13_7

/* HCR_EL2 */
#define HCR_VM BIT(0)
#define HCR_SWIO BIT(1)
#define HCR_PTW BIT(2)
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_TID1 BIT(16)
#define HCR_TID3 BIT(18)
#define HCR_TSC BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR BIT(21)
#define HCR_TSW BIT(22)
#define HCR_RW BIT(31)
#define HCR_TLOR BIT(35)
#define HCR_TERR BIT(36)
#define HCR_TID5 BIT(58)

/* MDCR_EL2 */
#define MDCR_HPMN_MASK UINT64_C(0x1f)
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM BIT(6)
#define MDCR_TDA BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA BIT(11)
#define MDCR_TPMS BIT(14)
#define MDCR_TTRF BIT(19)

/* CPTR_EL2 (E2H = 0) */
/* With TZ and TSM, which are RES1 where there is no SVE or SME: both are trapped. */
#define CPTR_RES1 UINT64_C(0x000033ff)
#define CPTR_TFP BIT(10)
#define CPTR_TTA BIT(20)
#define CPTR_TAM BIT(30)
#define CPTR_TCPAC BIT(31)

/* SCTLR_EL2, SCTLR_EL1 */
#define SCTLR_EL2_RES1 UINT64_C(0x30c50830)
#define SCTLR_EL1_RES1 UINT64_C(0x30d00800)
#define SCTLR_M BIT(0)
#define SCTLR_A BIT(1)
#define SCTLR_C BIT(2)
#define SCTLR_SA BIT(3)
#define SCTLR_I BIT(12)
#define SCTLR_WXN BIT(19)
#define SCTLR_EE BIT(25)

/* ESR_EL2 */
#define ESR_EC_SHIFT 26
#define ESR_EC_MASK UINT64_C(0x3f)
#define ESR_IL BIT(25)
#define ESR_ISS_MASK UINT64_C(0x1ffffff)
#define EC_WFX 0x01
#define EC_FP 0x07
#define EC_HVC64 0x16
#define EC_SMC64 0x17
#define EC_SYSREG 0x18
#define EC_IABT_LOWER 0x20
#define EC_IABT_SAME 0x21
#define EC_DABT_LOWER 0x24
#define EC_DABT_SAME 0x25

/* SPSR */
#define SPSR_D BIT(9)
#define SPSR_A BIT(8)
#define SPSR_I BIT(7)
#define SPSR_F BIT(6)
#define SPSR_M_EL0T 0x0
#define SPSR_M_EL1T 0x4
#define SPSR_M_EL1H 0x5
#define SPSR_M_MASK UINT64_C(0x1f)
#define SPSR_AARCH32 BIT(4)
#define SPSR_E BIT(9) /* AArch32 */

/* ICH_HCR_EL2 and GICH_HCR have the same low bits */
#define GICH_HCR_EN BIT(0)
#define GICH_HCR_UIE BIT(1)
/* ICH_MISR_EL2 and GICH_MISR */
#define GICH_MISR_EOI BIT(0)
#define GICH_MISR_U BIT(1)

#define MPIDR_AFFINITY_MASK UINT64_C(0xff00ffffff)

#endif /* ARCH_SYSREG_H */
