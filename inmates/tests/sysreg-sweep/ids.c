// SPDX-License-Identifier: Apache-2.0
// The fields of the ID registers that a cell may see other than zero: DDI 0487, by
// what docs/system-registers.md grants a cell.

#include "cpu.h"
#include "table.h"
#include "tap.h"

#define NIBBLE(n) (UINT64_C(0xf) << (n)*4)
#define VALUE(n, value) ((uint64_t)(value) << (n)*4)

struct id {
	unsigned int crm, op2;
	const char *name;
	uint64_t may;  /* fields that may be anything */
	uint64_t must; /* fields that must be as in @value */
	uint64_t value;
};

/* clang-format off */
static const struct id ids[] = {
	{ 1, 0, "ID_PFR0_EL1", 0x0f0fffff, 0, 0 },
	{ 1, 1, "ID_PFR1_EL1", 0x000f0000, 0, 0 },
	{ 1, 2, "ID_DFR0_EL1", 0, NIBBLE(0), 6 },
	{ 1, 4, "ID_MMFR0_EL1", 0xffffffff, 0, 0 },
	{ 1, 5, "ID_MMFR1_EL1", 0xffffffff, 0, 0 },
	{ 1, 6, "ID_MMFR2_EL1", 0xffffffff, 0, 0 },
	{ 1, 7, "ID_MMFR3_EL1", 0xffffffff, 0, 0 },
	{ 2, 0, "ID_ISAR0_EL1", 0xffffffff, 0, 0 },
	{ 2, 1, "ID_ISAR1_EL1", 0xffffffff, 0, 0 },
	{ 2, 2, "ID_ISAR2_EL1", 0xffffffff, 0, 0 },
	{ 2, 3, "ID_ISAR3_EL1", 0xffffffff, 0, 0 },
	{ 2, 4, "ID_ISAR4_EL1", 0xffffffff, 0, 0 },
	{ 2, 5, "ID_ISAR5_EL1", 0xffffffff, 0, 0 },
	{ 2, 6, "ID_MMFR4_EL1", 0xffffffff, 0, 0 },
	{ 2, 7, "ID_ISAR6_EL1", 0x0fffffff, 0, 0 },
	{ 3, 0, "MVFR0_EL1", 0xffffffff, 0, 0 },
	{ 3, 1, "MVFR1_EL1", 0xffffffff, 0, 0 },
	{ 3, 2, "MVFR2_EL1", 0x000000ff, 0, 0 },
	{ 3, 4, "ID_PFR2_EL1", 0x000000ff, 0, 0 },
	{ 3, 6, "ID_MMFR5_EL1", 0x0000000f, 0, 0 },
	/* EL1: AArch64 only; no EL2, EL3; FP, AdvSIMD, DIT, CSV2, CSV3 */
	{ 4, 0, "ID_AA64PFR0_EL1",
	  NIBBLE(0) | NIBBLE(4) | NIBBLE(5) | NIBBLE(12) | NIBBLE(14) |
		  NIBBLE(15),
	  NIBBLE(1), VALUE(1, 1) },
	/* BTI, SSBS; no MTE, SME */
	{ 4, 1, "ID_AA64PFR1_EL1", 0xff, 0, 0 },
	/* DebugVer, no PMU, DoubleLock not implemented */
	{ 5, 0, "ID_AA64DFR0_EL1", 0, NIBBLE(0) | NIBBLE(9),
	  VALUE(0, 6) | VALUE(9, 0xf) },
	/* no TME */
	{ 6, 0, "ID_AA64ISAR0_EL1", 0xfffffffff0fffff0, 0, 0 },
	/* no pointer authentication, XS, LS64 */
	{ 6, 1, "ID_AA64ISAR1_EL1", 0x00ffffff00fff00f, 0, 0 },
	{ 6, 2, "ID_AA64ISAR2_EL1", 0x00000000f0f000ff, 0, 0 },
	/* no stage 2, FGT, ECV */
	{ 7, 0, "ID_AA64MMFR0_EL1", 0x0000f000ffffffff, 0, 0 },
	/* no VMID, VHE, LORegions, XNX, HCX */
	{ 7, 1, "ID_AA64MMFR1_EL1", 0x000ff0f00ff0f00f, 0, 0 },
	/* no LSM, IESB, NV, FWB, EVT */
	{ 7, 2, "ID_AA64MMFR2_EL1", 0xf0ff00fff0ff00ff, 0, 0 },
};
/* clang-format on */

#define CASE(crm, op2)        \
	case (crm)*8 + (op2): \
		return CPU_READ(S3_0_C0_C##crm##_##op2)
#define GROUP(crm)    \
	CASE(crm, 0); \
	CASE(crm, 1); \
	CASE(crm, 2); \
	CASE(crm, 3); \
	CASE(crm, 4); \
	CASE(crm, 5); \
	CASE(crm, 6); \
	CASE(crm, 7)

static uint64_t id_read(unsigned int crm, unsigned int op2)
{
	switch (crm * 8 + op2) {
		GROUP(1);
		GROUP(2);
		GROUP(3);
		GROUP(4);
		GROUP(5);
		GROUP(6);
		GROUP(7);
	default:
		return 0;
	}
}

/* What depends on the cell: the GIC, the PMU, debug. */
static void id_adapt(struct id *id)
{
	const uint64_t gic = table_applies(WHEN_GIC_V3) ? 1 : 0;

	if (id->crm == 1 && id->op2 == 1) {
		id->must |= NIBBLE(7);
		id->value |= VALUE(7, gic);
	} else if (id->crm == 4 && id->op2 == 0) {
		id->must |= NIBBLE(6);
		id->value |= VALUE(6, gic);
	} else if (id->crm == 1 && id->op2 == 2 && table_applies(WHEN_PMU)) {
		id->may |= NIBBLE(6);
	} else if (id->crm == 5 && id->op2 == 0) {
		id->may |= table_applies(WHEN_PMU) ? NIBBLE(2) : 0;
		if (table_applies(WHEN_DEBUG)) {
			id->may |= NIBBLE(3) | NIBBLE(5) | NIBBLE(7);
		} else { /* the least that there can be */
			id->must |= NIBBLE(3) | NIBBLE(5);
			id->value |= VALUE(3, 1) | VALUE(5, 1);
		}
	}
}

/* What Cortex-A53, A57 and A72 have, by their manuals, is not hidden. */
static void shown_check(void)
{
	tap_equal(id_read(6, 0), 0x11120, "ID_AA64ISAR0_EL1");
	tap_equal(id_read(7, 0) & ~UINT64_C(0xf), 0x1120, "ID_AA64MMFR0_EL1");
	tap_equal(id_read(4, 0) & 0xff00ff, 0x12, "ID_AA64PFR0_EL1");
	tap_equal(id_read(1, 0), 0x131, "ID_PFR0_EL1");
	tap_equal(id_read(1, 1) & 0xf0000, 0x10000, "ID_PFR1_EL1");
	tap_equal(id_read(2, 0), 0x02101110, "ID_ISAR0_EL1");
	tap_equal(id_read(2, 5), 0x11121, "ID_ISAR5_EL1");
	tap_equal(id_read(3, 0), 0x10110222, "MVFR0_EL1");
	tap_equal(id_read(3, 1), 0x12111111, "MVFR1_EL1");
	tap_equal(id_read(3, 2), 0x43, "MVFR2_EL1");
}

void ids_check(void)
{
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			struct id id = { crm, op2, "reserved", 0, 0, 0 };
			uint64_t value;

			for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
				if (ids[i].crm == crm && ids[i].op2 == op2) {
					id = ids[i];
				}
			}
			id_adapt(&id);
			value = id_read(crm, op2);
			tap_equal(value & ~id.may, id.value,
				  "S3_0_C0_C%u_%u (%s) is 0x%llx; its fixed "
				  "fields",
				  crm, op2, id.name, (unsigned long long)value);
		}
	}
	if (!table_applies(WHEN_NOT_V8_0)) {
		shown_check();
	}
	/* A PMU that is granted is seen. */
	if (table_applies(WHEN_PMU)) {
		const uint64_t version = id_read(5, 0) >> 8 & 0xf;

		tap_check(version != 0 && version != 0xf, "PMUVer is %u",
			  (unsigned int)version);
	}
}
