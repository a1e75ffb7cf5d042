// SPDX-License-Identifier: Apache-2.0
/* PSCI 1.1 (Arm DEN 0022) as a cell sees it: its own CPUs, its own power. */
#include <arch/power.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/hypercall.h>
#include <hyp/irqchip.h>

#define PSCI_VERSION_1_1 0x10001
#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_AFFINITY_ON_PENDING 2
#define PSCI_NO_MIGRATION 2

/* A cell's CPUs have affinity 0.0.0.n. */
static struct cpu *target_cpu(struct cell *cell, uint64_t affinity)
{
	return affinity < cell->cpu_count ? cell->cpu[affinity] : NULL;
}

static bool is_cell_memory(const struct cell *cell, uint64_t address)
{
	for (unsigned int i = 0; i < cell->config->memory_count; i++) {
		const struct memory_config *memory = &cell->config->memory[i];

		if (range_contains(memory->ipa.raw, memory->size, address, 4)) {
			return true;
		}
	}
	return false;
}

static int64_t psci_cpu_on(struct cell *cell, uint64_t affinity, uint64_t entry,
			   uint64_t context)
{
	struct cpu *target = target_cpu(cell, affinity);
	int64_t ret = PSCI_SUCCESS;

	if (target == NULL) {
		return PSCI_INVALID_PARAMETERS;
	}
	if ((entry & 3) != 0 || !is_cell_memory(cell, entry)) {
		return PSCI_INVALID_ADDRESS;
	}
	cells_lock();
	if (cell->job != 0) {
		ret = PSCI_DENIED; /* the cell is being stopped */
	} else if (target->vcpu.power == VCPU_ON) {
		ret = PSCI_ALREADY_ON;
	} else if (target->vcpu.power == VCPU_ON_PENDING) {
		ret = PSCI_ON_PENDING;
	} else {
		target->vcpu.power = VCPU_ON_PENDING;
		target->vcpu.entry = entry;
		target->vcpu.context = context;
		cell->running_count++;
		cpu_request(target, CPU_REQUEST_START);
	}
	cells_unlock();
	return ret;
}

static int64_t psci_affinity_info(struct cell *cell, uint64_t affinity,
				  uint64_t level)
{
	const struct cpu *target = target_cpu(cell, affinity);

	if (target == NULL || level != 0) {
		return PSCI_INVALID_PARAMETERS;
	}
	/* Without the lock: it was so a moment ago, more nobody can say. */
	switch (__atomic_load_n(&target->vcpu.power, __ATOMIC_ACQUIRE)) {
	case VCPU_ON:
		return PSCI_AFFINITY_ON;
	case VCPU_ON_PENDING:
		return PSCI_AFFINITY_ON_PENDING;
	case VCPU_OFF:
		break;
	}
	return PSCI_AFFINITY_OFF;
}

/*
 * Standby: sleep until an interrupt is pending, here or in a list register. The
 * physical one is taken as soon as the guest runs again.
 */
static int64_t psci_cpu_suspend(uint64_t power_state)
{
	uint64_t pending = 0;

	if (power_state != 0) {
		return PSCI_INVALID_PARAMETERS; /* there is no other state */
	}
	for (unsigned int i = 0; i < irqchip_lr_count; i++) {
		pending |= irqchip->lr_read(i) & irqchip->lr_pending;
	}
	if (pending == 0) {
		power_wait();
	}
	return PSCI_SUCCESS;
}

static int64_t psci_features(uint32_t function)
{
	switch (function) {
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND32:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON32:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO32:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_32:
	case PSCI_FEATURES:
	case SMCCC_VERSION:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* Leaves the guest for good, once all its CPUs have. */
static int64_t psci_stop(struct cpu *cpu, enum bh_reason reason,
			 const char *why)
{
	cell_stop(cpu->vcpu.cell, reason, why);
	cpu_serve_requests(cpu);
	return PSCI_SUCCESS;
}

static int64_t psci_reset(struct cpu *cpu)
{
	return psci_stop(cpu, BH_REASON_RESET,
			 "restarts itself (PSCI SYSTEM_RESET)");
}

/* Apart from the version, so that asking for that saves no registers. */
static NOINLINE int64_t psci_act(struct cpu *cpu, const struct frame *frame)
{
	uint32_t function = (uint32_t)frame->x[0];
	bool is_32bit = (function & 0x40000000) == 0;
	uint64_t mask = is_32bit ? UINT32_MAX : UINT64_MAX;
	uint64_t a = frame->x[1] & mask;
	uint64_t b = frame->x[2] & mask;
	uint64_t c = frame->x[3] & mask;

	switch (function) {
	case PSCI_FEATURES:
		return psci_features((uint32_t)a);
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND32:
		return psci_cpu_suspend(a);
	case PSCI_CPU_OFF:
		cpu_leave_guest(cpu);
	case PSCI_CPU_ON:
	case PSCI_CPU_ON32:
		return psci_cpu_on(cpu->vcpu.cell, a, b, c);
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO32:
		return psci_affinity_info(cpu->vcpu.cell, a, b);
	case PSCI_MIGRATE_INFO_TYPE:
		return PSCI_NO_MIGRATION;
	case PSCI_SYSTEM_OFF:
		return psci_stop(cpu, BH_REASON_SYSTEM_OFF,
				 "switched itself off (PSCI SYSTEM_OFF)");
	case PSCI_SYSTEM_RESET:
		return psci_reset(cpu);
	case PSCI_SYSTEM_RESET2:
	case PSCI_SYSTEM_RESET2_32:
		/* SYSTEM_WARM_RESET is the only type. */
		return a != 0 ? PSCI_INVALID_PARAMETERS : psci_reset(cpu);
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

int64_t psci_call(struct cpu *cpu, const struct frame *frame)
{
	if ((uint32_t)frame->x[0] == PSCI_VERSION) {
		return PSCI_VERSION_1_1;
	}
	return psci_act(cpu, frame);
}
