// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap(2) and munmap(2): checking what is asked for, choosing a place, making
 * the mapping. Errors are Linux's, in Linux's order.
 */
#include "internal.h"
#include <fs.h>
#include <process.h>
#include <syscall.h>

#define LINUX_TOP	0x00007ffffffff000UL	/* its TASK_SIZE_MAX */
#define MAP_TYPE	0x0f
#define MAP_UNINITIALIZED 0x4000000
#define LOW_2G_START	0x40000000UL	/* MAP_32BIT */
#define LOW_2G_END	0x80000000UL
/* Flags that MAP_SHARED_VALIDATE knows; the rest is -EOPNOTSUPP there and ignored elsewhere. */
#define FLAGS_KNOWN                                                                           \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | 0x0800 | 0x1000 | \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | \
	 MAP_FIXED_NOREPLACE)

/* A request on its way. */
struct request {
	struct mm *mm;
	unsigned long addr, len;
	u32 vm_flags;
	int flags;		/* MAP_* */
	struct file *file;
	unsigned long pgoff;
};

/* Does it count against RLIMIT_DATA? */
static bool is_data(u32 flags)
{
	return (flags & (PROT_WRITE | VM_SHARED | VM_GROWSDOWN)) == PROT_WRITE;
}

bool mm_may_expand(struct mm *mm, u32 flags, const struct file *file, unsigned long pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	if (is_data(flags))
		return mm->data_vm + pages <= rlimit(RLIMIT_DATA) >> PAGE_SHIFT;
	return true;
}

/* Do the limits allow @flags and @pages, if what lies in [addr, addr + len) goes before? */
static bool may_replace(const struct request *r, unsigned long addr, unsigned long pages)
{
	struct vma *v = vma_intersect(r->mm, addr, addr + r->len);
	unsigned long total = r->mm->total_vm + pages, data = r->mm->data_vm + pages;

	for (; v && v->start < addr + r->len; v = vma_next(v)) {
		unsigned long n = (min(v->end, addr + r->len) - max(v->start, addr)) >> PAGE_SHIFT;

		total -= n;
		data -= is_data(v->flags) ? n : 0;
	}
	return total <= rlimit(RLIMIT_AS) >> PAGE_SHIFT &&
	       (!is_data(r->vm_flags) || data <= rlimit(RLIMIT_DATA) >> PAGE_SHIFT);
}

/* Obvious overcommitment: more in one piece than there is memory. */
static bool overcommits(u32 flags, const struct file *file, unsigned long pages)
{
	bool counts = !(flags & VM_NORESERVE) && (flags & (PROT_WRITE | VM_SHARED)) == PROT_WRITE;

	return counts && pages > zone_total_pages();
}

/* Does each byte have an offset that a number of the ABI can say? Devices choose their own. */
static bool offsets_fit(const struct request *r)
{
	umode_t mode = r->file->inode->mode;
	u64 max = S_ISREG(mode) || S_ISBLK(mode) ? LOFF_MAX : ~0ULL;

	return r->pgoff <= (max - r->len) >> PAGE_SHIFT;
}

static int check_file(const struct request *r)
{
	const struct file *f = r->file;
	bool shared = r->vm_flags & VM_SHARED;

	if (!offsets_fit(r))
		return -EOVERFLOW;
	if (shared && (r->vm_flags & PROT_WRITE) && !(f->mode & FMODE_WRITE))
		return -EACCES;
	if (!(f->mode & FMODE_READ))
		return -EACCES;
	if (f->path.mnt && (f->path.mnt->flags & MS_NOEXEC) && (r->vm_flags & PROT_EXEC))
		return -EPERM;
	if (!f->ops->mmap || (r->vm_flags & VM_GROWSDOWN))
		return f->ops->mmap ? -EINVAL : -ENODEV;
	return 0;
}

/* What mprotect(2) may ever allow. */
static u32 may_flags(const struct request *r)
{
	const struct file *f = r->file;
	u32 may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	if (f && (r->vm_flags & VM_SHARED) && !(f->mode & FMODE_WRITE))
		may &= ~(u32)VM_MAYWRITE;
	if (f && f->path.mnt && (f->path.mnt->flags & MS_NOEXEC))
		may &= ~(u32)VM_MAYEXEC;
	return may;
}

/* personality(2), READ_IMPLIES_EXEC; not for files of a mount that forbids to execute. */
static bool read_implies_exec(const struct request *r, int prot)
{
	return (prot & PROT_READ) && (current->process->personality & READ_IMPLIES_EXEC) &&
	       !(r->file && r->file->path.mnt && (r->file->path.mnt->flags & MS_NOEXEC));
}

static int parse_flags(struct request *r, int prot)
{
	int type = r->flags & MAP_TYPE;

	if (read_implies_exec(r, prot))
		prot |= PROT_EXEC;

	if (type == MAP_SHARED_VALIDATE) {
		if (r->flags & ~FLAGS_KNOWN)
			return -EOPNOTSUPP;
		if (!r->file)
			return -EINVAL;
	} else if (type != MAP_SHARED && type != MAP_PRIVATE) {
		return -EINVAL;
	}
	r->vm_flags = (u32)prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	if (type != MAP_PRIVATE)
		r->vm_flags |= VM_SHARED;
	if (r->flags & MAP_GROWSDOWN)
		r->vm_flags |= VM_GROWSDOWN;
	if (r->flags & MAP_NORESERVE)
		r->vm_flags |= VM_NORESERVE;
	if (r->flags & MAP_LOCKED)
		r->vm_flags |= VM_LOCKED;
	if ((r->vm_flags & (VM_SHARED | VM_GROWSDOWN)) == (VM_SHARED | VM_GROWSDOWN))
		return -EINVAL;
	return 0;
}

/* The address of a new mapping; mm->lock held. */
static long choose_place(const struct request *r)
{
	unsigned long addr = r->addr, len = r->len;
	struct mm *mm = r->mm;
	long at;

	if (len > USER_TOP - USER_MIN)
		return -ENOMEM;
	if (r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr & (PAGE_SIZE - 1))
			return -EINVAL;
		if (addr > USER_TOP - len)
			return -ENOMEM;
		if (addr < USER_MIN)
			return -EPERM;
		if ((r->flags & MAP_FIXED_NOREPLACE) && vma_intersect(mm, addr, addr + len))
			return -EEXIST;
		return (long)addr;
	}
	addr = max(PAGE_MASK & addr, r->addr ? USER_MIN : 0);
	if (addr && addr <= USER_TOP - len) {
		struct vma *next = vma_find(mm, addr);
		unsigned long gap = next && (next->flags & VM_GROWSDOWN) ? STACK_GUARD_GAP : 0;

		if (!next || addr + len + gap <= next->start)
			return (long)addr;
	}
	if (r->flags & MAP_32BIT)
		return vma_find_gap(mm, len, LOW_2G_START, LOW_2G_END);
	at = vma_find_gap(mm, len, USER_MIN, mm->mmap_base);
	return at >= 0 ? at : vma_find_gap(mm, len, USER_MIN, USER_TOP);
}

/*
 * Lets the file say how @v is served. It is on the file's list before: sealing shared memory looks
 * there for who may write, and what is asked from then on sees the seal.
 */
static int call_mmap(struct vma *v)
{
	struct mapping *m = vma_mapping(v);
	int err;

	vma_link_mapping(v);
	err = v->file->ops->mmap(v->file, v);
	if (m && (err || vma_mapping(v) != m)) {
		mutex_lock(&m->vma_lock);
		list_del(&v->map_node);
		mutex_unlock(&m->vma_lock);
	}
	return err;
}

static struct vma *new_file_vma(const struct request *r, unsigned long addr, int *err)
{
	struct vma *v = vma_alloc(r->mm);

	*err = -ENOMEM;
	if (!v)
		return NULL;
	v->start = addr;
	v->end = addr + r->len;
	v->flags = r->vm_flags;
	v->pgoff = r->pgoff;
	v->file = r->file;
	file_get(v->file);
	*err = call_mmap(v);
	if (!*err)
		return v;
	file_put(v->file);
	vma_free(v);
	return NULL;
}

/* Private memory without a file: mostly the continuation of what ends where it begins. */
static int map_anon(const struct request *r, unsigned long addr)
{
	struct mm *mm = r->mm;
	struct vma *prev = addr ? vma_find(mm, addr - 1) : NULL, *v;

	if (prev && prev->start < addr && vma_can_extend(prev, addr, r->vm_flags, NULL, 0, NULL)) {
		prev->end = addr + r->len;
		vma_account(mm, r->vm_flags, NULL, (long)(r->len >> PAGE_SHIFT));
		vma_merge(prev);
		return 0;
	}
	v = vma_alloc(mm);
	if (!v)
		return -ENOMEM;
	v->start = addr;
	v->end = addr + r->len;
	v->flags = r->vm_flags;
	vma_insert(mm, v);
	vma_merge(v);
	return 0;
}

static int map_file(const struct request *r, unsigned long addr)
{
	int err;
	struct vma *v = new_file_vma(r, addr, &err);

	if (!v)
		return err;
	vma_insert(r->mm, v);
	vma_merge(v);
	return 0;
}

/* Makes the mapping; mm->lock held for writing. */
static long map_locked(struct request *r, struct list_head *removed)
{
	struct mm *mm = r->mm;
	unsigned long pages = r->len >> PAGE_SHIFT;
	long addr = choose_place(r);
	int err;

	if (addr < 0)
		return addr;
	r->vm_flags |= mm->def_flags;
	if ((r->vm_flags & VM_LOCKED) && !mlock_allowed(mm, pages))
		return -EAGAIN;
	err = r->file ? check_file(r) : 0;
	if (err)
		return err;
	r->vm_flags |= may_flags(r);
	if (mm->nr_vmas >= MAX_MAP_COUNT || overcommits(r->vm_flags, r->file, pages))
		return -ENOMEM;
	if (!may_replace(r, (unsigned long)addr, pages))
		return -ENOMEM;
	err = unmap_locked(mm, (unsigned long)addr, (unsigned long)addr + r->len, removed);
	if (err)
		return err;
	err = r->file ? map_file(r, (unsigned long)addr) : map_anon(r, (unsigned long)addr);
	return err ?: addr;
}

static bool populates(const struct request *r)
{
	return (r->vm_flags & VM_LOCKED && !(r->vm_flags & VM_LOCKONFAULT)) ||
	       (r->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

/**
 * mm_map - make a mapping
 * @mm: address space
 * @addr: where, or a hint
 * @len: bytes; rounded up to pages
 * @prot: PROT_*
 * @flags: MAP_*
 * @file: NULL with MAP_ANONYMOUS
 * @pgoff: offset in the file, in pages
 *
 * Shared anonymous memory is a file without a name, so that its pages are found
 * again by whoever shares the mapping.
 * Context: may sleep; takes mm->lock.
 * Return: address, or an errno of mmap(2).
 */
long mm_map(struct mm *mm, unsigned long addr, size_t len, int prot, int flags, struct file *file,
	    unsigned long pgoff)
{
	struct request r = {
		.mm = mm,
		.addr = addr,
		.len = ALIGN_UP(len, PAGE_SIZE),
		.flags = flags,
		.file = file,
		.pgoff = pgoff,
	};
	struct file *shm = NULL;
	LIST_HEAD(removed);
	long ret;

	if (!len)
		return -EINVAL;
	if (!r.len || r.len > USER_TOP)
		return -ENOMEM;
	if (pgoff + (r.len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	ret = parse_flags(&r, prot);
	if (ret)
		return ret;
	if (!file && (r.vm_flags & VM_SHARED)) {
		if (r.len >> PAGE_SHIFT > zone_total_pages() && !(r.vm_flags & VM_NORESERVE))
			return -ENOMEM;
		shm = shmem_file("dev/zero", (loff_t)r.len, 0);
		if (IS_ERR(shm))
			return PTR_ERR(shm);
		r.file = shm;
		r.pgoff = 0;
	}
	down_write(&mm->lock);
	ret = map_locked(&r, &removed);
	up_write(&mm->lock);
	vma_free_list(&removed);
	if (shm)
		file_put(shm);
	if (ret >= 0 && populates(&r))
		(void)mm_populate(mm, (unsigned long)ret, (unsigned long)ret + r.len);
	return ret;
}

/* The vmas in [start, end), which begin and end there: out of the tree, their pages freed. */
static void remove_vmas(struct mm *mm, unsigned long start, unsigned long end,
			struct list_head *removed)
{
	struct vma *v = vma_intersect(mm, start, end), *prev = vma_prev(v), *next;
	unsigned long floor = prev ? prev->end : 0;
	struct gather g;

	gather_init(&g, mm);
	for (; v && v->start < end; v = next) {
		next = vma_next(v);
		vma_detach(v, removed);
		zap_range(&g, v, v->start, v->end, true);
	}
	pt_free_range(&g, start, end, floor, v ? v->start : USER_TOP);
	gather_finish(&g);
	if (end <= mm->mmap_base)
		mm->gap_hint = max(mm->gap_hint, end);
}

int unmap_locked(struct mm *mm, unsigned long start, unsigned long end, struct list_head *removed)
{
	int err;

	if (!vma_intersect(mm, start, end))
		return 0;
	err = vma_isolate(mm, start, end);
	if (err)
		return err;
	remove_vmas(mm, start, end, removed);
	return 0;
}

/**
 * mm_unmap - remove the mappings of a range
 * @mm: address space
 * @addr: page aligned
 * @len: bytes; rounded up to pages
 *
 * What lies above USER_TOP is a program's by Linux's ABI, and never mapped.
 *
 * Context: may sleep; takes mm->lock. Return: 0, -EINVAL, -ENOMEM (too many mappings after a cut).
 */
int mm_unmap(struct mm *mm, unsigned long addr, size_t len)
{
	LIST_HEAD(removed);
	unsigned long end;
	int err;

	if ((addr & (PAGE_SIZE - 1)) || addr > LINUX_TOP || len > LINUX_TOP - addr || !len)
		return -EINVAL;
	end = min(addr + ALIGN_UP(len, PAGE_SIZE), USER_TOP);
	if (addr >= end)
		return 0;
	down_write(&mm->lock);
	err = unmap_locked(mm, addr, end, &removed);
	up_write(&mm->lock);
	vma_free_list(&removed);
	return err;
}

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      unsigned long fd, unsigned long off)
{
	struct file *f = NULL;
	long ret;

	if (off & (PAGE_SIZE - 1))
		return -EINVAL;
	if (flags & MAP_HUGETLB)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		f = fd_get((int)fd);
		if (!f)
			return -EBADF;
	}
	ret = mm_map(current->mm, addr, len, (int)prot, (int)flags, f, off >> PAGE_SHIFT);
	if (f)
		file_put(f);
	return ret;
}

long sys_munmap(unsigned long addr, unsigned long len)
{
	return mm_unmap(current->mm, addr, len);
}
