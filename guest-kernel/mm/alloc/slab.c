// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of one size from slabs (Bonwick 1994) behind a magazine on each CPU
 * (Bonwick and Adams 2001). A slab is a block of pages whose free objects are
 * linked through themselves; a magazine is a stack of free objects that one CPU
 * uses with its interrupts off: no lock, no atomic operation.
 */
#define pr_fmt(f) "slab: " f
#include "slab.h"
#include <log.h>
#include <panic.h>
#include <string.h>
#include <xarray.h>

#define MAX_SLAB_ORDER	3u
#define EMPTY_KEEP	2u	/* empty slabs that a cache keeps */

/* What a CPU without a magazine uses: always empty and always full. */
static struct magazine no_magazine;

static struct kmem_cache cache_cache, magazine_cache;
static LIST_HEAD(caches);			/* guarded by caches_lock */
static DEFINE_SPINLOCK(caches_lock);

static struct page *slab_of(const struct kmem_cache *c, const void *obj)
{
	unsigned long pfn = virt_to_phys(obj) >> PAGE_SHIFT;

	return pfn_to_page(pfn & ~((1UL << c->order) - 1));
}

static inline void **free_link(const struct kmem_cache *c, void *obj)
{
	return (void **)((char *)obj + c->link_offset);
}

/* ---- slabs ---- */

static void layout(struct kmem_cache *c)
{
	size_t align = max_t(size_t, c->align, 8), stride = ALIGN_UP(c->size, 8);

	/*
	 * A constructed or poisoned object must stay as it is while free: the link goes behind it.
	 */
	c->link_offset = 0;
	if (c->ctor || IS_ENABLED(CONFIG_DEBUG_SLAB)) {
		stride += slab_debug_size();
		c->link_offset = stride;
		stride += sizeof(void *);
	}
	c->stride = ALIGN_UP(max(stride, sizeof(void *)), align);
	for (c->order = 0; c->order < MAX_SLAB_ORDER; c->order++)
		if ((PAGE_SIZE << c->order) / c->stride >= 16 ||
		    ((PAGE_SIZE << c->order) / c->stride >= 4 &&
		     (PAGE_SIZE << c->order) % c->stride < (PAGE_SIZE << c->order) / 8))
			break;
	c->per_slab = (u32)((PAGE_SIZE << c->order) / c->stride);
	c->mag_size = c->size <= 256 ? 32 : c->size <= 1024 ? 16 : 8;
	BUG_ON(!c->per_slab);
}

static struct page *new_slab(struct kmem_cache *c, u32 gfp)
{
	struct page *slab = alloc_pages(c->order, gfp & ~GFP_ZERO);
	unsigned long flags;
	char *obj;
	u32 i;

	if (!slab)
		return NULL;
	for (i = 0; i < 1u << c->order; i++) {
		slab[i].flags = BIT(PG_slab);
		slab[i].cache = c;
	}
	slab->freelist = NULL;
	slab->inuse = 0;
	list_init(&slab->lru);
	for (i = c->per_slab; i > 0; i--) {
		obj = (char *)page_address(slab) + (i - 1) * c->stride;
		if (c->ctor)
			c->ctor(obj);
		slab_debug_init(c, obj);
		*free_link(c, obj) = slab->freelist;
		slab->freelist = obj;
	}
	flags = irq_save();
	mem_count(MEM_SLAB, 1L << c->order);
	irq_restore(flags);
	return slab;
}

static void free_slab(struct kmem_cache *c, struct page *slab)
{
	unsigned long flags;
	u32 i;

	for (i = 0; i < 1u << c->order; i++)
		slab[i].flags = 0;
	flags = irq_save();
	mem_count(MEM_SLAB, -(1L << c->order));
	irq_restore(flags);
	free_pages(slab, c->order);
}

static void free_slabs(struct kmem_cache *c, struct list_head *list)
{
	struct page *slab, *next;

	list_for_each_entry_safe(slab, next, list, lru) {
		list_del(&slab->lru);
		free_slab(c, slab);
	}
}

/* c->lock held. */
static void *slab_take(struct kmem_cache *c)
{
	struct page *slab;
	void *obj;

	if (list_empty(&c->partial))
		return NULL;
	slab = list_first_entry(&c->partial, struct page, lru);
	obj = slab->freelist;
	slab->freelist = *free_link(c, obj);
	if (slab->inuse++ == 0)
		c->nr_empty--;
	if (!slab->freelist)
		list_del(&slab->lru);
	return obj;
}

/* c->lock held. Slabs that have become superfluous go onto @dead. */
static void slab_give(struct kmem_cache *c, void *obj, struct list_head *dead)
{
	struct page *slab = slab_of(c, obj);

	if (!slab->freelist)
		list_add(&slab->lru, &c->partial);
	*free_link(c, obj) = slab->freelist;
	slab->freelist = obj;
	if (--slab->inuse)
		return;
	list_del(&slab->lru);
	if (c->nr_empty >= EMPTY_KEEP) {
		c->nr_slabs--;
		list_add(&slab->lru, dead);
	} else {
		c->nr_empty++;
		list_add_tail(&slab->lru, &c->partial);
	}
}

/* ---- magazines: interrupts off ---- */

static void add_magazine(struct kmem_cache *c)
{
	struct magazine *m;
	unsigned long flags;

	if (c->mag[cpu_id()] != &no_magazine || c == &magazine_cache)
		return;
	m = kmem_cache_alloc(&magazine_cache, GFP_ATOMIC | GFP_NOWARN);
	if (!m)
		return;
	m->count = 0;
	m->cap = c->mag_size;
	flags = irq_save();
	if (c->mag[cpu_id()] == &no_magazine) {
		c->mag[cpu_id()] = m;
		m = NULL;
	}
	irq_restore(flags);
	if (m)
		kmem_cache_free(&magazine_cache, m);
}

/* One object, and the magazine half full. */
static void *refill(struct kmem_cache *c)
{
	unsigned long flags;
	struct magazine *m;
	void *obj, *more;

	spin_lock_irqsave(&c->lock, flags);
	obj = slab_take(c);
	m = c->mag[cpu_id()];
	while (obj && m->count < m->cap / 2) {
		more = slab_take(c);
		if (!more)
			break;
		m->objs[m->count++] = more;
	}
	spin_unlock_irqrestore(&c->lock, flags);
	return obj;
}

static __noinline void *alloc_slow(struct kmem_cache *c, u32 gfp)
{
	struct page *slab;
	unsigned long flags;
	void *obj;

	add_magazine(c);
	for (;;) {
		obj = refill(c);
		if (obj)
			return obj;
		slab = new_slab(c, gfp);
		if (!slab)
			return NULL;
		spin_lock_irqsave(&c->lock, flags);
		c->nr_slabs++;
		c->nr_empty++;
		list_add(&slab->lru, &c->partial);
		spin_unlock_irqrestore(&c->lock, flags);
	}
}

static __noinline void free_slow(struct kmem_cache *c, void *obj)
{
	unsigned long flags;
	struct magazine *m;
	LIST_HEAD(dead);

	add_magazine(c);
	spin_lock_irqsave(&c->lock, flags);
	m = c->mag[cpu_id()];
	while (m->count > m->cap / 2)
		slab_give(c, m->objs[--m->count], &dead);
	if (m->count < m->cap)
		m->objs[m->count++] = obj;
	else
		slab_give(c, obj, &dead);
	spin_unlock_irqrestore(&c->lock, flags);
	free_slabs(c, &dead);
}

/* The contracts of these stand in mm.h. */
void *kmem_cache_alloc(struct kmem_cache *c, u32 gfp)
{
	unsigned long flags = irq_save();
	struct magazine *m = c->mag[cpu_id()];
	void *obj;

	if (likely(m->count)) {
		obj = m->objs[--m->count];
		irq_restore(flags);
	} else {
		irq_restore(flags);
		obj = alloc_slow(c, gfp);
		if (unlikely(!obj))
			return NULL;
	}
	if (IS_ENABLED(CONFIG_DEBUG_SLAB))
		slab_debug_alloc(c, obj, (unsigned long)__builtin_return_address(0));
	if (gfp & GFP_ZERO)
		memset(obj, 0, c->size);
	return obj;
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	unsigned long flags;
	struct magazine *m;

	if (IS_ENABLED(CONFIG_DEBUG_SLAB))
		slab_debug_free(c, obj, (unsigned long)__builtin_return_address(0));
	flags = irq_save();
	m = c->mag[cpu_id()];
	if (likely(m->count < m->cap)) {
		m->objs[m->count++] = obj;
		irq_restore(flags);
		return;
	}
	irq_restore(flags);
	free_slow(c, obj);
}

/* ---- caches ---- */

static void cache_init(struct kmem_cache *c, const char *name, size_t size, size_t align,
		       void (*ctor)(void *))
{
	unsigned long flags;
	u32 i;

	c->name = name;
	c->size = (u32)size;
	c->align = (u32)align;
	c->ctor = ctor;
	spin_lock_init(&c->lock, "slab");
	list_init(&c->partial);
	for (i = 0; i < CONFIG_NR_CPUS; i++)
		c->mag[i] = &no_magazine;
	layout(c);
	spin_lock_irqsave(&caches_lock, flags);
	list_add_tail(&c->node, &caches);
	spin_unlock_irqrestore(&caches_lock, flags);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *))
{
	struct kmem_cache *c = kmem_cache_alloc(&cache_cache, GFP_KERNEL | GFP_ZERO);

	if (!c)
		panic("no memory for the object cache %s", name);
	cache_init(c, name, size, align, ctor);
	return c;
}

/**
 * slab_init - make object caches work
 *
 * Context: boot CPU, after mem_init().
 */
void slab_init(void)
{
	cache_init(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 64, NULL);
	cache_init(&magazine_cache, "magazine", sizeof(struct magazine), 64, NULL);
	kmalloc_init();
	xa_cache_init();
}

/**
 * slab_reclaim - give empty slabs and this CPU's spare objects back
 *
 * Context: may sleep. Return: pages freed.
 */
unsigned long slab_reclaim(void)
{
	struct kmem_cache *c;
	unsigned long flags, pages = 0;
	struct page *slab, *next;
	struct magazine *m;

	/* Caches are never destroyed: the list only grows at its end. */
	list_for_each_entry(c, &caches, node) {
		LIST_HEAD(dead);

		spin_lock_irqsave(&c->lock, flags);
		m = c->mag[cpu_id()];
		while (m->count)
			slab_give(c, m->objs[--m->count], &dead);
		list_for_each_entry_safe(slab, next, &c->partial, lru) {
			if (slab->inuse)
				continue;
			c->nr_empty--;
			c->nr_slabs--;
			list_del(&slab->lru);
			list_add(&slab->lru, &dead);
		}
		spin_unlock_irqrestore(&c->lock, flags);
		list_for_each_entry(slab, &dead, lru)
			pages += 1UL << c->order;
		free_slabs(c, &dead);
	}
	return pages;
}

/* ---- for people and tests ---- */

/* Objects handed out: those of all slabs but for the free ones there and in magazines. */
static u64 objects_in_use(struct kmem_cache *c)
{
	unsigned long flags;
	struct page *slab;
	u64 n;
	u32 cpu;

	spin_lock_irqsave(&c->lock, flags);
	n = c->nr_slabs * c->per_slab;
	list_for_each_entry(slab, &c->partial, lru)
		n -= c->per_slab - slab->inuse;
	spin_unlock_irqrestore(&c->lock, flags);
	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		n -= min_t(u64, n, READ_ONCE(c->mag[cpu]->count));
	return n;
}

static struct kmem_cache *nth_cache(u32 n)
{
	struct kmem_cache *c;

	list_for_each_entry(c, &caches, node)
		if (n-- == 0)
			return c;
	return NULL;
}

bool slab_info(u32 n, char *buf, size_t size)
{
	struct kmem_cache *c = nth_cache(n);

	if (!c)
		return false;
	scnprintf(
		buf, size,
		"%-17s %6llu %6llu %6u %4u %4u : tunables %4u %4u %4u : slabdata %6llu %6llu %6u\n",
		c->name, (unsigned long long)objects_in_use(c),
		(unsigned long long)(c->nr_slabs * c->per_slab), c->stride, c->per_slab,
		1u << c->order, c->mag_size, c->mag_size / 2, 0,
		(unsigned long long)(c->nr_slabs - c->nr_empty), (unsigned long long)c->nr_slabs,
		0);
	return true;
}

u64 slab_objects(const char *cache)
{
	struct kmem_cache *c;

	list_for_each_entry(c, &caches, node)
		if (!strcmp(c->name, cache))
			return objects_in_use(c);
	return 0;
}
