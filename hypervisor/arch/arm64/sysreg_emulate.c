// SPDX-License-Identifier: Apache-2.0
/*
 * Trapped system registers, the GIC's aside. What stands in no case below is undefined
 * for a cell. docs/system-registers.md says what is trapped.
 */
#include <arch/debug.h>
#include <arch/frame.h>
#include <arch/sysreg.h>
#include <arch/sysreg_trap.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>

#define OSLSR_OSLM BIT(3) /* the OS lock is implemented */
#define OSLSR_OSLK BIT(1)
#define OSLAR_OSLK BIT(0)

/* Debug registers that read zero and ignore writes. */
static bool is_debug_ignored(const struct cpu *cpu, uint64_t reg)
{
	unsigned int n = ISS_SYSREG_CRM(reg);

	switch (reg) {
	case ISS_SYSREG(2, 0, 0, 0, 2): /* OSDTRRX_EL1 */
	case ISS_SYSREG(2, 0, 0, 2, 0): /* MDCCINT_EL1 */
	case ISS_SYSREG(2, 0, 0, 2, 2): /* MDSCR_EL1 */
	case ISS_SYSREG(2, 0, 0, 3, 2): /* OSDTRTX_EL1 */
	case ISS_SYSREG(2, 0, 0, 6, 2): /* OSECCR_EL1 */
	case ISS_SYSREG(2, 0, 1, 3, 4): /* OSDLR_EL1: no such lock */
	case ISS_SYSREG(2, 0, 1, 4, 4): /* DBGPRCR_EL1 */
	case ISS_SYSREG(2, 0, 7, 8, 6): /* DBGCLAIMSET_EL1 */
	case ISS_SYSREG(2, 0, 7, 9, 6): /* DBGCLAIMCLR_EL1 */
	case ISS_SYSREG(2, 3, 0, 4, 0): /* DBGDTR_EL0 */
	case ISS_SYSREG(2, 3, 0, 5, 0): /* DBGDTRRX_EL0, DBGDTRTX_EL0 */
		return true;
	default:
		break;
	}
	if (ISS_SYSREG_OP1(reg) != 0 || ISS_SYSREG_CRN(reg) != 0) {
		return false;
	}
	switch (ISS_SYSREG_OP2(reg)) {
	case 4: /* DBGBVR<n>_EL1 */
	case 5: /* DBGBCR<n>_EL1 */
		return n < debug_breakpoint_count(cpu);
	case 6: /* DBGWVR<n>_EL1 */
	case 7: /* DBGWCR<n>_EL1 */
		return n < debug_watchpoint_count(cpu);
	default:
		return false;
	}
}

static bool debug_read(const struct cpu *cpu, uint64_t reg, uint64_t *value)
{
	switch (reg) {
	case ISS_SYSREG(2, 0, 1, 1, 4): /* OSLSR_EL1 */
		*value = OSLSR_OSLM | (cpu->vcpu.is_os_locked ? OSLSR_OSLK : 0);
		return true;
	case ISS_SYSREG(2, 0, 1, 0, 0):	 /* MDRAR_EL1: no debug ROM */
	case ISS_SYSREG(2, 0, 7, 14, 6): /* DBGAUTHSTATUS_EL1 */
	case ISS_SYSREG(2, 3, 0, 1, 0):	 /* MDCCSR_EL0 */
		*value = 0;
		return true;
	default:
		*value = 0;
		return is_debug_ignored(cpu, reg);
	}
}

static bool debug_write(struct cpu *cpu, uint64_t reg, uint64_t value)
{
	if (reg == ISS_SYSREG(2, 0, 1, 0, 4)) { /* OSLAR_EL1 */
		cpu->vcpu.is_os_locked = (value & OSLAR_OSLK) != 0;
		if (cpu->vcpu.cell->config->has_debug) {
			SYSREG_WRITE(OSLAR_EL1, value & OSLAR_OSLK);
		}
		return true;
	}
	return is_debug_ignored(cpu, reg);
}

static bool register_read(const struct cpu *cpu, uint64_t reg, uint64_t *value)
{
	unsigned int crm = ISS_SYSREG_CRM(reg);

	switch (reg) {
	case ISS_SYSREG(3, 0, 0, 0, 6): /* REVIDR_EL1: MIDR_EL1 is the CPU's */
		*value = SYSREG_READ(REVIDR_EL1);
		return true;
	case ISS_SYSREG(3, 1, 0, 0, 7): /* AIDR_EL1 */
		*value = 0;
		return true;
	default:
		break;
	}
	if (ISS_SYSREG_OP1(reg) != 0 || ISS_SYSREG_CRN(reg) != 0 || crm < 1 ||
	    crm > 7) {
		return false;
	}
	*value = id_register_read(cpu, crm, ISS_SYSREG_OP2(reg));
	return true;
}

/* DC ISW, CSW, CISW: stage 2 keeps everything coherent. */
static bool is_set_way(uint64_t reg)
{
	return reg == ISS_SYSREG(1, 0, 7, 6, 2) ||
	       reg == ISS_SYSREG(1, 0, 7, 10, 2) ||
	       reg == ISS_SYSREG(1, 0, 7, 14, 2);
}

static bool sysreg_read(const struct cpu *cpu, uint64_t reg, uint64_t *value)
{
	switch (ISS_SYSREG_OP0(reg)) {
	case 2:
		return debug_read(cpu, reg, value);
	case 3:
		return register_read(cpu, reg, value);
	default:
		return false;
	}
}

static bool sysreg_write(struct cpu *cpu, uint64_t reg, uint64_t value)
{
	switch (ISS_SYSREG_OP0(reg)) {
	case 1:
		return is_set_way(reg);
	case 2:
		return debug_write(cpu, reg, value);
	default:
		return false; /* what is trapped of these is read-only */
	}
}

bool sysreg_emulate(struct cpu *cpu, struct frame *frame, uint64_t iss)
{
	uint64_t reg = iss & ISS_SYSREG_MASK;
	unsigned int rt = ISS_SYSREG_RT(iss);
	uint64_t value;

	if ((iss & ISS_SYSREG_READ) == 0) {
		return sysreg_write(cpu, reg, rt == 31 ? 0 : frame->x[rt]);
	}
	if (!sysreg_read(cpu, reg, &value)) {
		return false;
	}
	if (rt != 31) {
		frame->x[rt] = value;
	}
	return true;
}
