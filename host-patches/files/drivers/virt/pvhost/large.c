// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow entries of 2 MiB. Built where the kernel has huge pages of that size;
 * large_none.c stands in elsewhere.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "internal.h"

/**
 * pvhost_set_large - enter a translation of 2 MiB
 * @mm: a shadow
 * @pmd: entry
 * @addr: address, aligned
 * @pfn: first frame, aligned
 * @bits: entry bits
 * @old: set to what was there
 *
 * Context: mmu_lock is held for reading.
 * Return: 0, -EEXIST if there is a table, which serves as well.
 */
int pvhost_set_large(struct mm_struct *mm, pmd_t *pmd, u64 addr, u64 pfn, u64 bits, pmd_t *old)
{
	pmd_t new = pmd_mkhuge(pfn_pmd(pfn, __pgprot(bits)));
	spinlock_t *ptl = pmd_lockptr(mm, pmd);
	int ret = 0;

	pvhost_shadow_lock(ptl);
	*old = *pmd;
	if (!pmd_none(*old) && !pmd_leaf(*old))
		ret = -EEXIST;
	else if (pmd_val(*old) != pmd_val(new))
		set_pmd_at(mm, addr, pmd, new);
	spin_unlock(ptl);
	return ret;
}

/**
 * pvhost_clear_large - remove a translation of 2 MiB
 * @mm: a shadow
 * @pmd: entry, a leaf
 * @addr: address, aligned
 *
 * Context: mmu_lock is held for writing.
 */
void pvhost_clear_large(struct mm_struct *mm, pmd_t *pmd, u64 addr)
{
	pmdp_huge_get_and_clear(mm, addr, pmd);
}
