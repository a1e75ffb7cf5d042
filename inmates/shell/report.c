// SPDX-License-Identifier: Apache-2.0
// The tables that the shell prints. docs/inmates.md fixes the lines' form.

#include <stdio.h>
#include <string.h>

#include <hyp/errno.h>

#include "cell.h"
#include "hypercall.h"
#include "report.h"

#define CPU_LIST_SIZE 100

static const char *const state_names[BH_STATE_NR] = {
	[BH_STATE_ABSENT] = "absent",	    [BH_STATE_CREATED] = "created",
	[BH_STATE_LOADED] = "loaded",	    [BH_STATE_RUNNING] = "running",
	[BH_STATE_SHUT_DOWN] = "shut down", [BH_STATE_FAILED] = "failed",
};

static const char *const reason_names[BH_REASON_NR] = {
	[BH_REASON_NONE] = "-",
	[BH_REASON_COMMAND] = "command",
	[BH_REASON_SYSTEM_OFF] = "system off",
	[BH_REASON_FAULT] = "fault",
	[BH_REASON_RESET] = "reset",
};

/* In the order in which they are printed. */
static const struct {
	enum bh_stat stat;
	const char *name;
	const char *meaning;
} stats[] = {
	{ BH_STAT_EXITS, "exits", "all entries to EL2" },
	{ BH_STAT_LINKED, "linked", "by a physical interrupt, linked path" },
	{ BH_STAT_IRQ, "irq", "by any other physical interrupt" },
	{ BH_STAT_MAINTENANCE, "maintenance", "of those, the GIC's own" },
	{ BH_STAT_KICK, "kick", "of those, from another CPU of EL2" },
	{ BH_STAT_HYPERCALL, "hypercall", "HVC of the hypervisor's ABI" },
	{ BH_STAT_PSCI, "psci", "PSCI calls" },
	{ BH_STAT_MMIO, "mmio", "accesses to an emulated register" },
	{ BH_STAT_DEVICE, "device", "trapped accesses to an assigned device" },
	{ BH_STAT_SYSREG, "sysreg", "trapped system registers" },
	{ BH_STAT_OTHER, "other", "any other trap of the guest" },
	{ BH_STAT_FAULT, "fault", "of all, answered with an exception" },
	{ BH_STAT_INJECTED, "injected", "virtual interrupts" },
	{ BH_STAT_OVERFLOWED, "overflowed",
	  "times that one had to wait for a list register" },
	{ BH_STAT_SPURIOUS, "spurious", "interrupts that nobody owns" },
	{ BH_STAT_EMULATOR_POKES, "emulator_pokes",
	  "GIC writes round a fault of QEMU's GICv2" },
	{ BH_STAT_INPUT_DROPPED, "input_dropped",
	  "bytes typed that found no room" },
	{ BH_STAT_OUTPUT_DROPPED, "output_dropped",
	  "bytes that its UART was too full for" },
};

_Static_assert(ARRAY_SIZE(stats) == BH_STAT_NR, "a counter is not shown");

static const char *const irq_states[] = {
	[BH_IRQ_INACTIVE] = "inactive",
	[BH_IRQ_PENDING] = "pending",
	[BH_IRQ_ACTIVE] = "active",
};

static const char *const path_reasons[] = {
	[BH_PATH_DEFAULT] = "default",
	[BH_PATH_CONFIG] = "x-irqfd = <0>",
	[BH_PATH_UNAVAILABLE] = "the injector refused the link",
};

/* A newer hypervisor may answer what this table does not know. */
static const char *name_of(const char *const *names, size_t count, uint64_t at)
{
	return at < count && names[at] != NULL ? names[at] : "unknown";
}

static void format_cpus(char *text, uint64_t cpus)
{
	size_t used = 0;

	strcpy(text, "-");
	for (unsigned int cpu = 0; cpu < 64; cpu++) {
		if ((cpus >> cpu & 1) != 0 && used < CPU_LIST_SIZE - 4) {
			used += (size_t)snprintf(text + used,
						 CPU_LIST_SIZE - used,
						 used == 0 ? "%u" : ",%u", cpu);
		}
	}
}

void report_list(void)
{
	char name[BH_NAME_SIZE + 1];
	unsigned int cell = 0;
	int result;

	while ((result = cell_name(cell, name)) == 0) {
		struct cell_info info;
		char cpus[CPU_LIST_SIZE];

		if (cell == 0) {
			printf("%-20s %-10s %-8s %10s %8s  %s\n", "name",
			       "state", "CPUs", "memory/KiB", "devices",
			       "last stop");
		}
		result = cell_info(cell, &info);
		if (result != 0) {
			break;
		}
		format_cpus(cpus, info.cpus);
		printf("%-20s %-10s %-8s %10llu %8llu  %s\n", name,
		       name_of(state_names, BH_STATE_NR, info.state), cpus,
		       (unsigned long long)info.memory / 1024,
		       (unsigned long long)info.device_count,
		       name_of(reason_names, BH_REASON_NR, info.reason));
		cell++;
	}
	if (result != -HYP_ENOENT) {
		cell_report(cell, name, result);
	}
}

void report_info(unsigned int cell, const char *name)
{
	char sentence[CELL_SENTENCE_SIZE];
	char cpus[CPU_LIST_SIZE];
	struct cell_info info;
	int result = cell_info(cell, &info);

	if (result != 0) {
		cell_report(cell, name, result);
		return;
	}
	format_cpus(cpus, info.cpus);
	printf("cell %s: %s, CPUs %s, %llu KiB, %llu devices\n", name,
	       name_of(state_names, BH_STATE_NR, info.state), cpus,
	       (unsigned long long)info.memory / 1024,
	       (unsigned long long)info.device_count);
	if (cell_sentence(cell, BH_MESSAGE_STOP, sentence) != 0) {
		printf("last stop: %s: %s\n",
		       name_of(reason_names, BH_REASON_NR, info.reason),
		       sentence);
	}
}

unsigned int report_cpu_number(uint64_t cpus, unsigned int index)
{
	unsigned int cpu = 0;

	for (; cpu < 63; cpu++) {
		if ((cpus >> cpu & 1) != 0 && index-- == 0) {
			break;
		}
	}
	return cpu;
}

int report_stat(unsigned int cell, unsigned int index, enum bh_stat stat,
		uint64_t *value)
{
	struct hypercall call = { { cell, index, stat } };
	const int64_t result = hypercall(BH_CELL_STAT, &call);

	*value = call.x[0];
	return result < 0 ? (int)result : 0;
}

const char *report_stat_name(enum bh_stat stat)
{
	unsigned int i = 0;

	while (stats[i].stat != stat) {
		i++;
	}
	return stats[i].name;
}

void report_stats(unsigned int cell, const char *name)
{
	struct cell_info info;
	uint64_t value;
	unsigned int index = 0;
	int result = cell_info(cell, &info);

	if (result != 0) {
		cell_report(cell, name, result);
		return;
	}
	while ((result = report_stat(cell, index, BH_STAT_EXITS, &value)) ==
	       0) {
		printf("cell %s, CPU %u:\n", name,
		       report_cpu_number(info.cpus, index));
		for (unsigned int i = 0; i < ARRAY_SIZE(stats); i++) {
			if (report_stat(cell, index, stats[i].stat, &value) ==
			    0) {
				printf("  %-12s %12llu  %s\n", stats[i].name,
				       (unsigned long long)value,
				       stats[i].meaning);
			}
		}
		index++;
	}
	if (index == 0) {
		printf("error: cell \"%s\" is %s: it has no counters\n", name,
		       name_of(state_names, BH_STATE_NR, info.state));
	}
}

static void report_irq(unsigned int cell, unsigned int device, unsigned int irq)
{
	struct hypercall call = { { cell, device, irq } };

	if (hypercall(BH_IRQ_INFO, &call) < 0) {
		return;
	}

	const bool is_linked = (call.x[1] & BH_IRQ_LINKED) != 0;

	printf("  irq %u: INTID %llu, %s, %s (%s), %s\n", irq,
	       (unsigned long long)call.x[0],
	       (call.x[1] & BH_IRQ_LEVEL) != 0 ? "level" : "edge",
	       is_linked ? "linked" : "trapped",
	       name_of(path_reasons, ARRAY_SIZE(path_reasons),
		       call.x[2] >> 8 & 0xff),
	       name_of(irq_states, ARRAY_SIZE(irq_states), call.x[2] & 0xff));
	printf("  irq %u: %llu interrupts, %llu EOIs by %s, %llu queued, "
	       "%llu expiries\n",
	       irq, (unsigned long long)call.x[3],
	       (unsigned long long)call.x[4],
	       is_linked ? "the guest" : "access",
	       (unsigned long long)call.x[5], (unsigned long long)call.x[6]);
}

static void report_region(unsigned int cell, unsigned int device,
			  unsigned int region)
{
	struct hypercall call = { { cell, device, region } };
	const char *mapping = "trapped";

	if (hypercall(BH_REGION_INFO, &call) < 0) {
		return;
	}
	if ((call.x[2] & BH_REGION_MAPPABLE) == 0) {
		mapping = "trap-only";
	} else if ((call.x[2] & BH_REGION_MAPPED) != 0) {
		mapping = "mapped";
	}
	printf("  region %u: 0x%llx, size 0x%llx, %s%s, %s, "
	       "%llu trapped accesses\n",
	       region, (unsigned long long)call.x[0],
	       (unsigned long long)call.x[1],
	       (call.x[2] & BH_REGION_READ) != 0 ? "r" : "-",
	       (call.x[2] & BH_REGION_WRITE) != 0 ? "w" : "-", mapping,
	       (unsigned long long)call.x[3]);
}

/* Return: 0, or the hypervisor's errno: past the last. */
static int report_device(unsigned int cell, unsigned int device)
{
	struct hypercall name_call = { { cell, device } };
	struct hypercall info = { { cell, device } };
	char name[BH_DEVICE_NAME_SIZE + 1] = { 0 };
	int64_t result = hypercall(BH_DEVICE_NAME, &name_call);

	if (result >= 0) {
		result = hypercall(BH_DEVICE_INFO, &info);
	}
	if (result < 0) {
		return (int)result;
	}
	memcpy(name, name_call.x, BH_DEVICE_NAME_SIZE);
	printf("device %s: mmap-timeout-ms %llu, dma %s%s%s\n", name,
	       (unsigned long long)info.x[3],
	       (info.x[2] & BH_DEVICE_DMA_UNPROTECTED) != 0 ?
		       "identity-unprotected" :
		       "none",
	       (info.x[2] & BH_DEVICE_NO_MMAP) != 0 ? ", x-no-mmap" : "",
	       (info.x[2] & BH_DEVICE_NO_RESET) != 0 ? ", reset none" : "");
	for (unsigned int i = 0; i < info.x[0]; i++) {
		report_irq(cell, device, i);
	}
	for (unsigned int i = 0; i < info.x[1]; i++) {
		report_region(cell, device, i);
	}
	printf("  regions trapped %llu times, %llu deadline expiries, "
	       "%llu EOIs without an active irq\n",
	       (unsigned long long)info.x[5], (unsigned long long)info.x[4],
	       (unsigned long long)info.x[6]);
	return 0;
}

void report_devices(unsigned int cell, const char *name)
{
	struct cell_info info;
	unsigned int device = 0;
	int result = cell_info(cell, &info);

	if (result != 0) {
		cell_report(cell, name, result);
		return;
	}
	if (info.state == BH_STATE_ABSENT) {
		printf("error: cell \"%s\" is absent: \"cell create %s\" "
		       "gives it its devices\n",
		       name, name);
		return;
	}
	while ((result = report_device(cell, device)) == 0) {
		device++;
	}
	if (result != -HYP_ENOENT) {
		cell_report(cell, name, result);
	} else if (device == 0) {
		printf("cell %s: no devices\n", name);
	}
}
