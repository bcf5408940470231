// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults: zero-filled memory, pages of files, copy on write, stacks that
 * grow. mm->lock is held for reading, so several threads may fault at once; the
 * one that finds its entry still unchanged under ptl wins, the others try again.
 */
#define pr_fmt(f) "mm: " f
#include "internal.h"
#include <fs.h>
#include <panic.h>
#include <process.h>
#include <signal.h>

#define AROUND 16u	/* pages, a power of two: a read fault maps what is cached near it */

static struct page *zero_page __ro_after_init;

/**
 * fault_init - make the page that all untouched memory reads as
 *
 * Context: boot.
 */
void fault_init(void)
{
	zero_page = alloc_page(GFP_KERNEL | GFP_ZERO);
	BUG_ON(!zero_page);
}

struct page *zero_page_get(void)
{
	page_get(zero_page);
	return zero_page;
}

/* What a fault is about. */
struct fault {
	struct mm *mm;
	struct vma *vma;
	unsigned long addr;	/* page aligned */
	pte_t *pte;
	bool write, exec;
};

static inline void count_rss(struct mm *mm, const struct page *p, long n)
{
	struct rss r = { 0 };

	rss_count(&r, p, n);
	rss_apply(mm, &r);
}

static struct page *new_anon_page(void)
{
	struct page *p = alloc_page(GFP_USER);

	if (p)
		p->flags = BIT(PG_anon);
	return p;
}

/*
 * Enters @val (for @p, NULL: special) if the entry is still empty. Takes over
 * the reference if it returns true.
 */
static bool install(const struct fault *f, pte_t val, struct page *p)
{
	struct mm *mm = f->mm;
	bool ok;

	spin_lock(&mm->ptl);
	ok = !*f->pte;
	if (likely(ok)) {
		pt_set(f->pte, val);
		if (p)
			count_rss(mm, p, 1);
	}
	spin_unlock(&mm->ptl);
	if (ok)
		mmu_announce(mm, f->addr, 1);
	return ok;
}

static int fault_anon(const struct fault *f)
{
	pte_t bits = vma_pte_bits(f->vma);
	struct page *p;

	if (!f->write) {
		install(f, page_to_phys(zero_page) | bits | PTE_SPECIAL, NULL);
		return 0;
	}
	p = new_anon_page();
	if (!p)
		return -ENOMEM;
	page_clear(page_address(p));
	if (!install(f, page_to_phys(p) | bits | PTE_W | PTE_D, p))
		page_put(p);
	return 0;
}

/* ---- pages of files ---- */

/*
 * May a page of a shared mapping be entered writable at once? Only if nobody needs
 * to know when it becomes dirty.
 */
static bool writable_at_once(const struct vma *v, const struct page *p)
{
	return (v->flags & (VM_SHARED | PROT_WRITE)) == (VM_SHARED | PROT_WRITE) &&
	       (p->flags & (BIT(PG_pinned) | BIT(PG_dirty)));
}

static pte_t file_pte(const struct vma *v, const struct page *p)
{
	return page_to_phys(p) | vma_pte_bits(v) | (writable_at_once(v, p) ? PTE_W | PTE_D : 0);
}

/*
 * A page that was found below the end of its file with the mapping's invalidate_lock held, which
 * still is, has not left the cache since.
 */
static void assert_cached(const struct vma *v, const struct page *p)
{
	DEBUG_ON(v->ops == &filemap_vma_ops && READ_ONCE(p->mapping) != vma_mapping(v));
}

/*
 * Maps the pages around the fault that are in the cache and not beyond the end of the file, the
 * wanted one too if it is. True if that resolved the fault.
 */
static bool fault_around(const struct fault *f)
{
	const struct vma *v = f->vma;
	struct mapping *m = vma_mapping(v);
	unsigned long start = max(f->addr & ~(AROUND * PAGE_SIZE - 1), v->start);
	unsigned long end = min((f->addr & ~(AROUND * PAGE_SIZE - 1)) + AROUND * PAGE_SIZE, v->end);
	struct page *pages[AROUND], *unused[AROUND];
	u32 n = (u32)((end - start) >> PAGE_SHIFT), i, nr_unused = 0;
	pte_t *pte = f->pte - ((f->addr - start) >> PAGE_SHIFT);
	struct rss rss = { 0 };
	bool hit;

	filemap_find_around(m, v->pgoff + ((start - v->start) >> PAGE_SHIFT), n, pages);
	hit = pages[(f->addr - start) >> PAGE_SHIFT] != NULL;
	spin_lock(&f->mm->ptl);
	for (i = 0; i < n; i++) {
		if (!pages[i])
			continue;
		if (pte[i]) {
			unused[nr_unused++] = pages[i];
			continue;
		}
		assert_cached(v, pages[i]);
		pt_set(&pte[i], file_pte(v, pages[i]));
		rss_count(&rss, pages[i], 1);
	}
	rss_apply(f->mm, &rss);
	spin_unlock(&f->mm->ptl);
	pages_put(unused, nr_unused);
	mmu_announce(f->mm, start, n);
	return hit;
}

/* A private mapping is written where it has no page yet: a copy of the file's. Takes over @src. */
static int copy_file_page(const struct fault *f, struct page *src)
{
	struct page *p = new_anon_page();
	bool ok;

	if (!p) {
		page_put(src);
		return -ENOMEM;
	}
	page_copy(page_address(p), page_address(src));
	assert_cached(f->vma, src);
	spin_lock(&f->mm->ptl);
	ok = !*f->pte;
	if (ok) {
		f->vma->flags |= VM_COWED;
		pt_set(f->pte, page_to_phys(p) | vma_pte_bits(f->vma) | PTE_W | PTE_D);
		count_rss(f->mm, p, 1);
	}
	spin_unlock(&f->mm->ptl);
	page_put(src);
	if (ok)
		mmu_announce(f->mm, f->addr, 1);
	else
		page_put(p);
	return 0;
}

/* Tells the file that a page is going to be written through a shared mapping. */
static int make_writable(struct vma *v, struct page *p)
{
	int err = v->ops && v->ops->mkwrite ? v->ops->mkwrite(v, p) : 0;

	if (!err)
		page_set_dirty(p);
	return err;
}

/*
 * Was the page written back since make_writable()? That has taken away write permission where it
 * was, so it must not be given now: nobody would know that the page is dirty. ptl held.
 */
static bool no_longer_dirty(const struct vma *v, const struct page *p)
{
	const struct mapping_ops *ops;

	if (v->ops != &filemap_vma_ops)
		return false;
	ops = vma_mapping(v)->ops;
	return ops && ops->writepage && !(READ_ONCE(p->flags) & BIT(PG_dirty));
}

static int map_file_page(const struct fault *f, struct page *p)
{
	int err = f->write ? make_writable(f->vma, p) : 0;
	bool ok;

	if (err) {
		page_put(p);
		return err;
	}
	assert_cached(f->vma, p);
	spin_lock(&f->mm->ptl);
	ok = !*f->pte && !(f->write && no_longer_dirty(f->vma, p));
	if (ok) {
		pt_set(f->pte, file_pte(f->vma, p) | (f->write ? PTE_W | PTE_D : 0));
		count_rss(f->mm, p, 1);
	}
	spin_unlock(&f->mm->ptl);
	if (ok)
		mmu_announce(f->mm, f->addr, 1);
	else
		page_put(p);
	return 0;
}

static int fault_in_file(const struct fault *f)
{
	struct vma *v = f->vma;
	struct vm_fault vf = {
		.addr = f->addr,
		.pgoff = v->pgoff + ((f->addr - v->start) >> PAGE_SHIFT),
		.write = f->write,
		.exec = f->exec,
	};
	int err;

	if (!f->write && v->ops == &filemap_vma_ops && fault_around(f))
		return 0;
	err = v->ops->fault(v, &vf);
	if (err)
		return err == -EFAULT ? -EIO : err;
	if (f->write && !(v->flags & VM_SHARED))
		return copy_file_page(f, vf.page);
	return map_file_page(f, vf.page);
}

/* From the look at the size until the page is in the tables, truncation is kept out. */
static int fault_file(const struct fault *f)
{
	struct mapping *m = f->vma->ops == &filemap_vma_ops ? vma_mapping(f->vma) : NULL;
	int err;

	if (!m)
		return fault_in_file(f);
	down_read(&m->invalidate_lock);
	err = fault_in_file(f);
	up_read(&m->invalidate_lock);
	return err;
}

/* ---- writing what is mapped read-only ---- */

/* A page that only this mapping uses needs no copy. */
static bool reuse_page(const struct fault *f, pte_t old, const struct page *p)
{
	bool ok = false;

	if (!p || !(p->flags & BIT(PG_anon)) || atomic_read(&p->refs) != 1)
		return false;
	spin_lock(&f->mm->ptl);
	if (*f->pte == old && atomic_read(&p->refs) == 1) {
		WRITE_ONCE(*f->pte, old | PTE_W | PTE_D);
		ok = true;
	}
	spin_unlock(&f->mm->ptl);
	if (ok)
		mmu_announce(f->mm, f->addr, 1);
	return ok;
}

/*
 * Puts the copy @p in the place of the old page, read-only as long as another CPU may read the old
 * one: it would miss what is written here, but see what was written elsewhere later. True if that
 * may be so: then allow_write() follows the flush, and until then a second reference keeps other
 * faults from taking the page for theirs. ptl held.
 */
static bool replace_page(const struct fault *f, pte_t val, struct page *p)
{
	WRITE_ONCE(*f->pte, val);
	if (mmu_others_may_use(f->mm)) {
		page_get(p);
		return true;
	}
	WRITE_ONCE(*f->pte, val | PTE_W | PTE_D);
	return false;
}

static void allow_write(const struct fault *f, pte_t val, struct page *p)
{
	spin_lock(&f->mm->ptl);
	if (*f->pte == val)
		WRITE_ONCE(*f->pte, val | PTE_W | PTE_D);
	spin_unlock(&f->mm->ptl);
	page_put(p);
}

static int fault_cow(const struct fault *f, pte_t old)
{
	struct page *src = pte_page(old), *p;
	bool ok, others = false;
	pte_t val;

	if (reuse_page(f, old, src))
		return 0;
	p = new_anon_page();
	if (!p)
		return -ENOMEM;
	if (!src)
		page_clear(page_address(p));
	val = page_to_phys(p) | vma_pte_bits(f->vma);
	spin_lock(&f->mm->ptl);
	ok = *f->pte == old;
	if (ok) {
		/* Under the lock the entry's reference keeps the old page. */
		if (src) {
			page_copy(page_address(p), page_address(src));
			count_rss(f->mm, src, -1);
		}
		if (f->vma->file)
			f->vma->flags |= VM_COWED;
		count_rss(f->mm, p, 1);
		others = replace_page(f, val, p);
	}
	spin_unlock(&f->mm->ptl);
	if (!ok) {
		page_put(p);
		return 0;
	}
	mmu_flush_range(f->mm, f->addr, f->addr + PAGE_SIZE);
	if (others)
		allow_write(f, val, p);
	mmu_announce(f->mm, f->addr, 1);
	if (src)
		page_put(src);
	return 0;
}

static int fault_shared_write(const struct fault *f, pte_t old)
{
	struct page *p = NULL;
	int err = 0;

	spin_lock(&f->mm->ptl);
	if (*f->pte == old)
		p = pte_page(old);
	if (p)
		page_get(p);
	spin_unlock(&f->mm->ptl);
	if (p)
		err = make_writable(f->vma, p);
	if (!err) {
		spin_lock(&f->mm->ptl);
		if (*f->pte == old && !(p && no_longer_dirty(f->vma, p)))
			WRITE_ONCE(*f->pte, old | PTE_W | PTE_D);
		spin_unlock(&f->mm->ptl);
		mmu_announce(f->mm, f->addr, 1);
	}
	if (p)
		page_put(p);
	return err == -EFAULT ? -EIO : err;
}

/* ---- the whole ---- */

static bool allowed(const struct vma *v, u32 how)
{
	if (how & FAULT_WRITE)
		return v->flags & PROT_WRITE;
	if (how & FAULT_EXEC)
		return v->flags & PROT_EXEC;
	return v->flags & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int resolve(struct mm *mm, struct vma *v, unsigned long addr, u32 how)
{
	struct fault f = {
		.mm = mm,
		.vma = v,
		.addr = addr & PAGE_MASK,
		.write = how & FAULT_WRITE,
		.exec = how & FAULT_EXEC,
	};
	pte_t old;

	f.pte = pt_walk_alloc(mm, addr);
	if (!f.pte)
		return -ENOMEM;
	old = READ_ONCE(*f.pte);
	if (!old)
		return v->ops && v->ops->fault ? fault_file(&f) : fault_anon(&f);
	if (!(old & PTE_P) || !f.write || (old & PTE_W))
		return 0;	/* another thread was faster, or a stale translation was used */
	return v->flags & VM_SHARED ? fault_shared_write(&f, old) : fault_cow(&f, old);
}

/* Would a stack that begins at @start come too near to what lies below it? */
static bool gap_violated(const struct vma *v, unsigned long start)
{
	const struct vma *below = vma_prev(v);

	if (!below || !(below->flags & (PROT_READ | PROT_WRITE | PROT_EXEC)) ||
	    (below->flags & VM_GROWSDOWN))
		return below && below->end > start;
	return below->end + STACK_GUARD_GAP > start;
}

/* Extends the stack above @addr down to it. */
static int grow_stack(struct mm *mm, unsigned long addr)
{
	unsigned long start = addr & PAGE_MASK, pages;
	struct vma *v;
	int err = -EFAULT;

	down_write(&mm->lock);
	v = vma_find(mm, addr);
	if (v && v->start <= addr) {
		err = 0;
		goto out;
	}
	if (!v || !(v->flags & VM_GROWSDOWN) || start < USER_MIN)
		goto out;
	pages = (v->start - start) >> PAGE_SHIFT;
	if (v->end - start > rlimit(RLIMIT_STACK) || gap_violated(v, start) ||
	    !mm_may_expand(mm, v->flags, v->file, pages))
		goto out;
	if ((v->flags & VM_LOCKED) && !mlock_allowed(mm, pages))
		goto out;
	vma_set_bounds(v, start, v->end, v->file ? v->pgoff - pages : v->pgoff);
	vma_account(mm, v->flags, v->file, (long)pages);
	err = 0;
out:
	up_write(&mm->lock);
	return err;
}

int mm_fault(struct mm *mm, unsigned long addr, u32 how, int *code)
{
	struct vma *v;
	int err;

	*code = SEGV_MAPERR;
	if (unlikely(addr >= USER_TOP))
		return -EFAULT;
	current->minflt++;
	for (;;) {
		down_read(&mm->lock);
		v = vma_find(mm, addr);
		if (likely(v && v->start <= addr))
			break;
		up_read(&mm->lock);
		if (!v || !(v->flags & VM_GROWSDOWN) || grow_stack(mm, addr))
			return -EFAULT;
	}
	if (likely(allowed(v, how))) {
		err = resolve(mm, v, addr, how);
	} else {
		*code = SEGV_ACCERR;
		err = -EFAULT;
	}
	up_read(&mm->lock);
	return err;
}

/* The page of an entry that allows the access, referenced; NULL: fault first. mm->lock held. */
static struct page *lookup_page(struct mm *mm, unsigned long addr, bool write)
{
	struct page *p = NULL;
	pte_t *pte;

	spin_lock(&mm->ptl);
	pte = pt_walk(mm->root, addr);
	if (pte && (*pte & PTE_P) && (!write || (*pte & PTE_W))) {
		p = *pte & PTE_SPECIAL ? zero_page : pte_page(*pte);
		page_get(p);
	}
	spin_unlock(&mm->ptl);
	return p;
}

/**
 * mm_peek_word - read a word of user memory as it is now, without sleeping
 * @mm: address space
 * @addr: user address, a multiple of 4
 * @value: set to it
 *
 * Unlike a page that was looked up before, this sees the copy that a write has made meanwhile.
 * Context: takes mm->ptl. Return: 0, or -EAGAIN: mm_get_page() first.
 */
int mm_peek_word(struct mm *mm, unsigned long addr, u32 *value)
{
	int err = -EAGAIN;
	struct page *p;
	pte_t *pte;

	DEBUG_ON(addr % sizeof(*value));
	spin_lock(&mm->ptl);
	pte = pt_walk(mm->root, addr);
	/* Device memory is none: mm_get_page() refuses it. */
	if (pte && (*pte & PTE_P) &&
	    (!(*pte & PTE_SPECIAL) || (*pte & PTE_ADDR) == page_to_phys(zero_page))) {
		p = phys_to_page(*pte & PTE_ADDR);
		*value = READ_ONCE(*(u32 *)((char *)page_address(p) + (addr & ~PAGE_MASK)));
		err = 0;
	}
	spin_unlock(&mm->ptl);
	return err;
}

struct page *mm_get_page(struct mm *mm, unsigned long addr, bool write)
{
	struct page *p = NULL;
	struct vma *v;
	int err, code;

	for (;;) {
		down_read(&mm->lock);
		v = vma_find(mm, addr);
		if (v && v->start <= addr && (v->flags & VM_IO)) {
			up_read(&mm->lock);
			return ERR_PTR(-EFAULT);
		}
		if (v && v->start <= addr && allowed(v, write ? FAULT_WRITE : 0))
			p = lookup_page(mm, addr, write);
		up_read(&mm->lock);
		if (p)
			return p;
		err = mm_fault(mm, addr, write ? FAULT_WRITE : 0, &code);
		if (err)
			return ERR_PTR(err);
		if (fatal_signal_pending())
			return ERR_PTR(-ENOMEM);
	}
}
