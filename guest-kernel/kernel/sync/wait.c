// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wait queues: lists of sleepers, or of callbacks for those who wait for several things at once
 * (poll). Also completions.
 *
 * Why no wake-up is lost: a sleeper sets its state, then tests its condition; a waker changes the
 * condition, then looks at the list. Both have a full barrier between the two steps, so that at
 * least one of them sees what the other did.
 */
#include <wait.h>
#include <signal.h>
#include <time.h>

/**
 * signal_pending - Whether the current thread should leave an interruptible sleep.
 */
bool signal_pending(void)
{
	return READ_ONCE(current->sigpending);
}

/**
 * fatal_signal_pending - Whether the current thread is about to be killed.
 */
bool fatal_signal_pending(void)
{
	return READ_ONCE(current->sigpending) &&
	       (READ_ONCE(current->pending_set) & sigmask(SIGKILL));
}

void wait_queue_init(struct wait_queue *wq)
{
	spin_lock_init(&wq->lock, "wait_queue");
	list_init(&wq->waiters);
}

/**
 * wait_add - Put an entry on a wait queue.
 * @wq: the queue
 * @e: entry whose @thread or @wake is set; stays the caller's
 *
 * Exclusive entries go to the end, in order of arrival; the others before them. Context: any.
 */
void wait_add(struct wait_queue *wq, struct wait_entry *e)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (e->exclusive)
		list_add_tail(&e->node, &wq->waiters);
	else
		list_add(&e->node, &wq->waiters);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/**
 * wait_remove - Take an entry off a wait queue.
 * @wq: the queue it is on
 * @e: the entry
 *
 * When it returns no wake-up uses @e any more. Context: any.
 */
void wait_remove(struct wait_queue *wq, struct wait_entry *e)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del(&e->node);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static bool wake_entry(struct wait_entry *e, u32 events, bool sync)
{
	if (e->wake)
		return e->wake(e, events);
	return sync ? thread_wake_sync(e->thread, WAKE_NORMAL)
		    : thread_wake(e->thread, WAKE_NORMAL);
}

/* Wakes every non-exclusive waiter and up to @nr_exclusive of the others. wq->lock held. */
static void wake_locked(struct wait_queue *wq, u32 events, u32 nr_exclusive, bool sync)
{
	struct wait_entry *e, *next;

	list_for_each_entry_safe(e, next, &wq->waiters, node) {
		bool exclusive = e->exclusive;

		if (wake_entry(e, events, sync) && exclusive && !--nr_exclusive)
			break;
	}
}

static void wake_up_some(struct wait_queue *wq, u32 events, u32 nr_exclusive, bool sync)
{
	unsigned long flags;

	if (!wait_active(wq))
		return;
	spin_lock_irqsave(&wq->lock, flags);
	wake_locked(wq, events, nr_exclusive, sync);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void wake_up_events(struct wait_queue *wq, u32 events)
{
	wake_up_some(wq, events, 1, false);
}

void wake_up_sync_events(struct wait_queue *wq, u32 events)
{
	wake_up_some(wq, events, 1, true);
}

void wake_up_all_events(struct wait_queue *wq, u32 events)
{
	wake_up_some(wq, events, ~0U, false);
}

void wake_up_nested_events(struct wait_queue *wq, u32 events)
{
	if (!wait_active(wq))
		return;
	/* Interrupts are off: the other queue's lock is held. */
	spin_lock_nested(&wq->lock);
	wake_locked(wq, events, 1, false);
	spin_unlock(&wq->lock);
}

/**
 * complete - Let the one who waits for a completion go on.
 * @c: the completion; it may be gone when this returns
 *
 * The store happens under the queue's lock and waiters leave through wait_remove(), which takes the
 * same lock: so a completion on the waiter's stack outlives this call's use of it. Context: any.
 */
void complete(struct completion *c)
{
	struct wait_entry *e, *next;
	unsigned long flags;

	spin_lock_irqsave(&c->wq.lock, flags);
	smp_store_release(&c->done, true);
	list_for_each_entry_safe(e, next, &c->wq.waiters, node)
		wake_entry(e, 0, false);
	spin_unlock_irqrestore(&c->wq.lock, flags);
}

static bool completion_done(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wq.lock, flags);
	done = c->done;
	spin_unlock_irqrestore(&c->wq.lock, flags);
	return done;
}

void wait_for_completion(struct completion *c)
{
	wait_event(&c->wq, completion_done(c));
}

int wait_for_completion_killable(struct completion *c)
{
	return wait_event_killable(&c->wq, completion_done(c));
}
