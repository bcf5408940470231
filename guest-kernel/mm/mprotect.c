// SPDX-License-Identifier: GPL-2.0-only
/*
 * mprotect(2). Rights that fall are taken out of the tables and flushed once
 * for the whole call; rights that rise are left to the next fault, but for what
 * can be entered at once.
 */
#include "internal.h"
#include <process.h>
#include <syscall.h>

#define PROT_SEM		0x8
#define PROT_GROWSDOWN		0x01000000
#define PROT_GROWSUP		0x02000000

/*
 * The entry under the new rights. Write permission is never added: the fault decides about copying.
 */
static pte_t new_entry(const struct vma *v, pte_t e)
{
	const pte_t keep = PTE_ADDR | PTE_SPECIAL | PTE_D | PTE_PCD | PTE_PWT;

	if (e & PTE_PROTNONE)
		e = (~e & PTE_ADDR) | (e & (keep & ~PTE_ADDR));
	if (!(v->flags & (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return (~e & PTE_ADDR) | (e & (keep & ~PTE_ADDR)) | PTE_PROTNONE;
	return (e & keep) | vma_pte_bits(v) | (v->flags & PROT_WRITE ? e & PTE_W : 0);
}

static bool rights_fall(pte_t old, pte_t new)
{
	return (old & PTE_P) && (!(new & PTE_P) || (old & ~new & PTE_W) || (~old & new & PTE_NX));
}

/* Rewrites some of the entries from @start on; returns where to go on. */
static unsigned long change_some(struct gather *g, struct vma *v, unsigned long start)
{
	struct mm *mm = v->mm;
	struct pt_iter it;
	unsigned long va;
	pte_t *pte;

	spin_lock(&mm->ptl);
	pt_iter_init(&it, mm, start, v->end);
	while ((pte = pt_next(&it, &va))) {
		pte_t old = *pte, new = new_entry(v, old);

		/* What nobody reads any more and is only zeros anyway need not be remembered. */
		if ((new & (PTE_PROTNONE | PTE_SPECIAL)) == (PTE_PROTNONE | PTE_SPECIAL) &&
		    !(v->flags & VM_IO))
			new = 0;
		WRITE_ONCE(*pte, new);
		if (rights_fall(old, new))
			gather_range(g, va, va + PAGE_SIZE);
	}
	spin_unlock(&mm->ptl);
	return it.va;
}

/* Rewrites the entries of a vma whose flags have changed. */
static void change_entries(struct gather *g, struct vma *v)
{
	unsigned long va = v->start;

	while (va < v->end)
		va = change_some(g, v, va);
}

static u32 may_mask(u32 prot)
{
	return (prot & PROT_READ ? VM_MAYREAD : 0) | (prot & PROT_WRITE ? VM_MAYWRITE : 0) |
	       (prot & PROT_EXEC ? VM_MAYEXEC : 0);
}

/* One vma of the range [start, end), cut to it. Returns it after merging, or ERR_PTR. */
static struct vma *protect_vma(struct gather *g, struct vma *v, unsigned long start,
			       unsigned long end, u32 prot)
{
	struct mm *mm = v->mm;
	u32 flags;
	long pages;
	int err;

	if ((prot & PROT_READ) && (v->flags & VM_MAYEXEC) &&
	    (current->process->personality & READ_IMPLIES_EXEC))
		prot |= PROT_EXEC;
	flags = (v->flags & ~(u32)(PROT_READ | PROT_WRITE | PROT_EXEC)) | prot;
	if (flags == v->flags)
		return v;
	if (may_mask(prot) & ~v->flags)
		return ERR_PTR(-EACCES);
	pages = (long)((min(v->end, end) - max(v->start, start)) >> PAGE_SHIFT);
	/* What becomes writable counts as data from now on. */
	if (!mm_may_expand(mm, flags, v->file, (unsigned long)pages) &&
	    mm_may_expand(mm, v->flags, v->file, (unsigned long)pages))
		return ERR_PTR(-ENOMEM);
	err = v->start < start ? vma_split(v, start) : 0;
	if (!err && v->start < start)
		v = vma_next(v);
	if (!err && v->end > end)
		err = vma_split(v, end);
	if (err)
		return ERR_PTR(err);
	vma_account(mm, v->flags, v->file, -pages);
	v->flags = flags;
	vma_account(mm, v->flags, v->file, pages);
	change_entries(g, v);
	return vma_merge(v);
}

/* Returns 0 or the first error; what was done before it stays done. */
static int protect_range(struct gather *g, struct mm *mm, unsigned long start, unsigned long end,
			 u32 prot)
{
	struct vma *v = vma_find(mm, start);

	if (!v || v->start > start)
		return -ENOMEM;
	for (;;) {
		v = protect_vma(g, v, start, end, prot);
		if (IS_ERR(v))
			return (int)PTR_ERR(v);
		if (v->end >= end)
			return 0;
		start = v->end;
		v = vma_next(v);
		if (!v || v->start != start)
			return -ENOMEM;
	}
}

/* PROT_GROWSDOWN: from the start of the stack on. */
static int extend_down(struct mm *mm, unsigned long *start, unsigned long end)
{
	struct vma *v = vma_intersect(mm, *start, end);

	if (!v)
		return -ENOMEM;
	if (!(v->flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = v->start;
	return 0;
}

long sys_mprotect(unsigned long start, unsigned long len, unsigned long prot)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	unsigned long end = start + ALIGN_UP(len, PAGE_SIZE);
	struct mm *mm = current->mm;
	struct gather g;
	int err = 0;

	prot &= ~(unsigned long)(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (start & (PAGE_SIZE - 1)))
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	gather_init(&g, mm);
	down_write(&mm->lock);
	if (grows)
		err = grows == PROT_GROWSUP ? -EINVAL : extend_down(mm, &start, end);
	if (!err)
		err = protect_range(&g, mm, start, end,
				    (u32)prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
	gather_finish(&g);
	up_write(&mm->lock);
	return err;
}
