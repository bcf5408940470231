// SPDX-License-Identifier: GPL-2.0-only
/*
 * timerfd_create(2): a timer whose expirations are read from a file.
 */
#include "internal.h"
#include <syscall.h>
#include <time.h>
#include <uaccess.h>

#define CLOCK_REALTIME	  0
#define CLOCK_MONOTONIC	  1
#define CLOCK_BOOTTIME	  7
#define TFD_TIMER_ABSTIME 1

struct itimerspec {
	struct timespec64 it_interval, it_value;
};

/**
 * struct timerfd - file->private
 * @lock: guards the rest; interrupts off
 * @expires: absolute monotonic ns of the next expiration that is not in @count, 0: not armed
 * @interval: ns between expirations, 0: only one
 * @fired: the timer has run out at @expires
 * @count: expirations that have not been read, but for those that @fired stands for
 *
 * What has expired is counted, and a periodic timer set again, by whoever asks next. So no period
 * is too short to serve, as with Linux.
 */
struct timerfd {
	struct spinlock lock;
	struct timer timer;
	struct wait_queue wq;
	u64 expires, interval, count;
	bool fired;
	u32 clock;
};

/* Counts what has expired and sets the timer again. Called with the lock. */
static void catch_up(struct timerfd *t, u64 now)
{
	u64 periods;

	if (!t->fired)
		return;
	t->fired = false;
	now = max(now, t->expires); /* this CPU's clock may be behind the timer's */
	periods = t->interval ? (now - t->expires) / t->interval + 1 : 1;
	t->count += periods;
	t->expires = t->interval ? t->expires + periods * t->interval : 0;
	if (t->expires)
		timer_start(&t->timer, t->expires);
}

static void timerfd_fn(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	spin_lock(&t->lock);
	/* Not if it was set anew while this waited for the lock. */
	if (t->expires && ktime_ns() >= t->expires)
		WRITE_ONCE(t->fired, true);
	spin_unlock(&t->lock);
	wake_up_all_events(&t->wq, POLLIN | POLLRDNORM);
}

/* Without the lock. */
static bool is_readable(const struct timerfd *t)
{
	return READ_ONCE(t->count) || READ_ONCE(t->fired);
}

static u64 take_count(struct timerfd *t)
{
	u64 count;

	spin_lock_irq(&t->lock);
	catch_up(t, ktime_ns());
	count = t->count;
	t->count = 0;
	spin_unlock_irq(&t->lock);
	return count;
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct timerfd *t = f->private;
	u64 count;
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

	timer_stop_sync(&t->timer);
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
	f = file_anon(&timerfd_fops, t, (int)(O_RDWR | (flags & O_NONBLOCK)), 0600,
		      "anon_inode:[timerfd]");
	if (IS_ERR(f)) {
		kfree(t);
		return PTR_ERR(f);
	}
	fd = fd_alloc(f, 0, (u32)flags);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* Called with the lock. */
static void get_setting(struct timerfd *t, struct itimerspec *out)
{
	u64 now = ktime_ns();

	catch_up(t, now);
	out->it_interval = ns_to_timespec(t->interval);
	/* One that is due but has not fired yet has a moment left: 0 means that it is not armed. */
	out->it_value = ns_to_timespec(!t->expires ? 0 : t->expires > now ? t->expires - now : 1);
}

/* The monotonic time that the user means; at least 1. */
static u64 absolute(const struct timerfd *t, u64 ns, bool abstime)
{
	u64 now = ktime_ns(), offset;

	if (!abstime)
		return now + min(ns, (~0ULL >> 1) - now);
	if (t->clock != CLOCK_REALTIME)
		return ns;
	offset = realtime_ns() - now;
	return ns > offset ? ns - offset : 1;
}

static void set_setting(struct timerfd *t, const struct itimerspec *new, bool abstime,
			struct itimerspec *old)
{
	u64 value = timespec_to_ns(&new->it_value);

	spin_lock_irq(&t->lock);
	get_setting(t, old);
	timer_stop(&t->timer); /* a callback that waits for the lock sees the new setting */
	t->fired = false;
	t->expires = 0;
	t->count = 0;
	t->interval = timespec_to_ns(&new->it_interval);
	if (value) {
		t->expires = absolute(t, value, abstime);
		timer_start(&t->timer, t->expires);
	}
	spin_unlock_irq(&t->lock);
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

	if (copy_from_user(&new, (const void __user *)unew, sizeof(new)))
		return -EFAULT;
	if ((flags & ~(unsigned long)TFD_TIMER_ABSTIME) || !timespec_valid(&new.it_value) ||
	    !timespec_valid(&new.it_interval))
		return -EINVAL;
	f = get_timerfd(fd);
	if (IS_ERR(f))
		return PTR_ERR(f);
	set_setting(f->private, &new, flags & TFD_TIMER_ABSTIME, &old);
	file_put(f);
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
