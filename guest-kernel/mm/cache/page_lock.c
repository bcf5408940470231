// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a page that is being read in or changed as a whole. There are too
 * many pages for a queue each: they share a few.
 */
#include "../internal.h"
#include <string.h>

#define QUEUE_BITS 6

static struct wait_queue queues[1u << QUEUE_BITS];

static struct wait_queue *queue_of(const struct page *p)
{
	return &queues[hash_long(page_to_pfn(p), QUEUE_BITS)];
}

/**
 * page_lock_init - make the queues
 *
 * Context: boot, before the first page_lock().
 */
void page_lock_init(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(queues); i++)
		wait_queue_init(&queues[i]);
}

/* The contracts of these stand in mm.h. */
void page_lock(struct page *p)
{
	while (test_and_set_bit(PG_locked, &p->flags))
		wait_event(queue_of(p), !test_bit(PG_locked, &p->flags));
}

void page_unlock(struct page *p)
{
	struct wait_queue *wq = queue_of(p);

	clear_bit(PG_locked, &p->flags);
	if (wait_active(wq))
		wake_up_all(wq);
}
