/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's pages: what is left of its own memory after the image, the
 * device tree and the bundle. For page tables, tables sized by the board, CPUs and
 * cells' records. Pages are zero when handed out.
 */
#ifndef HYP_PAGE_H
#define HYP_PAGE_H

#include <hyp/addr.h>

/** page_init() - the pool is [start, end), page-aligned, mapped */
void page_init(paddr_t start, paddr_t end);

/** page_share() - the MMU is on: take the lock from now on */
void page_share(void);

/** page_alloc() - one zeroed page, or NULL when there is none left */
void *page_alloc(void) MUST_CHECK;

/** page_alloc_table() - pages in a row, at boot only; never given back */
void *page_alloc_table(size_t size) MUST_CHECK;

/** page_free() - give back what page_alloc() gave */
void page_free(void *page);

/** page_used_count(), page_free_count() - for reports and leak tests */
size_t page_used_count(void);
size_t page_free_count(void);

#endif /* HYP_PAGE_H */
