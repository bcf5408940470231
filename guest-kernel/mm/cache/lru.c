// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-cache pages in order of use, and getting memory back from them. Pages that
 * are mapped, dirty, pinned or in use are passed over: a clean cache page is all
 * that can be taken.
 */
#include "../internal.h"
#include <fs.h>
#include <shrinker.h>

#define SCAN_MAX 1024u	/* pages looked at with the lock held */

static DEFINE_SPINLOCK(lru_lock);
static LIST_HEAD(lru);		/* least recently used first; guarded by lru_lock */
static unsigned long nr_lru;	/* pages on it; changes under lru_lock */

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
	WRITE_ONCE(nr_lru, nr_lru + 1);
	spin_unlock(&lru_lock);
}

/**
 * lru_remove - a page leaves the cache
 * @p: page that may be on the list
 */
void lru_remove(struct page *p)
{
	spin_lock(&lru_lock);
	if (test_and_clear_bit(PG_lru, &p->flags)) {
		list_del(&p->lru);
		WRITE_ONCE(nr_lru, nr_lru - 1);
	}
	spin_unlock(&lru_lock);
}

/*
 * The oldest page of up to SCAN_MAX that can be taken, locked and referenced; what is looked at moves
 * to the end and counts in @looks. Used pages get a second round. NULL: none of these.
 */
static struct page *oldest_page(unsigned long *looks)
{
	struct page *p = NULL;
	u32 n;

	spin_lock(&lru_lock);
	for (n = 0; n < SCAN_MAX && *looks && !list_empty(&lru); n++) {
		(*looks)--;
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

/*
 * Pages that cannot be taken may be the oldest thousands: it gives up when all have been looked at
 * twice, since the first look at a used page only notes that.
 */
static unsigned long shrink_cache(unsigned long want)
{
	unsigned long looks = 2 * READ_ONCE(nr_lru), freed = 0;
	bool dropped;

	while (freed < want && looks) {
		struct page *p = oldest_page(&looks);

		if (!p && !READ_ONCE(nr_lru))
			break;
		if (!p)
			continue;
		dropped = filemap_drop_clean(p);
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
