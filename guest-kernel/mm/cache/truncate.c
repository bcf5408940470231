// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that change their size or get holes. mapping->invalidate_lock orders that against faults: a
 * fault holds it shared from the look at the size until the page is in the tables, truncation holds
 * it alone from the change of the size until the pages are out of tables and cache. So no page of a
 * mapping lies beyond the end of its file, but for the rest of the last one.
 */
#include "../internal.h"
#include <fs.h>
#include <panic.h>
#include <string.h>

static void unlock_and_put(struct page *p)
{
	page_unlock(p);
	page_put(p);
}

/* Drops the cached pages [first, last], if @wanted says so (NULL: all). */
static void drop_range(struct mapping *m, unsigned long first, unsigned long last,
		       bool (*wanted)(const struct page *p))
{
	unsigned long index = first;
	struct page *p;

	while ((p = filemap_next_locked(m, &index)) && index <= last) {
		if (!wanted || wanted(p))
			filemap_remove_page(m, p);
		unlock_and_put(p);
		if (index++ == last)
			return;
	}
	if (p)
		unlock_and_put(p);
}

/* Unmaps and drops the pages [first, last]; m->invalidate_lock held alone. */
static void remove_range(struct mapping *m, unsigned long first, unsigned long last, bool even_cows)
{
	DEBUG_ON(!rwsem_is_locked_alone(&m->invalidate_lock));
	/* A mapping that joins the list now has no entries before the lock is released. */
	if (!list_empty(&m->vmas))
		unmap_mapping_range(m, first, last - first + 1 ?: ~0UL, even_cows);
	drop_range(m, first, last, NULL);
}

/* Zeroes @n bytes of the page that @from lies in, if it is in the cache. */
static void zero_part(struct mapping *m, u64 from, size_t n)
{
	struct page *p = n ? filemap_lock_page(m, from >> PAGE_SHIFT) : NULL;

	if (!p)
		return;
	if (test_bit(PG_uptodate, &p->flags)) {
		memset((char *)page_address(p) + (from & (PAGE_SIZE - 1)), 0, n);
		page_set_dirty(p);
	}
	unlock_and_put(p);
}

/* How many bytes of the page that @pos lies in come after it; 0 at the beginning of a page. */
static size_t rest_of_page(u64 pos)
{
	return (size_t)(-pos & (PAGE_SIZE - 1));
}

void mapping_zero_tail(struct mapping *m, loff_t until)
{
	u64 size = (u64)m->inode->size;

	DEBUG_ON(!rwsem_is_locked_alone(&m->inode->lock));
	zero_part(m, size, min_t(u64, rest_of_page(size), (u64)until - size));
}

/* The file becomes shorter, or what lies behind its end goes. */
static void cut_off(struct mapping *m, loff_t size)
{
	down_write(&m->invalidate_lock);
	WRITE_ONCE(m->inode->size, size);
	remove_range(m, DIV_ROUND_UP((u64)size, PAGE_SIZE), ~0UL, true);
	zero_part(m, (u64)size, rest_of_page((u64)size));
	up_write(&m->invalidate_lock);
}

void mapping_resize(struct mapping *m, loff_t size)
{
	struct inode *inode = m->inode;

	DEBUG_ON(!rwsem_is_locked_alone(&inode->lock));
	if (size <= inode->size) {
		cut_off(m, size);
		return;
	}
	mapping_zero_tail(m, size);
	WRITE_ONCE(inode->size, size);
}

void mapping_punch(struct mapping *m, loff_t from, loff_t to)
{
	u64 first = ALIGN_UP((u64)from, PAGE_SIZE), end = ALIGN_DOWN((u64)to, PAGE_SIZE);

	down_write(&m->invalidate_lock);
	if (first > end) { /* inside one page */
		zero_part(m, (u64)from, (size_t)(to - from));
	} else {
		if (first < end)
			remove_range(m, first >> PAGE_SHIFT, (end >> PAGE_SHIFT) - 1, false);
		zero_part(m, (u64)from, first - (u64)from);
		zero_part(m, end, (u64)to - end);
	}
	up_write(&m->invalidate_lock);
}

/* Made by a call that failed and used by nobody: it still reads as the hole that it was. */
static bool fresh_and_zero(const struct page *p)
{
	const u64 *w = page_address(p);
	u32 i;

	if (!test_bit(PG_fresh, &p->flags))
		return false;
	for (i = 0; i < PAGE_SIZE / sizeof(*w); i++)
		if (w[i])
			return false;
	return true;
}

static void settle(struct mapping *m, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	struct page *p;

	while ((p = filemap_next_locked(m, &index)) && index <= last) {
		clear_bit(PG_fresh, &p->flags);
		unlock_and_put(p);
		if (index++ == last)
			return;
	}
	if (p)
		unlock_and_put(p);
}

void mapping_settle(struct mapping *m, unsigned long first, unsigned long last, bool undo)
{
	if (undo) {
		down_write(&m->invalidate_lock);
		/* From here on no program can write to them. */
		if (!list_empty(&m->vmas))
			unmap_mapping_range(m, first, last - first + 1, false);
		drop_range(m, first, last, fresh_and_zero);
		up_write(&m->invalidate_lock);
	}
	settle(m, first, last);
}

void mapping_release(struct mapping *m)
{
	DEBUG_ON(!list_empty(&m->vmas));
	drop_range(m, 0, ~0UL, NULL);
	xa_destroy(&m->pages);
}
