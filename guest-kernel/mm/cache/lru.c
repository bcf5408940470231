// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-cache pages in order of use, and getting memory back from them. Pages that
 * are mapped, dirty, pinned or in use are passed over: a clean cache page is all
 * that can be taken.
 */
#include "../internal.h"
#include <fs.h>
#include <shrinker.h>

#define SCAN_MAX 1024u	/* pages looked at in one go */

static DEFINE_SPINLOCK(lru_lock);
static LIST_HEAD(lru);		/* least recently used first; guarded by lru_lock */

/**
 * lru_add - a page has come into the cache
 * @p: page that is not on the list; the list holds no reference
 *
 * Context: any that may take a spinlock.
 */
void lru_add(struct page *p)
{
	spin_lock(&lru_lock);
	set_bit(PG_lru, &p->flags);
	list_add_tail(&p->lru, &lru);
	spin_unlock(&lru_lock);
}

/**
 * lru_remove - a page leaves the cache
 * @p: page that may be on the list
 */
void lru_remove(struct page *p)
{
	spin_lock(&lru_lock);
	if (test_and_clear_bit(PG_lru, &p->flags))
		list_del(&p->lru);
	spin_unlock(&lru_lock);
}

/*
 * The oldest page, locked and referenced, moved to the end. Used pages get a
 * second round. NULL: give up.
 */
static struct page *oldest_page(u32 *budget)
{
	struct page *p = NULL;

	spin_lock(&lru_lock);
	while (!list_empty(&lru) && (*budget)--) {
		p = list_first_entry(&lru, struct page, lru);
		list_move_tail(&p->lru, &lru);
		if (!test_and_clear_bit(PG_referenced, &p->flags) && atomic_read(&p->refs) == 1 &&
		    !(p->flags &
		      (BIT(PG_dirty) | BIT(PG_writeback) | BIT(PG_pinned) | BIT(PG_locked))) &&
		    atomic_inc_not_zero(&p->refs)) {
			if (!test_and_set_bit(PG_locked, &p->flags))
				break;
			/*
			 * Its reference is dropped outside the lock by no one else: we still are
			 * one of two.
			 */
			atomic_dec(&p->refs);
		}
		p = NULL;
	}
	spin_unlock(&lru_lock);
	return p;
}

static unsigned long shrink_cache(unsigned long want)
{
	unsigned long freed = 0;
	u32 budget = SCAN_MAX;
	struct page *p;

	while (freed < want && (p = oldest_page(&budget))) {
		bool dropped = filemap_drop_clean(p);

		page_unlock(p);
		page_put(p);
		freed += dropped;
	}
	return freed;
}

static struct shrinker cache_shrinker = { .shrink = shrink_cache };

/**
 * page_cache_init - make the page cache ready
 *
 * Context: boot, before the first file and before other caches register what they can give back:
 * cached pages go first.
 */
void page_cache_init(void)
{
	page_lock_init();
	shrinker_register(&cache_shrinker);
}
