/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of mm/ share among themselves.
 */
#ifndef _MM_INTERNAL_H
#define _MM_INTERNAL_H

#include <mm.h>

/* ---- boot ---- */
/* A range of RAM becomes the allocator's; the pages were PG_reserved or are new (all zero). */
void buddy_add_range(unsigned long from_pfn, unsigned long to_pfn);

/* ---- page allocator ---- */
unsigned long zone_free_pages(void);
unsigned long zone_total_pages(void);
void pages_drain_all(void); /* per-CPU lists of all CPUs go back; interrupts on */

/* ---- reclaim ---- */
void lru_add(struct page *p);
void lru_remove(struct page *p);
void page_lock_init(void);
unsigned long slab_reclaim(void);		/* pages given back */
/*
 * Takes a clean unused page out of the cache if nothing else uses it: page locked, one reference
 * ours. Drops the cache's reference.
 */
bool filemap_drop_clean(struct page *p);

/* ---- page cache, for truncation ---- */
/* The cached page at @index (the next one at or after *@index), locked and referenced, or NULL. */
struct page *filemap_lock_page(struct mapping *m, unsigned long index);
struct page *filemap_next_locked(struct mapping *m, unsigned long *index);
/* Takes a locked page out of the cache. The caller keeps the file from going meanwhile. */
void filemap_remove_page(struct mapping *m, struct page *p);

/* ---- page tables ---- */
#define TABLE_GROUP	8u	/* entries a bit of page->occupied stands for */
/*
 * Software bit of an entry that is not present because the mapping is PROT_NONE but keeps its page.
 * The frame number is stored inverted, so that no CPU speculates with it (L1 Terminal Fault).
 */
#define PTE_PROTNONE	BIT(10)

static inline pte_t *pt_table(pte_t entry) { return phys_to_virt(entry & PTE_ADDR); }

/* The page of an entry that is not zero; NULL for special ones. */
static inline struct page *pte_page(pte_t e)
{
	return e & PTE_SPECIAL ? NULL : phys_to_page((e & PTE_P ? e : ~e) & PTE_ADDR);
}

/* Rights of a user mapping as entry bits, without write permission. */
static inline pte_t vma_pte_bits(const struct vma *v)
{
	return PTE_P | PTE_U | PTE_A | (v->flags & PROT_EXEC ? 0 : PTE_NX);
}

#define PT_BATCH	256u	/* entries and tables looked at in one go with ptl held */

/**
 * struct pt_iter - walks the entries in use of a range of user addresses
 *
 * mm->ptl is held between pt_iter_init() and the last pt_next(), which ends the walk early so that
 * nobody is kept from the CPU for long: it goes on with the lock taken anew while @va < @end.
 */
struct pt_iter {
	struct mm *mm;
	unsigned long va, end;	/* next address to look at, end of the range */
	pte_t *table;		/* last-level table of @va; NULL: to be looked up */
	u32 budget;		/* steps left in this go */
};
static inline void pt_iter_init(struct pt_iter *it, struct mm *mm, unsigned long start,
				unsigned long end)
{
	*it = (struct pt_iter){ .mm = mm, .va = start, .end = end, .budget = PT_BATCH };
}
pte_t *pt_next(struct pt_iter *it, unsigned long *va);
void pt_set(pte_t *pte, pte_t val);
void pt_destroy(struct mm *mm);

/* Changes of the resident set, collected while ptl is held. */
struct rss { long anon, file, shmem; };
static inline void rss_count(struct rss *r, const struct page *p, long n)
{
	if (p->flags & BIT(PG_anon))
		r->anon += n;
	else if (p->flags & BIT(PG_pinned))
		r->shmem += n;
	else
		r->file += n;
}
void rss_apply(struct mm *mm, const struct rss *r);	/* ptl held */

/* ---- batched freeing ---- */
#define GATHER_MAX 60u

/**
 * struct gather - pages and tables that are freed after one flush
 * @start: lowest address whose entry lost rights or changed its frame; ~0: none
 * @end: behind the highest
 */
struct gather {
	struct mm *mm;
	unsigned long start, end;
	u32 nr;
	struct page *pages[GATHER_MAX];
	struct list_head tables;
};
void gather_init(struct gather *g, struct mm *mm);
static inline void gather_range(struct gather *g, unsigned long start, unsigned long end)
{
	g->start = min(g->start, start);
	g->end = max(g->end, end);
}
static inline bool gather_full(const struct gather *g) { return g->nr == GATHER_MAX; }
/* Flushes once, frees, and makes @g empty. ptl not held. */
void gather_finish(struct gather *g);
/*
 * Unmaps the pages of [start, end) of one vma. @even_cows: also anonymous copies of a file's pages.
 */
void zap_range(struct gather *g, struct vma *v, unsigned long start, unsigned long end,
	       bool even_cows);
/*
 * Takes out tables of [start, end) that hold nothing any more: nothing is mapped in [floor,
 * ceiling). ptl not held; mm->lock held for writing.
 */
void pt_free_range(struct gather *g, unsigned long start, unsigned long end, unsigned long floor,
		   unsigned long ceiling);

/* ---- vmas; mm->lock held for writing unless said otherwise ---- */
#define MAX_MAP_COUNT	65530u
#define STACK_GUARD_GAP	(256 * PAGE_SIZE)
extern struct kmem_cache *vma_cache;
void fault_init(void);
struct vma *vma_alloc(struct mm *mm);
struct vma *vma_dup(struct mm *mm, const struct vma *from);
void vma_free(struct vma *v);
void vma_insert(struct mm *mm, struct vma *v);
struct vma *vma_next(const struct vma *v);
struct vma *vma_prev(const struct vma *v);
/* First vma that intersects [start, end); reading is enough. */
struct vma *vma_intersect(struct mm *mm, unsigned long start, unsigned long end);
/* Cuts @v at @addr, which lies inside; the new vma is the upper part. 0, -ENOMEM. */
int vma_split(struct vma *v, unsigned long addr);
/* Joins @v with its neighbours where they continue each other; returns the result. */
struct vma *vma_merge(struct vma *v);
/* Can [start, ...) with these properties simply extend @prev (the vma ending at start)? */
bool vma_can_extend(const struct vma *prev, unsigned long start, u32 flags, const struct file *file,
		    unsigned long pgoff, const struct vma_ops *ops);
/* Changes the bounds with the mapping's list locked. */
void vma_set_bounds(struct vma *v, unsigned long start, unsigned long end, unsigned long pgoff);
void vma_account(struct mm *mm, u32 flags, const struct file *file, long pages);
void vma_link_mapping(struct vma *v);		/* unless it is linked */
void vma_unlink_mapping(struct vma *v);
/* Takes vmas out of the tree onto a list; vma_free_list() puts their files later. */
void vma_detach(struct vma *v, struct list_head *removed);
void vma_free_list(struct list_head *removed);
/* Cuts so that vmas begin at @start and end at @end, if they cover those. */
int vma_isolate(struct mm *mm, unsigned long start, unsigned long end);
/* Unmaps with mm->lock held; removed vmas go onto @removed. */
int unmap_locked(struct mm *mm, unsigned long start, unsigned long end, struct list_head *removed);
/* A free place for @len bytes, or -ENOMEM. */
long vma_find_gap(struct mm *mm, unsigned long len, unsigned long low, unsigned long high);
/* Room for @len more bytes under RLIMIT_AS (and RLIMIT_DATA)? */
bool mm_may_expand(struct mm *mm, u32 flags, const struct file *file, unsigned long pages);
/*
 * Faults in what is missing in a range (MAP_POPULATE, mlock). mm->lock not held. 0 or the first
 * error; a mapping that cannot be faulted in does not keep those behind it from being.
 */
int mm_populate(struct mm *mm, unsigned long start, unsigned long end);
struct mapping *vma_mapping(const struct vma *v);
bool mlock_allowed(struct mm *mm, unsigned long more_pages);

/*
 * Pages of a file that are in the cache, for fault-around: fills @pages for [first, first + n),
 * NULL where absent or beyond the end. m->invalidate_lock held.
 */
void filemap_find_around(struct mapping *m, unsigned long first, u32 n, struct page **pages);
extern const struct vma_ops filemap_vma_ops;

#endif
