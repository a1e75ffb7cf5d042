// SPDX-License-Identifier: Apache-2.0
/*
 * The ID registers of a cell: of what the CPU has, that which a cell may use. A field
 * that is not named here reads zero, so that nothing new is granted unseen.
 */
#include <arch/sysreg.h>
#include <arch/sysreg_trap.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>

/* S3_0_C0_C<crm>_<op2>, DDI 0487; reserved ones read zero */
#define ID_READ_CASE(crm, op2) \
	case (crm)*8 + (op2):  \
		return SYSREG_READ(S3_0_C0_C##crm##_##op2)
#define ID_READ_GROUP(crm)    \
	ID_READ_CASE(crm, 0); \
	ID_READ_CASE(crm, 1); \
	ID_READ_CASE(crm, 2); \
	ID_READ_CASE(crm, 3); \
	ID_READ_CASE(crm, 4); \
	ID_READ_CASE(crm, 5); \
	ID_READ_CASE(crm, 6); \
	ID_READ_CASE(crm, 7)

#define ID_INDEX(crm, op2) ((crm)*8 + (op2))
#define ID_PFR1 ID_INDEX(1, 1)
#define ID_DFR0 ID_INDEX(1, 2)
#define ID_AA64PFR0 ID_INDEX(4, 0)
#define ID_AA64DFR0 ID_INDEX(5, 0)

/* All bits of the fields first to last, counted from bit 0 in steps of four. */
#define FIELD(n) (UINT64_C(0xf) << (n)*4)
#define FIELDS(first, last) \
	((FIELD(last) | (FIELD(last) - 1)) & ~(FIELD_VALUE(first, 1) - 1))
#define FIELD_VALUE(n, value) ((uint64_t)(value) << (n)*4)
#define FIELD_GET(n, value) ((value) >> (n)*4 & 0xf)

/* Fields that a cell sees as the CPU has them. */
static const uint64_t id_shown[ID_INDEX(8, 0)] = {
	/* AArch32, which a cell may have at EL0 */
	[ID_INDEX(1, 0)] = FIELDS(0, 4) | FIELD(6), /* ID_PFR0: no AMU, RAS */
	[ID_PFR1] = FIELD(4),			    /* the generic timer */
	[ID_INDEX(1, 4)] = FIELDS(0, 7),	    /* ID_MMFR0 to 3 */
	[ID_INDEX(1, 5)] = FIELDS(0, 7),
	[ID_INDEX(1, 6)] = FIELDS(0, 7),
	[ID_INDEX(1, 7)] = FIELDS(0, 7),
	[ID_INDEX(2, 0)] = FIELDS(0, 7), /* ID_ISAR0 to 5 */
	[ID_INDEX(2, 1)] = FIELDS(0, 7),
	[ID_INDEX(2, 2)] = FIELDS(0, 7),
	[ID_INDEX(2, 3)] = FIELDS(0, 7),
	[ID_INDEX(2, 4)] = FIELDS(0, 7),
	[ID_INDEX(2, 5)] = FIELDS(0, 7),
	[ID_INDEX(2, 6)] = FIELDS(0, 7), /* ID_MMFR4 */
	[ID_INDEX(2, 7)] = FIELDS(0, 6), /* ID_ISAR6 */
	[ID_INDEX(3, 0)] = FIELDS(0, 7), /* MVFR0 to 2 */
	[ID_INDEX(3, 1)] = FIELDS(0, 7),
	[ID_INDEX(3, 2)] = FIELDS(0, 1),
	[ID_INDEX(3, 4)] = FIELDS(0, 1), /* ID_PFR2: CSV3, SSBS */
	[ID_INDEX(3, 6)] = FIELD(0),	 /* ID_MMFR5: ETS */

	/* EL0, FP, AdvSIMD, DIT, CSV3; see pfr0() for EL1, GIC and CSV2 */
	[ID_AA64PFR0] = FIELD(0) | FIELDS(4, 5) | FIELD(12) | FIELD(15),
	[ID_INDEX(4, 1)] = FIELDS(0, 1), /* ID_AA64PFR1: BTI, SSBS */

	/* Instructions only. ISAR0: all but TME */
	[ID_INDEX(6, 0)] = FIELDS(1, 5) | FIELDS(7, 15),
	/* ISAR1: no pointer authentication, no XS, no LS64 */
	[ID_INDEX(6, 1)] = FIELD(0) | FIELDS(3, 5) | FIELDS(8, 13),
	/* ISAR2: WFxT, RPRES, BC, CLRBHB */
	[ID_INDEX(6, 2)] = FIELDS(0, 1) | FIELD(5) | FIELD(7),

	/* MMFR0: stage 1; ExS. No FGT, no ECV */
	[ID_INDEX(7, 0)] = FIELDS(0, 7) | FIELD(11),
	/* MMFR1: HAFDBS, HPDS, PAN, SpecSEI, ETS, AFP, nTLBPA */
	[ID_INDEX(7, 1)] = FIELD(0) | FIELD(3) | FIELDS(5, 6) | FIELD(9) |
			   FIELDS(11, 12),
	/* MMFR2: CnP, UAO, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD */
	[ID_INDEX(7, 2)] = FIELDS(0, 1) | FIELDS(4, 5) | FIELDS(7, 9) |
			   FIELDS(12, 13) | FIELD(15),
};

static uint64_t id_register_physical(unsigned int index)
{
	switch (index) {
		ID_READ_GROUP(1);
		ID_READ_GROUP(2);
		ID_READ_GROUP(3);
		ID_READ_GROUP(4);
		ID_READ_GROUP(5);
		ID_READ_GROUP(6);
		ID_READ_GROUP(7);
	default:
		return 0;
	}
}

static uint64_t gic_field(const struct cpu *cpu)
{
	return cpu->redistributor != NULL ? 1 : 0; /* GICv3's registers */
}

/* EL1 is AArch64 only; CSV2 without the SCXTNUM registers; the rest is not there. */
static uint64_t pfr0(const struct cpu *cpu, uint64_t physical)
{
	uint64_t csv2 = FIELD_GET(14, physical);

	return FIELD_VALUE(1, 1) | FIELD_VALUE(6, gic_field(cpu)) |
	       FIELD_VALUE(14, csv2 > 1 ? 1 : csv2);
}

/* 0xf: one that is not the architecture's */
static uint64_t pmu_version(const struct cpu *cpu, uint64_t version)
{
	return cpu->vcpu.cell->config->has_pmu && version != 0xf ? version : 0;
}

/*
 * ID_AA64DFR0_EL1: Armv8 debug, of which a cell without "debug" sees the two
 * breakpoints and watchpoints that are the least; no OS double lock.
 */
static uint64_t dfr0(const struct cpu *cpu, uint64_t physical)
{
	uint64_t value =
		FIELD_VALUE(0, 6) | FIELD_VALUE(9, 0xf) |
		FIELD_VALUE(2, pmu_version(cpu, FIELD_GET(2, physical)));

	if (cpu->vcpu.cell->config->has_debug) {
		return value | (physical & (FIELD(3) | FIELD(5) | FIELD(7)));
	}
	return value | FIELD_VALUE(3, 1) | FIELD_VALUE(5, 1);
}

uint64_t id_register_read(const struct cpu *cpu, unsigned int crm,
			  unsigned int op2)
{
	unsigned int index = ID_INDEX(crm, op2);
	uint64_t physical = id_register_physical(index);
	uint64_t value = physical & id_shown[index];

	switch (index) {
	case ID_PFR1:
		return value | FIELD_VALUE(7, gic_field(cpu));
	case ID_DFR0: /* CopDbg, PerfMon */
		return value | FIELD_VALUE(0, 6) |
		       FIELD_VALUE(6, pmu_version(cpu, FIELD_GET(6, physical)));
	case ID_AA64PFR0:
		return value | pfr0(cpu, physical);
	case ID_AA64DFR0:
		return value | dfr0(cpu, physical);
	default:
		return value;
	}
}
