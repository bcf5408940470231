// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapping pages. A page or table must not be used for anything else while a
 * CPU may still reach it through a cached translation: what an operation takes
 * out of the tables is collected, flushed once, then freed.
 */
#include "internal.h"
#include <fs.h>
#include <panic.h>

/**
 * gather_init - begin to collect
 * @g: collector, on the stack
 * @mm: address space
 */
void gather_init(struct gather *g, struct mm *mm)
{
	g->mm = mm;
	g->start = ~0UL;
	g->end = 0;
	g->nr = 0;
	list_init(&g->tables);
}

void gather_finish(struct gather *g)
{
	struct page *p, *next;

	/* What is freed here was taken out of the tables, so there is something to flush. */
	DEBUG_ON((g->nr || !list_empty(&g->tables)) && g->start >= g->end);
	if (g->start < g->end)
		mmu_flush_range(g->mm, g->start, g->end);
	pages_put(g->pages, g->nr);
	list_for_each_entry_safe(p, next, &g->tables, lru) {
		list_del(&p->lru);
		page_put(p);
	}
	gather_init(g, g->mm);
}

/* Unmaps until the end, until @g is full, or for long enough; returns where to go on. */
static unsigned long zap_some(struct gather *g, struct vma *v, unsigned long start,
			      unsigned long end, bool even_cows)
{
	struct mm *mm = g->mm;
	struct rss rss = { 0 };
	struct pt_iter it;
	unsigned long va;
	pte_t *pte;

	spin_lock(&mm->ptl);
	pt_iter_init(&it, mm, start, end);
	while (!gather_full(g) && (pte = pt_next(&it, &va))) {
		struct page *p = pte_page(*pte);

		if (p && !even_cows && (p->flags & BIT(PG_anon)))
			continue;
		WRITE_ONCE(*pte, 0);
		gather_range(g, va, va + PAGE_SIZE);
		if (p) {
			rss_count(&rss, p, -1);
			g->pages[g->nr++] = p;
		}
	}
	rss_apply(mm, &rss);
	spin_unlock(&mm->ptl);
	return it.va;
}

void zap_range(struct gather *g, struct vma *v, unsigned long start, unsigned long end,
	       bool even_cows)
{
	while (start < end) {
		start = zap_some(g, v, start, end, even_cows);
		if (gather_full(g))
			gather_finish(g);
	}
}

/**
 * unmap_mapping_range - take pages of a file out of all address spaces
 * @mapping: the file's pages
 * @first: first page
 * @count: how many
 * @even_cows: private copies go too: the file has become shorter
 *
 * Context: may sleep. What is to stay out: mapping->invalidate_lock held alone, which faults share.
 */
void unmap_mapping_range(struct mapping *mapping, unsigned long first, unsigned long count,
			 bool even_cows)
{
	unsigned long last = first + count < first ? ~0UL : first + count;
	struct vma *v;

	mutex_lock(&mapping->vma_lock);
	list_for_each_entry(v, &mapping->vmas, map_node) {
		unsigned long pages = (v->end - v->start) >> PAGE_SHIFT;
		unsigned long from = max(first, v->pgoff), to = min(last, v->pgoff + pages);
		struct gather g;

		if (from >= to)
			continue;
		gather_init(&g, v->mm);
		zap_range(&g, v, v->start + ((from - v->pgoff) << PAGE_SHIFT),
			  v->start + ((to - v->pgoff) << PAGE_SHIFT), even_cows);
		gather_finish(&g);
	}
	mutex_unlock(&mapping->vma_lock);
}
