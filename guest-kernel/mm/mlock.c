// SPDX-License-Identifier: GPL-2.0-only
/*
 * mlock(2) and its family. There is no swap and mapped pages are never
 * reclaimed, so locking means: counted against the limit, and faulted in.
 */
#include "internal.h"
#include <process.h>
#include <syscall.h>

#define MLOCK_ONFAULT	1
#define MCL_CURRENT	1
#define MCL_FUTURE	2
#define MCL_ONFAULT	4
#define LOCK_FLAGS	((u32)(VM_LOCKED | VM_LOCKONFAULT))

bool mlock_allowed(struct mm *mm, unsigned long more_pages)
{
	return mm->locked_vm + more_pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ||
	       capable(CAP_IPC_LOCK);
}

static bool may_lock(void)
{
	return rlimit(RLIMIT_MEMLOCK) != 0 || capable(CAP_IPC_LOCK);
}

int mm_populate(struct mm *mm, unsigned long start, unsigned long end)
{
	unsigned long va = start, stop;
	int err = 0;

	while (va < end) {
		struct page *p;
		struct vma *v;
		bool write;

		down_read(&mm->lock);
		v = vma_find(mm, va);
		if (!v || v->start >= end) {
			up_read(&mm->lock);
			return err;
		}
		va = max(va, v->start);
		stop = v->end;
		write = (v->flags & (PROT_WRITE | VM_SHARED)) == PROT_WRITE;
		up_read(&mm->lock);
		p = mm_get_page(mm, va, write);
		if (!IS_ERR(p)) {
			page_put(p);
			va += PAGE_SIZE;
			continue;
		}
		err = err ?: (int)PTR_ERR(p);
		if (PTR_ERR(p) == -ENOMEM)
			return -ENOMEM;
		va = stop;
	}
	return err;
}

static unsigned long unlocked_pages(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *v = vma_intersect(mm, start, end);
	unsigned long n = 0;

	for (; v && v->start < end; v = vma_next(v))
		if (!(v->flags & VM_LOCKED))
			n += (min(v->end, end) - max(v->start, start)) >> PAGE_SHIFT;
	return n;
}

/* Gives the mappings of a range other lock flags; -ENOMEM at a hole, after what lies before it. */
static int set_flags(struct mm *mm, unsigned long start, unsigned long end, u32 lock)
{
	struct vma *v;
	int err;

	err = vma_isolate(mm, start, end);
	if (err)
		return err;
	v = vma_find(mm, start);
	while (start < end) {
		long pages;

		if (!v || v->start > start)
			return -ENOMEM;
		pages = (long)((v->end - v->start) >> PAGE_SHIFT);
		if (!(v->flags & (VM_IO | VM_SPECIAL))) {
			vma_account(mm, v->flags, v->file, -pages);
			v->flags = (v->flags & ~LOCK_FLAGS) | lock;
			vma_account(mm, v->flags, v->file, pages);
		}
		v = vma_merge(v);
		start = v->end;
		v = vma_next(v);
	}
	return 0;
}

static long change_lock(unsigned long addr, unsigned long len, u32 lock)
{
	unsigned long start = addr & PAGE_MASK, end = ALIGN_UP(addr + len, PAGE_SIZE);
	struct mm *mm = current->mm;
	int err = -ENOMEM;

	if (lock && !may_lock())
		return -EPERM;
	if (end < start || addr + len < addr)
		return -EINVAL;
	if (start == end)
		return 0;
	down_write(&mm->lock);
	if (!lock || mlock_allowed(mm, unlocked_pages(mm, start, end)))
		err = set_flags(mm, start, end, lock);
	up_write(&mm->lock);
	if (!err && (lock & LOCK_FLAGS) == VM_LOCKED) {
		err = mm_populate(mm, start, end);
		/* POSIX wants ENOMEM for what cannot be there, EAGAIN for what could not be had. */
		if (err)
			err = err == -ENOMEM ? -EAGAIN : -ENOMEM;
	}
	return err;
}

long sys_mlock(unsigned long addr, unsigned long len)
{
	return change_lock(addr, len, VM_LOCKED);
}

long sys_mlock2(unsigned long addr, unsigned long len, unsigned long flags)
{
	if (flags & ~(unsigned long)MLOCK_ONFAULT)
		return -EINVAL;
	return change_lock(addr, len, flags & MLOCK_ONFAULT ? LOCK_FLAGS : VM_LOCKED);
}

long sys_munlock(unsigned long addr, unsigned long len)
{
	return change_lock(addr, len, 0);
}

static void set_all(struct mm *mm, u32 lock)
{
	struct rb_node *n;

	for (n = rb_first(&mm->vmas); n; n = rb_next(n)) {
		struct vma *v = rb_entry(n, struct vma, node);
		long pages = (long)((v->end - v->start) >> PAGE_SHIFT);

		if (v->flags & (VM_IO | VM_SPECIAL))
			continue;
		vma_account(mm, v->flags, v->file, -pages);
		v->flags = (v->flags & ~LOCK_FLAGS) | lock;
		vma_account(mm, v->flags, v->file, pages);
	}
}

long sys_mlockall(unsigned long flags)
{
	u32 lock = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
	struct mm *mm = current->mm;
	int err = 0;

	if (!flags || (flags & ~(unsigned long)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!may_lock())
		return -EPERM;
	down_write(&mm->lock);
	if ((flags & MCL_CURRENT) && mm->total_vm > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT &&
	    !capable(CAP_IPC_LOCK))
		err = -ENOMEM;
	if (!err) {
		mm->def_flags = flags & MCL_FUTURE ? lock : 0;
		if (flags & MCL_CURRENT)
			set_all(mm, lock);
	}
	up_write(&mm->lock);
	if (!err && (flags & MCL_CURRENT) && lock == VM_LOCKED)
		(void)mm_populate(mm, 0, USER_TOP);
	return err;
}

long sys_munlockall(void)
{
	struct mm *mm = current->mm;

	down_write(&mm->lock);
	mm->def_flags = 0;
	set_all(mm, 0);
	up_write(&mm->lock);
	return 0;
}
