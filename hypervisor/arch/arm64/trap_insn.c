// SPDX-License-Identifier: Apache-2.0
/*
 * A trapped access that has no syndrome: the instruction is read from the cell's
 * memory, decoded, and carried out.
 *
 * Another CPU of the cell may change the code or the guest's tables meanwhile, so
 * what is read need not be what trapped. It is carried out only if, with the guest's
 * registers as they are, it is an access in the same direction that covers the
 * address of the abort: then it is what the CPU would do now. Else the guest tries
 * again, and gets its own abort, or traps again with the new instruction.
 */
#include <arch/barrier.h>
#include <arch/floating.h>
#include <arch/guest.h>
#include <arch/stage1.h>
#include <arch/stage2.h>
#include <arch/sysreg.h>
#include <arch/trap.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/insn.h>
#include <hyp/mmio.h>

/* What does not fit is tried again so often; then the guest gets an abort. */
#define RETRIES_MAX 8

#define PAR_F BIT(0)
#define PAR_ADDRESS UINT64_C(0x0000fffffffff000)
/* FAR_EL2 and a register may differ in a tag, which is no part of the address. */
#define UNTAGGED(address) ((address) << 8)
#define PART_WIDTH 8 /* of 16 bytes: two accesses, the lower one first */

/** struct insn_trap - the exception, read before anything else may change it */
struct insn_trap {
	uint64_t pc;
	uint64_t spsr;
	uint64_t fault;
	ipa_t page; /* of the fault */
	bool is_write;
};

static void read_trap(struct insn_trap *trap, uint64_t esr)
{
	trap->pc = SYSREG_READ(ELR_EL2);
	trap->spsr = SYSREG_READ(SPSR_EL2);
	trap->fault = SYSREG_READ(FAR_EL2);
	trap->page = ipa((SYSREG_READ(HPFAR_EL2) & ~UINT64_C(0xf)) << 8);
	trap->is_write = (esr & ISS_WNR) != 0;
}

/* The guest's stage 1 only; PAR_EL1 is the guest's. */
#define TRANSLATE(operation, address)                                      \
	({                                                                 \
		uint64_t par_before = SYSREG_READ(PAR_EL1);                \
		uint64_t par_new;                                          \
		__asm__ volatile("at " operation ", %0" : : "r"(address)); \
		barrier_isb();                                             \
		par_new = SYSREG_READ(PAR_EL1);                            \
		SYSREG_WRITE(PAR_EL1, par_before);                         \
		par_new;                                                   \
	})

static int translated(uint64_t par, uint64_t address, ipa_t *result)
{
	if ((par & PAR_F) != 0) {
		return -HYP_EFAULT;
	}
	*result = ipa((par & PAR_ADDRESS) | (address & PAGE_MASK));
	return 0;
}

/* An instruction's page need not be readable by EL0, but is by EL1. */
static int fetch(struct cpu *cpu, uint64_t pc, uint32_t *insn)
{
	const uint32_t *word;
	ipa_t at;
	paddr_t where;

	if (translated(TRANSLATE("s1e1r", pc), pc, &at) != 0 ||
	    stage2_find_code(&cpu->vcpu.cell->stage2, at, &where) != 0) {
		return -HYP_EFAULT;
	}
	word = stage1_window(pa(where.raw & ~UINT64_C(3)), NULL);
	*insn = __atomic_load_n(word, __ATOMIC_RELAXED);
	stage1_window_close();
	return 0;
}

static bool is_el0(const struct insn_trap *trap)
{
	return (trap->spsr & SPSR_M_MASK) == SPSR_M_EL0T;
}

static int element_address(const struct insn_trap *trap, uint64_t address,
			   ipa_t *result)
{
	if (UNTAGGED(address ^ trap->fault) >> PAGE_SHIFT >> 8 == 0) {
		*result = ipa_add(trap->page, address & PAGE_MASK);
		return 0;
	}
	/* The other page of two; each has a translation of its own. */
	if (is_el0(trap)) {
		return translated(trap->is_write ? TRANSLATE("s1e0w", address) :
						   TRANSLATE("s1e0r", address),
				  address, result);
	}
	return translated(trap->is_write ? TRANSLATE("s1e1w", address) :
					   TRANSLATE("s1e1r", address),
			  address, result);
}

static uint64_t base_read(const struct insn_trap *trap,
			  const struct frame *frame, unsigned int base)
{
	if (base == INSN_BASE_PC) {
		return trap->pc;
	}
	if (base != 31) {
		return frame->x[base];
	}
	return (trap->spsr & SPSR_M_MASK) == SPSR_M_EL1H ? SYSREG_READ(SP_EL1) :
							   SYSREG_READ(SP_EL0);
}

static void base_write(const struct insn_trap *trap, struct frame *frame,
		       unsigned int base, uint64_t value)
{
	if (base != 31) {
		frame->x[base] = value;
	} else if ((trap->spsr & SPSR_M_MASK) == SPSR_M_EL1H) {
		SYSREG_WRITE(SP_EL1, value);
	} else {
		SYSREG_WRITE(SP_EL0, value);
	}
}

static uint64_t low_bytes(uint64_t value, unsigned int width)
{
	return width >= 8 ? value : value & (BIT(8 * width) - 1);
}

/* What the target registers hold, as the parts' values. */
static void values_read(const struct insn_access *access,
			const struct frame *frame, struct mmio_part *parts)
{
	for (unsigned int i = 0; i < access->count; i++) {
		uint64_t value[2] = { 0, 0 };

		if (access->is_vector) {
			floating_read(access->target[i], value);
		} else {
			value[0] = frame->x[access->target[i]];
		}
		(parts++)->value = low_bytes(value[0], access->width);
		if (access->width > PART_WIDTH) {
			(parts++)->value = value[1];
		}
	}
}

static void values_write(const struct insn_access *access, struct frame *frame,
			 const struct mmio_part *parts)
{
	const struct mmio_access extension = {
		.width = access->width,
		.sign_extend = access->sign_extend,
		.is_64bit = access->is_64bit,
	};

	for (unsigned int i = 0; i < access->count; i++) {
		uint64_t value[2] = { (parts++)->value, 0 };

		if (access->width > PART_WIDTH) {
			value[1] = (parts++)->value;
		}
		if (access->is_vector) {
			floating_write(access->target[i], value);
		} else if (access->target[i] != 31) {
			frame->x[access->target[i]] =
				mmio_load_value(&extension, value[0]);
		}
	}
}

static unsigned int size_of(const struct insn_access *access)
{
	return (unsigned int)access->width * access->count;
}

/* Return: 0, -HYP_EINVAL: an element is not aligned to its size, or -HYP_EFAULT. */
static int parts_make(const struct insn_trap *trap,
		      const struct insn_access *access, uint64_t address,
		      struct mmio_part *parts, unsigned int *count)
{
	unsigned int width = access->width > PART_WIDTH ? PART_WIDTH :
							  access->width;

	if ((address & (access->width - 1u)) != 0) {
		return -HYP_EINVAL;
	}
	*count = 0;
	for (unsigned int done = 0; done < size_of(access); done += width) {
		int ret = element_address(trap, address + done,
					  &parts[*count].address);

		if (ret != 0) {
			return ret;
		}
		parts[*count].width = (uint8_t)width;
		(*count)++;
	}
	return 0;
}

/* @moved: the base register with the offset added */
static int carry_out(struct cpu *cpu, struct frame *frame,
		     const struct insn_trap *trap,
		     const struct insn_access *access, uint64_t address,
		     uint64_t moved)
{
	struct mmio_part parts[MMIO_PARTS_MAX];
	unsigned int count;
	int ret = parts_make(trap, access, address, parts, &count);

	if (ret != 0) {
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		return ret;
	}
	if (trap->is_write) {
		values_read(access, frame, parts);
	}
	ret = mmio_parts(cpu, parts, count, trap->is_write);
	if (ret == MMIO_RETRY &&
	    (parts[0].address.raw & ~PAGE_MASK) != trap->page.raw) {
		return -HYP_EFAULT; /* it begins in memory: it would trap again */
	}
	if (ret != 0) {
		return ret;
	}
	if (!trap->is_write) {
		values_write(access, frame, parts);
	}
	if (access->index_mode != INSN_INDEX_OFFSET) {
		base_write(trap, frame, access->base, moved);
	}
	return 0;
}

/*
 * The code is gone: the guest gets an abort of its own when it fetches. No TLB may
 * hold what the tables no longer say, or it would come here again for ever.
 */
static void fetch_again(void)
{
	__asm__ volatile("tlbi vmalle1\n"
			 "dsb nsh\n"
			 "isb\n"
			 :
			 :
			 : "memory");
}

static int emulate(struct cpu *cpu, struct frame *frame,
		   const struct insn_trap *trap)
{
	struct insn_access access;
	uint32_t insn;

	if ((trap->spsr & SPSR_AARCH32) != 0) {
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		return -HYP_EINVAL;
	}
	if (fetch(cpu, trap->pc, &insn) != 0) {
		cpu->vcpu.stat[BH_STAT_OTHER]++;
		fetch_again();
		return MMIO_RETRY;
	}
	if (insn_decode(insn, &access) == 0 &&
	    access.is_write == trap->is_write) {
		uint64_t base = base_read(trap, frame, access.base);
		uint64_t index = access.index == INSN_NO_INDEX ?
					 0 :
					 frame->x[access.index];
		uint64_t moved = base + insn_offset(&access, index);
		uint64_t address = access.index_mode == INSN_INDEX_POST ? base :
									  moved;

		if (UNTAGGED(trap->fault - address) >> 8 < size_of(&access)) {
			return carry_out(cpu, frame, trap, &access, address,
					 moved);
		}
	}
	cpu->vcpu.stat[BH_STAT_OTHER]++;
	return ++cpu->vcpu.retries <= RETRIES_MAX ? MMIO_RETRY : -HYP_EFAULT;
}

void trap_no_syndrome(struct cpu *cpu, struct frame *frame, uint64_t esr)
{
	struct insn_trap trap;
	int ret;

	read_trap(&trap, esr);
	ret = emulate(cpu, frame, &trap);
	if (ret == MMIO_RETRY) {
		return;
	}
	cpu->vcpu.retries = 0;
	if (ret == 0) {
		SYSREG_WRITE(ELR_EL2, trap.pc + 4);
	} else {
		cpu->vcpu.stat[BH_STAT_FAULT]++;
		guest_inject_data_abort();
	}
}
