// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel mappings of single pages and of device memory, in the vmalloc area.
 * Between any two areas at least one page is unmapped, so that running off the
 * end of one faults.
 *
 * Freeing is lazy: vfree() only queues, because the flush on all CPUs that must
 * come before reuse of the pages and addresses is dear and needs interrupts on.
 * The next allocation after enough has piled up flushes once for all.
 */
#define pr_fmt(f) "vmalloc: " f
#include <shrinker.h>
#include "vmalloc.h"
#include <panic.h>
#include <string.h>

#define LAZY_MAX	512u	/* pages queued before an allocation flushes */
#define GUARD		PAGE_SIZE

/**
 * struct area - an allocated part of the vmalloc area
 * @start: first byte
 * @size: bytes that may be mapped
 * @io: device memory: has no struct page
 * @offset: of what the caller got in its first page (ioremap)
 * @node: by address, guarded by va_lock
 * @lazy: in lazy_areas, guarded by va_lock
 */
struct area {
	unsigned long start, size;
	bool io;
	u32 offset;
	struct rb_node node;
	struct list_head lazy;
};

static DEFINE_SPINLOCK(va_lock); /* interrupts off; guards the rest and upper-level kernel tables */
static struct rb_root areas = { NULL };
static unsigned long va_hint = VMALLOC_START;	/* there is no hole below it */
static LIST_HEAD(lazy_areas);
static unsigned long lazy_pages;
static struct kmem_cache *area_cache __ro_after_init;

/* ---- addresses: va_lock held ---- */

/* First area that ends above @addr. */
static struct area *area_above(unsigned long addr)
{
	struct rb_node *n = areas.node;
	struct area *best = NULL;

	while (n) {
		struct area *a = rb_entry(n, struct area, node);

		if (a->start + a->size > addr) {
			best = a;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

static void area_link(struct area *a)
{
	struct rb_node **link = &areas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = a->start < rb_entry(parent, struct area, node)->start ? &parent->left :
									       &parent->right;
	}
	rb_insert(&areas, &a->node, parent, link);
}

/* The lowest place with room for @a->size bytes and a guard on each side. */
static bool area_place(struct area *a, unsigned long align)
{
	unsigned long at = ALIGN_UP(va_hint + GUARD, align);
	struct area *next = area_above(va_hint);
	bool no_hole = align == PAGE_SIZE;

	while (next && next->start < at + a->size + GUARD) {
		if (next->start > va_hint + GUARD)
			no_hole = false;
		at = ALIGN_UP(next->start + next->size + GUARD, align);
		next = rb_next(&next->node) ? rb_entry(rb_next(&next->node), struct area, node) :
					      NULL;
	}
	if (at + a->size + GUARD > VMALLOC_END)
		return false;
	a->start = at;
	area_link(a);
	if (no_hole && at == va_hint + GUARD)
		va_hint = at + a->size;
	return true;
}

static void area_unlink(struct area *a)
{
	rb_erase(&areas, &a->node);
	va_hint = min(va_hint, a->start - GUARD);
}

/* ---- tables ---- */

/* The table that @entry points to, made if it is missing. */
static pte_t *next_table(pte_t *entry)
{
	struct page *p;
	unsigned long flags;

	if (!(READ_ONCE(*entry) & PTE_P)) {
		p = alloc_page(GFP_KERNEL | GFP_ZERO);
		if (!p)
			return NULL;
		spin_lock_irqsave(&va_lock, flags);
		if (!(*entry & PTE_P)) {
			WRITE_ONCE(*entry, page_to_phys(p) | PTE_KERNEL_TABLE);
			mem_count(MEM_PAGETABLES, 1);
			p = NULL;
		}
		spin_unlock_irqrestore(&va_lock, flags);
		if (p)
			page_put(p);
	}
	return phys_to_virt(*entry & PTE_ADDR);
}

static inline u32 index_at(unsigned long va, u32 level)
{
	return va >> (PAGE_SHIFT + 9 * level) & (PTES_PER_TABLE - 1);
}

static pte_t *kernel_pte(unsigned long va)
{
	pte_t *table = phys_to_virt(kernel_mm.root);
	u32 level;

	for (level = 3; level; level--) {
		table = next_table(&table[index_at(va, level)]);
		if (!table)
			return NULL;
	}
	return &table[index_at(va, 0)];
}

/* Entries are the area's own: no lock. */
static void unmap_area(struct area *a, struct list_head *pages)
{
	unsigned long va;

	for (va = a->start; va < a->start + a->size; va += PAGE_SIZE) {
		pte_t *pte = pt_walk(kernel_mm.root, va);

		if (!pte || !(*pte & PTE_P))
			continue;
		if (!a->io)
			list_add(&phys_to_page(*pte & PTE_ADDR)->lru, pages);
		WRITE_ONCE(*pte, 0);
	}
}

static bool map_pages(struct area *a, u32 gfp)
{
	unsigned long va;

	for (va = a->start; va < a->start + a->size; va += PAGE_SIZE) {
		pte_t *pte = kernel_pte(va);
		struct page *p = pte ? alloc_page(gfp) : NULL;

		if (!p)
			return false;
		WRITE_ONCE(*pte, page_to_phys(p) | PTE_KERNEL_DATA);
	}
	mmu_announce(&kernel_mm, a->start, a->size / PAGE_SIZE);
	return true;
}

static bool map_device(struct area *a, paddr_t pa)
{
	unsigned long off;

	for (off = 0; off < a->size; off += PAGE_SIZE) {
		pte_t *pte = kernel_pte(a->start + off);

		if (!pte)
			return false;
		WRITE_ONCE(*pte, (pa + off) | PTE_KERNEL_DATA | PTE_PCD | PTE_PWT | PTE_SPECIAL);
	}
	mmu_announce(&kernel_mm, a->start, a->size / PAGE_SIZE);
	return true;
}

/* ---- areas ---- */

static void queue_free(struct area *a)
{
	unsigned long flags;

	spin_lock_irqsave(&va_lock, flags);
	list_add_tail(&a->lazy, &lazy_areas);
	lazy_pages += a->size / PAGE_SIZE;
	spin_unlock_irqrestore(&va_lock, flags);
}

/**
 * vmalloc_purge - flush what vfree() has queued, then free it
 *
 * Context: interrupts on, may spin for the other CPUs. Return: pages freed.
 */
static unsigned long vmalloc_purge(void)
{
	unsigned long low = VMALLOC_END, high = VMALLOC_START, freed = 0;
	struct area *a, *next;
	struct page *p, *np;
	LIST_HEAD(todo);
	LIST_HEAD(pages);

	spin_lock_irq(&va_lock);
	list_splice_tail(&lazy_areas, &todo);
	lazy_pages = 0;
	spin_unlock_irq(&va_lock);
	if (list_empty(&todo))
		return 0;
	list_for_each_entry(a, &todo, lazy) {
		unmap_area(a, &pages);
		low = min(low, a->start);
		high = max(high, a->start + a->size);
	}
	mmu_flush_kernel(low, high);
	list_for_each_entry_safe(p, np, &pages, lru) {
		list_del(&p->lru);
		page_put(p);
		freed++;
	}
	list_for_each_entry_safe(a, next, &todo, lazy) {
		spin_lock_irq(&va_lock);
		area_unlink(a);
		spin_unlock_irq(&va_lock);
		kmem_cache_free(area_cache, a);
	}
	return freed;
}

static bool may_purge(void)
{
	return !irqs_disabled() && current->preempt_count == 0;
}

static struct area *area_alloc(size_t size, unsigned long align)
{
	struct area *a = kmem_cache_alloc(area_cache, GFP_KERNEL | GFP_ZERO);
	unsigned long flags;
	bool ok;

	if (!a)
		return NULL;
	if (READ_ONCE(lazy_pages) > LAZY_MAX && may_purge())
		vmalloc_purge();
	a->size = ALIGN_UP(size, PAGE_SIZE);
	list_init(&a->lazy);
	spin_lock_irqsave(&va_lock, flags);
	ok = area_place(a, align);
	spin_unlock_irqrestore(&va_lock, flags);
	if (ok)
		return a;
	kmem_cache_free(area_cache, a);
	return NULL;
}

/**
 * vmalloc_area - map fresh pages
 * @size: bytes, above 0
 * @align: of the address, a power of two, at least PAGE_SIZE
 * @gfp: for the pages
 *
 * Context: may sleep. Return: address, or 0.
 */
unsigned long vmalloc_area(size_t size, unsigned long align, u32 gfp)
{
	struct area *a;

	if (!size || size >= VMALLOC_END - VMALLOC_START || size / PAGE_SIZE > zone_total_pages())
		return 0;
	a = area_alloc(size, align);
	if (!a)
		return 0;
	if (map_pages(a, gfp))
		return a->start;
	queue_free(a);
	return 0;
}

static void free_at(const void *p)
{
	unsigned long va = (unsigned long)p, flags;
	struct area *a;

	spin_lock_irqsave(&va_lock, flags);
	a = area_above(va);
	BUG_ON(!a || a->start + a->offset != va || !list_empty(&a->lazy));
	spin_unlock_irqrestore(&va_lock, flags);
	queue_free(a);
}

/* The contracts of these stand in mm.h. */
void *vmalloc(size_t n)
{
	return (void *)vmalloc_area(n, PAGE_SIZE, GFP_KERNEL | GFP_ZERO);
}

void vfree(void *p)
{
	if (p)
		free_at(p);
}

void *ioremap(paddr_t pa, size_t n)
{
	u32 offset = pa & (PAGE_SIZE - 1);
	struct area *a;

	if (!n || pa + n < pa || pa + n > PTE_ADDR)
		return NULL;
	a = area_alloc(n + offset, PAGE_SIZE);
	if (!a)
		return NULL;
	a->io = true;
	a->offset = offset;
	if (map_device(a, pa - offset))
		return (void *)(a->start + offset);
	queue_free(a);
	return NULL;
}

void iounmap(void *p)
{
	vfree(p);
}

static unsigned long shrink_lazy(unsigned long want)
{
	(void)want;
	return vmalloc_purge();
}

static struct shrinker lazy_shrinker = { .shrink = shrink_lazy };

/**
 * vmalloc_init - make the area usable
 *
 * The tables below the top level exist from here on, so that every address
 * space may copy the top-level entries once and never look at them again.
 * Context: boot CPU, after slab_init() and mmu_init().
 */
void vmalloc_init(void)
{
	pte_t *root = phys_to_virt(kernel_mm.root);
	unsigned long va;

	area_cache = kmem_cache_create("vmalloc_area", sizeof(struct area), 8, NULL);
	for (va = VMALLOC_START; va < VMALLOC_END; va += 1UL << (PAGE_SHIFT + 27))
		if (!next_table(&root[index_at(va, 3)]))
			panic("no memory for the tables of the vmalloc area");
	kstack_init(); /* before: what it frees waits here */
	shrinker_register(&lazy_shrinker);
}
