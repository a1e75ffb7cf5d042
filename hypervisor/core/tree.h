/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a flattened device tree that is not trusted: a full check of its
 * structure, one walk that keeps the ancestors at hand, and what "reg",
 * "ranges" and "interrupts" mean at a node. On top of libfdt; used by board.c,
 * bundle.c, the configs and guest_fdt.c.
 */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include <hyp/addr.h>
#include <hyp/compiler.h>
#include <hyp/errno.h>
#include <libfdt.h>

/* Levels of nodes, the root included; tree_check() refuses deeper ones. */
#define TREE_DEPTH_MAX 12

/* INTIDs: IHI 0069H.b 2.2, INTIDs */
#define TREE_INTID_PPI 16
#define TREE_INTID_SPI 32
#define TREE_SPI_COUNT 988

/** struct tree_place - a node and the way to it */
struct tree_place {
	const void *fdt;
	int node;  /* offset; negative before the first step */
	int depth; /* of @node, 0: the root */
	int ancestor[TREE_DEPTH_MAX]; /* [0]: the root, [depth]: @node */
};

/** enum tree_irq_type - first cell of a GIC's interrupt specifier */
enum tree_irq_type { TREE_IRQ_SPI = 0, TREE_IRQ_PPI = 1 };

/** struct tree_irq - the three cells of a GIC's interrupt specifier */
struct tree_irq {
	uint32_t type; /* enum tree_irq_type, or another number */
	uint32_t number;
	uint32_t flags; /* bits 3:0: 1 rising, 2 falling, 4 high, 8 low */
};

/**
 * tree_check() - may libfdt be let loose on this?
 * @fdt: at any alignment
 * @max_size: bytes that may be read
 *
 * Covers what fdt_check_full() does and, unlike that of libfdt 1.6.1, ends on
 * every input: there a property length of 0xfffffff4 is an endless loop, and a
 * header of version 16 a read past the end.
 *
 * Return: NULL when it is sound, or what is wrong with it ("is cut short").
 */
const char *tree_check(const void *fdt, size_t max_size) MUST_CHECK;

/** tree_load32() - a big-endian word at any alignment */
uint32_t tree_load32(const void *bytes);

/** tree_start() - before the root; tree_next() steps onto it */
void tree_start(struct tree_place *place, const void *fdt);

/** tree_next() - step to the next node; false after the last one */
bool tree_next(struct tree_place *place);

/** tree_find_node() - the place of a node whose offset is known, by one walk */
bool tree_find_node(struct tree_place *place, const void *fdt, int node);

/**
 * tree_find_path() - the node of that full path, by one walk
 * @path: begins with '/'; each name as it stands, with its unit address
 * @length: bytes of @path that count
 */
bool tree_find_path(struct tree_place *place, const void *fdt, const char *path,
		    size_t length);

/** tree_name() - of a node, with its unit address; never NULL */
const char *tree_name(const void *fdt, int node);

/** tree_is_enabled() - neither the node nor an ancestor has another "status" */
bool tree_is_enabled(const struct tree_place *place);

/**
 * tree_string() - a property that is one string
 *
 * Return: the string, or NULL: no such property, or no NUL at its end, or one
 * before it.
 */
const char *tree_string(const void *fdt, int node, const char *name);

/**
 * tree_list_index() - does a list of strings hold one of @names?
 * @list: as a property holds it: NUL-terminated strings, one after the other
 * @length: of @list, bytes
 *
 * Return: the index in @names of the first string of the list that is one of
 * them, or -HYP_ENOENT.
 */
int tree_list_index(const char *list, int length, const char *const *names,
		    unsigned int name_count);

/** tree_compatible_index() - tree_list_index() of a node's "compatible" */
int tree_compatible_index(const void *fdt, int node, const char *const *names,
			  unsigned int name_count);

/** tree_number() - a big-endian number of 1 or 2 cells */
uint64_t tree_number(const fdt32_t *cells, int cell_count);

/** tree_u32() - a property of one cell, or @otherwise */
uint32_t tree_u32(const void *fdt, int node, const char *name,
		  uint32_t otherwise);

/**
 * tree_reg_count() - entries in "reg"
 *
 * Return: a count, 0 without the property, or -HYP_EINVAL (length or the
 * parent's #address-cells and #size-cells).
 */
int tree_reg_count(const struct tree_place *place) MUST_CHECK;

/**
 * tree_reg() - one entry of "reg", as the CPU sees it
 *
 * Return: 0, -HYP_ENOENT (past the last entry), -HYP_EINVAL (as
 * tree_reg_count()), -HYP_EOPNOTSUPP (no parent's "ranges" holds it), or
 * -HYP_ERANGE (size 0, or it wraps).
 */
int tree_reg(const struct tree_place *place, unsigned int index,
	     struct pa_range *range) MUST_CHECK;

/** tree_reg_problem() - the error of tree_reg(), to stand after `"reg" ` */
const char *tree_reg_problem(int error);

/**
 * tree_irq_count() - entries in "interrupts-extended" or "interrupts"
 * @gic: offset of the board's GIC
 *
 * Return: a count, 0 without these, or -HYP_EINVAL (malformed, or a controller
 * that cannot be found).
 */
int tree_irq_count(const struct tree_place *place, int gic) MUST_CHECK;

/**
 * tree_irq() - one of these entries
 *
 * Return: 0, -HYP_ENOENT (past the last), -HYP_EINVAL (as tree_irq_count()), or
 * -HYP_EOPNOTSUPP (its controller is not the GIC).
 */
int tree_irq(const struct tree_place *place, int gic, unsigned int index,
	     struct tree_irq *irq) MUST_CHECK;

/**
 * tree_nearest() - how far two names are apart, for "did you mean"
 *
 * Return: letters to change, insert or drop; UINT_MAX when that is so many that
 * nobody can have meant the other.
 */
unsigned int tree_nearest(const char *wrong, const char *right);

#endif /* CORE_TREE_H */
