// SPDX-License-Identifier: Apache-2.0
/* Synchronous exits: calls, trapped accesses and system registers, faults. */
#include <arch/frame.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <arch/sysreg_trap.h>
#include <arch/trap.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/hypercall.h>
#include <hyp/mmio.h>

/* entry.S calls them, and hypercall_dispatch() for an HVC. */
int trap_data_abort(struct cpu *cpu, struct frame *frame, uint64_t esr);
void trap_access_failed(struct cpu *cpu, int ret);
void trap_sysreg(struct cpu *cpu, struct frame *frame, uint64_t esr);
void trap_other(struct cpu *cpu, struct frame *frame, uint64_t esr);

static uint64_t register_read(const struct frame *frame, unsigned int n)
{
	return n == 31 ? 0 : frame->x[n];
}

static void pc_advance(void)
{
	SYSREG_WRITE(ELR_EL2, SYSREG_READ(ELR_EL2) + 4);
}

/* HPFAR_EL2[39:4] holds IPA[47:12] after a translation fault; [3:0] are RES0. */
static ipa_t fault_address(void)
{
	return ipa(SYSREG_READ(HPFAR_EL2) << 8 |
		   (SYSREG_READ(FAR_EL2) & PAGE_MASK));
}

/*
 * The value goes straight from or to the saved register, which stays as it is when the
 * access fails; x[31] stands for the zero register, see <arch/frame.h>. The PC goes on
 * first, so that nothing has to be kept for afterwards.
 */
static NOINLINE int trap_access(struct cpu *cpu, struct frame *frame,
				uint64_t esr)
{
	pc_advance();
	return mmio_access(cpu, fault_address(), mmio_width(esr),
			   mmio_is_write(esr), &frame->x[mmio_target(esr)]);
}

static NOINLINE int trap_seldom(struct cpu *cpu, struct frame *frame,
				uint64_t esr)
{
	struct mmio_access access;
	int ret = 0;

	switch (mmio_decode(esr & ESR_ISS_MASK, &access)) {
	case MMIO_ACCESS:
		ret = trap_access(cpu, frame, esr);
		if (!access.is_write && ret == 0) {
			frame->x[access.target] = mmio_load_value(
				&access, frame->x[access.target]);
		}
		break;
	case MMIO_SKIP:
		cpu->vcpu.stat[BH_STAT_MMIO]++;
		pc_advance();
		break;
	case MMIO_NO_SYNDROME:
		trap_no_syndrome(cpu, frame, esr);
		break;
	case MMIO_ABORT:
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		guest_inject_data_abort();
		break;
	}
	return ret;
}

/* Return: 0, or what trap_access_failed() is to be called with. */
int trap_data_abort(struct cpu *cpu, struct frame *frame, uint64_t esr)
{
	if (UNLIKELY(!mmio_is_plain(esr))) {
		return trap_seldom(cpu, frame, esr);
	}
	return trap_access(cpu, frame, esr);
}

void trap_access_failed(struct cpu *cpu, int ret)
{
	SYSREG_WRITE(ELR_EL2, SYSREG_READ(ELR_EL2) - 4);
	if (ret != MMIO_RETRY) {
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		guest_inject_data_abort();
	}
}

/* What a guest writes to its GICv3 CPU interface and the hardware leaves to us. */
static bool trap_gic_write(struct cpu *cpu, uint64_t iss, uint64_t value)
{
	switch (iss & (ISS_SYSREG_MASK | ISS_SYSREG_READ)) {
	case ISS_SYSREG(3, 0, 12, 11, 5): /* ICC_SGI1R_EL1 */
		vgic_sgi1r_write(cpu, value);
		return true;
	case ISS_SYSREG(3, 0, 12, 11, 6): /* ICC_ASGI1R_EL1 */
	case ISS_SYSREG(3, 0, 12, 11, 7): /* ICC_SGI0R_EL1 */
		vgic_sgi0r_write(cpu, value);
		return true;
	case ISS_SYSREG(3, 0, 12, 11, 1): /* ICC_DIR_EL1 */
		vgic_dir_write(cpu, value);
		return true;
	default:
		return false;
	}
}

void trap_sysreg(struct cpu *cpu, struct frame *frame, uint64_t esr)
{
	uint64_t iss = esr & ESR_ISS_MASK;
	uint64_t value = register_read(frame, ISS_SYSREG_RT(iss));

	cpu->vcpu.stat[BH_STAT_SYSREG]++;
	if (!trap_gic_write(cpu, iss, value) &&
	    !sysreg_emulate(cpu, frame, iss)) {
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		guest_inject_undefined();
		return;
	}
	pc_advance();
}

void trap_other(struct cpu *cpu, struct frame *frame, uint64_t esr)
{
	switch (esr >> ESR_EC_SHIFT & ESR_EC_MASK) {
	case EC_SMC64:
		pc_advance();
		hypercall_dispatch(cpu, frame);
		break;
	case EC_SYSREG:
		trap_sysreg(cpu, frame, esr);
		break;
	case EC_IABT_LOWER:
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		trap_instruction_abort(cpu);
		break;
	default:
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		guest_inject_undefined();
		break;
	}
}
