/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cell may do with every encoding of MRS, MSR, SYS and SYSL: a table from the
 * Arm Architecture Reference Manual (DDI 0487), "AArch64 System register encodings",
 * and the GIC specification (IHI 0069), never from a run. What is not in it is
 * undefined in both directions.
 */
#ifndef SYSREG_SWEEP_TABLE_H
#define SYSREG_SWEEP_TABLE_H

#include <hyp/compiler.h>

/* Bits 20:5 of the instruction, which hold op0 to op2. */
#define ENCODING(op0, op1, crn, crm, op2)                                 \
	((uint32_t)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | \
		    (op2)))
#define ENCODINGS_OF_OP0 0x4000U

enum access {
	ACCESS_NONE, /* undefined */
	ACCESS_RW,
	ACCESS_RO,
	ACCESS_WO,
	ACCESS_RAZ_WI,
	ACCESS_RAZ,   /* reads zero, undefined to write */
	ACCESS_GAP,   /* RAZ/WI, or undefined in an emulator that lacks it */
	ACCESS_LOOSE, /* a feature's that no trap denies: as it likes */
};

/* Where an entry applies; else its encodings are undefined. */
enum when {
	WHEN_ALWAYS,
	WHEN_GIC_V3,
	WHEN_PREEMPTION_6, /* bits of the GIC's preemption priority */
	WHEN_PREEMPTION_7,
	WHEN_PMU,      /* granted by the config */
	WHEN_PMU_V3P4, /* and of that version */
	WHEN_NO_DEBUG,
	WHEN_DEBUG, /* granted by the config */
	WHEN_PAN,   /* the ID registers show it, and so on */
	WHEN_UAO,
	WHEN_DIT,
	WHEN_SSBS,
	WHEN_CCIDX,
	WHEN_RNDR,
	WHEN_IDST,
	WHEN_NOT_V8_0, /* a CPU that has more than Armv8.0 */
	WHEN_NR,
};

struct entry {
	uint32_t first;
	uint16_t count;
	uint16_t step;
	enum when when;
	enum access access;
	uint64_t value; /* RW: bits to toggle; WO: what to write */
	const char *name;
};

/** table_find() - the entry of an encoding that applies in this cell, or NULL */
const struct entry *table_find(uint32_t encoding);

/**
 * table_init() - look at the cell's ID registers
 * @has_pmu, @has_debug: granted by its config
 */
void table_init(bool is_gic_v3, bool has_pmu, bool has_debug);

/** table_applies() - whether it is so in this cell */
bool table_applies(enum when when);

/** ids_check() - every field of the ID registers; what is wrong is said by tap.h */
void ids_check(void);

#endif /* SYSREG_SWEEP_TABLE_H */
