/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's and the cells' configs: compiled device trees, checked against the
 * board before anything is touched. The same code and the same sentences serve
 * the hypervisor and the checker on the host. Format: docs/config.md.
 */
#ifndef HYP_CONFIG_H
#define HYP_CONFIG_H

#include <hyp/abi.h>
#include <hyp/board.h>

#define CELL_NAME_SIZE BH_NAME_SIZE
#define CELL_MEMORY_MAX 4
#define IMAGE_NAME_SIZE 32
#define SHARED_NAME_SIZE BH_NAME_SIZE
#define BOOTARGS_SIZE 128
#define SHUTDOWN_MS_DEFAULT 1000
#define DEVICE_IRQ_MAX 64	  /* interrupts of one device: bits of irqfd */
#define DEVICE_REGION_MAX 16	  /* register regions of one device */
#define DEVICE_RESET_WRITE_MAX 64 /* groups of one device's "reset-writes" */

/** struct shared_config - one region of /hypervisor/shared-memory */
struct shared_config {
	char name[SHARED_NAME_SIZE];
	struct pa_range memory;
};

/** struct system_config - /hypervisor of the image "system" */
struct system_config {
	struct pa_range memory; /* the hypervisor's own, 2 MiB-aligned */
	char root_cell[CELL_NAME_SIZE];
	uint32_t panic_reset_ms; /* 0: stay stopped */
	struct shared_config shared[CONFIG_SHARED_MAX];
	unsigned int shared_count;
};

enum device_dma {
	DEVICE_DMA_NONE, /* the config or the reviewed list says so */
	DEVICE_DMA_IDENTITY_UNPROTECTED, /* allowed aloud, without an SMMU */
};

/** struct device_config - one "bulkhead,vfio-platform" child of a cell */
struct device_config {
	const char *name; /* of the child node, in the config blob */
	int config_node;  /* its offset in the config blob */
	int node;	  /* the device's offset in the board's tree */
	uint32_t timeout_ms;
	bool no_mmap;
	bool reset_none; /* reset = "none" */
	uint16_t reset_write_count;
	enum device_dma dma;
	unsigned int region_count;
	unsigned int irq_count;
	uint64_t irqfd; /* bit n: IRQ n may take the linked path */
};

/** struct shared_use - one "bulkhead,shared-memory" child of a cell */
struct shared_use {
	const struct shared_config *region; /* in the system config */
	uint32_t intid; /* of the doorbell; 0 until shared_claim() */
	bool is_writable;
};

/** struct memory_config - one range of a cell's RAM */
struct memory_config {
	paddr_t base;
	ipa_t ipa;
	uint64_t size;
};

/** struct uart_config - the virtual UART */
struct uart_config {
	bool is_present;
	ipa_t base;
	uint32_t intid; /* 0: it has no interrupt */
};

struct cell_config {
	const void *blob;
	int node; /* the domain's offset in the blob */
	char name[CELL_NAME_SIZE];
	uint32_t id;
	uint32_t cpus; /* bit n: the board's CPU n */
	struct memory_config memory[CELL_MEMORY_MAX];
	unsigned int memory_count;
	char image[IMAGE_NAME_SIZE];
	bool has_image_address; /* raw bytes, to: */
	ipa_t image_address;
	char initrd[IMAGE_NAME_SIZE]; /* "": none */
	bool has_initrd_address;      /* else below the device tree */
	ipa_t initrd_address;
	char bootargs[BOOTARGS_SIZE];
	bool may_manage;
	bool autostart;	      /* created, loaded and started at boot */
	uint32_t shutdown_ms; /* for an answer to a shutdown; 0: none is asked */
	bool has_pmu;	      /* the performance monitors are the cell's */
	bool has_debug;	      /* so are the debug registers */
	struct device_config device[CONFIG_CELL_DEVICES_MAX];
	unsigned int device_count;
	struct shared_use shared[CONFIG_SHARED_MAX];
	unsigned int shared_count;
	struct uart_config uart;
};

/**
 * system_config_read() - parse and check the system config
 * @blob: compiled tree, at a multiple of 4 bytes as a FIT holds it
 * @size: bytes at @blob, more than the tree or just as many
 *
 * Return: 0, -HYP_EBADMSG (not a tree), -HYP_EINVAL (a node or property is
 * missing, malformed or out of range; memory outside the board's RAM), -HYP_EBUSY
 * (shared memory overlaps what is in use) or -HYP_E2BIG (too many regions).
 */
int system_config_read(struct system_config *config, const void *blob,
		       size_t size, const struct board *board,
		       struct message *message) MUST_CHECK;

/** struct reset_write_config - one group of "reset-writes", in region 0 */
struct reset_write_config {
	uint32_t offset;
	uint32_t width; /* bytes: 1, 2 or 4 */
	uint32_t value;
};

/**
 * device_config_reset_write() - read a device's reset write from the config
 * @index: below reset_write_count
 */
struct reset_write_config
device_config_reset_write(const struct cell_config *config,
			  const struct device_config *device,
			  unsigned int index);

/**
 * cell_config_read() - parse one cell's config and check it against the board
 *
 * What other cells own is not looked at here: see cell.c. @system must stay: the
 * config points to its shared memory. Every sentence begins
 * with the cell's name and names node and property.
 *
 * Return: 0, or a negative errno: -HYP_EBADMSG (not a tree), -HYP_EINVAL (a node
 * or property is missing, malformed, unknown or out of range), -HYP_E2BIG (too many
 * devices, IRQs, regions or memory ranges), -HYP_EBUSY (memory or a device overlaps
 * the hypervisor's memory, the GIC or the console, or two devices share an
 * interrupt), -HYP_EEXIST (a device listed twice), or the error of
 * board_find_device(), board_region() or board_irq(). On an error @config is
 * undefined; while it is in use, @blob must stay.
 */
int cell_config_read(struct cell_config *config, const void *blob, size_t size,
		     const struct board *board,
		     const struct system_config *system,
		     struct message *message) MUST_CHECK;

/** cell_config_autostarts() - does a config (a sound tree) say `autostart;`? */
bool cell_config_autostarts(const void *blob);

#endif /* HYP_CONFIG_H */
