// SPDX-License-Identifier: Apache-2.0
/*
 * Checks configs on the host, with the hypervisor's own code and sentences:
 *
 *     config-check [--together] BOARD.dtb SYSTEM.dtb CELL.dtb...
 *
 * Prints one sentence for each mistake, after the file's name, and exits 1 if
 * there was one. Cells may share a CPU, memory or a device as long as they do
 * not exist at the same time, so that is said but allowed, unless --together
 * says that all of them are to exist at once. Exits 2 if it cannot do its work.
 */
#include <hyp/board.h>
#include <hyp/config.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** struct check_cell - one cell's file */
struct check_cell {
	const char *file;
	const void *blob;
	bool is_good;
	struct cell_config config;
};

/** struct check - one run of the program */
struct check {
	struct board board;
	struct system_config system;
	const void *system_blob;
	struct check_cell *cell;
	unsigned int cell_count;
	bool is_together;
	unsigned int mistake_count;
};

static void *check_read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	long length = -1;
	void *bytes = NULL;

	if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
		length = ftell(file);
	}
	if (length >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		bytes = malloc((size_t)length + 1);
	}
	if (bytes == NULL ||
	    fread(bytes, 1, (size_t)length, file) != (size_t)length) {
		fprintf(stderr, "config-check: %s: cannot be read\n", name);
		exit(2);
	}
	fclose(file);
	*size = (size_t)length;
	return bytes;
}

static void check_mistake(struct check *check, const char *file,
			  const char *sentence)
{
	printf("%s: %s\n", file, sentence);
	check->mistake_count++;
}

static void check_cell_file(struct check *check, struct check_cell *cell)
{
	struct message message;
	size_t size;

	cell->blob = check_read_file(cell->file, &size);
	cell->is_good = cell_config_read(&cell->config, cell->blob, size,
					 &check->board, &check->system,
					 &message) == 0;
	if (!cell->is_good) {
		check_mistake(check, cell->file, message.text);
	} else if (strcmp(cell->config.name, check->system.root_cell) == 0 &&
		   !cell->config.may_manage) {
		snprintf(message.text, sizeof(message.text),
			 "cell %s: it is the root cell; write \"management;\" "
			 "in it, or nobody can manage cells",
			 cell->config.name);
		check_mistake(check, cell->file, message.text);
	}
}

/* What two cells both want, if they are to exist at the same time. */
static void check_shared(struct check *check, const struct check_cell *cell,
			 const struct check_cell *other, const char *what)
{
	printf("%s: %scell %s: has %s, as cell %s (%s) has%s\n", cell->file,
	       check->is_together ? "" : "note: ", cell->config.name, what,
	       other->config.name, other->file,
	       check->is_together ?
		       "; choose another" :
		       ", so only one of them can exist at a time");
	check->mistake_count += check->is_together ? 1 : 0;
}

static void check_memory(struct check *check, const struct check_cell *a,
			 const struct check_cell *b)
{
	for (unsigned int i = 0; i < a->config.memory_count; i++) {
		const struct memory_config *range = &a->config.memory[i];

		for (unsigned int j = 0; j < b->config.memory_count; j++) {
			const struct memory_config *other =
				&b->config.memory[j];
			char what[80];

			if (!range_overlaps(range->base.raw, range->size,
					    other->base.raw, other->size)) {
				continue;
			}
			snprintf(what, sizeof(what),
				 "memory in 0x%" PRIx64 ", size 0x%" PRIx64,
				 range->base.raw, range->size);
			check_shared(check, a, b, what);
		}
	}
}

static bool check_regions_overlap(const struct board *board,
				  const struct device_config *a,
				  const struct device_config *b)
{
	struct board_region left, right;

	for (unsigned int i = 0; i < a->region_count; i++) {
		for (unsigned int j = 0; j < b->region_count; j++) {
			if (board_region(board, a->node, i, &left, NULL) == 0 &&
			    board_region(board, b->node, j, &right, NULL) ==
				    0 &&
			    range_overlaps(left.range.base.raw, left.range.size,
					   right.range.base.raw,
					   right.range.size)) {
				return true;
			}
		}
	}
	return false;
}

static bool check_irqs_meet(const struct board *board,
			    const struct device_config *a,
			    const struct device_config *b)
{
	struct board_irq left, right;

	for (unsigned int i = 0; i < a->irq_count; i++) {
		for (unsigned int j = 0; j < b->irq_count; j++) {
			if (board_irq(board, a->node, i, &left, NULL) == 0 &&
			    board_irq(board, b->node, j, &right, NULL) == 0 &&
			    left.intid == right.intid) {
				return true;
			}
		}
	}
	return false;
}

static void check_devices(struct check *check, const struct check_cell *a,
			  const struct check_cell *b)
{
	const struct board *board = &check->board;

	for (unsigned int i = 0; i < a->config.device_count; i++) {
		const struct device_config *device = &a->config.device[i];

		for (unsigned int j = 0; j < b->config.device_count; j++) {
			const struct device_config *other =
				&b->config.device[j];
			const char *name = board_node_name(board, device->node);
			char what[160];

			if (device->node == other->node) {
				snprintf(what, sizeof(what), "device %s", name);
			} else if (check_regions_overlap(board, device,
							 other)) {
				snprintf(what, sizeof(what), "registers of %s",
					 name);
			} else if (check_irqs_meet(board, device, other)) {
				snprintf(what, sizeof(what),
					 "an interrupt of %s", name);
			} else {
				continue;
			}
			check_shared(check, a, b, what);
		}
	}
}

static bool check_uses(const struct check_cell *cell,
		       const struct shared_config *region)
{
	for (unsigned int i = 0; i < cell->config.shared_count; i++) {
		if (cell->is_good && cell->config.shared[i].region == region) {
			return true;
		}
	}
	return false;
}

/* A region has two sides: who is the third to want one? */
static void check_sharing(struct check *check,
			  const struct shared_config *region)
{
	const struct check_cell *first = NULL, *second = NULL;

	for (unsigned int i = 0; i < check->cell_count; i++) {
		const struct check_cell *cell = &check->cell[i];
		char what[80];

		if (!check_uses(cell, region)) {
			continue;
		}
		if (first == NULL) {
			first = cell;
		} else if (second == NULL) {
			second = cell;
		} else {
			snprintf(what, sizeof(what),
				 "a side of \"%s\", besides cell %s",
				 region->name, first->config.name);
			check_shared(check, cell, second, what);
		}
	}
}

static void check_pair(struct check *check, const struct check_cell *a,
		       const struct check_cell *b)
{
	struct message message;

	if (strcmp(a->config.name, b->config.name) == 0) {
		snprintf(message.text, sizeof(message.text),
			 "cell %s: %s has a cell of that name; choose another",
			 a->config.name, b->file);
		check_mistake(check, a->file, message.text);
	}
	if (a->config.id == b->config.id) {
		snprintf(message.text, sizeof(message.text),
			 "cell %s: id: cell %s (%s) has %" PRIu32
			 " too; choose another",
			 a->config.name, b->config.name, b->file, a->config.id);
		check_mistake(check, a->file, message.text);
	}
	if ((a->config.cpus & b->config.cpus) != 0) {
		char what[32];

		snprintf(what, sizeof(what), "CPU %d",
			 __builtin_ctz(a->config.cpus & b->config.cpus));
		check_shared(check, a, b, what);
	}
	check_memory(check, a, b);
	check_devices(check, a, b);
}

static void check_board(struct check *check, const char *file)
{
	struct message message;
	size_t size;
	const void *fdt = check_read_file(file, &size);

	if (board_read_console(&check->board, fdt, size, &message) != 0 ||
	    board_read(&check->board, &message) != 0) {
		check_mistake(check, file, message.text);
		exit(1);
	}
}

static void check_system(struct check *check, const char *file)
{
	struct message message;
	size_t size;

	check->system_blob = check_read_file(file, &size);
	if (system_config_read(&check->system, check->system_blob, size,
			       &check->board, &message) != 0) {
		check_mistake(check, file, message.text);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct check check;

	if (argc > 1 && strcmp(argv[1], "--together") == 0) {
		check.is_together = true;
		argc--;
		argv++;
	}
	if (argc < 3 || argv[1][0] == '-') {
		fprintf(stderr, "usage: config-check [--together] BOARD.dtb "
				"SYSTEM.dtb CELL.dtb...\n");
		return 2;
	}
	check_board(&check, argv[1]);
	check_system(&check, argv[2]);
	check.cell_count = (unsigned int)argc - 3;
	check.cell = calloc(check.cell_count + 1, sizeof(*check.cell));
	if (check.cell == NULL) {
		return 2;
	}
	for (unsigned int i = 0; i < check.cell_count; i++) {
		check.cell[i].file = argv[i + 3];
		check_cell_file(&check, &check.cell[i]);
		for (unsigned int j = 0; j < i; j++) {
			if (check.cell[i].is_good && check.cell[j].is_good) {
				check_pair(&check, &check.cell[i],
					   &check.cell[j]);
			}
		}
	}
	for (unsigned int i = 0; i < check.system.shared_count; i++) {
		check_sharing(&check, &check.system.shared[i]);
	}
	return check.mistake_count != 0 ? 1 : 0;
}
