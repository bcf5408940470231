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
unsigned long zone_low_pages(void);		/* reclaim keeps this many free */
void pages_drain_all(void);			/* per-CPU lists of all CPUs go back; interrupts on */

/* ---- reclaim ---- */
void lru_add(struct page *p);
void lru_remove(struct page *p);
void page_lock_init(void);
/* Tries to free @want pages: caches, empty slabs. May sleep. Returns how many it freed. */
unsigned long reclaim_pages(unsigned long want);
unsigned long slab_reclaim(void);		/* pages given back */
unsigned long vmalloc_purge(void);
/* Takes a clean unused page out of the cache if nothing else uses it: page locked, one reference ours. Drops the cache's reference. */
bool filemap_drop_clean(struct page *p);

/* ---- page tables ---- */
#define PTES_PER_TABLE	512u
#define TABLE_GROUP	8u	/* entries a bit of page->occupied stands for */

/**
 * struct pt_iter - walks the entries in use of a range of user addresses
 * @mm: whose
 * @va: address of the entry returned last plus one page
 * @end: of the range
 *
 * mm->ptl held between the first and the last pt_next().
 */
struct pt_iter {
	struct mm *mm;
	unsigned long va, end;
	pte_t *table;		/* last-level table of @va, NULL: to be looked up */
	unsigned long occupied;	/* its groups */
};
static inline void pt_iter_init(struct pt_iter *it, struct mm *mm, unsigned long start, unsigned long end)
{
	it->mm = mm;
	it->va = start;
	it->end = end;
	it->table = NULL;
	it->occupied = 0;
}
/* Next entry that is not zero, its address in *@va; NULL at the end. */
pte_t *pt_next(struct pt_iter *it, unsigned long *va);
/* Writes an entry that may have been zero. */
void pt_set(pte_t *pte, pte_t val);
/* As pt_walk_alloc(), with ptl held: never sleeps. */
pte_t *pt_walk_alloc_locked(struct mm *mm, unsigned long va);
/* Frees the tables (not the pages) below the user half that lie wholly in [floor, ceiling) and hold nothing; pages to free are gathered. */
struct gather;
void pt_free_range(struct gather *g, unsigned long start, unsigned long end);
/* Detaches everything from the root; then frees it without writing entries. Last user only. */
void pt_destroy(struct mm *mm);

/* Protection of a user mapping as entry bits, without write permission. */
static inline pte_t vma_pte_bits(const struct vma *v)
{
	return PTE_P | PTE_U | PTE_A | (v->flags & PROT_EXEC ? 0 : PTE_NX);
}

/* ---- batched freeing ---- */
#define GATHER_MAX 60

/**
 * struct gather - pages that are freed after one flush
 * @start: lowest address whose entry changed
 * @end: behind the highest
 * @freed_tables: tables are among the pages: paging-structure caches must be flushed too
 */
struct gather {
	struct mm *mm;
	unsigned long start, end;
	u32 nr;
	bool freed_tables;
	struct page *pages[GATHER_MAX];
};
void gather_init(struct gather *g, struct mm *mm);
/* True: full, call gather_finish() with ptl released before going on. */
bool gather_page(struct gather *g, struct page *p);
void gather_range(struct gather *g, unsigned long start, unsigned long end);
static inline bool gather_full(const struct gather *g) { return g->nr == GATHER_MAX; }
void gather_finish(struct gather *g);

/* Unmaps the pages of [start, end) of one vma. @even_cows: also anonymous copies of a file's pages. */
void zap_range(struct gather *g, struct vma *v, unsigned long start, unsigned long end, bool even_cows);

/* ---- vmas; mm->lock held for writing unless said otherwise ---- */
#define MAX_MAP_COUNT	65530u
#define STACK_GUARD_GAP	(256 * PAGE_SIZE)
extern struct kmem_cache *vma_cache;
struct vma *vma_alloc(struct mm *mm);
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
bool vma_can_extend(const struct vma *prev, unsigned long start, u32 flags, const struct file *file, unsigned long pgoff,
		    const struct vma_ops *ops);
/* Changes the bounds with the mapping's list locked. */
void vma_set_bounds(struct vma *v, unsigned long start, unsigned long end, unsigned long pgoff);
void vma_account(struct mm *mm, u32 flags, const struct file *file, long pages);
void vma_link_mapping(struct vma *v);
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
long map_locked(struct mm *mm, unsigned long addr, unsigned long len, u32 flags, struct file *file, unsigned long pgoff,
		struct list_head *removed);
/* Faults in what is missing in a range (MAP_POPULATE, mlock). mm->lock not held. 0 or errno. */
int mm_populate(struct mm *mm, unsigned long start, unsigned long end, bool write_too);
struct mapping *vma_mapping(const struct vma *v);
bool mlock_allowed(struct mm *mm, unsigned long more_pages);

/* Pages of a file around @pgoff that are in the cache, for fault-around: fills @pages for [first, first + n), NULL where absent. */
void filemap_find_around(struct mapping *m, unsigned long first, u32 n, struct page **pages);
extern const struct vma_ops filemap_vma_ops;

#endif
