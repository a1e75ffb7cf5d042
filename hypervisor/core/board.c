// SPDX-License-Identifier: Apache-2.0
/* Reads the board's facts from the tree that U-Boot passes: two walks in all. */
#include <hyp/board.h>
#include <hyp/errno.h>
#include <string.h>

#include "tree.h"

/* Affinity 3, 2, 1, 0: DDI 0487, MPIDR_EL1.Aff3 to Aff0 */
#define BOARD_MPIDR_AFFINITY UINT64_C(0xff00ffffff)

/** enum board_kind - a node that matters, by its "compatible" */
enum board_kind {
	BOARD_KIND_PL011,
	BOARD_KIND_CADENCE,
	BOARD_KIND_PSCI,
	BOARD_KIND_GIC_V3,
	BOARD_KIND_GIC_V2,
	BOARD_KIND_TIMER,
};

/* All in one table, since looking a property up is what costs. */
static const char *const board_compatibles[] = {
	"arm,pl011",	   "cdns,uart-r1p8",	 "xlnx,xuartps",
	"arm,psci-0.2",	   "arm,psci-1.0",	 "arm,gic-v3",
	"arm,gic-400",	   "arm,cortex-a15-gic", "arm,cortex-a7-gic",
	"arm,armv8-timer", "arm,armv7-timer",
};
static const uint8_t board_kinds[] = {
	BOARD_KIND_PL011,  BOARD_KIND_CADENCE, BOARD_KIND_CADENCE,
	BOARD_KIND_PSCI,   BOARD_KIND_PSCI,    BOARD_KIND_GIC_V3,
	BOARD_KIND_GIC_V2, BOARD_KIND_GIC_V2,  BOARD_KIND_GIC_V2,
	BOARD_KIND_TIMER,  BOARD_KIND_TIMER,
};
_Static_assert(ARRAY_SIZE(board_kinds) == ARRAY_SIZE(board_compatibles),
	       "one kind for each name");

/* Places that the first walk finds and that are read after it. */
struct board_finds {
	int chosen;
	int aliases;
	struct tree_place uart; /* the first one; node < 0: none */
};

/* enum board_kind, or negative */
static int board_kind(const void *fdt, int node)
{
	int index = tree_compatible_index(fdt, node, board_compatibles,
					  ARRAY_SIZE(board_compatibles));

	return index < 0 ? index : board_kinds[index];
}

static int board_reg_error(const struct board *board, int node, int error,
			   struct message *message)
{
	return message_set(message, -HYP_EINVAL,
			   "board's device tree: %s: \"reg\" %s",
			   tree_name(board->fdt, node),
			   tree_reg_problem(error));
}

static void board_read_psci(struct board *board, int node)
{
	const char *method = tree_string(board->fdt, node, "method");

	if (method != NULL && strlen(method) == 3) {
		if (memcmp(method, "smc", 3) == 0) {
			board->psci = BOARD_CONDUIT_SMC;
		} else if (memcmp(method, "hvc", 3) == 0) {
			board->psci = BOARD_CONDUIT_HVC;
		}
	}
}

/* The node that /chosen stdout-path means, through /aliases if need be. */
static NOINLINE bool board_find_stdout(const struct board *board, int chosen,
				       int aliases, struct tree_place *place)
{
	const char *path =
		chosen < 0 ? NULL :
			     tree_string(board->fdt, chosen, "stdout-path");
	const char *options;
	size_t length;

	if (path == NULL) {
		return false;
	}
	options = memchr(path, ':', strlen(path));
	length = options != NULL ? (size_t)(options - path) : strlen(path);
	if (*path != '/') {
		int size = 0;

		path = aliases < 0 ?
			       NULL :
			       fdt_getprop_namelen(board->fdt, aliases, path,
						   (int)length, &size);
		if (path == NULL || size < 2 || *path != '/') {
			return false;
		}
		length = strnlen(path, (size_t)size);
	}
	return tree_find_path(place, board->fdt, path, length);
}

static void board_read_uart(struct board *board, const struct tree_place *place)
{
	int kind = board_kind(board->fdt, place->node);

	/* Left as NONE, rather than to touch what is none of ours. */
	if ((kind == BOARD_KIND_PL011 || kind == BOARD_KIND_CADENCE) &&
	    tree_reg(place, 0, &board->console.registers) == 0) {
		board->console.uart = kind == BOARD_KIND_PL011 ?
					      BOARD_UART_PL011 :
					      BOARD_UART_CADENCE;
		board->console.node = place->node;
	}
}

/* Notes the node at @place if it is of a kind that matters: the first of each. */
static void board_note(struct board *board, const struct tree_place *place,
		       struct board_finds *finds)
{
	const int kind = board_kind(board->fdt, place->node);

	if (kind < 0 || !tree_is_enabled(place)) {
		return;
	}
	switch ((enum board_kind)kind) {
	case BOARD_KIND_PL011:
	case BOARD_KIND_CADENCE:
		if (finds->uart.node < 0) {
			finds->uart = *place;
		}
		break;
	case BOARD_KIND_PSCI:
		if (board->psci == BOARD_CONDUIT_NONE) {
			board_read_psci(board, place->node);
		}
		break;
	case BOARD_KIND_GIC_V3:
	case BOARD_KIND_GIC_V2:
		if (board->gic.version == BOARD_GIC_NONE) {
			board->gic.version = kind == BOARD_KIND_GIC_V3 ?
						     BOARD_GIC_V3 :
						     BOARD_GIC_V2;
			board->gic.node = place->node;
		}
		break;
	case BOARD_KIND_TIMER:
		if (board->timer.node < 0) {
			board->timer.node = place->node;
		}
		break;
	}
}

static NOINLINE void board_read_stdout(struct board *board,
				       const struct board_finds *finds)
{
	struct tree_place place;

	if (board_find_stdout(board, finds->chosen, finds->aliases, &place)) {
		board_read_uart(board, &place);
	} else if (finds->uart.node >= 0) {
		board_read_uart(board, &finds->uart);
	}
}

int board_read_console(struct board *board, const void *fdt, size_t max_size,
		       struct message *message)
{
	struct board_finds finds = { .chosen = -1,
				     .aliases = -1,
				     .uart = { .node = -1 } };
	struct tree_place place;
	const char *problem = tree_check(fdt, max_size);

	memset(board, 0, sizeof(*board));
	if (problem != NULL) {
		return message_set(message, -HYP_EBADMSG,
				   "the board's device tree %s", problem);
	}
	board->fdt = fdt;
	board->console.node = -1;
	board->gic.node = -1;
	board->timer.node = -1;
	tree_start(&place, fdt);
	while (tree_next(&place)) {
		const char *name =
			place.depth == 1 ? tree_name(fdt, place.node) : "";

		if (strcmp(name, "chosen") == 0) {
			finds.chosen = place.node;
		} else if (strcmp(name, "aliases") == 0) {
			finds.aliases = place.node;
		} else {
			board_note(board, &place, &finds);
		}
	}
	board_read_stdout(board, &finds);
	return 0;
}

static int board_read_memory(struct board *board,
			     const struct tree_place *place,
			     struct message *message)
{
	const char *type = tree_string(board->fdt, place->node, "device_type");

	if (type == NULL || strcmp(type, "memory") != 0 ||
	    !tree_is_enabled(place)) {
		return 0;
	}
	for (unsigned int i = 0;; i++) {
		struct pa_range range;
		int error = tree_reg(place, i, &range);

		if (error == -HYP_ENOENT) {
			return 0;
		}
		if (error == -HYP_ERANGE && range.size == 0) {
			continue; /* a bank that is not fitted */
		}
		if (error != 0) {
			return board_reg_error(board, place->node, error,
					       message);
		}
		if (board->memory_count == BOARD_MEMORY_MAX) {
			return message_set(message, -HYP_E2BIG,
					   "board's device tree: more than "
					   "%d banks of memory",
					   BOARD_MEMORY_MAX);
		}
		board->memory[board->memory_count++] = range;
	}
}

static int board_read_cpu(struct board *board, const struct tree_place *place,
			  struct message *message)
{
	const void *fdt = board->fdt;
	const char *type = tree_string(fdt, place->node, "device_type");
	const char *status = tree_string(fdt, place->node, "status");
	const fdt32_t *reg;
	int length, cells;

	/* "disabled" is a CPU that waits for its enable-method, "fail" is not. */
	if (type == NULL || strcmp(type, "cpu") != 0 ||
	    board->cpu_count == CONFIG_CPUS_MAX ||
	    (status != NULL && strncmp(status, "fail", 4) == 0)) {
		return 0;
	}
	cells = fdt_address_cells(fdt, place->ancestor[1]);
	reg = fdt_getprop(fdt, place->node, "reg", &length);
	if (reg == NULL || cells < 1 || cells > 2 ||
	    length != cells * (int)sizeof(*reg)) {
		return message_set(message, -HYP_EINVAL,
				   "board's device tree: %s: \"reg\" is not "
				   "one CPU's number",
				   tree_name(fdt, place->node));
	}
	board->cpu_node[board->cpu_count] = place->node;
	board->cpu_mpidr[board->cpu_count++] = tree_number(reg, cells) &
					       BOARD_MPIDR_AFFINITY;
	return 0;
}

static NOINLINE int board_read_timer(struct board *board,
				     const struct tree_place *place,
				     struct message *message)
{
	uint32_t *const intids[] = { &board->timer.secure,
				     &board->timer.physical,
				     &board->timer.virtual,
				     &board->timer.hypervisor };

	if (board->gic.version == BOARD_GIC_NONE) {
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(intids); i++) {
		struct tree_irq irq;
		int error = tree_irq(place, board->gic.node, i, &irq);

		if (error == -HYP_ENOENT) {
			return 0;
		}
		if (error != 0 || irq.type != TREE_IRQ_PPI ||
		    irq.number >= TREE_INTID_PPI) {
			return message_set(message, -HYP_EINVAL,
					   "board's device tree: %s: "
					   "interrupt %u is no PPI of the GIC",
					   tree_name(board->fdt, place->node),
					   i);
		}
		*intids[i] = irq.number + TREE_INTID_PPI;
		if (intids[i] == &board->timer.virtual) {
			board->timer.flags = irq.flags;
		}
	}
	return 0;
}

/* The two pages of GICC, and of GICV, are 64 KiB apart if each has 128 KiB. */
#define BOARD_INTERFACE_PAGE UINT64_C(0x1000)
#define BOARD_INTERFACE_WIDE UINT64_C(0x10000)

/* GICv2 IHI 0048B.b 5: GICD, GICC, GICH, GICV, in this order */
static int board_read_gic_v2(struct board_gic *gic,
			     const struct tree_place *place)
{
	struct pa_range *const ranges[] = { &gic->distributor,
					    &gic->cpu_interface,
					    &gic->hyp_interface,
					    &gic->virtual_interface };
	int error = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges) && error == 0; i++) {
		error = tree_reg(place, i, ranges[i]);
	}
	gic->interface_stride = BOARD_INTERFACE_PAGE;
	if (gic->cpu_interface.size >= 2 * BOARD_INTERFACE_WIDE &&
	    gic->virtual_interface.size >= 2 * BOARD_INTERFACE_WIDE) {
		gic->interface_stride = BOARD_INTERFACE_WIDE;
	}
	return error;
}

/* GICD, then the redistributor regions; GICC, GICH and GICV are not used */
static int board_read_gic_v3(struct board_gic *gic,
			     const struct tree_place *place)
{
	const void *fdt = place->fdt;
	uint32_t count =
		tree_u32(fdt, place->node, "#redistributor-regions", 1);
	int length, error = tree_reg(place, 0, &gic->distributor);
	const fdt32_t *stride =
		fdt_getprop(fdt, place->node, "redistributor-stride", &length);

	if (count == 0 || count > BOARD_REDISTRIBUTOR_MAX) {
		return -HYP_E2BIG;
	}
	for (unsigned int i = 0; i < count && error == 0; i++) {
		error = tree_reg(place, i + 1, &gic->redistributor[i]);
	}
	gic->redistributor_count = count;
	if (stride != NULL && (length == 4 || length == 8)) {
		gic->redistributor_stride = tree_number(stride, length / 4);
	}
	return error;
}

static int board_read_gic(struct board *board, const struct tree_place *place,
			  struct message *message)
{
	struct board_gic *gic = &board->gic;
	struct tree_irq irq;
	int error;

	error = gic->version == BOARD_GIC_V3 ? board_read_gic_v3(gic, place) :
					       board_read_gic_v2(gic, place);
	if (error == -HYP_E2BIG) {
		return message_set(message, -HYP_E2BIG,
				   "board's device tree: %s: "
				   "#redistributor-regions is not 1 to %d",
				   tree_name(board->fdt, gic->node),
				   BOARD_REDISTRIBUTOR_MAX);
	}
	if (error != 0) {
		return board_reg_error(board, gic->node, error, message);
	}
	error = tree_irq(place, gic->node, 0, &irq);
	if (error != 0 || irq.type != TREE_IRQ_PPI ||
	    irq.number >= TREE_INTID_PPI) {
		return message_set(
			message, -HYP_EINVAL,
			"board's device tree: %s: \"interrupts\" "
			"names no maintenance interrupt, so this GIC "
			"cannot serve guests",
			tree_name(board->fdt, gic->node));
	}
	gic->maintenance_intid = irq.number + TREE_INTID_PPI;
	return 0;
}

static void board_read_initrd(struct board *board, int chosen)
{
	int start_size, end_size;
	const fdt32_t *start = fdt_getprop(board->fdt, chosen,
					   "linux,initrd-start", &start_size);
	const fdt32_t *end =
		fdt_getprop(board->fdt, chosen, "linux,initrd-end", &end_size);
	uint64_t from, to;

	if (start == NULL || end == NULL ||
	    (start_size != 4 && start_size != 8) ||
	    (end_size != 4 && end_size != 8)) {
		return;
	}
	from = tree_number(start, start_size / 4);
	to = tree_number(end, end_size / 4);
	if (to > from) {
		board->initrd = (struct pa_range){ pa(from), to - from };
	}
}

/* The console's interrupt: an SPI of the GIC, or none that we can use. */
static void board_read_console_irq(struct board *board,
				   const struct tree_place *place)
{
	struct tree_irq irq;

	if (tree_irq(place, board->gic.node, 0, &irq) == 0 &&
	    irq.type == TREE_IRQ_SPI && irq.number < TREE_SPI_COUNT) {
		board->console.intid = irq.number + TREE_INTID_SPI;
	}
}

/* What the node at @place adds. */
static NOINLINE int board_read_node(struct board *board,
				    const struct tree_place *place,
				    struct message *message)
{
	const void *fdt = board->fdt;
	const char *name;

	if (place->node == board->gic.node) {
		return board_read_gic(board, place, message);
	}
	if (place->node == board->timer.node) {
		return board_read_timer(board, place, message);
	}
	if (place->node == board->console.node) {
		board_read_console_irq(board, place);
		return 0;
	}
	if (place->depth != 1 && place->depth != 2) {
		return 0;
	}
	name = tree_name(fdt, place->node);
	if (place->depth == 2) {
		return strncmp(name, "cpu@", 4) == 0 &&
				       strcmp(tree_name(fdt,
							place->ancestor[1]),
					      "cpus") == 0 ?
			       board_read_cpu(board, place, message) :
			       0;
	}
	if (strncmp(name, "memory", 6) == 0) {
		return board_read_memory(board, place, message);
	}
	if (strcmp(name, "chosen") == 0) {
		board_read_initrd(board, place->node);
	}
	return 0;
}

static const char *board_missing(const struct board *board)
{
	if (board->gic.version == BOARD_GIC_NONE) {
		return "no GIC (arm,gic-v3, arm,gic-400 or arm,cortex-a15-gic)";
	}
	if (board->timer.hypervisor == 0 || board->timer.virtual == 0) {
		return "no generic timer with interrupts for EL2 and the "
		       "virtual timer (arm,armv8-timer)";
	}
	if (board->memory_count == 0) {
		return "no memory";
	}
	if (board->cpu_count == 0) {
		return "no CPU";
	}
	if (board->psci == BOARD_CONDUIT_NONE) {
		return "no PSCI 0.2 or later (arm,psci-0.2)";
	}
	return NULL;
}

int board_read(struct board *board, struct message *message)
{
	struct tree_place place;
	const char *missing;

	tree_start(&place, board->fdt);
	while (tree_next(&place)) {
		int error = board_read_node(board, &place, message);

		if (error != 0) {
			return error;
		}
	}
	missing = board_missing(board);
	if (missing != NULL) {
		return message_set(message, -HYP_ENODEV,
				   "the board's device tree has %s", missing);
	}
	return 0;
}
