// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll(7): a set of files that stays hung into their wait queues. A wake-up puts the item on the
 * set's ready list; waiting asks the listed files what they have.
 *
 * An item keeps no reference on its file: when the last reference of the file goes,
 * eventpoll_release() takes the item out. epoll_mutex serialises that, additions and removals; it
 * is taken before a set's mutex. The ready list has a spinlock, since wake-ups come from
 * interrupts.
 */
#include "../internal.h"
#include "pollwait.h"
#include <signal.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

#define EPOLL_CTL_ADD  1
#define EPOLL_CTL_DEL  2
#define EPOLL_CTL_MOD  3
#define EPOLLEXCLUSIVE (1U << 28)
#define EPOLLWAKEUP    (1U << 29)
#define EPOLLONESHOT   (1U << 30)
#define EPOLLET	       (1U << 31)
#define EVENT_BITS     0xffffU
#define INOUT_BITS     (POLLIN | POLLOUT)
/* What an exclusive item may ask for. */
#define EXCLUSIVE_OK                                                                               \
	(INOUT_BITS | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define MAX_DEPTH      4 /* sets above a set, as in Linux */
#define MAX_PATHS      64 /* ways up from a set: what one wake-up has to tell */
#define MAX_EVENTS     ((int)(0x7fffffff / sizeof(struct epoll_event)))

struct epoll_event {
	u32 events;
	u64 data;
} __packed;

/**
 * struct eventpoll - a set; file->private
 * @mutex: guards the tree and the items' events; held while files are asked
 * @lock: guards @ready; interrupts off
 * @wq: who waits in epoll_wait(2), and who polls the set itself
 * @file: its open file, for the sets that it is in; no reference
 * @round: the last check of the sets' graph that came by here; epoll_mutex
 */
struct eventpoll {
	struct mutex mutex;
	struct rb_root items;
	struct spinlock lock;
	struct list_head ready;
	struct wait_queue wq;
	struct file *file;
	u64 round;
};

/*
 * A place of an item in one wait queue of its file; most files have one, pipes and terminals may
 * name two.
 */
struct ep_hook {
	struct wait_entry entry;
	struct wait_queue *wq;
	struct ep_item *item;
	struct ep_hook *next;
};

/**
 * struct ep_item - a file in a set
 * @ready: in the set's ready list; guarded by its lock
 * @file_node: in file->epitems; guarded by epoll_mutex
 */
struct ep_item {
	struct rb_node node;
	struct list_head ready, file_node;
	struct eventpoll *ep;
	struct file *file;
	int fd;
	struct epoll_event event;
	struct ep_hook *hooks;
	struct poll_table pt;
	bool no_memory;
};

static DEFINE_MUTEX(epoll_mutex);
static atomic_t nr_watches; /* items of all sets */
static const struct file_ops epoll_fops;

static bool make_ready(struct ep_item *item)
{
	struct eventpoll *ep = item->ep;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	if (list_empty(&item->ready))
		list_add_tail(&item->ready, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	return true;
}

/*
 * Has an exclusive item used up a wake-up that was for one? Only if somebody waits for its set, and
 * if what has come is what the item is for: else it is the next one's.
 */
static bool consumes(u32 wanted, u32 events)
{
	return !(events & INOUT_BITS) || (events & INOUT_BITS & wanted);
}

/* Called by the file's wake-ups, in any context. True: that was one of the exclusive waiters. */
static bool item_wake(struct wait_entry *e, u32 events)
{
	struct ep_item *item = container_of(e, struct ep_hook, entry)->item;
	u32 wanted = READ_ONCE(item->event.events);
	bool waited_for;

	if (!(wanted & EVENT_BITS) || (events && !(events & (wanted | POLLERR | POLLHUP))))
		return false;
	make_ready(item);
	waited_for = wait_active(&item->ep->wq);
	wake_up_nested_events(&item->ep->wq, POLLIN | POLLRDNORM);
	return !e->exclusive || (waited_for && consumes(wanted, events));
}

static void hook_queue(struct poll_table *pt, struct wait_queue *wq)
{
	struct ep_item *item = container_of(pt, struct ep_item, pt);
	struct ep_hook *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h) {
		item->no_memory = true;
		return;
	}
	h->entry.wake = item_wake;
	h->entry.thread = current;
	h->entry.exclusive = item->event.events & EPOLLEXCLUSIVE;
	h->wq = wq;
	h->item = item;
	h->next = item->hooks;
	item->hooks = h;
	wait_add(wq, &h->entry);
}

static void unhook(struct ep_item *item)
{
	while (item->hooks) {
		struct ep_hook *h = item->hooks;

		wait_remove(h->wq, &h->entry);
		item->hooks = h->next;
		kfree(h);
	}
}

/* What the file of an item has of what is asked for. */
static u32 item_poll(struct ep_item *item, struct poll_table *pt)
{
	u32 mask = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	if (item->file->ops->poll)
		mask = item->file->ops->poll(item->file, pt);
	return mask & (item->event.events | POLLERR | POLLHUP) & EVENT_BITS;
}

static int item_compare(const struct ep_item *item, const struct file *f, int fd)
{
	if (item->file != f)
		return item->file < f ? -1 : 1;
	return item->fd == fd ? 0 : item->fd < fd ? -1 : 1;
}

static struct ep_item *item_find(struct eventpoll *ep, const struct file *f, int fd)
{
	struct rb_node *n = ep->items.node;

	while (n) {
		struct ep_item *item = rb_entry(n, struct ep_item, node);
		int c = item_compare(item, f, fd);

		if (!c)
			return item;
		n = c < 0 ? n->right : n->left;
	}
	return NULL;
}

static void item_link(struct eventpoll *ep, struct ep_item *item)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item_compare(rb_entry(parent, struct ep_item, node), item->file, item->fd) <
				       0
			       ? &parent->right
			       : &parent->left;
	}
	rb_insert(&ep->items, &item->node, parent, link);
	list_add_tail(&item->file_node, &item->file->epitems);
	item->file->mode |= FMODE_EPOLL;
}

/* epoll_mutex and ep->mutex held. */
static void item_remove(struct eventpoll *ep, struct ep_item *item)
{
	unsigned long flags;

	unhook(item);
	list_del(&item->file_node);
	rb_erase(&ep->items, &item->node);
	spin_lock_irqsave(&ep->lock, flags);
	list_del(&item->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	kfree(item);
	atomic_dec(&nr_watches);
}

void eventpoll_release(struct file *f)
{
	mutex_lock(&epoll_mutex);
	while (!list_empty(&f->epitems)) {
		struct ep_item *item = list_first_entry(&f->epitems, struct ep_item, file_node);
		struct eventpoll *ep = item->ep;

		mutex_lock(&ep->mutex);
		item_remove(ep, item);
		mutex_unlock(&ep->mutex);
	}
	mutex_unlock(&epoll_mutex);
}

/*
 * The graph of sets has no circles, so that locking outer sets before inner ones, and wait queues
 * the other way round, is an order.
 *
 * Wake-ups climb from set to set, on one stack with interrupts off: neither how high nor on how
 * many ways may be left to the user. epoll_mutex is held by these two.
 */

/* Ways up from @f, a set with @level sets below it; more than MAX_PATHS also if it is too deep. */
static u32 paths_up(const struct file *f, u32 level)
{
	struct ep_item *item;
	u32 n = 0;

	list_for_each_entry(item, &f->epitems, file_node) {
		if (level == MAX_DEPTH)
			return MAX_PATHS + 1;
		n += 1 + paths_up(item->ep->file, level + 1);
		if (n > MAX_PATHS)
			break;
	}
	return n;
}

/* Is that so for @ep and all sets below it? A circle is infinitely deep. */
static bool graph_is_sound(struct eventpoll *ep, u64 round)
{
	if (ep->round == round)
		return true;
	ep->round = round;
	if (paths_up(ep->file, 0) > MAX_PATHS)
		return false;
	for (struct rb_node *n = rb_first(&ep->items); n; n = rb_next(n)) {
		const struct file *sub = rb_entry(n, struct ep_item, node)->file;

		if (sub->ops == &epoll_fops && !graph_is_sound(sub->private, round))
			return false;
	}
	return true;
}

/* A set that has just been put into another. epoll_mutex held. */
static bool nesting_is_sound(const struct file *f)
{
	static u64 round;

	return graph_is_sound(f->private, ++round);
}

/* Items and hooks are the kernel's memory, so all sets together may have this many, as in Linux. */
static bool reserve_watch(void)
{
	u64 most = mem_total_bytes() / 25 / (sizeof(struct ep_item) + sizeof(struct ep_hook));

	if ((u64)atomic_add_return(&nr_watches, 1) <= most)
		return true;
	atomic_dec(&nr_watches);
	return false;
}

static struct ep_item *item_alloc(void)
{
	struct ep_item *item;

	if (!reserve_watch())
		return ERR_PTR(-ENOSPC);
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (item)
		return item;
	atomic_dec(&nr_watches);
	return ERR_PTR(-ENOMEM);
}

static int item_add(struct eventpoll *ep, struct file *f, int fd, const struct epoll_event *event)
{
	struct ep_item *item = item_alloc();

	if (IS_ERR(item))
		return (int)PTR_ERR(item);
	list_init(&item->ready);
	item->ep = ep;
	item->file = f;
	item->fd = fd;
	item->event = *event;
	item->pt.queue = hook_queue;
	item_link(ep, item);
	if (f->ops == &epoll_fops && !nesting_is_sound(f)) {
		item_remove(ep, item);
		return -ELOOP;
	}
	if (item_poll(item, &item->pt)) {
		make_ready(item);
		wake_up_events(&ep->wq, POLLIN | POLLRDNORM);
	}
	if (!item->no_memory)
		return 0;
	item_remove(ep, item);
	return -ENOMEM;
}

static int item_modify(struct eventpoll *ep, struct ep_item *item, const struct epoll_event *event)
{
	if ((item->event.events | event->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	item->event = *event;
	smp_mb(); /* wake-ups see the new events before the file is asked */
	if (item_poll(item, NULL)) {
		make_ready(item);
		wake_up_events(&ep->wq, POLLIN | POLLRDNORM);
	}
	return 0;
}

static int ctl_locked(struct eventpoll *ep, int op, struct file *f, int fd,
		      const struct epoll_event *event)
{
	struct ep_item *item = item_find(ep, f, fd);

	switch (op) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST : item_add(ep, f, fd, event);
	case EPOLL_CTL_DEL:
		if (item)
			item_remove(ep, item);
		return item ? 0 : -ENOENT;
	case EPOLL_CTL_MOD:
		return item ? item_modify(ep, item, event) : -ENOENT;
	default:
		return -EINVAL;
	}
}

static int ctl_files(struct file *epf, int op, struct file *f, int fd, struct epoll_event *event)
{
	struct eventpoll *ep = epf->private;
	int err;

	if (!f->ops->poll)
		return -EPERM;
	if (epf == f || epf->ops != &epoll_fops)
		return -EINVAL;
	if ((event->events & EPOLLEXCLUSIVE) &&
	    (op == EPOLL_CTL_MOD ||
	     (op == EPOLL_CTL_ADD &&
	      (f->ops == &epoll_fops || (event->events & ~EXCLUSIVE_OK)))))
		return -EINVAL;
	event->events &= ~EPOLLWAKEUP;
	mutex_lock(&epoll_mutex);
	mutex_lock(&ep->mutex);
	err = ctl_locked(ep, op, f, fd, event);
	mutex_unlock(&ep->mutex);
	mutex_unlock(&epoll_mutex);
	return err;
}

/** sys_epoll_ctl - epoll_ctl(2). */
long sys_epoll_ctl(unsigned long epfd, unsigned long op, unsigned long fd, unsigned long uevent)
{
	struct epoll_event event = { 0 };
	struct file *epf, *f;
	long ret = -EBADF;

	if ((int)op != EPOLL_CTL_DEL &&
	    copy_from_user(&event, (const void __user *)uevent, sizeof(event)))
		return -EFAULT;
	epf = fd_get((int)epfd);
	f = fd_get((int)fd);
	if (epf && f)
		ret = ctl_files(epf, (int)op, f, (int)fd, &event);
	if (f)
		file_put(f);
	if (epf)
		file_put(epf);
	return ret;
}

static struct ep_item *pop_ready(struct eventpoll *ep, struct list_head *list)
{
	struct ep_item *item = NULL;
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	if (!list_empty(list)) {
		item = list_first_entry(list, struct ep_item, ready);
		list_del(&item->ready);
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	return item;
}

/*
 * What the trigger mode says about an item that was reported: level-triggered ones are asked again
 * next time.
 */
static void after_report(struct ep_item *item)
{
	if (item->event.events & EPOLLONESHOT)
		item->event.events &= ~EVENT_BITS;
	else if (!(item->event.events & EPOLLET))
		make_ready(item);
}

/* Reports up to @max events. Number, or -EFAULT if not even one could be written. */
static long report_events(struct eventpoll *ep, struct epoll_event __user *uevents, int max)
{
	LIST_HEAD(todo);
	struct ep_item *item;
	unsigned long flags;
	bool more;
	long n = 0;

	mutex_lock(&ep->mutex);
	spin_lock_irqsave(&ep->lock, flags);
	list_splice_tail(&ep->ready, &todo);
	spin_unlock_irqrestore(&ep->lock, flags);
	while (n < max && (item = pop_ready(ep, &todo))) {
		struct epoll_event event = { item_poll(item, NULL), item->event.data };

		if (!event.events)
			continue;
		if (copy_to_user(&uevents[n], &event, sizeof(event))) {
			make_ready(item);
			n = n ? n : -EFAULT;
			break;
		}
		n++;
		after_report(item);
	}
	spin_lock_irqsave(&ep->lock, flags);
	list_splice_tail(&ep->ready, &todo); /* what was not looked at comes first next time */
	list_splice_tail(&todo, &ep->ready);
	more = !list_empty(&ep->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	mutex_unlock(&ep->mutex);
	/* Who looked while the list was empty has gone to sleep. */
	if (more)
		wake_up_events(&ep->wq, POLLIN | POLLRDNORM);
	return n;
}

static bool has_ready(const struct eventpoll *ep)
{
	return !list_empty(&ep->ready);
}

static long wait_events(struct eventpoll *ep, struct epoll_event __user *uevents, int max,
			u64 deadline)
{
	long n;
	int err;

	for (;;) {
		n = has_ready(ep) ? report_events(ep, uevents, max) : 0;
		if (n || deadline == POLL_NOW)
			return n;
		err = wait_event_interruptible_deadline(&ep->wq, has_ready(ep), deadline);
		if (err == -ETIMEDOUT)
			deadline = POLL_NOW;
		else if (err)
			return -EINTR;
	}
}

static long do_epoll_wait(unsigned long epfd, unsigned long uevents, int max, u64 deadline)
{
	struct file *f;
	long ret = -EINVAL;

	if (max <= 0 || max > MAX_EVENTS)
		return -EINVAL;
	if (!access_ok((void __user *)uevents, (size_t)max * sizeof(struct epoll_event)))
		return -EFAULT;
	f = fd_get((int)epfd);
	if (!f)
		return -EBADF;
	if (f->ops == &epoll_fops)
		ret = wait_events(f->private, (struct epoll_event __user *)uevents, max, deadline);
	file_put(f);
	return ret;
}

static u64 ms_deadline(int ms)
{
	return ms < 0 ? 0 : poll_deadline((u64)ms * NSEC_PER_MSEC);
}

/** sys_epoll_wait - epoll_wait(2). Never restarted after a handler. */
long sys_epoll_wait(unsigned long epfd, unsigned long events, unsigned long max,
		    unsigned long timeout)
{
	return do_epoll_wait(epfd, events, (int)max, ms_deadline((int)timeout));
}

static long epoll_pwait_until(unsigned long epfd, unsigned long events, unsigned long max,
			      u64 deadline, unsigned long umask, unsigned long size)
{
	long ret = sigmask_begin((const sigset_t __user *)umask, size);

	if (ret)
		return ret;
	ret = do_epoll_wait(epfd, events, (int)max, deadline);
	sigmask_end(ret == -EINTR);
	return ret;
}

/** sys_epoll_pwait - epoll_pwait(2). */
long sys_epoll_pwait(unsigned long epfd, unsigned long events, unsigned long max,
		     unsigned long timeout, unsigned long mask, unsigned long size)
{
	return epoll_pwait_until(epfd, events, max, ms_deadline((int)timeout), mask, size);
}

/** sys_epoll_pwait2 - epoll_pwait2(2). */
long sys_epoll_pwait2(unsigned long epfd, unsigned long events, unsigned long max,
		      unsigned long uts, unsigned long mask, unsigned long size)
{
	u64 deadline;
	int err = poll_timespec((const struct timespec64 __user *)uts, &deadline);

	return err ? err : epoll_pwait_until(epfd, events, max, deadline, mask, size);
}

/* The set is readable if a listed file really has something; those that have not leave the list. */
static u32 epoll_poll(struct file *f, struct poll_table *pt)
{
	struct eventpoll *ep = f->private;
	struct ep_item *item;
	u32 mask = 0;

	poll_wait(pt, &ep->wq);
	mutex_lock_nested(&ep->mutex); /* another set may be asking: outer ones first */
	while (!mask && (item = pop_ready(ep, &ep->ready))) {
		if (!item_poll(item, NULL))
			continue;
		make_ready(item);
		mask = POLLIN | POLLRDNORM;
	}
	mutex_unlock(&ep->mutex);
	return mask;
}

static void epoll_release(struct file *f)
{
	struct eventpoll *ep = f->private;
	struct rb_node *n;

	mutex_lock(&epoll_mutex);
	mutex_lock(&ep->mutex);
	while ((n = rb_first(&ep->items)))
		item_remove(ep, rb_entry(n, struct ep_item, node));
	mutex_unlock(&ep->mutex);
	mutex_unlock(&epoll_mutex);
	kfree(ep);
}

static const struct file_ops epoll_fops = { .poll = epoll_poll, .release = epoll_release };

static long do_epoll_create(u32 flags)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	struct file *f;
	int fd;

	if (!ep)
		return -ENOMEM;
	mutex_init(&ep->mutex, "eventpoll->mutex");
	spin_lock_init(&ep->lock, "eventpoll->lock");
	list_init(&ep->ready);
	wait_queue_init(&ep->wq);
	ep->items = RB_ROOT;
	f = file_anon(&epoll_fops, ep, O_RDWR, 0600, "anon_inode:[eventpoll]");
	if (IS_ERR(f)) {
		kfree(ep);
		return PTR_ERR(f);
	}
	ep->file = f;
	fd = fd_alloc(f, 0, flags);
	if (fd < 0)
		file_put(f);
	return fd;
}

/** sys_epoll_create - epoll_create(2). */
long sys_epoll_create(unsigned long size)
{
	return (int)size <= 0 ? -EINVAL : do_epoll_create(0);
}

/** sys_epoll_create1 - epoll_create1(2). */
long sys_epoll_create1(unsigned long flags)
{
	return flags & ~(unsigned long)O_CLOEXEC ? -EINVAL : do_epoll_create((u32)flags);
}
