// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of an address space, in a tree by address: finding, inserting,
 * cutting and joining. mm->lock is held for writing by whoever changes them.
 * Mappings of a file are also on the file's list, for truncation; what it reads
 * of a mapping (bounds and offset) is changed with that list locked.
 */
#include "internal.h"
#include <fs.h>
#include <panic.h>
#include <string.h>
#include <user.h>

struct kmem_cache *vma_cache __ro_after_init;

/* Flags that do not keep two mappings apart. */
#define FLAGS_MERGE_IGNORE VM_COWED

/**
 * vma_dup - a copy of a mapping for another address space, not yet inserted
 * @mm: whose it will be; its user has been charged
 * @from: what it is like; it takes no references
 *
 * Context: may sleep. Return: the copy, or NULL: no memory.
 */
struct vma *vma_dup(struct mm *mm, const struct vma *from)
{
	struct vma *v = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (!v)
		return NULL;
	*v = *from;
	v->mm = mm;
	list_init(&v->map_node);
	return v;
}

/**
 * vma_alloc - a new mapping, not yet inserted
 * @mm: whose it will be
 *
 * Context: may sleep. Return: zeroed, or NULL: no memory, or not for this user.
 */
struct vma *vma_alloc(struct mm *mm)
{
	static const struct vma empty;
	struct vma *v;

	if (!user_charge(mm->user, sizeof(*v)))
		return NULL;
	v = vma_dup(mm, &empty);
	if (!v)
		user_uncharge(mm->user, sizeof(*v));
	return v;
}

/**
 * vma_free - give back what vma_alloc() made
 * @v: mapping that is in no list or tree and has no file
 */
void vma_free(struct vma *v)
{
	user_uncharge(v->mm->user, sizeof(*v));
	kmem_cache_free(vma_cache, v);
}

struct vma *vma_find(struct mm *mm, unsigned long addr)
{
	struct vma *best = READ_ONCE(mm->vma_cache);
	struct rb_node *n = mm->vmas.node;

	if (best && best->start <= addr && addr < best->end)
		return best;
	best = NULL;
	while (n) {
		struct vma *v = rb_entry(n, struct vma, node);

		if (v->end > addr) {
			best = v;
			if (v->start <= addr)
				break;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (best)
		WRITE_ONCE(mm->vma_cache, best);
	return best;
}

struct vma *vma_intersect(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *v = vma_find(mm, start);

	return v && v->start < end ? v : NULL;
}

struct vma *vma_next(const struct vma *v)
{
	struct rb_node *n = rb_next(&v->node);

	return n ? rb_entry(n, struct vma, node) : NULL;
}

struct vma *vma_prev(const struct vma *v)
{
	struct rb_node *n = rb_prev(&v->node);

	return n ? rb_entry(n, struct vma, node) : NULL;
}

struct mapping *vma_mapping(const struct vma *v)
{
	return v->file && !(v->flags & VM_IO) ? &v->file->inode->mapping : NULL;
}

void vma_link_mapping(struct vma *v)
{
	struct mapping *m = vma_mapping(v);

	if (!m || !list_empty(&v->map_node))
		return;
	mutex_lock(&m->vma_lock);
	list_add_tail(&v->map_node, &m->vmas);
	mutex_unlock(&m->vma_lock);
}

void vma_unlink_mapping(struct vma *v)
{
	struct mapping *m = vma_mapping(v);

	if (!m)
		return;
	mutex_lock(&m->vma_lock);
	list_del(&v->map_node);
	mutex_unlock(&m->vma_lock);
}

void vma_set_bounds(struct vma *v, unsigned long start, unsigned long end, unsigned long pgoff)
{
	struct mapping *m = vma_mapping(v);

	if (m)
		mutex_lock(&m->vma_lock);
	v->start = start;
	v->end = end;
	v->pgoff = pgoff;
	if (m)
		mutex_unlock(&m->vma_lock);
}

void vma_account(struct mm *mm, u32 flags, const struct file *file, long pages)
{
	mm->total_vm += (unsigned long)pages;
	mm->hiwater_vm = max(mm->hiwater_vm, mm->total_vm);
	if (flags & VM_GROWSDOWN)
		mm->stack_vm += (unsigned long)pages;
	else if ((flags & (PROT_EXEC | PROT_WRITE)) == PROT_EXEC)
		mm->exec_vm += (unsigned long)pages;
	else if ((flags & (VM_SHARED | PROT_WRITE)) == PROT_WRITE)
		mm->data_vm += (unsigned long)pages;
	if (flags & VM_LOCKED)
		mm->locked_vm += (unsigned long)pages;
}

static inline long vma_pages(const struct vma *v)
{
	return (long)((v->end - v->start) >> PAGE_SHIFT);
}

/* Into the tree; counters are the caller's. */
static void vma_link(struct mm *mm, struct vma *v)
{
	struct rb_node **link = &mm->vmas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = v->start < rb_entry(parent, struct vma, node)->start ? &parent->left :
									      &parent->right;
	}
	rb_insert(&mm->vmas, &v->node, parent, link);
	mm->nr_vmas++;
}

void vma_insert(struct mm *mm, struct vma *v)
{
	vma_link(mm, v);
	vma_link_mapping(v);
	vma_account(mm, v->flags, v->file, vma_pages(v));
}

static void vma_unlink(struct mm *mm, struct vma *v)
{
	rb_erase(&mm->vmas, &v->node);
	mm->nr_vmas--;
	mm->vma_cache = NULL;
}

void vma_detach(struct vma *v, struct list_head *removed)
{
	struct mm *mm = v->mm;

	vma_unlink_mapping(v);
	vma_unlink(mm, v);
	vma_account(mm, v->flags, v->file, -vma_pages(v));
	list_add_tail(&v->map_node, removed);
}

/* Frees @v; its user stays charged. */
static inline void vma_close(struct vma *v)
{
	if (v->ops && v->ops->close)
		v->ops->close(v);
	if (v->file)
		file_put(v->file);
	kmem_cache_free(vma_cache, v);
}

/* All are of one address space. */
void vma_free_list(struct list_head *removed)
{
	struct user *u = NULL;
	struct vma *v, *next;
	u64 bytes = 0;

	list_for_each_entry_safe(v, next, removed, map_node) {
		DEBUG_ON(u && u != v->mm->user);
		u = v->mm->user;
		bytes += sizeof(*v);
		vma_close(v);
	}
	if (u)
		user_uncharge(u, bytes);
	list_init(removed);
}

int vma_split(struct vma *v, unsigned long addr)
{
	struct mm *mm = v->mm;
	struct mapping *m;
	struct vma *upper;

	if (mm->nr_vmas >= MAX_MAP_COUNT)
		return -ENOMEM;
	upper = vma_alloc(mm);
	if (!upper)
		return -ENOMEM;
	upper->start = addr;
	upper->end = v->end;
	upper->flags = v->flags & ~(u32)VM_GROWSDOWN;
	upper->file = v->file;
	upper->ops = v->ops;
	upper->private = v->private;
	upper->pgoff = v->file ? v->pgoff + ((addr - v->start) >> PAGE_SHIFT) : v->pgoff;
	if (upper->file)
		file_get(upper->file);
	if (upper->ops && upper->ops->open)
		upper->ops->open(upper);
	if (v->flags & VM_GROWSDOWN) {
		mm->stack_vm -= (unsigned long)vma_pages(upper);
		mm->data_vm += (unsigned long)vma_pages(upper);
	}
	m = vma_mapping(v);
	if (m)
		mutex_lock(&m->vma_lock);
	v->end = addr;
	if (m) {
		/* Together, so that truncation never finds a part of the range in neither. */
		list_add_tail(&upper->map_node, &m->vmas);
		mutex_unlock(&m->vma_lock);
	}
	vma_link(mm, upper);
	return 0;
}

int vma_isolate(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *v = vma_intersect(mm, start, end);
	int err = 0;

	if (v && v->start < start)
		err = vma_split(v, start);
	if (err)
		return err;
	v = vma_intersect(mm, end - 1, end);
	return v && v->start < end && v->end > end ? vma_split(v, end) : 0;
}

bool vma_can_extend(const struct vma *prev, unsigned long start, u32 flags, const struct file *file,
		    unsigned long pgoff, const struct vma_ops *ops)
{
	if (prev->end != start || ((prev->flags ^ flags) & ~(u32)FLAGS_MERGE_IGNORE) ||
	    prev->file != file || prev->ops != ops)
		return false;
	if (flags & (VM_SPECIAL | VM_IO | VM_GROWSDOWN) || (ops && (ops->open || ops->close)))
		return false;
	return !file || prev->pgoff + ((unsigned long)vma_pages(prev)) == pgoff;
}

static bool can_join(const struct vma *a, const struct vma *b)
{
	return a->private == b->private &&
	       vma_can_extend(a, b->start, b->flags, b->file, b->pgoff, b->ops);
}

/* @b becomes part of @a. */
static void join(struct vma *a, struct vma *b)
{
	struct mapping *m = vma_mapping(a);

	vma_unlink(a->mm, b);
	/*
	 * A fault sets VM_COWED under ptl with mm->lock held for reading, so no other one runs now.
	 */
	a->flags |= b->flags & VM_COWED;
	if (m)
		mutex_lock(&m->vma_lock);
	a->end = b->end;
	if (m) {
		/* Together: see vma_split(). */
		list_del(&b->map_node);
		mutex_unlock(&m->vma_lock);
	}
	/* @a holds a reference on the same file: this is never the last one. */
	vma_close(b);
	user_uncharge(a->mm->user, sizeof(*b));
}

struct vma *vma_merge(struct vma *v)
{
	struct vma *prev = vma_prev(v), *next;

	if (prev && can_join(prev, v)) {
		join(prev, v);
		v = prev;
	}
	next = vma_next(v);
	if (next && can_join(v, next))
		join(v, next);
	return v;
}

/* ---- free places ---- */

/* Where a mapping begins for its lower neighbour: a stack wants room to grow. */
static unsigned long guarded_start(const struct vma *v)
{
	if (!(v->flags & VM_GROWSDOWN))
		return v->start;
	return v->start > STACK_GUARD_GAP ? v->start - STACK_GUARD_GAP : 0;
}

/* Searches downwards from @high; *@skipped becomes the largest hole that was too small. */
static long search_down(struct mm *mm, unsigned long len, unsigned long low, unsigned long high,
			unsigned long *skipped)
{
	struct vma *v = vma_find(mm, high - 1);
	unsigned long top = high;

	if (v && guarded_start(v) < top)
		top = guarded_start(v);
	else if (!v)
		v = rb_last(&mm->vmas) ? rb_entry(rb_last(&mm->vmas), struct vma, node) : NULL;
	else
		v = vma_prev(v);
	if (v && v->start >= high)
		v = vma_prev(v);
	for (; top > low; v = vma_prev(v)) {
		unsigned long bottom;

		while (v && v->start >= top)
			v = vma_prev(v);
		bottom = max(v ? v->end : 0, low);
		if (top >= bottom && top - bottom >= len)
			return (long)(top - len);
		if (!v)
			break;
		if (top > bottom)
			*skipped = max(*skipped, top - bottom);
		top = min(top, guarded_start(v));
	}
	return -ENOMEM;
}

long vma_find_gap(struct mm *mm, unsigned long len, unsigned long low, unsigned long high)
{
	bool whole = high == mm->mmap_base && low == USER_MIN;
	unsigned long skipped = 0;
	long at;

	if (high < low || len > high - low)
		return -ENOMEM;
	if (whole && len > mm->gap_skipped && mm->gap_hint <= high && mm->gap_hint > low) {
		at = search_down(mm, len, low, mm->gap_hint, &mm->gap_skipped);
		if (at >= 0) {
			mm->gap_hint = (unsigned long)at;
			return at;
		}
	}
	at = search_down(mm, len, low, high, &skipped);
	if (whole && at >= 0) {
		mm->gap_skipped = skipped;
		mm->gap_hint = (unsigned long)at;
	}
	return at;
}
