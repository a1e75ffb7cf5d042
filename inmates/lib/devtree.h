/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree that x0 pointed to: where an inmate finds its memory, its GIC
 * and its devices. A node is libfdt's offset; libfdt may be used beside these.
 */
#ifndef INMATES_LIB_DEVTREE_H
#define INMATES_LIB_DEVTREE_H

#include <hyp/compiler.h>

struct devtree_region {
	uint64_t address;
	uint64_t size; /* bytes */
};

struct devtree_irq {
	uint32_t intid; /* as the GIC counts: 16 to 31 PPI, from 32 SPI */
	bool is_edge;
};

/**
 * devtree_init() - check the tree's header
 * @blob: what x0 held
 *
 * Return: 0, or -HYP_EBADMSG (none, misaligned, or not a tree of version 17).
 */
int devtree_init(const void *blob) MUST_CHECK;

/** devtree_blob() - the tree, for libfdt; NULL when there is none */
const void *devtree_blob(void);

/**
 * devtree_find_compatible() - the first enabled node of a kind
 * @compatible: "arm,pl031" and the like
 *
 * Return: the node, or -HYP_ENOENT.
 */
int devtree_find_compatible(const char *compatible) MUST_CHECK;

/**
 * devtree_find_path() - a node by path or alias
 *
 * Return: the node, or -HYP_ENOENT.
 */
int devtree_find_path(const char *path) MUST_CHECK;

/**
 * devtree_region() - an entry of "reg", as this CPU addresses it
 * @node: the device
 * @index: from 0
 *
 * Return: 0, -HYP_ENOENT (no such entry), or -HYP_EINVAL (not a CPU's address).
 */
int devtree_region(int node, unsigned int index,
		   struct devtree_region *region) MUST_CHECK;

/**
 * devtree_irq() - an entry of "interrupts"
 * @node: the device; its interrupt parent must be the GIC
 * @index: from 0
 *
 * Return: 0, -HYP_ENOENT (no such entry), or -HYP_EINVAL (not a PPI or SPI).
 */
int devtree_irq(int node, unsigned int index,
		struct devtree_irq *irq) MUST_CHECK;

/**
 * devtree_memory() - the range of /memory that holds an address
 *
 * Return: 0, or -HYP_ENOENT.
 */
int devtree_memory(uint64_t address, struct devtree_region *memory) MUST_CHECK;

/** devtree_cpu_count() - nodes under /cpus that are CPUs */
unsigned int devtree_cpu_count(void);

/**
 * devtree_hypervisor() - the /hypervisor node
 *
 * Return: the node, or -HYP_ENOENT: the inmate runs bare.
 */
int devtree_hypervisor(void);

/** devtree_cell_name() - this cell's name, or "bare" */
const char *devtree_cell_name(void);

#endif /* INMATES_LIB_DEVTREE_H */
