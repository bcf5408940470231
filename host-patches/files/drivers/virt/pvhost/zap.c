// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removing entries from the shadows.
 *
 * Entries are removed with mmu_lock held for writing, in pieces, and flushed from
 * the TLBs afterwards. Between the two, others find nothing where something is still
 * in use: they can tell by tlb_flush_pending, which whoever removes entries raises
 * before and lowers when he has flushed, and flush, too.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/bsearch.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/sched/mm.h>
#include <linux/sort.h>
#include <asm/tlbflush.h>

#include "internal.h"

/* Page-table pages emptied under one hold of mmu_lock. */
#define ZAP_CHUNK		64
/* Ranges up to this many pages are gone through page by page. */
#define ZAP_FEW			8

/**
 * struct zap - what to remove
 * @mm: where
 * @pfns: only these host frames, sorted; NULL: all
 * @nr_pfns: number of @pfns
 * @budget: tables left to look at under this hold of mmu_lock
 * @sweep: the log's number for this, if it is a sweep over everything; else 0
 * @zapped: something has been removed
 * @large: an entry of 2 MiB was among it
 */
struct zap {
	struct mm_struct *mm;
	const unsigned long *pfns;
	unsigned int nr_pfns;
	int budget;
	u64 sweep;
	bool zapped;
	bool large;
};

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
		z->large = true;
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
	pmd_t *pmd = pvhost_shadow_pmd(z->mm, addr);

	if (pmd && !pmd_none(*pmd))
		zap_pmd(z, pmd, addr, addr + PAGE_SIZE);
}

/* An entry of 2 MiB, if it still is one; smaller ones in its place are logged themselves. */
static void zap_large(struct zap *z, u64 addr)
{
	pmd_t *pmd = pvhost_shadow_pmd(z->mm, addr);

	if (pmd && !pmd_none(*pmd) && pmd_leaf(*pmd))
		zap_pmd(z, pmd, addr, addr + PMD_SIZE);
}

/*
 * Go through the log, which is complete; what has been removed leaves it. Nothing outside of the
 * range is removed but by an entry of 2 MiB that reaches into it: it would not be flushed.
 */
static void zap_logged(struct zap *z, struct pvhost_log *log, u64 start, u64 end)
{
	u64 n = atomic64_read(&log->nr), i, kept = 0;

	for (i = 0; i < n; i++) {
		u64 addr = log->where[i] & PAGE_MASK;
		bool large = log->where[i] & PVHOST_LOG_LARGE;
		bool inside = addr < end && addr + (large ? PMD_SIZE : PAGE_SIZE) > start;

		if (inside && large)
			zap_large(z, addr);
		else if (inside)
			zap_page(z, addr);
		/* With frames given, it may have been another one's. */
		if (!inside || z->pfns)
			log->where[kept++] = log->where[i];
	}
	atomic64_set(&log->nr, kept);
}

/* What the log did not know would stay for ever: in debugging kernels, look. */
static void check_log(struct zap *z, u64 start, u64 end)
{
	struct zap missed = {
		.mm = z->mm,
		.pfns = z->pfns,
		.nr_pfns = z->nr_pfns,
		.budget = ZAP_CHUNK,
	};

	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return;
	zap_tables(&missed, start, end);
	WARN_ON_ONCE(missed.zapped);
	z->zapped |= missed.zapped;
	z->large |= missed.large;
}

/* The first hold of mmu_lock; true if the log has been enough. */
static bool zap_begin(struct zap *z, struct pvhost_space *space, u64 start, u64 end)
{
	/* The log is that of the mm the space has now. */
	if (z->mm != space->mm)
		return false;
	if (pvhost_log_complete(&space->log)) {
		zap_logged(z, &space->log, start, end);
		check_log(z, start, end);
		return true;
	}
	if (!z->pfns && start == PV_VA_MIN && end == PV_VA_MAX)
		z->sweep = pvhost_log_begin(&space->log);
	return false;
}

/* One hold of mmu_lock; true if there is more to do. */
static bool zap_step(struct zap *z, struct pvhost_space *space, u64 start, u64 *addr, u64 end)
{
	lockdep_assert_held_write(&space->vm->mmu_lock);
	if (*addr == start && zap_begin(z, space, start, end))
		return false;
	z->budget = ZAP_CHUNK;
	*addr = zap_tables(z, *addr, end);
	if (*addr < end)
		return true;
	if (z->sweep)
		pvhost_log_end(&space->log, z->sweep);
	return false;
}

static void zap_few(struct zap *z, u64 addr, u64 end)
{
	for (; addr < end; addr += PAGE_SIZE)
		zap_page(z, addr);
}

static void zap(struct zap *z, struct pvhost_space *space, u64 start, u64 end)
{
	rwlock_t *lock = &space->vm->mmu_lock;
	u64 addr = start;
	bool more;

	inc_tlb_flush_pending(z->mm);
	if (!z->pfns && end - start <= ZAP_FEW * PAGE_SIZE) {
		write_lock(lock);
		zap_few(z, start, end);
		write_unlock(lock);
	} else {
		do {
			write_lock(lock);
			more = zap_step(z, space, start, &addr, end);
			write_unlock(lock);
			cond_resched();
		} while (more);
	}
	/* All of an entry of 2 MiB: the CPU may hold it in smaller pieces. */
	if (z->large) {
		start = ALIGN_DOWN(start, PMD_SIZE);
		end = ALIGN(end, PMD_SIZE);
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
 * A caller for whom that has to be for good has made sure that none of them is entered
 * again.
 *
 * Context: drop_lock is held, so that no space leaves the hash before it is empty, and no mm
 * its space; may sleep. On return no CPU uses a translation that has been removed.
 * Return: true if there was any.
 */
bool pvhost_zap_pfns(struct pvhost_vm *vm, unsigned long *pfns, unsigned int n)
{
	struct pvhost_space *space = NULL;
	unsigned int bucket = -1;
	bool found = false;

	lockdep_assert_held(&vm->drop_lock);
	if (pfns)
		sort(pfns, n, sizeof(*pfns), cmp_pfn, NULL);
	while ((space = pvhost_next_space(vm, &bucket, space))) {
		struct zap z = { .mm = get_mm(space), .pfns = pfns, .nr_pfns = n };

		zap(&z, space, PV_VA_MIN, PV_VA_MAX);
		mmput_async(z.mm);
		found |= z.zapped;
	}
	return found;
}
