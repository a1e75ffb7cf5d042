/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References in device nodes: which properties name other nodes, and whether a cell's
 * own tree has what they name. Used when a config is checked and when the tree is made.
 */
#ifndef CORE_REFERENCES_H
#define CORE_REFERENCES_H

#include <hyp/config.h>

#include "tree.h"

/** enum reference_kind - what a property of a device's node is */
enum reference_kind {
	REFERENCE_PLAIN,    /* it names no other node */
	REFERENCE_RESOLVED, /* all that it names is in the cell's tree */
	REFERENCE_MISSING,  /* something is not */
};

/** struct reference_scope - whose tree is meant */
struct reference_scope {
	const struct board *board;
	const struct cell_config *config; /* its devices are read */
};

/**
 * reference_kind() - does the cell's tree have what a property names?
 * @node: the device's, in the board's tree
 * @name: of the property
 * @missing: the first phandle that leads nowhere, 0: the form is not known; or NULL
 *
 * A cell's tree has the nodes of its devices, its GIC, and the fixed clocks that its
 * devices name (Devicetree Specification 0.4, 2.3.3 "phandle"; the number of cells
 * after a phandle is the target's "#...-cells"). A property that only goes with
 * another ("clock-names") is of that one's kind.
 */
enum reference_kind reference_kind(const struct reference_scope *scope,
				   int node, const char *name,
				   uint32_t *missing);

/** reference_is_companion() - does it only go with another property? */
bool reference_is_companion(const char *name);

/** reference_is_fixed_clock() - is that the phandle of a fixed clock? */
bool reference_is_fixed_clock(const struct board *board, uint32_t phandle);

#endif /* CORE_REFERENCES_H */
