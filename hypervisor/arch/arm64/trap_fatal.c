// SPDX-License-Identifier: Apache-2.0
/* What no exception can answer: the end of a cell, or of the hypervisor. */
#include <arch/frame.h>
#include <arch/guest.h>
#include <arch/sysreg.h>
#include <arch/trap.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/message.h>
#include <hyp/panic.h>

#define VECTORS_SIZE 0x800
#define WHY_SIZE 160
#define EC_ILLEGAL 0x0e
#define EC_PC_ALIGNMENT 0x22
#define EC_SP_ALIGNMENT 0x26
#define EC_BRK 0x3c

/* entry.S calls them. */
void trap_serror(struct cpu *cpu);
NORETURN void trap_panic(const struct frame *frame, uint64_t is_sync);

/* One line: the cell's name comes in front. The sentence is for `cell info` too. */
static NOINLINE void trap_explain(struct cpu *cpu, uint64_t pc,
				  uint64_t address, uint64_t esr,
				  const char *what)
{
	char why[WHY_SIZE];

	text_format(why, sizeof(why),
		    "is stopped: CPU %u, PC 0x%lx, address 0x%lx, ESR 0x%lx: "
		    "%s",
		    cpu->index, pc, address, esr, what);
	cell_stop(cpu->vcpu.cell, BH_REASON_FAULT, why);
}

static void trap_stop(struct cpu *cpu)
{
	cpu_serve_requests(cpu);
	cpu_leave_guest(cpu);
}

/* Asynchronous: PC and address are where the CPU was by then. */
void trap_serror(struct cpu *cpu)
{
	trap_explain(cpu, SYSREG_READ(ELR_EL2), SYSREG_READ(FAR_EL2),
		     SYSREG_READ(ESR_EL2), "an SError interrupt was taken");
	trap_stop(cpu);
}

/*
 * A cell whose own vectors cannot be fetched would take this abort for ever. What
 * led it there stands in EL1's registers: an exception of its own, or one of ours.
 */
void trap_instruction_abort(struct cpu *cpu)
{
	uint64_t vectors = SYSREG_READ(VBAR_EL1);
	bool from_el1 = (SYSREG_READ(SPSR_EL2) & 0x1f) == SPSR_M_EL1H ||
			(SYSREG_READ(SPSR_EL2) & 0x1f) == SPSR_M_EL1T;

	if (!from_el1 || SYSREG_READ(ELR_EL2) - vectors >= VECTORS_SIZE) {
		guest_inject_instruction_abort();
		return;
	}
	trap_explain(cpu, SYSREG_READ(ELR_EL1), SYSREG_READ(FAR_EL1),
		     SYSREG_READ(ESR_EL1),
		     "this exception has no handler, VBAR_EL1 leads to no "
		     "memory of the cell");
	trap_stop(cpu);
}

static const char *class_words(uint64_t esr)
{
	switch (esr >> ESR_EC_SHIFT & ESR_EC_MASK) {
	case 0:
		return "an undefined instruction";
	case EC_ILLEGAL:
		return "an illegal execution state";
	case EC_IABT_SAME:
		return "an instruction abort";
	case EC_PC_ALIGNMENT:
		return "a misaligned PC";
	case EC_DABT_SAME:
		return "a data abort";
	case EC_SP_ALIGNMENT:
		return "a misaligned stack pointer";
	case EC_BRK:
		return "a BRK instruction";
	default:
		return "an exception of another class";
	}
}

void trap_panic(const struct frame *frame, uint64_t is_sync)
{
	struct panic_state state = {
		.x = frame->x,
		.sp = frame->x[31],
		.level = (unsigned int)(SYSREG_READ(CurrentEL) >> 2 & 3),
	};

	if (state.level == 2) {
		state.pc = SYSREG_READ(ELR_EL2);
		state.spsr = SYSREG_READ(SPSR_EL2);
		state.esr = SYSREG_READ(ESR_EL2);
		state.far = SYSREG_READ(FAR_EL2);
	} else {
		state.pc = SYSREG_READ(ELR_EL1);
		state.spsr = SYSREG_READ(SPSR_EL1);
		state.esr = SYSREG_READ(ESR_EL1);
		state.far = SYSREG_READ(FAR_EL1);
	}
	panic_report(&state, is_sync != 0 ? class_words(state.esr) :
					    "an interrupt or SError at EL2");
}
