// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: making and dropping them. "users" counts those who use the
 * mappings; with the last one all mappings go. "refs" counts those who may have
 * the empty root loaded (kernel threads that run on a borrowed address space).
 * "threads" counts the threads that may run programs in it.
 */
#include "internal.h"
#include <fs.h>
#include <panic.h>
#include <process.h>
#include <string.h>

struct mm kernel_mm = {
	.users = ATOMIC_INIT(1),
	.refs = ATOMIC_INIT(1),
	.ptl = SPINLOCK_INIT("kernel_mm.ptl"),
};
static struct kmem_cache *mm_cache __ro_after_init;

#define MMAP_TOP_GAP	(128UL << 20)	/* for the stack, if exec does not say more */

/**
 * mm_create - make an empty address space
 *
 * Context: may sleep. Return: it with one user, or NULL.
 */
struct mm *mm_create(void)
{
	struct mm *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);
	struct page *root = mm ? alloc_page(GFP_KERNEL | GFP_ZERO) : NULL;

	if (!root)
		goto fail;
	mm->root = page_to_phys(root);
	atomic_set(&mm->users, 1);
	atomic_set(&mm->refs, 1);
	rwsem_init(&mm->lock, "mm->lock");
	spin_lock_init(&mm->ptl, "mm->ptl");
	mm->mmap_base = USER_TOP - MMAP_TOP_GAP;
	mm->gap_hint = mm->mmap_base;
	mm->user = current_cred()->user;
	if (!user_charge(mm->user, PAGE_SIZE + sizeof(*mm)))
		goto fail;
	if (mmu_root_init(mm)) {
		user_uncharge(mm->user, PAGE_SIZE + sizeof(*mm));
		goto fail;
	}
	user_get(mm->user);
	preempt_disable();
	mem_count(MEM_PAGETABLES, 1);
	preempt_enable();
	return mm;
fail:
	if (root)
		page_put(root);
	if (mm)
		kmem_cache_free(mm_cache, mm);
	return NULL;
}

/**
 * mm_get - take part in the use of the mappings
 * @mm: address space that has users
 */
void mm_get(struct mm *mm)
{
	atomic_inc(&mm->users);
}

/**
 * mm_grab - keep the structure and the root
 * @mm: address space
 */
void mm_grab(struct mm *mm)
{
	if (mm != &kernel_mm)
		atomic_inc(&mm->refs);
}

static void free_root(struct mm *mm)
{
	mmu_root_destroy(mm);
	page_put(phys_to_page(mm->root));
	preempt_disable();
	mem_count(MEM_PAGETABLES, -1);
	preempt_enable();
}

/**
 * mm_release - let go what mm_grab() took, without freeing anything
 * @mm: address space
 *
 * Context: any. Return: true if it was the last reference: the caller owes mm_free().
 */
bool mm_release(struct mm *mm)
{
	return mm != &kernel_mm && atomic_dec_and_test(&mm->refs);
}

/**
 * mm_free - free an address space that nobody refers to
 * @mm: address space
 *
 * Context: interrupts on, no spinlock held: may wait for other CPUs to unload the root.
 */
void mm_free(struct mm *mm)
{
	/* With the root a CPU would keep what it remembers of pages that are somebody else's. */
	DEBUG_ON(READ_ONCE(mm->cpus) || atomic_read(&mm->threads));
	free_root(mm);
	user_uncharge(mm->user, PAGE_SIZE + sizeof(*mm));
	user_put(mm->user);
	kmem_cache_free(mm_cache, mm);
}

/**
 * mm_drop - let go what mm_grab() took
 * @mm: address space
 *
 * Context: as mm_free().
 */
void mm_drop(struct mm *mm)
{
	if (mm_release(mm))
		mm_free(mm);
}

/**
 * mm_join - a thread begins to use an address space as its own
 * @mm: address space that has users
 *
 * Before the thread may run. What flushes a platform has put off because there was one thread
 * alone are made now. Context: process context; a second thread is counted by the first one.
 */
void mm_join(struct mm *mm)
{
	if (atomic_add_return(&mm->threads, 1) > 1)
		mmu_flush_deferred();
}

/**
 * mm_part - a thread has stopped to use an address space as its own
 * @mm: address space that it had; another one is loaded
 *
 * Context: any.
 */
void mm_part(struct mm *mm)
{
	DEBUG_ON(atomic_read(&mm->threads) <= 0);
	atomic_dec(&mm->threads);
}

/* All mappings go. Nobody else can reach them but truncation, through the files. */
static void remove_all(struct mm *mm)
{
	LIST_HEAD(removed);
	struct rb_node *n;

	for (n = rb_first(&mm->vmas); n; n = rb_next(n)) {
		struct vma *v = rb_entry(n, struct vma, node);

		vma_unlink_mapping(v);
		list_add_tail(&v->map_node, &removed);
	}
	mm->vmas = RB_ROOT;
	mm->vma_cache = NULL;
	/* If nobody has it loaded, the platform can forget it as a whole, which spares it a flush. */
	if (atomic_read(&mm->refs) == 1) {
		DEBUG_ON(READ_ONCE(mm->cpus));
		mmu_root_destroy(mm);
	}
	pt_destroy(mm);
	vma_free_list(&removed);
	WRITE_ONCE(mm->emptied, true);
}

/**
 * mm_put - stop using the mappings
 * @mm: address space
 *
 * Context: may sleep.
 */
void mm_put(struct mm *mm)
{
	if (!atomic_dec_and_test(&mm->users))
		return;
	remove_all(mm);
	mm_drop(mm);
}

unsigned long mm_rss(const struct mm *mm)
{
	return (unsigned long)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
			       atomic64_read(&mm->rss_shmem));
}

unsigned long mm_footprint(const struct mm *mm)
{
	return mm_rss(mm) + (unsigned long)atomic64_read(&mm->pgtables) +
	       READ_ONCE(mm->nr_vmas) * sizeof(struct vma) / PAGE_SIZE;
}

unsigned long mm_hiwater(const struct mm *mm)
{
	return max(READ_ONCE(mm->hiwater_rss), mm_rss(mm));
}

/**
 * mm_cache_init - make the caches of address spaces
 *
 * Context: boot, after vmalloc_init().
 */
void mm_cache_init(void)
{
	mm_cache = kmem_cache_create("mm", sizeof(struct mm), 64, NULL);
	vma_cache = kmem_cache_create("vma", sizeof(struct vma), 8, NULL);
	fault_init();
}
