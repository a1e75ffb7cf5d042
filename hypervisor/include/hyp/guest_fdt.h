/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree that a cell finds in x0, made from its config and the board's. */
#ifndef HYP_GUEST_FDT_H
#define HYP_GUEST_FDT_H

#include <hyp/config.h>
#include <hyp/image.h>

/**
 * guest_fdt_build() - write the cell's own tree
 * @buffer: 8-byte aligned
 * @size: of @buffer, bytes
 * @initrd: where it lies in the cell's memory; file_size 0: there is none
 * @console_intid: the INTID of the PPI that says "input is waiting"
 *
 * Holds: /memory, /cpus (contiguous, "psci" enable method), /psci, the GIC and the
 * timer as the cell sees them, the virtual UART if it has one (compatible
 * "arm,pl011", with a fixed clock), /chosen (bootargs, stdout-path,
 * linux,initrd-start and -end), /hypervisor (compatible
 * "bulkhead,hypervisor-v1", method "hvc", cell-name, interrupts), each shared region
 * (compatible "bulkhead,shared-memory-v1", reg, interrupts, label,
 * "bulkhead,doorbell" for BH_DOORBELL, perhaps "read-only"), and a copy of each
 * assigned device's node with all its properties, under a /soc-less root with 64-bit
 * addresses. "interrupt-parent" is the cell's GIC. Fixed clocks that they name are
 * copied; what else they name and the cell does not own is left out.
 *
 * Return: the tree's size in bytes, or -HYP_E2BIG (it does not fit).
 */
int guest_fdt_build(void *buffer, size_t size, const struct board *board,
		    const struct cell_config *config,
		    const struct image_part *initrd, uint32_t console_intid,
		    struct message *message) MUST_CHECK;

#endif /* HYP_GUEST_FDT_H */
