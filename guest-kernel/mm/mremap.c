// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap(2): resizing and moving a mapping. Moving takes the entries along, so
 * that no page is copied.
 */
#include "internal.h"
#include <fs.h>
#include <process.h>
#include <syscall.h>

#define MREMAP_MAYMOVE		1ul
#define MREMAP_FIXED		2ul
#define MREMAP_DONTUNMAP	4ul

/* A checked call. */
struct remap {
	struct mm *mm;
	unsigned long addr, old_len, new_len, flags, new_addr;
	struct list_head removed;
	bool populate;		/* the new part of a locked mapping */
};

#define TABLE_SPAN	(PTES_PER_TABLE * PAGE_SIZE)

/*
 * Makes the tables that the entries of [from, from + len) will need at @to, so that moving them
 * cannot fail. 0 or -ENOMEM.
 */
static int make_tables(struct mm *mm, unsigned long from, unsigned long to, unsigned long len)
{
	unsigned long va = from, end = from + len, next;
	struct pt_iter it;
	pte_t *src;

	while (va < end) {
		spin_lock(&mm->ptl);
		pt_iter_init(&it, mm, va, end);
		src = pt_next(&it, &va);
		spin_unlock(&mm->ptl);
		if (!src) {
			va = it.va;
			continue;
		}
		next = to + (va - from);
		if (!pt_walk_alloc(mm, next))
			return -ENOMEM;
		va = from + (ALIGN_DOWN(next, TABLE_SPAN) + TABLE_SPAN - to);
	}
	return 0;
}

/* Takes the entries to the new place, whose tables exist. */
static void move_entries(struct mm *mm, unsigned long from, unsigned long to, unsigned long len)
{
	unsigned long next = from, end = from + len, va;
	struct pt_iter it;
	pte_t *src;

	while (next < end) {
		spin_lock(&mm->ptl);
		pt_iter_init(&it, mm, next, end);
		while ((src = pt_next(&it, &va))) {
			pt_set(pt_walk(mm->root, to + (va - from)), *src);
			WRITE_ONCE(*src, 0);
		}
		spin_unlock(&mm->ptl);
		next = it.va;
	}
}

/*
 * The same and the flush. Truncation must not run in between: it would free pages that another CPU
 * still reaches through what it remembers of the old place, or miss what is on its way.
 */
static void move_and_flush(const struct remap *r, const struct vma *v, unsigned long to,
			   unsigned long len)
{
	struct mapping *m = vma_mapping(v);

	if (m)
		mutex_lock(&m->vma_lock);
	move_entries(r->mm, r->addr, to, len);
	mmu_flush_range(r->mm, r->addr, r->addr + len);
	if (m)
		mutex_unlock(&m->vma_lock);
}

static struct vma *copy_for_move(const struct remap *r, const struct vma *v, unsigned long to)
{
	struct vma *n = vma_alloc(r->mm);

	if (!n)
		return NULL;
	n->start = to;
	n->end = to + r->new_len;
	n->flags = v->flags & ~(u32)VM_GROWSDOWN;
	n->file = v->file;
	n->ops = v->ops;
	n->private = v->private;
	n->pgoff = v->file ? v->pgoff + ((r->addr - v->start) >> PAGE_SHIFT) : 0;
	if (n->file)
		file_get(n->file);
	if (n->ops && n->ops->open)
		n->ops->open(n);
	return n;
}

static long move_to(struct remap *r, struct vma *v, unsigned long to)
{
	struct mm *mm = r->mm;
	unsigned long keep = min(r->old_len, r->new_len);
	struct vma *n;
	int err;

	if (mm->nr_vmas >= MAX_MAP_COUNT - 3)
		return -ENOMEM;
	n = copy_for_move(r, v, to);
	if (!n)
		return -ENOMEM;
	vma_insert(mm, n);
	err = make_tables(mm, r->addr, to, keep);
	if (err) {
		(void)unmap_locked(mm, to, to + r->new_len, &r->removed);
		return err;
	}
	if (keep)
		move_and_flush(r, v, to, keep);
	r->populate = n->flags & VM_LOCKED;
	if (!(r->flags & MREMAP_DONTUNMAP))
		(void)unmap_locked(mm, r->addr, r->addr + r->old_len, &r->removed);
	vma_merge(n);
	return (long)to;
}

/* May the part of @v that is asked for become @new_len long? */
static int check_grow(const struct remap *r, const struct vma *v)
{
	bool twice = r->flags & MREMAP_DONTUNMAP;
	unsigned long kept = twice ? 0 : r->old_len;
	unsigned long more = r->new_len > kept ? (r->new_len - kept) >> PAGE_SHIFT : 0;
	unsigned long pgoff = v->pgoff + ((r->addr - v->start) >> PAGE_SHIFT);

	if (v->flags & (VM_IO | VM_SPECIAL))
		return !more ? 0 : twice ? -EINVAL : -EFAULT;
	if (v->file && pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if ((v->flags & VM_LOCKED) && more && !mlock_allowed(r->mm, more))
		return -EAGAIN;
	return mm_may_expand(r->mm, v->flags, v->file, more) ? 0 : -ENOMEM;
}

static long find_place(const struct remap *r)
{
	return vma_find_gap(r->mm, r->new_len, USER_MIN, r->mm->mmap_base);
}

/* MREMAP_FIXED, MREMAP_DONTUNMAP */
static long remap_to(struct remap *r)
{
	struct mm *mm = r->mm;
	struct vma *v;
	long to = (long)r->new_addr;
	int err;

	if (r->flags & MREMAP_FIXED) {
		if ((r->new_addr & (PAGE_SIZE - 1)) || r->new_len > USER_TOP ||
		    r->new_addr > USER_TOP - r->new_len)
			return -EINVAL;
		if (r->addr + r->old_len > r->new_addr && r->new_addr + r->new_len > r->addr)
			return -EINVAL;
		if (r->new_addr < USER_MIN)
			return -EPERM;
		err = unmap_locked(mm, r->new_addr, r->new_addr + r->new_len, &r->removed);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = unmap_locked(mm, r->addr + r->new_len, r->addr + r->old_len, &r->removed);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	v = vma_intersect(mm, r->addr, r->addr + PAGE_SIZE);
	if (!v || v->end - r->addr < r->old_len || !r->old_len)
		return v && !r->old_len ? -EINVAL : -EFAULT;
	err = check_grow(r, v);
	if (err)
		return err;
	if (!(r->flags & MREMAP_FIXED))
		to = find_place(r);
	return to < 0 ? to : move_to(r, v, (unsigned long)to);
}

/* Extends @v, which ends at the end of the old range, where it is; false: no room. */
static bool grow_in_place(struct remap *r, struct vma *v)
{
	unsigned long end = r->addr + r->new_len;
	struct vma *next = vma_next(v);

	if (v->end != r->addr + r->old_len || end > USER_TOP || end < r->addr ||
	    (next && next->start < end))
		return false;
	if (next && (next->flags & VM_GROWSDOWN) && next->start < end + STACK_GUARD_GAP)
		return false;
	vma_account(r->mm, v->flags, v->file, (long)((end - v->end) >> PAGE_SHIFT));
	vma_set_bounds(v, v->start, end, v->pgoff);
	r->populate = v->flags & VM_LOCKED;
	vma_merge(v);
	return true;
}

static long remap_locked(struct remap *r)
{
	struct vma *v = vma_intersect(r->mm, r->addr, r->addr + PAGE_SIZE);
	long to;
	int err;

	if (!v)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(r);
	if (r->old_len >= r->new_len) {
		err = 0;
		if (r->old_len > r->new_len)
			err = unmap_locked(r->mm, r->addr + r->new_len, r->addr + r->old_len,
					   &r->removed);
		return err ?: (long)r->addr;
	}
	/* Old length 0: a second mapping of the same shared pages. */
	if (!r->old_len && !(v->flags & VM_SHARED))
		return -EINVAL;
	if (r->old_len > v->end - r->addr)
		return -EFAULT;
	err = check_grow(r, v);
	if (err)
		return err;
	if (r->old_len && grow_in_place(r, v))
		return (long)r->addr;
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = find_place(r);
	return to < 0 ? to : move_to(r, v, (unsigned long)to);
}

long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr)
{
	struct remap r = {
		.mm = current->mm,
		.addr = addr,
		.old_len = ALIGN_UP(old_len, PAGE_SIZE),
		.new_len = ALIGN_UP(new_len, PAGE_SIZE),
		.flags = flags,
		.new_addr = new_addr,
		.removed = LIST_HEAD_INIT(r.removed),
	};
	unsigned long old = r.old_len;
	long ret;

	if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
	    (addr & (PAGE_SIZE - 1)) || !r.new_len)
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && (!(flags & MREMAP_MAYMOVE) || r.old_len != r.new_len))
		return -EINVAL;
	if (addr > USER_TOP || r.new_len > USER_TOP)
		return addr > USER_TOP ? -EFAULT : -ENOMEM;
	if (r.old_len > USER_TOP - addr)
		return r.old_len < r.new_len ? -EFAULT : -EINVAL;
	down_write(&r.mm->lock);
	ret = remap_locked(&r);
	up_write(&r.mm->lock);
	vma_free_list(&r.removed);
	if (ret >= 0 && r.populate && r.new_len > old)
		(void)mm_populate(r.mm, (unsigned long)ret + old, (unsigned long)ret + r.new_len);
	return ret;
}
