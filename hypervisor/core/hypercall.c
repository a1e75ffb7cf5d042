// SPDX-License-Identifier: Apache-2.0
/* Calls from a guest, by function number; what they mean is in <hyp/abi.h>. */
#include <arch/power.h>
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/hypercall.h>
#include <hyp/shared.h>
#include <hyp/trace.h>
#include <string.h>

#define SMCCC_NOT_SUPPORTED -1
#define SMCCC_OWNER_MASK 0x3f000000u
#define SMCCC_OWNER_STANDARD 0x04000000u
#define SMCCC_VERSION_1_1 0x10001

/* The bytes are in x2 to x7, first byte lowest: as they lie in the frame. */
static int64_t call_console_write(struct cpu *cpu, const struct frame *frame)
{
	if (frame->x[1] > BH_CONSOLE_WRITE_MAX) {
		return -HYP_EINVAL;
	}
	return (int64_t)console_cell_write(
		cpu->vcpu.cell, (const char *)&frame->x[2], frame->x[1]);
}

static int64_t call_console_read(struct cpu *cpu, struct frame *frame)
{
	memset(&frame->x[1], 0, BH_CONSOLE_READ_MAX);
	return (int64_t)console_cell_read(cpu->vcpu.cell, (char *)&frame->x[1],
					  BH_CONSOLE_READ_MAX);
}

static int64_t call_console_mode(struct cpu *cpu, const struct frame *frame)
{
	if (!cpu->vcpu.cell->config->may_manage) {
		return -HYP_EACCES;
	}
	if (frame->x[1] > BH_CONSOLE_RAW) {
		return -HYP_EINVAL;
	}
	console_cell_mode(cpu->vcpu.cell, (enum bh_console_mode)frame->x[1]);
	return 0;
}

static int64_t call_uid(struct frame *frame)
{
	frame->x[1] = BH_UID_1;
	frame->x[2] = BH_UID_2;
	frame->x[3] = BH_UID_3;
	return BH_UID_0;
}

/* DEN 0028: which of its own calls there are; none of them works round an erratum */
static int64_t call_arch_features(uint32_t function)
{
	return function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES ?
		       0 :
		       SMCCC_NOT_SUPPORTED;
}

static int64_t call_vendor(struct cpu *cpu, struct frame *frame)
{
	switch ((uint32_t)frame->x[0]) {
	case BH_CONSOLE_WRITE:
		return call_console_write(cpu, frame);
	case BH_CONSOLE_READ:
		return call_console_read(cpu, frame);
	case BH_CONSOLE_MODE:
		return call_console_mode(cpu, frame);
	case BH_EVENTS:
		return cell_event(cpu->vcpu.cell, 0, BH_EVENT_SHUTDOWN);
	case BH_DOORBELL:
		return shared_ring(cpu->vcpu.cell, frame->x[1]);
	case BH_MARK:
		if (trace_is_on()) {
			trace_mark(cpu->vcpu.cell, frame->x[1]);
		}
		return 0;
	case BH_CALL_UID:
		return call_uid(frame);
	case BH_CALL_REVISION:
		frame->x[1] = BH_ABI_MINOR;
		return BH_ABI_MAJOR;
	case SMCCC_VERSION:
		return SMCCC_VERSION_1_1;
	case SMCCC_ARCH_FEATURES:
		return call_arch_features((uint32_t)frame->x[1]);
	default:
		return manage_call(cpu, frame);
	}
}

/* Apart, so that they do not make the short calls save registers. */
static NOINLINE void dispatch_vendor(struct cpu *cpu, struct frame *frame)
{
	frame->x[0] = (uint64_t)call_vendor(cpu, frame);
}

static NOINLINE void dispatch_psci(struct cpu *cpu, struct frame *frame)
{
	frame->x[0] = (uint64_t)psci_call(cpu, frame);
}

void hypercall_dispatch(struct cpu *cpu, struct frame *frame)
{
	uint32_t function = (uint32_t)frame->x[0];

	if ((function & SMCCC_OWNER_MASK) == SMCCC_OWNER_STANDARD) {
		cpu->vcpu.stat[BH_STAT_PSCI]++;
		dispatch_psci(cpu, frame);
		return;
	}
	cpu->vcpu.stat[BH_STAT_HYPERCALL]++;
	if (function == BH_VERSION) {
		frame->x[0] = BH_ABI_MAJOR << 16 | BH_ABI_MINOR;
	} else {
		dispatch_vendor(cpu, frame);
	}
}
