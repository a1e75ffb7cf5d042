// SPDX-License-Identifier: Apache-2.0
/*
 * A program that is loaded as raw bytes, anywhere, and finds its machine in the device
 * tree that x0 points to: a PL011, the GIC, the timer, PSCI and the other CPUs.
 */
#include "board.h"

#define FDT_MAGIC 0xd00dfeed
#define FDT_BEGIN 1u
#define FDT_END 2u
#define FDT_PROP 3u
#define FDT_NOP 4u
#define DEPTH_MAX 8
#define SGI 5
#define TICKS 5
#define INPUT_WANTED 24

static volatile uint32_t tick_count, input_count, sgi_count;
static volatile uint32_t seconds; /* CPUs that have begun */
static uint32_t timer_intid, cpu_count;
static char input[INPUT_WANTED + 1];
static char stdout_path[64], uart_path[64];

static uint32_t big(const void *at)
{
	const uint8_t *byte = at;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 |
	       (uint32_t)byte[2] << 8 | byte[3];
}

static uint64_t big64(const void *at)
{
	return (uint64_t)big(at) << 32 | big((const uint8_t *)at + 4);
}

static bool is_same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/** struct node - what of a node's properties matters, as they go by */
struct node {
	const char *name;
	const char *compatible;
	uint32_t compatible_size;
	const uint8_t *reg;
	const uint8_t *interrupts;
	const char *method;
	bool is_cpu;
};

static bool is_compatible(const struct node *node, const char *wanted)
{
	uint32_t at = 0;

	while (at < node->compatible_size) {
		if (is_same(node->compatible + at, wanted)) {
			return true;
		}
		while (node->compatible[at] != '\0') {
			at++;
		}
		at++;
	}
	return false;
}

/* type, number, flags: to an INTID */
static uint32_t intid_of(const uint8_t *specifier)
{
	return big(specifier + 4) + (big(specifier) == 0 ? 32 : 16);
}

static void node_end(const struct node *node)
{
	if (is_compatible(node, "arm,pl011") && board.uart == 0) {
		board.uart = big64(node->reg);
		board.uart_intid = intid_of(node->interrupts);
		uart_path[0] = '/';
		for (unsigned int i = 0; i < 62 && node->name[i] != '\0'; i++) {
			uart_path[i + 1] = node->name[i];
		}
	} else if (is_compatible(node, "arm,gic-v3")) {
		board.gic = 3;
		board.distributor = big64(node->reg);
		board.interface = big64(node->reg + 16);
	} else if (is_compatible(node, "arm,cortex-a15-gic") ||
		   is_compatible(node, "arm,gic-400")) {
		board.gic = 2;
		board.distributor = big64(node->reg);
		board.interface = big64(node->reg + 16);
	} else if (is_compatible(node, "arm,armv8-timer")) {
		timer_intid = intid_of(node->interrupts + 2 * 12); /* virtual */
	} else if (is_compatible(node, "arm,psci-1.0") ||
		   is_compatible(node, "arm,psci-0.2")) {
		board.psci_by_smc = is_same(node->method, "smc");
	} else if (node->is_cpu) {
		cpu_count++;
	}
}

static void node_property(struct node *node, const char *name,
			  const void *value, uint32_t size)
{
	if (is_same(name, "compatible")) {
		node->compatible = value;
		node->compatible_size = size;
	} else if (is_same(name, "reg")) {
		node->reg = value;
	} else if (is_same(name, "interrupts")) {
		node->interrupts = value;
	} else if (is_same(name, "method")) {
		node->method = value;
	} else if (is_same(name, "device_type")) {
		node->is_cpu = is_same(value, "cpu");
	} else if (is_same(name, "stdout-path")) {
		for (uint32_t i = 0; i < size && i < 63; i++) {
			stdout_path[i] = ((const char *)value)[i];
		}
	}
}

static bool tree_read(const void *tree)
{
	const uint8_t *bytes = tree;
	const uint8_t *at = bytes + big(bytes + 8);
	const char *strings = (const char *)bytes + big(bytes + 12);
	struct node nodes[DEPTH_MAX];
	int depth = -1;

	if (big(tree) != FDT_MAGIC) {
		return false;
	}
	for (;;) {
		uint32_t token = big(at);

		at += 4;
		if (token == FDT_BEGIN) {
			depth++;
			nodes[depth] =
				(struct node){ .name = (const char *)at };
			while (*at != '\0') {
				at++;
			}
			at = (const uint8_t *)(((uintptr_t)at + 4) & ~3ul);
		} else if (token == FDT_PROP) {
			node_property(&nodes[depth], strings + big(at + 4),
				      at + 8, big(at));
			at += 8 + ((big(at) + 3) & ~3u);
		} else if (token == FDT_END) {
			node_end(&nodes[depth]);
			depth--;
		} else if (token != FDT_NOP) {
			return depth < 0;
		}
	}
}

static void timer_next(void)
{
	WRITE_SYSREG(cntv_tval_el0, READ_SYSREG(cntfrq_el0) / 100);
	WRITE_SYSREG(cntv_ctl_el0, 1);
}

void interrupt(uint32_t intid)
{
	if (intid == timer_intid) {
		tick_count++;
		timer_next();
	} else if (intid == SGI) {
		sgi_count++;
	} else if (intid == board.uart_intid) {
		while ((get(board.uart + UART_FR) & UART_FR_RXFE) == 0 &&
		       input_count < INPUT_WANTED) {
			input[input_count] = (char)get(board.uart + UART_DR);
			input_count++;
		}
	} else {
		print("an interrupt that nobody asked for\n");
	}
}

void second_program(uint64_t number)
{
	print("cpu ");
	print_number(number);
	print(": on\n");
	gic_cpu_init();
	seconds++;
	gic_sgi(0, SGI);
	psci(PSCI_CPU_OFF, 0, 0, 0);
}

static void cpus_show(void)
{
	gic_enable(SGI);
	for (uint32_t i = 1; i < cpu_count; i++) {
		int64_t answer =
			psci(PSCI_CPU_ON, i, (uintptr_t)second_start, i);

		if (answer != 0) {
			print("CPU_ON failed\n");
			return;
		}
		wait_for(&sgi_count, i);
		while (psci(PSCI_AFFINITY_INFO, i, 0, 0) != 1) {
			/* it is on its way off */
		}
		print("cpu ");
		print_number(i);
		print(": off\n");
	}
	print("tree: ");
	print_number(cpu_count);
	print(" CPUs, ");
	print_number(sgi_count);
	print(" SGIs\n");
}

void program(const void *tree)
{
	if (!tree_read(tree) || board.uart == 0) {
		return; /* there is nothing to say it with */
	}
	print("tree: EL");
	print_number(READ_SYSREG(currentel) >> 2);
	print(", a tree at x0, arm,pl011 with INTID ");
	print_number(board.uart_intid);
	print(is_same(stdout_path, uart_path) ? ", on stdout-path\n" :
						", not on stdout-path\n");
	print("tree: GICv");
	print_number(board.gic);
	print(", timer INTID ");
	print_number(timer_intid);
	print(", PSCI ");
	print_number((uint64_t)psci(PSCI_VERSION, 0, 0, 0) >> 16);
	print(board.psci_by_smc ? " by SMC\n" : " by HVC\n");
	gic_init();
	gic_cpu_init();
	gic_enable(timer_intid);
	timer_next();
	wait_for(&tick_count, TICKS);
	WRITE_SYSREG(cntv_ctl_el0, 0);
	print("tree: ");
	print_number(tick_count);
	print(" ticks\n");
	cpus_show();
	gic_enable(board.uart_intid);
	put(board.uart + UART_IMSC, UART_RX | UART_RT);
	print("tree: type, please\n");
	wait_for(&input_count, INPUT_WANTED);
	print("tree: received \"");
	print(input);
	print("\"\ntree: done\n");
}
