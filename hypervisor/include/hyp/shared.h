/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that two cells share because the configs of both ask for it, and the
 * doorbell each has for the other. A region has two sides; a cell takes one when it
 * is created and gives it back when it is destroyed.
 */
#ifndef HYP_SHARED_H
#define HYP_SHARED_H

#include <hyp/config.h>

struct cell;

/**
 * shared_init() - choose the doorbells' interrupts: SPIs that the board's tree does
 * not name, from the highest down, two for each region
 *
 * After irqchip_init(). @system must stay.
 */
void shared_init(const struct board *board, const struct system_config *system);

/**
 * shared_claim() - a side of each region that a cell's config names
 *
 * Under the cells' lock. Fills in the doorbells of the config.
 *
 * Return: 0, -HYP_EBUSY (both sides are taken) or -HYP_ENOMEM (no SPI was left for
 * the doorbell), with a sentence; nothing is held then.
 */
int shared_claim(struct cell *cell, struct message *message) MUST_CHECK;

/** shared_release() - give them back; under the cells' lock; idempotent */
void shared_release(struct cell *cell);

/**
 * shared_build() - map a cell's regions; those that no other cell has are zeroed
 *
 * Return: 0 or the error of stage2_map(); shared_unbuild() follows then.
 */
int shared_build(struct cell *cell) MUST_CHECK;

/**
 * shared_unbuild() - the cell's address space is gone: zero what no other cell has;
 * idempotent
 */
void shared_unbuild(struct cell *cell);

/** shared_open() - the cell's first CPU is about to run: it can be rung for */
void shared_open(struct cell *cell);

/** shared_close() - it has stopped: nobody rings for it any more; idempotent */
void shared_close(struct cell *cell);

/**
 * shared_ring() - interrupt the cell on the other side
 * @number: of the region within @cell
 *
 * Return: 0, -HYP_ENOENT (no such region) or -HYP_EAGAIN (no other cell that has it
 * runs).
 */
int64_t shared_ring(struct cell *cell, uint64_t number);

#endif /* HYP_SHARED_H */
