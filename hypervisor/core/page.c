// SPDX-License-Identifier: Apache-2.0
/* The pool of pages: never-used ones in a row, freed ones in a list. */
#include <hyp/lock.h>
#include <hyp/page.h>
#include <string.h>

struct page_link {
	struct page_link *next;
};

static struct spinlock lock;
static bool is_shared; /* before: one CPU, MMU off, where exclusives may fail */
static struct page_link *freed;
static uint64_t fresh;
static uint64_t fresh_end;
static size_t used_count;
static size_t freed_count;

static void pool_lock(void)
{
	if (is_shared) {
		spinlock_lock(&lock);
	}
}

static void pool_unlock(void)
{
	if (is_shared) {
		spinlock_unlock(&lock);
	}
}

void page_share(void)
{
	is_shared = true;
}

void page_init(paddr_t start, paddr_t end)
{
	fresh = start.raw;
	fresh_end = end.raw;
}

static void *page_take_fresh(size_t size)
{
	void *page = (void *)(uintptr_t)fresh;

	if (fresh_end - fresh < size) {
		return NULL;
	}
	fresh += size;
	used_count += size / PAGE_SIZE;
	return page;
}

void *page_alloc(void)
{
	void *page;

	pool_lock();
	if (freed != NULL) {
		page = freed;
		freed = freed->next;
		freed_count--;
		used_count++;
	} else {
		page = page_take_fresh(PAGE_SIZE);
	}
	pool_unlock();
	if (page != NULL) {
		memset(page, 0, PAGE_SIZE);
	}
	return page;
}

void *page_alloc_table(size_t size)
{
	size_t rounded = (size + PAGE_SIZE - 1) & ~(size_t)PAGE_MASK;
	void *table;

	pool_lock();
	table = page_take_fresh(rounded);
	pool_unlock();
	if (table != NULL) {
		memset(table, 0, rounded);
	}
	return table;
}

void page_free(void *page)
{
	struct page_link *link = page;

	if (page == NULL) {
		return;
	}
	pool_lock();
	link->next = freed;
	freed = link;
	freed_count++;
	used_count--;
	pool_unlock();
}

size_t page_used_count(void)
{
	return used_count;
}

size_t page_free_count(void)
{
	return freed_count + (fresh_end - fresh) / PAGE_SIZE;
}
