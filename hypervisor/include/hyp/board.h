/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the board is, read once from the device tree that U-Boot passes. Nothing
 * about a board is compiled in.
 */
#ifndef HYP_BOARD_H
#define HYP_BOARD_H

#include <hyp/addr.h>
#include <hyp/message.h>

#define BOARD_MEMORY_MAX 8
#define BOARD_REDISTRIBUTOR_MAX 4

enum board_gic_version { BOARD_GIC_NONE, BOARD_GIC_V2, BOARD_GIC_V3 };
enum board_conduit { BOARD_CONDUIT_NONE, BOARD_CONDUIT_SMC, BOARD_CONDUIT_HVC };
enum board_uart {
	BOARD_UART_NONE,
	BOARD_UART_PL011,   /* compatible "arm,pl011" */
	BOARD_UART_CADENCE, /* compatible "cdns,uart-r1p8" or "xlnx,xuartps" */
};

/** struct board_gic - addresses are zero where the version has none */
struct board_gic {
	enum board_gic_version version;
	int node; /* offset in the tree */
	struct pa_range distributor;
	struct pa_range cpu_interface;	   /* GICv2: GICC */
	struct pa_range hyp_interface;	   /* GICv2: GICH */
	struct pa_range virtual_interface; /* GICv2: GICV */
	/*
	 * GICv2: bytes from the first page of GICC to the second, which holds
	 * GICC_DIR, and the same of GICV: 4 KiB, or 64 KiB where each page is
	 * repeated so far, for CPUs that map no smaller ones.
	 */
	uint64_t interface_stride;
	struct pa_range redistributor[BOARD_REDISTRIBUTOR_MAX];
	unsigned int redistributor_count;
	uint64_t redistributor_stride; /* bytes, 0: by GICR_TYPER.VLPIS */
	uint32_t maintenance_intid;
};

struct board_console {
	enum board_uart uart;
	int node; /* offset in the tree */
	struct pa_range registers;
	uint32_t intid; /* 0: none named */
};

/** struct board_timer - INTIDs of the generic timer's PPIs, 0 where absent */
struct board_timer {
	int node; /* offset in the tree */
	uint32_t secure;
	uint32_t physical;
	uint32_t virtual;
	uint32_t hypervisor;
	uint32_t flags; /* of the virtual one's specifier, as a guest sees it */
};

struct board {
	const void *fdt;
	struct board_console console;
	enum board_conduit psci;
	struct board_gic gic;
	struct board_timer timer;
	struct pa_range memory[BOARD_MEMORY_MAX];
	unsigned int memory_count;
	uint64_t cpu_mpidr[CONFIG_CPUS_MAX]; /* "reg", affinity fields only */
	int cpu_node[CONFIG_CPUS_MAX];	     /* offsets in the tree */
	unsigned int cpu_count;
	struct pa_range initrd; /* size 0: none given */
};

/**
 * board_read_console() - the least that is needed to say anything
 * @fdt: the tree as U-Boot left it, at any 8-byte-aligned address
 * @max_size: bytes that may be read at @fdt
 *
 * Checks the header before anything else (magic, version 17, total size) and then
 * the structure; fills @board->fdt, console (but its intid) and psci, and notes
 * where GIC and timer are. The console is /chosen stdout-path (alias or path,
 * options after ':' ignored), or the first enabled UART of a known kind when that
 * leads nowhere. A missing console (also one that is no UART of a known kind) or
 * PSCI is not an error here: the fields say NONE.
 *
 * Return: 0, or -HYP_EBADMSG (no device tree, or a damaged one).
 */
int board_read_console(struct board *board, const void *fdt, size_t max_size,
		       struct message *message) MUST_CHECK;

/**
 * board_read() - everything else, in one walk over the tree
 * @board: filled by board_read_console()
 *
 * Return: 0, or
 *	-HYP_ENODEV: no GIC, no EL2 timer, no memory, no CPU, or no PSCI,
 *	-HYP_EINVAL: a property of one of them is malformed,
 *	-HYP_E2BIG: more memory banks, redistributor regions or CPUs than the tables
 *	hold (the CPUs past CONFIG_CPUS_MAX are left out, not an error).
 */
int board_read(struct board *board, struct message *message) MUST_CHECK;

/** struct board_region - one "reg" entry of a device, translated to the CPU's view */
struct board_region {
	struct pa_range range;
};

/** struct board_irq - one interrupt of a device */
struct board_irq {
	uint32_t intid; /* SPI number + 32 */
	bool is_level;
};

/**
 * board_find_device() - the node that a config means
 * @path: full path (wins, like sysfsdev in QEMU), or NULL
 * @host: node name "pl031@9010000", or NULL
 *
 * Return: the node's offset, or
 *	-HYP_EINVAL: neither is given; @host is empty, ".", ".." or has a '/'; @path
 *	does not start with '/',
 *	-HYP_ENOENT: no such node, or one that is disabled ("status"),
 *	-HYP_EEXIST: @host names more than one node.
 */
int board_find_device(const struct board *board, const char *path,
		      const char *host, struct message *message) MUST_CHECK;

/**
 * board_region_count() - entries in the node's "reg"
 *
 * Return: a count, or -HYP_EINVAL ("reg" missing, empty, of an uneven length, or
 * not translatable through its parents' "ranges").
 */
int board_region_count(const struct board *board, int node,
		       struct message *message) MUST_CHECK;

/**
 * board_region() - one "reg" entry
 *
 * Return: 0, or -HYP_EINVAL (no such entry, size 0, the range wraps, or it cannot
 * be translated).
 */
int board_region(const struct board *board, int node, unsigned int index,
		 struct board_region *region,
		 struct message *message) MUST_CHECK;

/**
 * board_irq_count() - entries in "interrupts" or "interrupts-extended"
 *
 * Return: a count, 0 when there are none, or -HYP_EINVAL (malformed).
 */
int board_irq_count(const struct board *board, int node,
		    struct message *message) MUST_CHECK;

/**
 * board_irq() - one interrupt
 *
 * Return: 0, or -HYP_EINVAL: no such entry, its controller is not the board's GIC,
 * it is not an SPI, or its trigger type is neither level-high, edge-rising, nor
 * (as some trees have it) level-low or edge-falling.
 */
int board_irq(const struct board *board, int node, unsigned int index,
	      struct board_irq *irq, struct message *message) MUST_CHECK;

#define BOARD_SPI_WORDS 31 /* of 32 SPIs each, for all 988 */

/**
 * board_spis_used() - which SPIs does the board's tree name anywhere?
 * @used: BOARD_SPI_WORDS words, takes bit n % 32 of word n / 32 for SPI n
 *
 * Disabled devices count too, and what "interrupt-map" of a bus hands on.
 */
void board_spis_used(const struct board *board, uint32_t *used);

/**
 * board_compatible_count() - strings in "compatible"
 *
 * Return: a count (0: no such property), or -HYP_EINVAL (the last string has no
 * terminating NUL).
 */
int board_compatible_count(const struct board *board, int node,
			   struct message *message) MUST_CHECK;

/** board_node_name() - the node's name with its unit address; never NULL */
const char *board_node_name(const struct board *board, int node);

#endif /* HYP_BOARD_H */
