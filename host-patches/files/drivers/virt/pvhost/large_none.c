// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of large.c on kernels without huge pages: there are no entries of
 * 2 MiB, and everything is mapped by 4 KiB.
 */
#include <linux/mm.h>

#include "internal.h"

int pvhost_set_large(struct mm_struct *mm, pmd_t *pmd, u64 addr, u64 pfn, u64 bits, pmd_t *old)
{
	return -EEXIST;
}

void pvhost_clear_large(struct mm_struct *mm, pmd_t *pmd, u64 addr)
{
}
