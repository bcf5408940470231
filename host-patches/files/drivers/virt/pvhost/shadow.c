// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow page tables: mm_structs that hold what the host has translated of a
 * guest's page tables.
 *
 * A shadow mm has one special mapping over the whole of the user range and no
 * task. Its page tables are filled here and emptied in zap.c, under vm->mmu_lock;
 * Linux's own TLB, PCID and mitigation code does the rest.
 *
 * Several CPUs may fill the same entry at once, with different translations if
 * the guest has just changed its own. So an entry is looked at and replaced in one
 * hold of the table's lock, and whoever replaces one flushes it from the TLBs here,
 * before mmu_lock is let go: what the tables do not show, no CPU has (but for what
 * zap.c has yet to flush).
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

#include "internal.h"

static_assert(IS_ALIGNED(PV_VA_MIN, PAGE_SIZE) && IS_ALIGNED(PV_VA_MAX, PAGE_SIZE));
static_assert(BIT(47) - PAGE_SIZE >= PV_VA_MAX);

static vm_fault_t no_fault(const struct vm_special_mapping *sm, struct vm_area_struct *vma,
			   struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_special_mapping everything = {
	.name = "[pvhost]",
	.fault = no_fault,
};

static int map_everything(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = _install_special_mapping(mm, PV_VA_MIN, PV_VA_MAX - PV_VA_MIN,
				       VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYREAD |
				       VM_MAYWRITE | VM_MAYEXEC | VM_MAYSHARE | VM_PFNMAP |
				       VM_IO | VM_DONTDUMP | VM_DONTCOPY, &everything);
	mmap_write_unlock(mm);
	return PTR_ERR_OR_ZERO(vma);
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

/* ---- entries; mmu_lock is held for reading ---- */

/* _PAGE_ENC: where memory is encrypted, the launcher's is, too. */
static __always_inline u64 entry_bits(u64 prot)
{
	return (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_SPECIAL | _PAGE_ENC | prot) &
	       __supported_pte_mask;
}

/*
 * Does an entry that is replaced leave something in the TLBs that must go? More rights on the
 * same frame need no flush: the fault did it.
 */
static bool pte_stale(pte_t old, pte_t new)
{
	return pte_pfn(old) != pte_pfn(new) || (pte_write(old) && !pte_write(new)) ||
	       (pte_exec(old) && !pte_exec(new));
}

/**
 * pvhost_shadow_set - enter a translation of 4 KiB, in place of any other
 * @space: the space
 * @addr: address, page aligned
 * @pfn: host frame
 * @prot: _PAGE_RW | _PAGE_DIRTY, _PAGE_NX as wanted
 *
 * Context: mmu_lock is held for reading. On return no CPU uses another translation that
 * was entered here.
 * Return: 0; -EAGAIN if the tables have to be made first; -EEXIST if there is an entry
 * of 2 MiB.
 */
int pvhost_shadow_set(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	struct mm_struct *mm = space->mm;
	pmd_t *pmd = pvhost_shadow_pmd(mm, addr);
	pte_t *ptep, old, new;
	spinlock_t *ptl;	/* of the table, for set_pte_at() */

	lockdep_assert_held_read(&space->vm->mmu_lock);
	VM_WARN_ON_ONCE(!pvhost_range_ok(addr, PAGE_SIZE));
	if (unlikely(!pmd || pmd_none(*pmd)))
		return -EAGAIN;
	if (unlikely(pmd_leaf(*pmd)))
		return -EEXIST;
	new = pfn_pte(pfn, __pgprot(entry_bits(prot)));
	ptl = pte_lockptr(mm, pmd);
	ptep = pte_offset_kernel(pmd, addr);
	pvhost_shadow_lock(ptl);
	old = *ptep;
	if (pte_val(old) != pte_val(new))
		set_pte_at(mm, addr, ptep, new);
	spin_unlock(ptl);
	if (likely(!pte_present(old)))
		pvhost_log_add(&space->log, addr);
	else if (unlikely(pte_stale(old, new)))
		flush_tlb_mm_range(mm, addr, addr + PAGE_SIZE, PAGE_SHIFT, false);
	return 0;
}

/**
 * pvhost_shadow_add - enter a translation of 4 KiB where there is none
 * @space: the space
 * @addr: address, page aligned
 * @pfn: host frame
 * @prot: as pvhost_shadow_set()
 *
 * Context: mmu_lock is held for reading.
 * Return: true if it has been entered; false if there is one, or no table, or the
 * address is no guest's.
 */
bool pvhost_shadow_add(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	struct mm_struct *mm = space->mm;
	pmd_t *pmd = pvhost_shadow_pmd(mm, addr);
	spinlock_t *ptl;	/* as above */
	pte_t *ptep;
	bool none;

	lockdep_assert_held_read(&space->vm->mmu_lock);
	if (!pvhost_range_ok(addr, PAGE_SIZE) || !pmd || pmd_none(*pmd) || pmd_leaf(*pmd))
		return false;
	ptl = pte_lockptr(mm, pmd);
	ptep = pte_offset_kernel(pmd, addr);
	if (!pte_none(READ_ONCE(*ptep)))
		return false;
	pvhost_shadow_lock(ptl);
	none = pte_none(*ptep);
	if (none)
		set_pte_at(mm, addr, ptep, pfn_pte(pfn, __pgprot(entry_bits(prot))));
	spin_unlock(ptl);
	if (none)
		pvhost_log_add(&space->log, addr);
	return none;
}

static bool pmd_stale(pmd_t old, u64 pfn, u64 prot)
{
	return pmd_pfn(old) != pfn || (pmd_write(old) && !(prot & _PAGE_RW)) ||
	       (!(pmd_val(old) & _PAGE_NX) && prot & _PAGE_NX);
}

/**
 * pvhost_shadow_set_large - enter a translation of 2 MiB, in place of another one
 * @space: the space
 * @addr: address in it
 * @pfn: host frame of its first page
 * @prot: as pvhost_shadow_set()
 *
 * Context: as pvhost_shadow_set().
 * Return: 0; -EAGAIN if the tables have to be made first; -EEXIST if there are entries
 * of 4 KiB, or if not all of it is the guest's to use.
 */
int pvhost_shadow_set_large(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	struct mm_struct *mm = space->mm;
	pmd_t *pmd = pvhost_shadow_pmd(mm, addr), old;
	int ret;

	lockdep_assert_held_read(&space->vm->mmu_lock);
	addr &= PMD_MASK;
	if (!pvhost_range_ok(addr, PMD_SIZE))
		return -EEXIST;
	if (!pmd)
		return -EAGAIN;
	ret = pvhost_set_large(mm, pmd, addr, pfn, entry_bits(prot), &old);
	if (ret)
		return ret;
	if (!pmd_present(old))
		pvhost_log_add(&space->log, addr | PVHOST_LOG_LARGE);
	else if (pmd_stale(old, pfn, prot))
		flush_tlb_mm_range(mm, addr, addr + PMD_SIZE, PAGE_SHIFT, false);
	return 0;
}
