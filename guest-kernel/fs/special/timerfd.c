// SPDX-License-Identifier: GPL-2.0-only
/*
 * timerfd_create(2): a timer whose expirations are read from a file.
 */
#include "../internal.h"
#include <panic.h>
#include <syscall.h>
#include <time.h>
#include <uaccess.h>

#define CLOCK_REALTIME	  0
#define CLOCK_MONOTONIC	  1
#define CLOCK_BOOTTIME	  7
#define TFD_TIMER_ABSTIME 1
#define TFD_TIMER_CANCEL_ON_SET 2
#define FAR_FUTURE (~0ULL / 4) /* ns; sums with it are below 2^63 */

struct itimerspec {
	struct timespec64 it_interval, it_value;
};

/**
 * struct timerfd - file->private
 * @lock: guards the rest; interrupts off
 * @expires: absolute ns of the next expiration that is not in @count, 0: not armed
 * @interval: ns between expirations, 0: only one
 * @fired: the timer has run out at @expires
 * @count: expirations that have not been read, but for those that @fired stands for
 * @on_realtime: @expires is on CLOCK_REALTIME, else on the monotonic clock: setting the time of day
 * moves an absolute time alone
 * @cancel: whoever waits is told when the time of day is set (TFD_TIMER_CANCEL_ON_SET)
 * @offset: realtime_offset() that the user knows of
 * @clock_set: on realtime_changed if @clock is CLOCK_REALTIME
 *
 * What has expired is counted, and a periodic timer set again, by whoever asks next. So no period
 * is too short to serve, as with Linux.
 */
struct timerfd {
	struct spinlock lock;
	struct timer timer;
	struct wait_queue wq;
	u64 expires, interval, count;
	bool fired, on_realtime, cancel;
	s64 offset;
	u32 clock;
	struct wait_entry clock_set;
};

static u64 now_of(const struct timerfd *t)
{
	return t->on_realtime ? realtime_ns() : ktime_ns();
}

/* Called with the lock. */
static void arm(struct timerfd *t)
{
	timer_start_on(&t->timer, t->expires, t->on_realtime);
}

/* Counts what has expired and sets the timer again. Called with the lock. */
static void catch_up(struct timerfd *t)
{
	u64 periods, now;

	if (!t->fired)
		return;
	t->fired = false;
	now = max(now_of(t), t->expires); /* the time of day may have been set back */
	periods = t->interval ? (now - t->expires) / t->interval + 1 : 1;
	t->count += periods;
	t->expires = t->interval ? t->expires + periods * t->interval : 0;
	if (t->expires)
		arm(t);
}

/* Has the time of day been set since the user knew of it? */
static bool clock_was_set(const struct timerfd *t)
{
	return READ_ONCE(t->cancel) && READ_ONCE(t->offset) != realtime_offset();
}

/* The same, and now the user knows. Called with the lock. */
static bool canceled(struct timerfd *t)
{
	bool was_set = clock_was_set(t);

	WRITE_ONCE(t->offset, realtime_offset());
	return was_set;
}

/* Also when the time of day is set: then it may not be time yet. */
static void timerfd_fn(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	spin_lock(&t->lock);
	/* Not if it was set anew while this waited for the lock. */
	if (t->expires && now_of(t) >= t->expires)
		WRITE_ONCE(t->fired, true);
	else if (t->expires && !t->fired)
		arm(t);
	spin_unlock(&t->lock);
	wake_up_all_events(&t->wq, POLLIN | POLLRDNORM);
}

/* Without the lock. */
static bool is_readable(const struct timerfd *t)
{
	return READ_ONCE(t->count) || READ_ONCE(t->fired) || clock_was_set(t);
}

/* The time of day was set: look again. Under the queue's lock. */
static bool timerfd_clock_set(struct wait_entry *e, u32 events)
{
	struct timerfd *t = container_of(e, struct timerfd, clock_set);

	(void)events;
	if (READ_ONCE(t->on_realtime) || READ_ONCE(t->cancel))
		timer_start(&t->timer, ktime_ns());
	return false;
}

/* 0: nothing yet; -ECANCELED. */
static s64 take_count(struct timerfd *t)
{
	s64 count;

	spin_lock_irq(&t->lock);
	catch_up(t);
	count = canceled(t) ? -ECANCELED : (s64)t->count;
	t->count = 0;
	spin_unlock_irq(&t->lock);
	return count;
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct timerfd *t = f->private;
	s64 count;
	int err;

	if (it->count < sizeof(count))
		return -EINVAL;
	while (!(count = take_count(t))) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&t->wq, is_readable(t));
		if (err)
			return err;
	}
	if (count < 0)
		return count;
	return copy_to_iter(&count, sizeof(count), it) == sizeof(count) ? (ssize_t)sizeof(count)
									: -EFAULT;
}

static u32 timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->private;

	poll_wait(pt, &t->wq);
	return is_readable(t) ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

	if (t->clock == CLOCK_REALTIME)
		wait_remove(&realtime_changed, &t->clock_set);
	/* A callback that waits for the lock does not start it again. */
	spin_lock_irq(&t->lock);
	t->expires = 0;
	spin_unlock_irq(&t->lock);
	timer_stop_sync(&t->timer);
	DEBUG_ON(t->timer.active);
	kfree(t);
}

static const struct file_ops timerfd_fops = {
	.read_iter = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

static bool clock_ok(unsigned long clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
}

/** sys_timerfd_create - timerfd_create(2). */
long sys_timerfd_create(unsigned long clock, unsigned long flags)
{
	struct timerfd *t;
	struct file *f;
	int fd;

	if (!clock_ok(clock) || (flags & ~(unsigned long)(O_CLOEXEC | O_NONBLOCK)))
		return -EINVAL;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock, "timerfd->lock");
	timer_init(&t->timer, timerfd_fn);
	wait_queue_init(&t->wq);
	t->clock = (u32)clock;
	t->offset = realtime_offset();
	t->clock_set.wake = timerfd_clock_set;
	f = file_anon(&timerfd_fops, t, (int)(O_RDWR | (flags & O_NONBLOCK)), 0600,
		      "anon_inode:[timerfd]");
	if (IS_ERR(f)) {
		kfree(t);
		return PTR_ERR(f);
	}
	if (t->clock == CLOCK_REALTIME)
		wait_add(&realtime_changed, &t->clock_set);
	fd = fd_alloc(f, 0, (u32)flags);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* Called with the lock. */
static void get_setting(struct timerfd *t, struct itimerspec *out)
{
	u64 now;

	catch_up(t);
	now = now_of(t);
	out->it_interval = ns_to_timespec(t->interval);
	/* One that is due but has not fired yet has a moment left: 0 means that it is not armed. */
	out->it_value = ns_to_timespec(!t->expires ? 0 : t->expires > now ? t->expires - now : 1);
}

/* Called with the lock: what @ns means on the clock that it is to run by. */
static u64 first_expiration(const struct timerfd *t, u64 ns, bool abstime)
{
	u64 now = now_of(t);

	return abstime ? ns : now + min(ns, (~0ULL >> 1) - now);
}

/* 0, or -ECANCELED: the timer is set, and the time of day has been since the user looked. */
static int set_setting(struct timerfd *t, const struct itimerspec *new, u32 flags,
		       struct itimerspec *old)
{
	bool abstime = flags & TFD_TIMER_ABSTIME, was_set;
	u64 value = min(timespec_to_ns(&new->it_value), FAR_FUTURE);

	spin_lock_irq(&t->lock);
	get_setting(t, old);
	timer_stop(&t->timer); /* a callback that waits for the lock sees the new setting */
	t->fired = false;
	t->expires = 0;
	t->count = 0;
	t->interval = min(timespec_to_ns(&new->it_interval), FAR_FUTURE);
	WRITE_ONCE(t->on_realtime, abstime && t->clock == CLOCK_REALTIME);
	WRITE_ONCE(t->cancel, t->on_realtime && flags & TFD_TIMER_CANCEL_ON_SET);
	if (value) {
		t->expires = first_expiration(t, value, abstime);
		arm(t);
	}
	was_set = value && canceled(t);
	spin_unlock_irq(&t->lock);
	return was_set ? -ECANCELED : 0;
}

static struct file *get_timerfd(unsigned long fd)
{
	struct file *f = fd_get((int)fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (f->ops == &timerfd_fops)
		return f;
	file_put(f);
	return ERR_PTR(-EINVAL);
}

/** sys_timerfd_settime - timerfd_settime(2). */
long sys_timerfd_settime(unsigned long fd, unsigned long flags, unsigned long unew,
			 unsigned long uold)
{
	struct itimerspec new, old;
	struct file *f;
	int err;

	if (copy_from_user(&new, (const void __user *)unew, sizeof(new)))
		return -EFAULT;
	if ((flags & ~(unsigned long)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    !timespec_valid(&new.it_value) ||
	    !timespec_valid(&new.it_interval))
		return -EINVAL;
	f = get_timerfd(fd);
	if (IS_ERR(f))
		return PTR_ERR(f);
	err = set_setting(f->private, &new, (u32)flags, &old);
	file_put(f);
	if (err)
		return err;
	return uold ? copy_to_user((void __user *)uold, &old, sizeof(old)) : 0;
}

/** sys_timerfd_gettime - timerfd_gettime(2). */
long sys_timerfd_gettime(unsigned long fd, unsigned long uout)
{
	struct file *f = get_timerfd(fd);
	struct itimerspec now;
	struct timerfd *t;

	if (IS_ERR(f))
		return PTR_ERR(f);
	t = f->private;
	spin_lock_irq(&t->lock);
	get_setting(t, &now);
	spin_unlock_irq(&t->lock);
	file_put(f);
	return copy_to_user((void __user *)uout, &now, sizeof(now));
}
