/* SPDX-License-Identifier: Apache-2.0 */
/* Trapped system registers: the syndrome, and what a cell gets of those it may use. */
#ifndef ARCH_SYSREG_TRAP_H
#define ARCH_SYSREG_TRAP_H

#include <hyp/compiler.h>

struct cpu;
struct frame;

/*
 * ESR_EL2.ISS of a trapped MSR, MRS or SYS instruction: the encoding without Rt and
 * direction. DDI 0487, "ISS encoding for an exception from MSR, MRS, or System
 * instruction execution in AArch64 state"
 */
#define ISS_SYSREG_MASK UINT64_C(0x3ffc1e)
#define ISS_SYSREG(op0, op1, crn, crm, op2)              \
	((uint64_t)(op0) << 20 | (uint64_t)(op2) << 17 | \
	 (uint64_t)(op1) << 14 | (uint64_t)(crn) << 10 | (uint64_t)(crm) << 1)
#define ISS_SYSREG_OP0(iss) ((iss) >> 20 & 3)
#define ISS_SYSREG_OP1(iss) ((iss) >> 14 & 7)
#define ISS_SYSREG_OP2(iss) ((unsigned int)((iss) >> 17 & 7))
#define ISS_SYSREG_CRN(iss) ((iss) >> 10 & 0xf)
#define ISS_SYSREG_CRM(iss) ((unsigned int)((iss) >> 1 & 0xf))
#define ISS_SYSREG_RT(iss) ((unsigned int)((iss) >> 5 & 0x1f))
#define ISS_SYSREG_READ BIT(0)

/**
 * sysreg_emulate() - carry out a trapped access, other than one to the GIC
 * @iss: ESR_EL2.ISS
 *
 * Constant work.
 *
 * Return: false if the cell has no such register: the access is undefined.
 */
bool sysreg_emulate(struct cpu *cpu, struct frame *frame,
		    uint64_t iss) MUST_CHECK;

/**
 * id_register_read() - an ID register as this CPU's cell sees it
 * @crm: 1 to 7: S3_0_C0_C<crm>_<op2>
 * @op2: 0 to 7
 */
uint64_t id_register_read(const struct cpu *cpu, unsigned int crm,
			  unsigned int op2);

#endif /* ARCH_SYSREG_TRAP_H */
