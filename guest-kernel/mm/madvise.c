// SPDX-License-Identifier: GPL-2.0-only
/*
 * madvise(2), msync(2), mincore(2): what a program tells or asks about mappings
 * that exist.
 */
#include "internal.h"
#include <fs.h>
#include <process.h>
#include <syscall.h>
#include <uaccess.h>
#include <string.h>
#include <uapi/fcntl.h>

enum {
	MADV_NORMAL,
	MADV_RANDOM,
	MADV_SEQUENTIAL,
	MADV_WILLNEED,
	MADV_DONTNEED,
	MADV_FREE = 8,
	MADV_REMOVE,
	MADV_DONTFORK,
	MADV_DOFORK,
	MADV_DONTDUMP = 16,
	MADV_DODUMP,
	MADV_WIPEONFORK,
	MADV_KEEPONFORK,
	MADV_COLD,
	MADV_PAGEOUT,
	MADV_POPULATE_READ,
	MADV_POPULATE_WRITE,
	MADV_DONTNEED_LOCKED,
};

/* Drops pages: anonymous ones read as zeros afterwards, those of files as the file. */
static int discard(struct gather *g, struct vma *v, unsigned long start, unsigned long end,
		   unsigned long advice)
{
	if (v->flags & VM_IO)
		return -EINVAL;
	if ((v->flags & VM_LOCKED) && advice != MADV_DONTNEED_LOCKED)
		return -EINVAL;
	if (advice == MADV_FREE && v->ops)
		return -EINVAL;
	zap_range(g, v, start, end, true);
	return 0;
}

/* Flags for fork, on a part of a vma. */
static int change_flags(struct vma **vp, unsigned long start, unsigned long end,
			unsigned long advice)
{
	struct vma *v = *vp;
	u32 flags = v->flags;
	int err = 0;

	switch (advice) {
	case MADV_DONTFORK:
		flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (v->flags & VM_IO)
			return -EINVAL;
		flags &= ~(u32)VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (v->ops)
			return -EINVAL;
		flags |= VM_WIPEONFORK;
		break;
	default:
		flags &= ~(u32)VM_WIPEONFORK;
		break;
	}
	if (flags == v->flags)
		return 0;
	if (v->start < start) {
		err = vma_split(v, start);
		v = err ? v : vma_next(v);
	}
	if (!err && v->end > end)
		err = vma_split(v, end);
	if (!err) {
		v->flags = flags;
		v = vma_merge(v);
	}
	*vp = v;
	return err;
}

static int advise_vma(struct gather *g, struct vma **v, unsigned long start, unsigned long end,
		      unsigned long advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return discard(g, *v, start, end, advice);
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return change_flags(v, start, end, advice);
	}
	return 0;	/* a hint that changes nothing here */
}

static bool known_advice(unsigned long advice)
{
	return advice <= MADV_DONTNEED || (advice >= MADV_FREE && advice <= MADV_DOFORK) ||
	       (advice >= MADV_DONTDUMP && advice <= MADV_DONTNEED_LOCKED);
}

/* Advises all mappings of a range; a hole makes the result -ENOMEM, but does not end it. */
static int advise_range(struct mm *mm, unsigned long start, unsigned long end, unsigned long advice)
{
	struct vma *v = vma_find(mm, start);
	int hole = 0, err = 0;
	struct gather g;

	gather_init(&g, mm);
	while (start < end && !err) {
		if (!v || v->start >= end) {
			hole = -ENOMEM;
			break;
		}
		if (v->start > start) {
			hole = -ENOMEM;
			start = v->start;
		}
		err = advise_vma(&g, &v, start, min(v->end, end), advice);
		start = v->end;
		v = vma_next(v);
	}
	gather_finish(&g);
	if (err == -ENOMEM)
		return -EAGAIN;	/* a cut needed memory: not to be taken for a hole */
	return err ?: hole;
}

/* The part [start, end) of a shared mapping, as a hole in its file. mm->lock held, but not meanwhile. */
static long remove_part(struct vma *v, unsigned long start, unsigned long end, struct mm *mm)
{
	loff_t off = (loff_t)((v->pgoff << PAGE_SHIFT) + (start - v->start));
	struct file *f = v->file;
	long err;

	if ((v->flags & VM_LOCKED) || !f)
		return -EINVAL;
	if ((v->flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
		return -EACCES;
	file_get(f);
	up_read(&mm->lock);
	/* mremap(2) may have made the mapping reach beyond all offsets: then it fails. */
	err = vfs_fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off,
			    (loff_t)(end - start));
	file_put(f);
	down_read(&mm->lock);
	return err;
}

/* MADV_REMOVE: the pages go from the file, too, whose locks come before mm->lock. */
static long remove_range(struct mm *mm, unsigned long start, unsigned long end)
{
	long err = 0, hole = 0;

	down_read(&mm->lock);
	while (start < end && !err) {
		struct vma *v = vma_find(mm, start);
		unsigned long stop;

		if (!v || v->start >= end) {
			hole = -ENOMEM;
			break;
		}
		if (v->start > start)
			hole = -ENOMEM;
		start = max(start, v->start);
		stop = min(v->end, end);
		err = remove_part(v, start, stop, mm);
		start = stop;
	}
	up_read(&mm->lock);
	return err ?: hole;
}

static int populate_range(struct mm *mm, unsigned long start, unsigned long end, bool write)
{
	for (; start < end; start += PAGE_SIZE) {
		struct page *p = mm_get_page(mm, start, write);
		struct vma *v;

		if (!IS_ERR(p)) {
			page_put(p);
			continue;
		}
		if (PTR_ERR(p) != -EFAULT)
			return PTR_ERR(p) == -EIO ? -EFAULT : (int)PTR_ERR(p);
		down_read(&mm->lock);
		v = vma_intersect(mm, start, start + PAGE_SIZE);
		up_read(&mm->lock);
		return v ? -EINVAL : -ENOMEM;
	}
	return 0;
}

long sys_madvise(unsigned long start, unsigned long len, unsigned long advice)
{
	unsigned long end = start + ALIGN_UP(len, PAGE_SIZE);
	struct mm *mm = current->mm;
	int err;

	if (!known_advice(advice) || (start & (PAGE_SIZE - 1)) ||
	    (len && ALIGN_UP(len, PAGE_SIZE) == 0) || end < start)
		return -EINVAL;
	if (start == end)
		return 0;
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return populate_range(mm, start, end, advice == MADV_POPULATE_WRITE);
	if (advice == MADV_REMOVE)
		return remove_range(mm, start, end);
	down_write(&mm->lock);
	err = advise_range(mm, start, end, advice);
	up_write(&mm->lock);
	return err;
}

/* ---- msync(2) ---- */

#define MS_ASYNC	1
#define MS_INVALIDATE	2
#define MS_SYNC		4

/* Writes the file pages of one shared vma back, without mm->lock. */
static int sync_part(struct vma *v, unsigned long start, unsigned long end, struct mm *mm)
{
	unsigned long first = v->pgoff + ((start - v->start) >> PAGE_SHIFT);
	unsigned long last = v->pgoff + ((end - 1 - v->start) >> PAGE_SHIFT);
	struct file *f = v->file;
	int err;

	file_get(f);
	up_read(&mm->lock);
	err = mapping_sync(&f->inode->mapping, first, last);
	file_put(f);
	down_read(&mm->lock);
	return err;
}

static int sync_range(struct mm *mm, unsigned long start, unsigned long end, unsigned long flags)
{
	int hole = 0, err;

	while (start < end) {
		struct vma *v = vma_find(mm, start);
		unsigned long stop;

		if (!v || v->start >= end)
			return -ENOMEM;
		if (v->start > start) {
			hole = -ENOMEM;
			start = v->start;
		}
		if ((flags & MS_INVALIDATE) && (v->flags & VM_LOCKED))
			return -EBUSY;
		stop = min(v->end, end);
		if ((flags & MS_SYNC) && v->file && (v->flags & VM_SHARED) && !(v->flags & VM_IO)) {
			err = sync_part(v, start, stop, mm);
			if (err)
				return err;
		}
		start = stop;
	}
	return hole;
}

long sys_msync(unsigned long start, unsigned long len, unsigned long flags)
{
	unsigned long end = start + ALIGN_UP(len, PAGE_SIZE);
	struct mm *mm = current->mm;
	int err;

	if (flags & ~(unsigned long)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (start & (PAGE_SIZE - 1)) || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	down_read(&mm->lock);
	err = sync_range(mm, start, end, flags);
	up_read(&mm->lock);
	return err;
}

/* ---- mincore(2) ---- */

static bool page_resident(struct mm *mm, const struct vma *v, unsigned long va)
{
	struct mapping *m = vma_mapping(v);
	struct page *p;
	pte_t *pte;
	bool in;

	spin_lock(&mm->ptl);
	pte = pt_walk(mm->root, va);
	in = pte && *pte;
	spin_unlock(&mm->ptl);
	if (in || !m)
		return in;
	p = mapping_find_page(m, v->pgoff + ((va - v->start) >> PAGE_SHIFT));
	if (p)
		page_put(p);
	return p != NULL;
}

/* Answers for up to @n pages from @va on; -ENOMEM at a hole. */
static long residency(struct mm *mm, unsigned long va, unsigned long n, u8 *vec)
{
	unsigned long i;
	long ret = (long)n;

	down_read(&mm->lock);
	for (i = 0; i < n; i++, va += PAGE_SIZE) {
		struct vma *v = vma_intersect(mm, va, va + PAGE_SIZE);

		if (!v) {
			ret = -ENOMEM;
			break;
		}
		vec[i] = page_resident(mm, v, va);
	}
	up_read(&mm->lock);
	return ret;
}

long sys_mincore(unsigned long start, unsigned long len, unsigned long vec)
{
	unsigned long pages = DIV_ROUND_UP(len, PAGE_SIZE), done = 0;
	u8 answer[256];

	if (start & (PAGE_SIZE - 1))
		return -EINVAL;
	if (len > USER_TOP || start > USER_TOP - len)
		return -ENOMEM;
	if (!access_ok((void __user *)vec, pages))
		return -EFAULT;
	while (done < pages) {
		long n = residency(current->mm, start + done * PAGE_SIZE,
				   min(pages - done, sizeof(answer)), answer);

		if (n < 0)
			return n;
		if (copy_to_user((void __user *)(vec + done), answer, (size_t)n))
			return -EFAULT;
		done += (unsigned long)n;
	}
	return 0;
}
