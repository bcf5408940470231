// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow page tables: mm_structs that hold what the host has translated of a
 * guest's page tables.
 *
 * A shadow mm has one special mapping over the whole of the user range and no
 * task. Its page tables are filled and emptied here, under vm->mmu_lock; Linux's
 * own TLB, PCID and mitigation code does the rest.
 *
 * Most spaces hold few entries when they are emptied, in tables that span
 * terabytes: so each space logs where entries were made, and only if there were
 * more than the log holds are the tables searched.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

#include "internal.h"

/* Page-table pages emptied under one hold of mmu_lock. */
#define ZAP_CHUNK		64
/* In a log entry: it is one of 2 MiB. */
#define LOG_LARGE		1
/* Ranges up to this many pages are gone through page by page. */
#define ZAP_FEW			8

/**
 * struct zap - what to remove
 * @mm: where
 * @pfns: only these host frames, sorted; NULL: all
 * @nr_pfns: number of @pfns
 * @budget: tables left to look at under this hold of mmu_lock
 * @zapped: something has been removed
 */
struct zap {
	struct mm_struct *mm;
	const unsigned long *pfns;
	unsigned int nr_pfns;
	int budget;
	bool zapped;
};

static vm_fault_t no_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct shadow_vm_ops = {
	.fault = no_fault,
};

static int map_everything(struct mm_struct *mm)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int ret;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = PV_VA_MIN;
	vma->vm_end = PV_VA_MAX;
	vma->vm_ops = &shadow_vm_ops;
	vm_flags_init(vma, VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYREAD | VM_MAYWRITE |
		      VM_MAYEXEC | VM_MAYSHARE | VM_PFNMAP | VM_IO | VM_DONTEXPAND |
		      VM_DONTDUMP | VM_DONTCOPY);
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	mmap_write_lock(mm);
	ret = insert_vm_struct(mm, vma);
	mmap_write_unlock(mm);
	if (ret)
		vm_area_free(vma);
	return ret;
}

/**
 * pvhost_shadow_mm_alloc - make an empty shadow
 *
 * Return: an mm with one user, or NULL.
 */
struct mm_struct *pvhost_shadow_mm_alloc(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
#ifdef CONFIG_MEMCG
	/* It belongs to no task, and outlives the one that makes it. */
	mm->owner = NULL;
#endif
	if (map_everything(mm)) {
		mmput(mm);
		return NULL;
	}
	pvhost_hide_vsyscall(mm);
	return mm;
}

/**
 * pvhost_shadow_mm_tables - size of a shadow
 * @mm: the shadow
 *
 * Return: number of page-table pages.
 */
long pvhost_shadow_mm_tables(struct mm_struct *mm)
{
	return mm_pgtables_bytes(mm) >> PAGE_SHIFT;
}

static __always_inline pmd_t *shadow_pmd(struct mm_struct *mm, u64 addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	return pud_none(*pud) ? NULL : pmd_offset(pud, addr);
}

/**
 * pvhost_shadow_mm_grow - make the tables for an address
 * @mm: the shadow, which is not replaced meanwhile
 * @addr: address
 * @large: for an entry of 2 MiB
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pvhost_shadow_mm_grow(struct mm_struct *mm, u64 addr, bool large)
{
	p4d_t *p4d = p4d_alloc(mm, pgd_offset(mm, addr), addr);
	pud_t *pud = p4d ? pud_alloc(mm, p4d, addr) : NULL;
	pmd_t *pmd = pud ? pmd_alloc(mm, pud, addr) : NULL;

	if (!pmd)
		return -ENOMEM;
	if (large || pmd_leaf(READ_ONCE(*pmd)))
		return 0;
	return pte_alloc(mm, pmd) ? -ENOMEM : 0;
}

/* ---- removing entries; mmu_lock is held for writing ---- */

static int cmp_pfn(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* Is one of the frames looked for in [@pfn, @pfn + @n)? All are if none is given. */
static bool wanted(const struct zap *z, unsigned long pfn, unsigned int n)
{
	unsigned int i;

	if (!z->pfns)
		return true;
	if (n == 1)
		return bsearch(&pfn, z->pfns, z->nr_pfns, sizeof(pfn), cmp_pfn);
	for (i = 0; i < z->nr_pfns; i++)
		if (z->pfns[i] - pfn < n)
			return true;
	return false;
}

static void zap_ptes(struct zap *z, pmd_t *pmd, u64 addr, u64 end)
{
	pte_t *pte = pte_offset_kernel(pmd, addr);

	for (; addr < end; addr += PAGE_SIZE, pte++) {
		if (!pte_present(*pte) || !wanted(z, pte_pfn(*pte), 1))
			continue;
		ptep_get_and_clear(z->mm, addr, pte);
		z->zapped = true;
	}
}

/* Entries of a table of the second level, as far as they are in the range. */
static void zap_pmd(struct zap *z, pmd_t *pmd, u64 addr, u64 end)
{
	if (!pmd_leaf(*pmd)) {
		zap_ptes(z, pmd, addr, end);
	} else if (wanted(z, pmd_pfn(*pmd), PTRS_PER_PTE)) {
		pvhost_clear_large(z->mm, pmd, addr & PMD_MASK);
		z->zapped = true;
	}
}

static u64 zap_pmds(struct zap *z, pud_t *pud, u64 addr, u64 end)
{
	pmd_t *pmd = pmd_offset(pud, addr);
	u64 next;

	for (; addr < end && z->budget > 0; addr = next, pmd++) {
		next = pmd_addr_end(addr, end);
		if (pmd_none(*pmd))
			continue;
		zap_pmd(z, pmd, addr, next);
		z->budget--;
	}
	return addr;
}

static u64 zap_puds(struct zap *z, p4d_t *p4d, u64 addr, u64 end)
{
	pud_t *pud = pud_offset(p4d, addr);
	u64 next;

	for (; addr < end && z->budget > 0; addr = next, pud++) {
		next = pud_addr_end(addr, end);
		if (!pud_none(*pud))
			next = zap_pmds(z, pud, addr, next);
	}
	return addr;
}

static u64 zap_p4ds(struct zap *z, pgd_t *pgd, u64 addr, u64 end)
{
	p4d_t *p4d = p4d_offset(pgd, addr);
	u64 next;

	for (; addr < end && z->budget > 0; addr = next, p4d++) {
		next = p4d_addr_end(addr, end);
		if (!p4d_none(*p4d))
			next = zap_puds(z, p4d, addr, next);
	}
	return addr;
}

/* As much of [@addr, @end) as the budget allows; returns where it stopped. */
static u64 zap_tables(struct zap *z, u64 addr, u64 end)
{
	pgd_t *pgd = pgd_offset(z->mm, addr);
	u64 next;

	for (; addr < end && z->budget > 0; addr = next, pgd++) {
		next = pgd_addr_end(addr, end);
		if (!pgd_none(*pgd))
			next = zap_p4ds(z, pgd, addr, next);
	}
	return addr;
}

static void zap_page(struct zap *z, u64 addr)
{
	pmd_t *pmd = shadow_pmd(z->mm, addr);

	if (pmd && !pmd_none(*pmd))
		zap_pmd(z, pmd, addr, addr + PAGE_SIZE);
}

/* Go through the log; what has been removed leaves it. False if it is too short. */
static bool zap_logged(struct zap *z, struct pvhost_space *space, u64 start, u64 end)
{
	u64 n = atomic64_read(&space->nr_log), i, kept = 0;

	if (n > PVHOST_LOG)
		return false;
	for (i = 0; i < n; i++) {
		u64 addr = space->log[i] & PAGE_MASK;
		u64 size = space->log[i] & LOG_LARGE ? PMD_SIZE : PAGE_SIZE;
		bool inside = addr < end && addr + size > start;

		if (inside)
			zap_page(z, addr);
		/* With frames given, it may have been another one's. */
		if (!inside || z->pfns)
			space->log[kept++] = space->log[i];
	}
	atomic64_set(&space->nr_log, kept);
	return true;
}

/* One hold of mmu_lock; true if there is more to do. */
static bool zap_step(struct zap *z, struct pvhost_space *space, u64 start, u64 *addr, u64 end,
		     u64 *seen)
{
	z->budget = ZAP_CHUNK;
	if (*addr == start) {
		if (z->mm == space->mm && zap_logged(z, space, start, end))
			return false;
		*seen = z->mm == space->mm ? atomic64_read(&space->nr_log) : -1;
	}
	*addr = zap_tables(z, *addr, end);
	if (*addr < end)
		return true;
	/* All gone, and nothing made meanwhile: the log can start anew. */
	if (!z->pfns && start == PV_VA_MIN && end == PV_VA_MAX && z->mm == space->mm &&
	    *seen == atomic64_read(&space->nr_log))
		atomic64_set(&space->nr_log, 0);
	return false;
}

static void zap(struct zap *z, struct pvhost_space *space, u64 start, u64 end)
{
	rwlock_t *lock = &space->vm->mmu_lock;
	u64 addr = start, seen;
	bool more;

	inc_tlb_flush_pending(z->mm);
	if (!z->pfns && end - start <= ZAP_FEW * PAGE_SIZE) {
		write_lock(lock);
		for (; addr < end; addr += PAGE_SIZE)
			zap_page(z, addr);
		write_unlock(lock);
	} else {
		do {
			write_lock(lock);
			more = zap_step(z, space, start, &addr, end, &seen);
			write_unlock(lock);
			cond_resched();
		} while (more);
	}
	/* What is not there may just have been removed by somebody who has yet to flush. */
	if (z->zapped || mm_tlb_flush_nested(z->mm))
		flush_tlb_mm_range(z->mm, start, end, PAGE_SHIFT, false);
	dec_tlb_flush_pending(z->mm);
}

/**
 * pvhost_zap_mm - empty a shadow that is no space's any more
 * @space: whose it was
 * @mm: the shadow
 */
void pvhost_zap_mm(struct pvhost_space *space, struct mm_struct *mm)
{
	struct zap z = { .mm = mm };

	zap(&z, space, PV_VA_MIN, PV_VA_MAX);
}

/* The mm may be replaced meanwhile; then it is empty already, but must not go. */
static struct mm_struct *get_mm(struct pvhost_space *space)
{
	struct mm_struct *mm;

	read_lock(&space->vm->mmu_lock);
	mm = space->mm;
	mmget(mm);
	read_unlock(&space->vm->mmu_lock);
	return mm;
}

/**
 * pvhost_zap_range - remove the translations of a range
 * @space: the space, referenced
 * @start: first address
 * @end: end of the range
 *
 * Context: no locks held. On return no CPU uses an old translation.
 */
void pvhost_zap_range(struct pvhost_space *space, u64 start, u64 end)
{
	struct zap z = { .mm = get_mm(space) };

	zap(&z, space, start, end);
	mmput_async(z.mm);
}

/**
 * pvhost_zap_pfns - remove host frames from all shadows of a machine
 * @vm: the machine
 * @pfns: frames, in any order, sorted on return; NULL for all
 * @n: number of frames
 *
 * The caller has made sure that none of them is entered again.
 *
 * Context: no locks of ours but drop_lock; may sleep.
 */
void pvhost_zap_pfns(struct pvhost_vm *vm, unsigned long *pfns, unsigned int n)
{
	struct pvhost_space *space = NULL;
	unsigned int bucket = -1;

	if (pfns)
		sort(pfns, n, sizeof(*pfns), cmp_pfn, NULL);
	while ((space = pvhost_next_space(vm, &bucket, space))) {
		struct zap z = { .mm = get_mm(space), .pfns = pfns, .nr_pfns = n };

		zap(&z, space, PV_VA_MIN, PV_VA_MAX);
		mmput_async(z.mm);
	}
}

/* ---- entries; mmu_lock is held for reading ---- */

static __always_inline u64 entry_bits(u64 prot)
{
	return (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_SPECIAL | prot) &
	       __supported_pte_mask;
}

static __always_inline void log_entry(struct pvhost_space *space, u64 addr)
{
	u64 i = atomic64_fetch_inc(&space->nr_log);

	if (i < PVHOST_LOG)
		space->log[i] = addr;
}

/* Does an entry that is replaced leave something in the TLBs that must go? */
static bool is_stale(pte_t old, pte_t new)
{
	/* More rights on the same frame need no flush: the fault did it. */
	return pte_pfn(old) != pte_pfn(new) || (pte_write(old) && !pte_write(new));
}

/**
 * pvhost_shadow_set - enter a translation of 4 KiB
 * @space: the space
 * @addr: address, page aligned
 * @pfn: host frame
 * @prot: _PAGE_RW | _PAGE_DIRTY, _PAGE_NX as wanted
 *
 * Context: mmu_lock is held for reading.
 * Return: 0; 1 if the TLBs may hold another translation; -EAGAIN if the tables have
 * to be made first; -EEXIST if there is an entry of 2 MiB.
 */
int pvhost_shadow_set(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	struct mm_struct *mm = space->mm;
	pmd_t *pmd = shadow_pmd(mm, addr);
	pte_t *ptep, old, new;
	spinlock_t *ptl;	/* of the table, for set_pte_at() */

	if (unlikely(!pmd || pmd_none(*pmd)))
		return -EAGAIN;
	if (unlikely(pmd_leaf(*pmd)))
		return -EEXIST;
	new = pfn_pte(pfn, __pgprot(entry_bits(prot)));
	ptl = pte_lockptr(mm, pmd);
	ptep = pte_offset_kernel(pmd, addr);
	spin_lock(ptl);
	old = *ptep;
	if (pte_val(old) != pte_val(new))
		set_pte_at(mm, addr, ptep, new);
	spin_unlock(ptl);
	if (!pte_present(old)) {
		log_entry(space, addr);
		return 0;
	}
	return is_stale(old, new);
}

/**
 * pvhost_shadow_set_large - enter a translation of 2 MiB
 * @space: the space
 * @addr: address in it
 * @pfn: host frame of its first page
 * @prot: as pvhost_shadow_set()
 *
 * Context: mmu_lock is held for reading.
 * Return: as pvhost_shadow_set(); -EEXIST if there are entries of 4 KiB.
 */
int pvhost_shadow_set_large(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	pmd_t *pmd = shadow_pmd(space->mm, addr), old;
	int ret;

	if (!pmd)
		return -EAGAIN;
	old = *pmd;
	ret = pvhost_set_large(space->mm, pmd, addr & PMD_MASK, pfn, entry_bits(prot));
	if (ret)
		return ret;
	log_entry(space, (addr & PMD_MASK) | LOG_LARGE);
	return pmd_leaf(old) && (pmd_pfn(old) != pfn ||
				 (pmd_write(old) && !(prot & _PAGE_RW)));
}

/**
 * pvhost_shadow_none - is nothing entered for an address whose table exists?
 * @space: the space
 * @addr: address
 *
 * Context: mmu_lock is held for reading.
 * Return: true if an entry can be made there without allocation.
 */
bool pvhost_shadow_none(struct pvhost_space *space, u64 addr)
{
	pmd_t *pmd = shadow_pmd(space->mm, addr);

	return pmd && !pmd_none(*pmd) && !pmd_leaf(*pmd) &&
	       pte_none(*pte_offset_kernel(pmd, addr));
}
