// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of user address spaces: walking, filling, and iterating over what
 * is in use. A table of 512 entries is mostly empty, and reading all of it is
 * what makes fork and exit slow: the struct page of each table has a bit for
 * every 8 entries that may be in use, and only those are looked at.
 */
#include "internal.h"
#include <bitmap.h>
#include <user.h>

/**
 * pt_walk - find the entry of an address
 * @root: top-level table
 * @va: address, user or kernel
 *
 * Context: the tables do not go away (mm->lock, ptl or ownership).
 * Return: last-level entry; NULL if a table is missing or a large page covers @va.
 */
pte_t *pt_walk(paddr_t root, unsigned long va)
{
	pte_t *table = phys_to_virt(root);
	u32 level;

	for (level = 3; level; level--) {
		pte_t e = READ_ONCE(table[pt_index(va, level)]);

		if (!(e & PTE_P) || (e & PTE_PS))
			return NULL;
		table = pt_table(e);
	}
	return &table[pt_index(va, 0)];
}

/**
 * pt_set - write an entry that may have been zero
 * @pte: entry of a user address space's table
 * @val: new value, not 0
 *
 * Context: ptl held.
 */
void pt_set(pte_t *pte, pte_t val)
{
	unsigned long a = (unsigned long)pte - DIRECT_MAP_BASE;

	pfn_to_page(a >> PAGE_SHIFT)->occupied |=
		BIT((a & (PAGE_SIZE - 1)) / (TABLE_GROUP * sizeof(pte_t)));
	WRITE_ONCE(*pte, val);
}

static pte_t *make_table(struct mm *mm, pte_t *entry, unsigned long va, u32 level)
{
	struct page *p;

	if (!user_charge(mm->user, PAGE_SIZE))
		return NULL;
	p = alloc_page(GFP_USER | GFP_ZERO);
	if (!p) {
		user_uncharge(mm->user, PAGE_SIZE);
		return NULL;
	}
	spin_lock(&mm->ptl);
	if (!(*entry & PTE_P)) {
		pt_set(entry, page_to_phys(p) | PTE_P | PTE_W | PTE_U | PTE_A);
		atomic64_set(&mm->pgtables, atomic64_read(&mm->pgtables) + 1);
		mem_count(MEM_PAGETABLES, 1);
		if (level == 3)
			mmu_top_changed(mm, pt_index(va, level));
		p = NULL;
	}
	spin_unlock(&mm->ptl);
	if (p) {
		user_uncharge(mm->user, PAGE_SIZE);
		page_put(p);
	}
	return pt_table(*entry);
}

/**
 * pt_walk_alloc - find the entry of a user address, making missing tables
 * @mm: address space
 * @va: user address
 *
 * Context: may sleep; mm->lock held, ptl not.
 * Return: the entry, or NULL if there is no memory.
 */
pte_t *pt_walk_alloc(struct mm *mm, unsigned long va)
{
	pte_t *table = phys_to_virt(mm->root);
	u32 level;

	for (level = 3; level; level--) {
		pte_t *entry = &table[pt_index(va, level)];
		pte_t e = READ_ONCE(*entry);

		table = likely(e & PTE_P) ? pt_table(e) : make_table(mm, entry, va, level);
		if (!table)
			return NULL;
	}
	return &table[pt_index(va, 0)];
}

/* Index of the first entry in use at or after @i; PTES_PER_TABLE: none. */
static u32 next_used(const pte_t *table, u32 i)
{
	unsigned long occupied = virt_to_page(table)->occupied & ~0UL << (i / TABLE_GROUP);

	for (; occupied; occupied &= occupied - 1) {
		u32 group = bit_lowest(occupied) * TABLE_GROUP;

		for (i = max(i, group); i < group + TABLE_GROUP; i++)
			if (table[i])
				return i;
	}
	return PTES_PER_TABLE;
}

/* Moves @it->va forward to the next last-level table that exists; false: none, or enough for now. */
static bool find_table(struct pt_iter *it)
{
	pte_t *table = phys_to_virt(it->mm->root);
	u32 level = 3;

	while (level) {
		u32 shift = PAGE_SHIFT + 9 * level, i = pt_index(it->va, level),
		    used = next_used(table, i);

		if (used != i) {
			it->va = (it->va >> (shift + 9) << (shift + 9)) +
				 ((unsigned long)used << shift);
			if (it->va >= it->end)
				return false;
		}
		if (used < PTES_PER_TABLE) {
			table = pt_table(table[used]);
			level--;
		} else {
			if (!it->budget)
				return false;
			it->budget--;
			table = phys_to_virt(it->mm->root);
			level = 3;
		}
	}
	it->table = table;
	return true;
}

/**
 * pt_next - next entry in use
 * @it: where the walk stands
 * @va: set to the entry's address
 *
 * Context: ptl held.
 * Return: an entry that is not zero; NULL: the end of the range (@it->va >= @it->end), or ptl has
 * been held long enough.
 */
pte_t *pt_next(struct pt_iter *it, unsigned long *va)
{
	while (it->va < it->end) {
		u32 i, used;

		if (unlikely(!it->budget))
			return NULL;
		it->budget--;
		if (!it->table && !find_table(it))
			return NULL;
		i = pt_index(it->va, 0);
		used = it->table[i] ? i : next_used(it->table, i);
		it->va += (unsigned long)(used - i) << PAGE_SHIFT;
		if (used == PTES_PER_TABLE) {
			it->table = NULL;
			continue;
		}
		if (it->va >= it->end)
			return NULL;
		*va = it->va;
		it->va += PAGE_SIZE;
		if (used == PTES_PER_TABLE - 1) {
			pte_t *last = &it->table[used];

			it->table = NULL;
			return last;
		}
		return &it->table[used];
	}
	return NULL;
}

/**
 * rss_apply - bring the counters of resident pages up to date
 * @mm: address space
 * @r: changes
 *
 * Context: ptl held.
 */
void rss_apply(struct mm *mm, const struct rss *r)
{
	if (r->anon + r->file + r->shmem < 0)
		mm->hiwater_rss = max(mm->hiwater_rss, mm_rss(mm));
	if (r->anon) {
		atomic64_set(&mm->rss_anon, atomic64_read(&mm->rss_anon) + r->anon);
		mem_count(MEM_ANON, r->anon);
	}
	if (r->file) {
		atomic64_set(&mm->rss_file, atomic64_read(&mm->rss_file) + r->file);
		mem_count(MEM_MAPPED, r->file);
	}
	if (r->shmem) {
		atomic64_set(&mm->rss_shmem, atomic64_read(&mm->rss_shmem) + r->shmem);
		mem_count(MEM_MAPPED, r->shmem);
	}
}

/* ---- freeing tables ---- */

/**
 * struct reap - a request to free tables
 * @start: of what was unmapped
 * @end: of it
 * @floor: nothing is mapped from here ...
 * @ceiling: ... to here
 * @budget: steps left in this go
 * @next: where the next go begins
 */
struct reap {
	struct gather *g;
	unsigned long start, end, floor, ceiling, next;
	u32 budget;
	long freed;
};

/*
 * Flushing any page below the entry makes CPUs forget the table (SDM vol. 3, 4.10.4.1). One of
 * those that were unmapped is taken, so that the range to flush does not grow.
 */
static void reap_entry(struct reap *r, pte_t *entry, unsigned long base, u32 level)
{
	unsigned long size = 1UL << (PAGE_SHIFT + 9 * level), any = max(base, r->start);

	if (base < r->floor || base + size > r->ceiling)
		return;
	list_add(&phys_to_page(*entry & PTE_ADDR)->lru, &r->g->tables);
	WRITE_ONCE(*entry, 0);
	if (level == 3)
		mmu_top_changed(r->g->mm, pt_index(base, level));
	gather_range(r->g, any, any + PAGE_SIZE);
	r->freed++;
}

/*
 * Tables below @table, which spans 512 entries of @level from @base on. At most 3 deep. False: ptl
 * has been held long enough.
 */
static bool reap_level(struct reap *r, pte_t *table, unsigned long base, u32 level)
{
	u32 shift = PAGE_SHIFT + 9 * level;
	u32 i = r->start > base ? pt_index(r->start, level) : 0;

	for (i = next_used(table, i); i < PTES_PER_TABLE; i = next_used(table, i + 1)) {
		unsigned long at = base + ((unsigned long)i << shift);

		if (at >= r->end)
			return true;
		if (!r->budget) {
			r->next = max(at, r->start);
			return false;
		}
		r->budget--;
		if (level > 1 && !reap_level(r, pt_table(table[i]), at, level - 1))
			return false;
		reap_entry(r, &table[i], at, level);
		if (i == PTES_PER_TABLE - 1)
			return true;
	}
	return true;
}

static void reap_some(struct reap *r)
{
	struct mm *mm = r->g->mm;

	r->budget = PT_BATCH;
	r->next = r->end;
	r->freed = 0;
	spin_lock(&mm->ptl);
	reap_level(r, phys_to_virt(mm->root), 0, 3);
	atomic64_set(&mm->pgtables, atomic64_read(&mm->pgtables) - r->freed);
	mem_count(MEM_PAGETABLES, -r->freed);
	spin_unlock(&mm->ptl);
	user_uncharge(mm->user, (u64)r->freed * PAGE_SIZE);
	r->start = r->next;
}

void pt_free_range(struct gather *g, unsigned long start, unsigned long end, unsigned long floor,
		   unsigned long ceiling)
{
	struct reap r = { .g = g, .start = start, .end = end, .floor = floor, .ceiling = ceiling };

	while (r.start < end)
		reap_some(&r);
}

/* ---- the end of an address space ---- */

struct teardown {
	struct page *batch[64];
	u32 nr;
	struct rss rss;
	long tables;
};

static inline void drop_page(struct teardown *t, struct page *p)
{
	t->batch[t->nr++] = p;
	if (t->nr == ARRAY_SIZE(t->batch)) {
		pages_put(t->batch, t->nr);
		t->nr = 0;
	}
}

static void drop_leaf_table(struct teardown *t, pte_t *table)
{
	u32 i;

	for (i = next_used(table, 0); i < PTES_PER_TABLE;
	     i = i < PTES_PER_TABLE - 1 ? next_used(table, i + 1) : PTES_PER_TABLE) {
		struct page *p = pte_page(table[i]);

		if (!p)
			continue;
		rss_count(&t->rss, p, -1);
		drop_page(t, p);
	}
}

/* Frees what is below @table, an entry of which spans @level levels, and @table itself. */
static void drop_table(struct teardown *t, pte_t *table, u32 level)
{
	u32 i;

	if (level == 0)
		drop_leaf_table(t, table);
	for (i = level ? next_used(table, 0) : PTES_PER_TABLE; i < PTES_PER_TABLE;
	     i = i < PTES_PER_TABLE - 1 ? next_used(table, i + 1) : PTES_PER_TABLE)
		drop_table(t, pt_table(table[i]), level - 1);
	drop_page(t, virt_to_page(table));
	t->tables++;
}

/* Cuts off up to @max subtrees at the root. */
static u32 detach_some(struct mm *mm, pte_t *top, u32 max)
{
	pte_t *root = phys_to_virt(mm->root);
	u32 i, n = 0;

	spin_lock(&mm->ptl);
	for (i = next_used(root, 0); i < USER_TOP >> 39 && n < max; i = next_used(root, i + 1)) {
		top[n++] = root[i];
		WRITE_ONCE(root[i], 0);
		mmu_top_changed(mm, i);
	}
	spin_unlock(&mm->ptl);
	return n;
}

/**
 * pt_destroy - free all pages and tables of an address space
 * @mm: nobody uses its mappings any more, no file's list of mappings knows them
 *
 * First everything is cut off at the root and flushed, so that the entries
 * below need not be written one by one.
 * Context: may sleep.
 */
void pt_destroy(struct mm *mm)
{
	struct teardown t = { .nr = 0 };
	pte_t top[16];
	u32 i, n;

	while ((n = detach_some(mm, top, ARRAY_SIZE(top)))) {
		mmu_flush_all(mm);
		for (i = 0; i < n; i++)
			drop_table(&t, pt_table(top[i]), 2);
	}
	pages_put(t.batch, t.nr);
	spin_lock(&mm->ptl);
	rss_apply(mm, &t.rss);
	atomic64_set(&mm->pgtables, atomic64_read(&mm->pgtables) - t.tables);
	mem_count(MEM_PAGETABLES, -t.tables);
	spin_unlock(&mm->ptl);
	user_uncharge(mm->user, (u64)t.tables * PAGE_SIZE);
}
