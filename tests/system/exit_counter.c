// SPDX-License-Identifier: Apache-2.0
/*
 * A plugin of QEMU's TCG that looks at one cell from outside: for each time that its
 * guest goes from one of its instructions to another, the exits and the instructions
 * at EL2 of that CPU in between. CPUs run side by side, so that locks are fought for.
 *
 * Arguments in hexadecimal: el2=ADDRESS and size=BYTES of the hypervisor's image,
 * vectors=ADDRESS of its exception vectors, from=ADDRESS and to=ADDRESS in the guest,
 * out=FILE: a line "EXITS INSTRUCTIONS" for each time, at once.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's plugin interface, version 1, as in tests/bench/el2_counter.c. */
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum plugin_flags { PLUGIN_NO_REGISTERS = 0 };
typedef void (*plugin_tb_function)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*plugin_exec_function)(unsigned int cpu, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, plugin_tb_function f);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_function f,
					    enum plugin_flags flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int
qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

#define CPUS_MAX 8
/* DDI 0487, exception vectors: those from a lower level, one in 0x80 bytes */
#define VECTORS_LOWER 0x400
#define VECTORS_END 0x800
#define VECTOR_SIZE 0x80

struct interval {
	bool is_open;
	uint64_t exit_count;
	uint64_t instruction_count;
};

static struct interval intervals[CPUS_MAX]; /* each written by its CPU's thread */
static uint64_t el2_base;
static uint64_t el2_size;
static uint64_t vectors;
static uint64_t from_address;
static uint64_t to_address;
static FILE *out;

static void at_from(unsigned int cpu, void *data)
{
	(void)data;
	intervals[cpu] = (struct interval){ .is_open = true };
}

static void at_to(unsigned int cpu, void *data)
{
	struct interval *interval = &intervals[cpu];

	(void)data;
	if (interval->is_open) {
		fprintf(out, "%llu %llu\n",
			(unsigned long long)interval->exit_count,
			(unsigned long long)interval->instruction_count);
		fflush(out);
	}
	interval->is_open = false;
}

static void at_el2(unsigned int cpu, void *data)
{
	(void)data;
	intervals[cpu].instruction_count++;
}

static void at_vector(unsigned int cpu, void *data)
{
	(void)data;
	intervals[cpu].exit_count++;
	intervals[cpu].instruction_count++;
}

static bool is_vector(uint64_t address)
{
	uint64_t offset = address - vectors;

	return offset - VECTORS_LOWER < VECTORS_END - VECTORS_LOWER &&
	       offset % VECTOR_SIZE == 0;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		plugin_exec_function f = NULL;

		if (address == from_address) {
			f = at_from;
		} else if (address == to_address) {
			f = at_to;
		} else if (is_vector(address)) {
			f = at_vector;
		} else if (address - el2_base < el2_size) {
			f = at_el2;
		}
		if (f != NULL) {
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, f, PLUGIN_NO_REGISTERS, NULL);
		}
	}
}

static bool read_argument(const char *argument)
{
	static const struct {
		const char *key;
		uint64_t *value;
	} numbers[] = {
		{ "el2=", &el2_base },	  { "size=", &el2_size },
		{ "vectors=", &vectors }, { "from=", &from_address },
		{ "to=", &to_address },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t length = strlen(numbers[i].key);

		if (strncmp(argument, numbers[i].key, length) == 0) {
			*numbers[i].value =
				strtoull(argument + length, NULL, 16);
			return true;
		}
	}
	if (strncmp(argument, "out=", 4) == 0) {
		out = fopen(argument + 4, "w");
		return out != NULL;
	}
	return false;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!read_argument(argv[i])) {
			fprintf(stderr, "exit_counter: %s?\n", argv[i]);
			return -1;
		}
	}
	if (out == NULL || el2_size == 0) {
		fprintf(stderr, "exit_counter: out= and size= are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
