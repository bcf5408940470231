// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying an address space for fork(2). Only what a fault could not bring back
 * is copied into the child's tables: anonymous pages. Both sides then have them
 * read-only and share them until one writes.
 */
#include "internal.h"
#include <fs.h>
#include <panic.h>
#include <string.h>
#include <user.h>

/*
 * Pages of a shared or untouched file mapping are in the cache: the child
 * faults them in if it needs them.
 */
static bool needs_copy(const struct vma *v)
{
	if (v->flags & (VM_SHARED | VM_WIPEONFORK | VM_IO))
		return false;
	return !v->ops || (v->flags & VM_COWED);
}

/* A copy under way. */
struct copy {
	struct mm *src, *dst;
	unsigned long first, last;	/* addresses write-protected in the parent */
	struct rss rss;
};

static void copy_entry(struct copy *c, pte_t *from, pte_t *to, unsigned long va)
{
	pte_t e = *from;
	struct page *p = pte_page(e);

	if (!p || !(p->flags & BIT(PG_anon)))
		return;
	if (e & PTE_W) {
		e &= ~PTE_W;
		WRITE_ONCE(*from, e);
		c->first = min(c->first, va);
		c->last = max(c->last, va);
	}
	page_get(p);
	pt_set(to, e);
	c->rss.anon++;
}

/*
 * Copies some entries of the table that holds the first one in use at or after @va; returns where
 * to go on.
 */
static unsigned long copy_table(struct copy *c, unsigned long va, unsigned long end, int *err)
{
	struct pt_iter it;
	unsigned long stop;
	pte_t *from, *to;

	spin_lock(&c->src->ptl);
	pt_iter_init(&it, c->src, va, end);
	from = pt_next(&it, &va);
	spin_unlock(&c->src->ptl);
	if (!from)
		return it.va;
	to = pt_walk_alloc(c->dst, va);
	if (!to) {
		*err = -ENOMEM;
		return end;
	}
	to -= pt_index(va, 0);
	stop = min(end, ALIGN_DOWN(va, PTES_PER_TABLE * PAGE_SIZE) + PTES_PER_TABLE * PAGE_SIZE);
	spin_lock(&c->src->ptl);
	pt_iter_init(&it, c->src, va, stop);
	while ((from = pt_next(&it, &va)))
		copy_entry(c, from, &to[pt_index(va, 0)], va);
	spin_unlock(&c->src->ptl);
	return min(it.va, stop);
}

static int copy_pages(struct mm *src, struct mm *dst, const struct vma *v)
{
	struct copy c = { .src = src, .dst = dst, .first = ~0UL };
	unsigned long va = v->start;
	int err = 0;

	while (va < v->end)
		va = copy_table(&c, va, v->end, &err);
	spin_lock(&dst->ptl);
	rss_apply(dst, &c.rss);
	spin_unlock(&dst->ptl);
	if (c.first <= c.last)
		mmu_flush_range(src, c.first, c.last + PAGE_SIZE);
	return err;
}

/* Appends a copy of @v; @last is the child's highest mapping so far. */
static struct vma *copy_vma(struct mm *dst, struct vma *last, const struct vma *v)
{
	struct vma *n = vma_dup(dst, v);

	if (!n)
		return NULL;
	n->flags &= ~(u32)(VM_LOCKED | VM_LOCKONFAULT);
	if (n->file)
		file_get(n->file);
	if (n->ops && n->ops->open)
		n->ops->open(n);
	rb_insert(&dst->vmas, &n->node, last ? &last->node : NULL,
		  last ? &last->node.right : &dst->vmas.node);
	dst->nr_vmas++;
	vma_link_mapping(n);
	vma_account(dst, n->flags, n->file, (long)((n->end - n->start) >> PAGE_SHIFT));
	return n;
}

static int copy_each_vma(struct mm *src, struct mm *dst)
{
	struct vma *last = NULL;
	struct rb_node *n;
	int err;

	for (n = rb_first(&src->vmas); n; n = rb_next(n)) {
		struct vma *v = rb_entry(n, struct vma, node);

		if (v->flags & VM_DONTCOPY)
			continue;
		last = copy_vma(dst, last, v);
		if (!last)
			return -ENOMEM;
		err = needs_copy(v) ? copy_pages(src, dst, v) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* Charges the child's user for all at once; what was not copied is given back. */
static int copy_vmas(struct mm *src, struct mm *dst)
{
	u64 all = src->nr_vmas * sizeof(struct vma);
	int err;

	if (!user_charge(dst->user, all))
		return -ENOMEM;
	err = copy_each_vma(src, dst);
	DEBUG_ON(dst->nr_vmas > src->nr_vmas);
	user_uncharge(dst->user, all - dst->nr_vmas * sizeof(struct vma));
	return err;
}

static void copy_layout(struct mm *dst, const struct mm *src)
{
	dst->start_code = src->start_code;
	dst->end_code = src->end_code;
	dst->start_data = src->start_data;
	dst->end_data = src->end_data;
	dst->start_brk = src->start_brk;
	dst->brk = src->brk;
	dst->start_stack = src->start_stack;
	dst->arg_start = src->arg_start;
	dst->arg_end = src->arg_end;
	dst->env_start = src->env_start;
	dst->env_end = src->env_end;
	dst->mmap_base = src->mmap_base;
	dst->gap_hint = src->gap_hint;
	dst->gap_skipped = src->gap_skipped;
	dst->membarrier = src->membarrier;
	memcpy(dst->auxv, src->auxv, sizeof(dst->auxv));
}

/**
 * mm_fork - copy an address space
 * @old: the parent's; memory locks are not inherited (mlock(2))
 *
 * Context: may sleep. Return: the child's with one user, or ERR_PTR(-ENOMEM).
 */
struct mm *mm_fork(struct mm *old)
{
	struct mm *mm = mm_create();
	int err;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	down_write(&old->lock);
	copy_layout(mm, old);
	err = copy_vmas(old, mm);
	up_write(&old->lock);
	if (!err)
		return mm;
	mm_put(mm);
	return ERR_PTR(err);
}
