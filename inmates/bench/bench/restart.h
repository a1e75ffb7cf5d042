/* SPDX-License-Identifier: Apache-2.0 */
/* Restarts of another cell, for the emulator to count. */
#ifndef BENCH_RESTART_H
#define BENCH_RESTART_H

/**
 * restart_run() - create, load and start the cell "peer", then restart it
 *
 * The plugin counts from restart_mark() on. Sleeps for ever when done, so that the
 * hypervisor's memory can be looked at.
 *
 * Return: the exit status of a failure.
 */
int restart_run(void);

/** restart_mark() - does nothing; its address says that a restart begins */
void restart_mark(void);

#endif /* BENCH_RESTART_H */
