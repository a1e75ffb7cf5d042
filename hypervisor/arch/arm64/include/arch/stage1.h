/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2's own address space: virtual = physical for the hypervisor's memory and the
 * devices that it uses, W^X; above them, per CPU, a stack behind a guard page and a
 * window of 2 MiB onto a cell's memory. No other memory is mapped.
 */
#ifndef ARCH_STAGE1_H
#define ARCH_STAGE1_H

#include <hyp/addr.h>

struct cpu_boot;

/** enum stage1_kind - what is mapped, and how */
enum stage1_kind { STAGE1_TEXT, STAGE1_READ_ONLY, STAGE1_DATA, STAGE1_DEVICE };

/**
 * stage1_map() - map whole pages, virtual = physical
 *
 * Return: 0, -HYP_ENOMEM, or -HYP_ERANGE (above the 39 bits that EL2 maps).
 */
int stage1_map(struct pa_range range, enum stage1_kind kind) MUST_CHECK;

/**
 * stage1_map_device() - map the pages of a device's registers
 *
 * A page that is mapped already is counted once more.
 *
 * Return: where they are, or NULL: no page is left, too high, or too often.
 */
void *stage1_map_device(struct pa_range range) MUST_CHECK;

/** stage1_unmap_device() - undo one stage1_map_device(); TLBs are clean after it */
void stage1_unmap_device(struct pa_range range);

/** stage1_enable() - turn the MMU and the caches on, on the boot CPU */
void stage1_enable(void);

/** stage1_boot_values() - what another CPU needs to do the same in head.S */
void stage1_boot_values(struct cpu_boot *boot);

/**
 * stage1_map_stack() - two pages of memory for a CPU, after an unmapped guard
 *
 * Return: the address past the stack's end, or 0: no page is left.
 */
uint64_t stage1_map_stack(unsigned int cpu) MUST_CHECK;

/**
 * stage1_window() - see 2 MiB of a cell's memory through this CPU's window
 * @address: any byte of it
 * @size: takes how many bytes may be used from the pointer on, or NULL
 *
 * Valid until the next call or stage1_window_close() on this CPU.
 */
void *stage1_window(paddr_t address, uint64_t *size);
void stage1_window_close(void);

#endif /* ARCH_STAGE1_H */
