/* SPDX-License-Identifier: Apache-2.0 */
/* Memory shared with another cell, and the doorbells; see docs/config.md. */
#ifndef INMATES_LIB_SHARED_H
#define INMATES_LIB_SHARED_H

#include <hyp/compiler.h>

/** struct shared - one region */
struct shared {
	void *memory;	 /* mapped, cached */
	uint64_t size;	 /* bytes */
	uint32_t intid;	 /* the other cell's doorbell rings it */
	uint32_t number; /* for BH_DOORBELL */
	bool is_read_only;
};

/**
 * shared_open() - find a region in the device tree and map it
 * @label: its name in the system config
 *
 * Return: 0, -HYP_ENOENT (no such region), -HYP_EINVAL (a node that says too
 * little), or the error of mmu_map_memory().
 */
int shared_open(struct shared *shared, const char *label) MUST_CHECK;

/**
 * shared_listen() - have a handler called when the other cell rings
 *
 * Return: 0, or the error of irq_request().
 */
int shared_listen(const struct shared *shared, void (*handler)(void *arg),
		  void *arg) MUST_CHECK;

/**
 * shared_ring() - interrupt the other cell, once all earlier writes are seen there
 *
 * Return: 0, or -HYP_EAGAIN: it does not run.
 */
int shared_ring(const struct shared *shared) MUST_CHECK;

#endif /* INMATES_LIB_SHARED_H */
