// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page frames: a buddy allocator (Knowlton 1965) for blocks of 2^0 to
 * 2^MAX_ORDER frames behind a list of single frames on each CPU. The fast path
 * takes a frame off the CPU's own list with interrupts off: no lock, no atomic
 * operation.
 */
#define pr_fmt(f) "mm: " f
#include "../internal.h"
#include <bitmap.h>
#include <log.h>
#include <panic.h>
#include <string.h>
#include <time.h>

#define PCP_BATCH	32u
#define PCP_MAX		512u
#define OOM_ROUNDS	200u	/* of 10 ms, for the victim to go */

/* Free blocks. Guarded by lock, which is taken with interrupts off. */
static struct {
	struct spinlock lock;
	unsigned long free;		/* pages; read without the lock for estimates */
	unsigned long total;		/* pages */
	/*
	 * Reserve: its upper half is left to those who are to die and to GFP_ATOMIC, so that they
	 * can give memory back, the lower one to GFP_ATOMIC, so that interrupts work meanwhile.
	 */
	unsigned long min;
	struct list_head area[MAX_ORDER + 1];
} zone = { .lock = SPINLOCK_INIT("zone") };

/* Single frames of a CPU; its interrupts must be off. */
struct pcp {
	struct page *head;
	u32 count;
};
static DEFINE_PER_CPU(struct pcp, pcps);

void page_clear(void *va)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(va), "+c"(n) : "a"(0) : "memory");
}

void page_copy(void *dst, const void *src)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
}

#define POISON 0xaaaaaaaaaaaaaaaaULL

static void poison_pages(struct page *p, u32 order)
{
	u32 i;

	for (i = 0; i < 1u << order; i++) {
		memset(page_address(p + i), 0xaa, PAGE_SIZE);
		p[i].flags |= BIT(PG_poisoned);
	}
}

static void check_poison(struct page *p, u32 order)
{
	u32 i, j;

	for (i = 0; i < 1u << order; i++) {
		const u64 *w = page_address(p + i);

		if (!(p[i].flags & BIT(PG_poisoned)))
			continue;
		for (j = 0; j < PAGE_SIZE / 8; j++)
			if (w[j] != POISON)
				panic("page %#lx written after it was freed: %#llx at offset %u",
				      page_to_pfn(p + i), (unsigned long long)w[j], j * 8);
		p[i].flags = 0;
	}
}

/* ---- the buddy allocator, zone.lock held ---- */

static void put_block(struct page *p, u32 order)
{
	p->flags |= BIT(PG_buddy);
	p->order = order;
	list_add(&p->lru, &zone.area[order]);
}

static void take_block(struct page *p)
{
	p->flags &= ~BIT(PG_buddy);
	list_del(&p->lru);
}

static void buddy_free(struct page *p, u32 order)
{
	unsigned long pfn = page_to_pfn(p);

	zone.free += 1UL << order;
	for (; order < MAX_ORDER; order++) {
		unsigned long buddy_pfn = pfn ^ 1UL << order;
		struct page *buddy = pfn_to_page(buddy_pfn);

		if (buddy_pfn >= max_pfn || !(buddy->flags & BIT(PG_buddy)) ||
		    buddy->order != order)
			break;
		take_block(buddy);
		pfn &= buddy_pfn;
	}
	put_block(pfn_to_page(pfn), order);
}

static struct page *buddy_alloc(u32 order)
{
	struct page *p;
	u32 have = order;

	while (list_empty(&zone.area[have]))
		if (++have > MAX_ORDER)
			return NULL;
	p = list_first_entry(&zone.area[have], struct page, lru);
	take_block(p);
	while (have > order) {
		have--;
		put_block(p + (1u << have), have);
	}
	zone.free -= 1UL << order;
	return p;
}

#define GFP_DYING 0x100		/* inside this file: may use the upper half of the reserve */

/* How many pages must stay free. */
static unsigned long reserve_of(u32 gfp)
{
	if (gfp & GFP_ATOMIC)
		return 0;
	return gfp & GFP_DYING ? zone.min / 2 : zone.min;
}

/**
 * buddy_add_range - give frames to the allocator
 * @from_pfn: first one
 * @to_pfn: behind the last
 *
 * Context: any.
 */
void buddy_add_range(unsigned long from_pfn, unsigned long to_pfn)
{
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&zone.lock, flags);
	if (!zone.area[0].next)
		for (i = 0; i <= MAX_ORDER; i++)
			list_init(&zone.area[i]);
	zone.total += to_pfn - from_pfn;
	while (to_pfn > from_pfn) {
		u32 order = min_t(u32, bit_lowest(to_pfn | BIT(MAX_ORDER)),
				  bit_highest(to_pfn - from_pfn));

		to_pfn -= 1UL << order;
		buddy_free(pfn_to_page(to_pfn), order);
	}
	zone.min = clamp(zone.total / 128, 32UL, 1024UL);
	spin_unlock_irqrestore(&zone.lock, flags);
}

/* ---- lists of single frames; interrupts off ---- */

/* What a CPU may keep: a share of memory that does not starve the others. */
static u32 pcp_limit(void)
{
	return (u32)clamp(zone.total / (64UL * nr_cpus), (unsigned long)PCP_BATCH,
			  (unsigned long)PCP_MAX);
}

static inline void pcp_push(struct pcp *c, struct page *p)
{
	p->next_free = c->head;
	c->head = p;
	c->count++;
}

static inline struct page *pcp_pop(struct pcp *c)
{
	struct page *p = c->head;

	c->head = p->next_free;
	c->count--;
	return p;
}

static bool pcp_refill(struct pcp *c, u32 gfp)
{
	unsigned long keep = reserve_of(gfp);
	u32 n;

	spin_lock(&zone.lock);
	/* Of the reserve only what is asked for: who comes next may have no right to it. */
	for (n = 0; n < PCP_BATCH && zone.free > (n ? max(keep, zone.min) : keep); n++) {
		struct page *p = buddy_alloc(0);

		if (!p)
			break;
		p->flags |= BIT(PG_percpu);
		pcp_push(c, p);
	}
	spin_unlock(&zone.lock);
	return n > 0;
}

static void pcp_drain(struct pcp *c, u32 keep)
{
	spin_lock(&zone.lock);
	while (c->count > keep) {
		struct page *p = pcp_pop(c);

		p->flags &= ~BIT(PG_percpu);
		buddy_free(p, 0);
	}
	spin_unlock(&zone.lock);
}

static void drain_this_cpu(void *arg)
{
	unsigned long flags = irq_save();

	pcp_drain(&this_cpu(pcps), 0);
	irq_restore(flags);
}

/**
 * pages_drain_all - empty the lists of all CPUs
 *
 * Context: interrupts on, may spin for the other CPUs.
 */
void pages_drain_all(void)
{
	preempt_disable();
	drain_this_cpu(NULL);
	if (nr_cpus > 1)
		smp_call(~0ULL, drain_this_cpu, NULL);
	preempt_enable();
}

/* ---- allocation ---- */

static inline struct page *alloc_single(u32 gfp)
{
	unsigned long flags = irq_save();
	struct pcp *c = &this_cpu(pcps);
	struct page *p = NULL;

	if (likely(c->head) || pcp_refill(c, gfp))
		p = pcp_pop(c);
	irq_restore(flags);
	return p;
}

static struct page *alloc_block(u32 order, u32 gfp)
{
	struct page *p = NULL;
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	if (zone.free >= reserve_of(gfp) + (1UL << order))
		p = buddy_alloc(order);
	spin_unlock_irqrestore(&zone.lock, flags);
	return p;
}

static inline struct page *try_alloc(u32 order, u32 gfp)
{
	return order ? alloc_block(order, gfp) : alloc_single(gfp);
}

/* A process that is to die waits for nothing; what it needs to exit comes from the reserve. */
static bool dying(void)
{
	return fatal_signal_pending() || (current->flags & THREAD_F_EXITING) ||
	       (current->mm && current->mm->oom_victim);
}

static struct page *alloc_after_oom(u32 order, u32 gfp)
{
	struct page *p;
	u32 i;

	for (i = 0; i < OOM_ROUNDS && !dying(); i++) {
		if (i % 20 == 0 && !oom_kill())
			return NULL;
		set_current_state(THREAD_UNINTERRUPTIBLE);
		schedule_timeout(ktime_ns() + 10 * NSEC_PER_MSEC);
		WRITE_ONCE(current->state, THREAD_RUNNING);
		p = try_alloc(order, gfp);
		if (p)
			return p;
		reclaim_pages(PCP_BATCH);
	}
	return dying() ? try_alloc(order, gfp | GFP_DYING) : NULL;
}

static bool may_reclaim(u32 gfp)
{
	return (gfp & (GFP_KERNEL | GFP_USER)) && !irqs_disabled() && current->preempt_count == 0;
}

static __noinline struct page *alloc_slow(u32 order, u32 gfp)
{
	struct page *p;
	u32 round;

	if (!may_reclaim(gfp))
		return try_alloc(order, gfp | GFP_ATOMIC);
	pages_drain_all();
	for (round = 0; round < 3; round++) {
		p = try_alloc(order, gfp);
		if (p)
			return p;
		if (!reclaim_pages(max(2UL << order, (unsigned long)PCP_BATCH)))
			break;
		pages_drain_all();
	}
	if (order > 3)
		return NULL;
	return alloc_after_oom(order, gfp);
}

/**
 * alloc_pages - allocate a block of frames
 * @order: the block has 2^order frames and is aligned to its size; at most MAX_ORDER
 * @gfp: GFP_ATOMIC, GFP_KERNEL or GFP_USER, with GFP_ZERO, GFP_NOWARN
 *
 * Context: GFP_ATOMIC any; the others may sleep (with interrupts or preemption off they act as
 * GFP_ATOMIC). Return: the first frame's page with one reference, or NULL.
 */
struct page *alloc_pages(u32 order, u32 gfp)
{
	struct page *p;
	u32 i;

	if (unlikely(order > MAX_ORDER))
		return NULL;
	p = try_alloc(order, gfp);
	if (unlikely(!p)) {
		p = alloc_slow(order, gfp);
		if (!p) {
			if (!(gfp & GFP_NOWARN))
				pr_ratelimited(LOG_WARNING,
					       "no memory for 2^%u pages (gfp %#x, %lu free)",
					       order, gfp, zone.free);
			return NULL;
		}
	}
	if (IS_ENABLED(CONFIG_DEBUG_SLAB))
		check_poison(p, order);
	p->flags = 0;
	p->order = order;
	p->private = 0;
	atomic_set(&p->refs, 1);
	if (gfp & GFP_ZERO)
		for (i = 0; i < 1u << order; i++)
			page_clear(page_address(p + i));
	return p;
}

#define FREE_FORBIDS                                                                      \
	(BIT(PG_locked) | BIT(PG_slab) | BIT(PG_buddy) | BIT(PG_reserved) | BIT(PG_lru) | \
	 BIT(PG_percpu))

static inline void prepare_free(struct page *p, u32 order)
{
	if (unlikely(p->flags & FREE_FORBIDS))
		panic("page %#lx freed while in use: flags %#lx", page_to_pfn(p), p->flags);
	p->flags = 0;
	if (IS_ENABLED(CONFIG_DEBUG_SLAB))
		poison_pages(p, order);
}

static inline void free_single(struct pcp *c, struct page *p)
{
	prepare_free(p, 0);
	p->flags |= BIT(PG_percpu);
	pcp_push(c, p);
}

/**
 * free_pages - free a block whoever holds references
 * @p: first page
 * @order: as allocated
 *
 * Context: any.
 */
void free_pages(struct page *p, u32 order)
{
	unsigned long flags = irq_save();

	atomic_set(&p->refs, 0);
	if (order == 0) {
		struct pcp *c = &this_cpu(pcps);

		free_single(c, p);
		if (unlikely(c->count >= PCP_MAX ||
			     (c->count % PCP_BATCH == 0 && c->count > pcp_limit())))
			pcp_drain(c, c->count / 2);
	} else {
		prepare_free(p, order);
		spin_lock(&zone.lock);
		buddy_free(p, order);
		spin_unlock(&zone.lock);
	}
	irq_restore(flags);
}

/* True if the caller had the last reference: alone, it needs no atomic operation. */
static inline bool ref_was_last(struct page *p)
{
	if (atomic_read(&p->refs) == 1)
		return true;
	return atomic_dec_and_test(&p->refs);
}

/**
 * page_put - drop a reference
 * @p: page; freed with the last one (as the block it was allocated as)
 *
 * Context: any.
 */
void page_put(struct page *p)
{
	if (ref_was_last(p))
		free_pages(p, p->order);
}

/**
 * pages_put - drop a reference of each of many single pages
 * @p: the pages
 * @n: how many
 *
 * Context: any.
 */
void pages_put(struct page **p, u32 n)
{
	unsigned long flags = irq_save();
	struct pcp *c = &this_cpu(pcps);
	u32 i;

	for (i = 0; i < n; i++) {
		if (!ref_was_last(p[i]))
			continue;
		atomic_set(&p[i]->refs, 0);
		free_single(c, p[i]);
	}
	if (c->count > pcp_limit())
		pcp_drain(c, c->count / 2);
	irq_restore(flags);
}

/**
 * zone_free_pages - free pages, those on per-CPU lists included
 *
 * Return: an estimate, since nothing is locked.
 */
unsigned long zone_free_pages(void)
{
	unsigned long n = READ_ONCE(zone.free);
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		n += READ_ONCE(per_cpu(pcps, cpu).count);
	return n;
}

unsigned long zone_total_pages(void)
{
	return READ_ONCE(zone.total);
}
