/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a cell, second by second. */
#ifndef SHELL_WATCH_H
#define SHELL_WATCH_H

/**
 * watch_stats() - each second, by how much each CPU's counters rose
 * @cell: from 0
 * @name: its name
 *
 * Returns when a key is pressed, or when the cell does not run any more.
 */
void watch_stats(unsigned int cell, const char *name);

#endif /* SHELL_WATCH_H */
