// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deferred work: one kernel thread that does, one after the other and free to sleep, what
 * interrupts and holders of locks cannot do themselves.
 */
#include <time.h>

#include <panic.h>
#include <sched.h>
#include <wait.h>

static DEFINE_SPINLOCK(
	queue_lock); /* guards queue and each work's node and queued; interrupts off */
static LIST_HEAD(queue);
static DEFINE_WAIT_QUEUE(queue_wait);

bool work_queue(struct work *w)
{
	unsigned long flags;
	bool added;

	spin_lock_irqsave(&queue_lock, flags);
	added = !w->queued;
	if (added) {
		w->queued = true;
		list_add_tail(&w->node, &queue);
	}
	spin_unlock_irqrestore(&queue_lock, flags);
	if (added)
		wake_up(&queue_wait);
	return added;
}

/*
 * The work may be queued again as soon as it has been taken, also by its own function, which may
 * free it as well.
 */
static struct work *take_work(void)
{
	struct work *w = NULL;

	spin_lock_irq(&queue_lock);
	if (!list_empty(&queue)) {
		w = list_first_entry(&queue, struct work, node);
		list_del(&w->node);
		w->queued = false;
	}
	spin_unlock_irq(&queue_lock);
	return w;
}

static int worker(void *arg)
{
	struct work *w;

	(void)arg;
	for (;;) {
		wait_event(&queue_wait, (w = take_work()));
		w->fn(w);
	}
	return 0;
}

struct flush {
	struct work work;
	struct completion done;
};

static void flush_reached(struct work *w)
{
	complete(&container_of(w, struct flush, work)->done);
}

/* One worker in order of arrival: when a work queued now is reached, all before it are done. */
void work_flush(void)
{
	struct flush f;

	work_init(&f.work, flush_reached);
	completion_init(&f.done);
	work_queue(&f.work);
	wait_for_completion(&f.done);
}

void workqueue_init(void)
{
	if (IS_ERR(kthread_run(worker, NULL, "worker")))
		panic("no memory for the worker thread");
}
