// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd(2): a counter that one side adds to and the other waits for.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>

#define EFD_SEMAPHORE 1
#define COUNT_MAX     (~0ULL - 1)

/**
 * struct eventfd - file->private
 * @wq: its lock guards @count, too; both sides wait here
 */
struct eventfd {
	struct spinlock lock;
	struct wait_queue wq;
	u64 count; /* lock */
	bool semaphore;
};

static bool take_count(struct eventfd *e, u64 *value)
{
	bool ok;

	spin_lock(&e->lock);
	ok = e->count;
	*value = e->semaphore && ok ? 1 : e->count;
	e->count -= *value;
	spin_unlock(&e->lock);
	return ok;
}

static ssize_t eventfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->private;
	u64 value;
	int err;

	if (it->count < sizeof(value))
		return -EINVAL;
	while (!take_count(e, &value)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wq, READ_ONCE(e->count));
		if (err)
			return err;
	}
	wake_up_all_events(&e->wq, POLLOUT | POLLWRNORM);
	return copy_to_iter(&value, sizeof(value), it) == sizeof(value) ? (ssize_t)sizeof(value)
									: -EFAULT;
}

static bool add_count(struct eventfd *e, u64 value)
{
	bool ok;

	spin_lock(&e->lock);
	ok = value <= COUNT_MAX - e->count;
	if (ok)
		e->count += value;
	spin_unlock(&e->lock);
	return ok;
}

static ssize_t eventfd_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->private;
	u64 value;
	int err;

	if (it->count < sizeof(value))
		return -EINVAL;
	if (copy_from_iter(&value, sizeof(value), it) != sizeof(value))
		return -EFAULT;
	if (value == ~0ULL)
		return -EINVAL;
	while (!add_count(e, value)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wq, value <= COUNT_MAX - READ_ONCE(e->count));
		if (err)
			return err;
	}
	wake_up_all_events(&e->wq, POLLIN | POLLRDNORM);
	return sizeof(value);
}

static u32 eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->private;
	u64 count;
	u32 mask = 0;

	poll_wait(pt, &e->wq);
	count = READ_ONCE(e->count);
	if (count)
		mask |= POLLIN | POLLRDNORM;
	if (count < COUNT_MAX)
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

static void eventfd_release(struct file *f)
{
	kfree(f->private);
}

static const struct file_ops eventfd_fops = {
	.read_iter = eventfd_read,
	.write_iter = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

static long do_eventfd(u32 count, u32 flags)
{
	struct eventfd *e;
	struct file *f;
	int fd;

	if (flags & ~(u32)(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	spin_lock_init(&e->lock, "eventfd->lock");
	wait_queue_init(&e->wq);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	f = file_anon(&eventfd_fops, e, (int)(O_RDWR | (flags & O_NONBLOCK)), 0600,
		      "anon_inode:[eventfd]");
	if (IS_ERR(f)) {
		kfree(e);
		return PTR_ERR(f);
	}
	fd = fd_alloc(f, 0, flags);
	if (fd < 0)
		file_put(f);
	return fd;
}

/** sys_eventfd - eventfd(2), the old call. */
long sys_eventfd(unsigned long count)
{
	return do_eventfd((u32)count, 0);
}

/** sys_eventfd2 - eventfd(2). */
long sys_eventfd2(unsigned long count, unsigned long flags)
{
	return do_eventfd((u32)count, (u32)flags);
}
