// SPDX-License-Identifier: Apache-2.0
/*
 * A plugin of QEMU's TCG that counts the instructions of the hypervisor: the
 * emulator's own figure beside the one that the bench inmate reads from its PMU.
 *
 * It is told EL2 from the guests by address: the hypervisor runs identity-mapped
 * in memory of its own. Arguments (addresses in hexadecimal):
 *
 *   el2=BASE:SIZE      the image; may be given twice, where it is loaded and where
 *                      it moves to
 *   probe=START:END    keep the visits to EL2 that begin in these instructions
 *   begin=ADDRESS      count from the first execution of this instruction (default:
 *                      the first one in EL2) ...
 *   end=ADDRESS        ... to this one's
 *   classes=FILE       lines "OFFSET CLASS": this instruction of the image, and what
 *                      it calls, is of a class from 1 to 7; an outer class keeps
 *                      its inner ones
 *   out=FILE           the result, as text
 *
 * One line per kept visit: "visit CPU FROM OFFSET..." - the guest's instruction
 * before it, and each instruction in EL2. Then, for the time between begin and end,
 * "count CPU CLASS OFFSET TIMES" and "stored CPU CLASS BYTES", and whether the end
 * was reached.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * QEMU's plugin interface, version 1. No package ships its header; these are the
 * functions that are used here (docs/devel/tcg-plugins of QEMU).
 */
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum plugin_flags { PLUGIN_NO_REGISTERS = 0 };
typedef void (*plugin_tb_function)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*plugin_exec_function)(unsigned int cpu, void *data);
typedef void (*plugin_memory_function)(unsigned int cpu, uint32_t access,
				       uint64_t address, void *data);
typedef void (*plugin_end_function)(plugin_id id, void *data);
enum plugin_access { PLUGIN_STORES = 2 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, plugin_tb_function f);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    plugin_exec_function f,
					    enum plugin_flags flags,
					    void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      plugin_memory_function f,
				      enum plugin_flags flags,
				      enum plugin_access kinds, void *data);
unsigned int qemu_plugin_mem_size_shift(uint32_t access);
bool qemu_plugin_mem_is_store(uint32_t access);
void qemu_plugin_register_atexit_cb(plugin_id id, plugin_end_function f,
				    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int
qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

#define IMAGES_MAX 2
#define CPUS_MAX 8
#define CLASSES 8
#define VISIT_MAX 65536
#define DEPTH_MAX 1024

struct range {
	uint64_t base;
	uint64_t size;
};

/* An instruction, as it was translated. */
struct place {
	uint64_t address;
	bool is_call;
	bool is_return;
	bool is_el2;
	uint32_t offset;    /* in the hypervisor's image */
	unsigned int image; /* which of the two */
	unsigned int class; /* or 0 */
	struct place *next;
};

struct cpu {
	bool in_el2;
	uint64_t from; /* the guest's last instruction */
	uint32_t *visit;
	size_t visit_count;
	unsigned int depth; /* of calls */
	unsigned int class;
	unsigned int class_depth;
	const struct place *previous;
	uint64_t stored[CLASSES]; /* bytes */
};

static struct range images[IMAGES_MAX];
static unsigned int image_count;
static struct range probe;
static uint8_t *classes; /* [offset / 4] */
static uint64_t begin_address;
static uint64_t end_address;
static bool is_counting;
static bool is_over;
static FILE *out;
static struct cpu cpus[CPUS_MAX];
static uint64_t *counts;	    /* [cpu][class][offset / 4] */
static struct place *places[65536]; /* by address */

static bool range_holds(struct range range, uint64_t address)
{
	return address - range.base < range.size;
}

static uint64_t *count_of(unsigned int cpu, unsigned int class, uint32_t offset)
{
	return &counts[((uint64_t)cpu * CLASSES + class) * (images[0].size / 4) +
		       offset / 4];
}

/*
 * The class of the outermost that runs. It ends where its function returns, or,
 * inlined into another one, where that goes on.
 */
static void follow_calls(struct cpu *cpu, const struct place *place)
{
	if (cpu->previous != NULL && cpu->previous->is_call) {
		cpu->depth++;
	} else if (cpu->previous != NULL && cpu->previous->is_return &&
		   cpu->depth > 0) {
		cpu->depth--;
	}
	if (cpu->depth < cpu->class_depth ||
	    (cpu->depth == cpu->class_depth && place->class == 0)) {
		cpu->class = 0;
	}
	if (cpu->class == 0 && place->class != 0) {
		cpu->class = place->class;
		cpu->class_depth = cpu->depth;
	}
	cpu->previous = place;
}

static void visit_end(struct cpu *cpu, unsigned int index)
{
	if (range_holds(probe, cpu->from) && cpu->visit_count != 0) {
		fprintf(out, "visit %u %llx", index,
			(unsigned long long)cpu->from);
		for (size_t i = 0; i < cpu->visit_count; i++) {
			fprintf(out, " %x", cpu->visit[i]);
		}
		fputc('\n', out);
	}
	cpu->visit_count = 0;
}

static void executed(unsigned int index, void *data)
{
	const struct place *place = data;
	struct cpu *cpu = &cpus[index];

	if (place->address == end_address && is_counting) {
		is_counting = false;
		is_over = true;
	}
	if (!is_over &&
	    (begin_address == 0 ? place->is_el2 :
				  place->address == begin_address)) {
		is_counting = true;
	}
	if (!place->is_el2) {
		if (cpu->in_el2) {
			visit_end(cpu, index);
			cpu->in_el2 = false;
		}
		cpu->from = place->address;
		return;
	}
	if (!cpu->in_el2 ||
	    (cpu->previous != NULL && cpu->previous->image != place->image)) {
		cpu->in_el2 = true; /* or in the image that has moved */
		cpu->depth = 0;
		cpu->class = 0;
		cpu->previous = NULL;
	}
	follow_calls(cpu, place);
	if (range_holds(probe, cpu->from) && cpu->visit_count < VISIT_MAX) {
		cpu->visit[cpu->visit_count++] = place->offset;
	}
	if (is_counting) {
		(*count_of(index, cpu->class, place->offset))++;
	}
}

static void stored(unsigned int index, uint32_t access, uint64_t address,
		   void *data)
{
	struct cpu *cpu = &cpus[index];

	(void)address;
	(void)data;
	/* Loads come too, whatever was asked for. */
	if (is_counting && qemu_plugin_mem_is_store(access)) {
		cpu->stored[cpu->class] +=
			1u << qemu_plugin_mem_size_shift(access);
	}
}

static void place_fill(struct place *place, uint32_t instruction)
{
	for (unsigned int i = 0; i < image_count; i++) {
		if (range_holds(images[i], place->address)) {
			place->is_el2 = true;
			place->image = i;
			place->offset =
				(uint32_t)(place->address - images[i].base);
		}
	}
	/* BL; BLR; RET */
	place->is_call = (instruction & 0xfc000000) == 0x94000000 ||
			 (instruction & 0xfffffc1f) == 0xd63f0000;
	place->is_return = (instruction & 0xfffffc1f) == 0xd65f0000;
	if (place->is_el2) {
		place->class = classes[place->offset / 4];
	}
}

static struct place *place_of(uint64_t address, uint32_t instruction)
{
	struct place **head = &places[address / 4 % 65536];
	struct place *place = *head;

	while (place != NULL && place->address != address) {
		place = place->next;
	}
	if (place == NULL) {
		place = calloc(1, sizeof(*place));
		if (place == NULL) {
			abort();
		}
		place->address = address;
		place->next = *head;
		*head = place;
		place_fill(place, instruction);
	}
	return place;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		struct place *place;
		uint32_t instruction;

		memcpy(&instruction, qemu_plugin_insn_data(insn),
		       sizeof(instruction));
		place = place_of(qemu_plugin_insn_vaddr(insn), instruction);
		qemu_plugin_register_vcpu_insn_exec_cb(
			insn, executed, PLUGIN_NO_REGISTERS, place);
		if (place->is_el2) {
			qemu_plugin_register_vcpu_mem_cb(insn, stored,
							 PLUGIN_NO_REGISTERS,
							 PLUGIN_STORES, NULL);
		}
	}
}

static void finish(plugin_id id, void *data)
{
	(void)id;
	(void)data;
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++) {
		for (unsigned int class = 0; class < CLASSES; class ++) {
			for (uint32_t at = 0; at < images[0].size; at += 4) {
				uint64_t times = *count_of(cpu, class, at);

				if (times != 0) {
					fprintf(out, "count %u %u %x %llu\n",
						cpu, class, at,
						(unsigned long long)times);
				}
			}
			if (cpus[cpu].stored[class] != 0) {
				fprintf(out, "stored %u %u %llu\n", cpu, class,
					(unsigned long long)cpus[cpu]
						.stored[class]);
			}
		}
	}
	fprintf(out, "end %s\n", is_over ? "reached" : "missed");
	fclose(out);
}

/* "KEY=A:B" in hexadecimal */
static bool read_pair(const char *argument, const char *key, uint64_t *a,
		      uint64_t *b)
{
	size_t length = strlen(key);
	char *rest;

	if (strncmp(argument, key, length) != 0 || argument[length] != '=') {
		return false;
	}
	*a = strtoull(argument + length + 1, &rest, 16);
	*b = *rest == ':' ? strtoull(rest + 1, NULL, 16) : 0;
	return true;
}

static bool read_classes(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned int offset;
	unsigned int class;

	if (file == NULL) {
		return false;
	}
	while (fscanf(file, "%x %u", &offset, &class) == 2) {
		if (offset >= images[0].size || class >= CLASSES) {
			fclose(file);
			return false;
		}
		classes[offset / 4] = (uint8_t) class;
	}
	fclose(file);
	return true;
}

static bool read_argument(const char *argument)
{
	uint64_t a;
	uint64_t b;

	if (read_pair(argument, "el2", &a, &b) && image_count < IMAGES_MAX) {
		images[image_count++] = (struct range){ a, b };
		if (image_count == 1) {
			classes = calloc(b / 4 + 1, sizeof(*classes));
		}
		return classes != NULL;
	} else if (read_pair(argument, "probe", &a, &b)) {
		probe = (struct range){ a, b - a };
	} else if (read_pair(argument, "begin", &a, &b)) {
		begin_address = a;
	} else if (read_pair(argument, "end", &a, &b)) {
		end_address = a;
	} else if (strncmp(argument, "classes=", 8) == 0 && classes != NULL) {
		return read_classes(argument + 8);
	} else if (strncmp(argument, "out=", 4) == 0) {
		out = fopen(argument + 4, "w");
		return out != NULL;
	} else {
		return false;
	}
	return true;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!read_argument(argv[i])) {
			fprintf(stderr, "el2_counter: %s?\n", argv[i]);
			return -1;
		}
	}
	if (out == NULL || image_count == 0) {
		fprintf(stderr, "el2_counter: out= and el2= are needed\n");
		return -1;
	}
	counts = calloc(CPUS_MAX * CLASSES * (images[0].size / 4 + 1),
			sizeof(*counts));
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		cpus[i].visit = calloc(VISIT_MAX, sizeof(uint32_t));
		if (cpus[i].visit == NULL || counts == NULL) {
			return -1;
		}
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
