/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the cells share. */
#ifndef CORE_CELL_INTERNAL_H
#define CORE_CELL_INTERNAL_H

#include <hyp/cell.h>
#include <hyp/device.h>
#include <hyp/vfio_platform_hyp.h>

/**
 * cell_claim() - parse the config, check it against what others own, take it
 *
 * Touches no hardware. On failure nothing is held.
 *
 * Return: 0 or a negative errno with a sentence.
 */
int cell_claim(struct cell *cell, const struct board *board,
	       const struct system_config *system,
	       struct message *message) MUST_CHECK;

/** cell_unclaim() - give CPUs, memory, devices and records back */
void cell_unclaim(struct cell *cell);

/** cell_build() - scrub the memory, make the address space, assign the devices */
int cell_build(struct cell *cell, const struct board *board,
	       struct message *message) MUST_CHECK;

/** cell_unbuild() - revoke, tear down, scrub; idempotent */
void cell_unbuild(struct cell *cell);

/**
 * cell_stop_begin() - a command ends a running cell: ask it, with a deadline, or
 * stop it by force; under the cells' lock. The CPUs do the rest as they leave.
 */
void cell_stop_begin(struct cell *cell, bool by_force);

/** cell_stop_forget() - it starts anew: no reason of a stop; under the cells' lock */
void cell_stop_forget(struct cell *cell);

/** cell_stop_command() - a command was the reason, whatever led there */
void cell_stop_command(struct cell *cell);

/** cell_job_done() - the job is over: its result, and the state after it */
void cell_job_done(struct cell *cell, enum bh_state state, int result);

/** cell_memory_zero() - zeroes, down to the point of coherency, by the window */
void cell_memory_zero(paddr_t at, uint64_t left);

/** cell_memory_scrub() - all of a cell's own memory */
void cell_memory_scrub(struct cell *cell);

/**
 * cell_image_load() - image and device tree into the cell's memory
 *
 * Return: 0, -HYP_ENOENT, -HYP_EBADMSG (hash, or no arm64 Image) or -HYP_ERANGE
 * (it does not fit), with a sentence.
 */
int cell_image_load(struct cell *cell, const struct bundle *bundle,
		    struct message *message) MUST_CHECK;

#endif /* CORE_CELL_INTERNAL_H */
