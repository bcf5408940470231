// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for several files at once: poll(2) and ppoll(2), and the waiting that select(2) shares. A
 * waiter hangs an entry into each wait queue that a file names; a file's poll operation may sleep,
 * so a wake-up in between is remembered in a flag.
 */
#include "../internal.h"
#include "pollwait.h"
#include <string.h>
#include <signal.h>
#include <syscall.h>
#include <uaccess.h>

static bool poll_wake(struct wait_entry *e, u32 events)
{
	struct poll_waiter *pw = container_of(e, struct poll_entry, entry)->waiter;

	smp_store_release(&pw->triggered, true);
	return thread_wake(pw->thread, WAKE_NORMAL);
}

static struct poll_entry *new_entry(struct poll_waiter *pw)
{
	struct poll_chunk *c = pw->chunks;

	if (pw->nr_inline < POLL_INLINE)
		return &pw->inline_entries[pw->nr_inline++];
	if (!c || c->nr == POLL_CHUNK) {
		c = kmalloc(sizeof(*c), GFP_KERNEL);
		if (!c) {
			pw->error = -ENOMEM;
			return NULL;
		}
		c->nr = 0;
		c->next = pw->chunks;
		pw->chunks = c;
	}
	return &c->entries[c->nr++];
}

static void poll_queue(struct poll_table *pt, struct wait_queue *wq)
{
	struct poll_waiter *pw = container_of(pt, struct poll_waiter, pt);
	struct poll_entry *e = new_entry(pw);

	if (!e)
		return;
	e->entry = (struct wait_entry){ .thread = pw->thread, .wake = poll_wake };
	e->waiter = pw;
	e->wq = wq;
	e->file = pw->file;
	file_get(e->file);
	wait_add(wq, &e->entry);
}

/**
 * poll_begin - Prepare to wait.
 * @pw: on the caller's stack, until poll_end()
 * @deadline: absolute monotonic ns, 0: for ever, POLL_NOW: do not wait
 */
void poll_begin(struct poll_waiter *pw, u64 deadline)
{
	pw->pt.queue = deadline == POLL_NOW ? NULL : poll_queue;
	pw->thread = current;
	pw->triggered = false;
	pw->error = 0;
	pw->deadline = deadline;
	pw->nr_inline = 0;
	pw->chunks = NULL;
}

static void entry_remove(struct poll_entry *e)
{
	wait_remove(e->wq, &e->entry);
	file_put(e->file);
}

void poll_end(struct poll_waiter *pw)
{
	for (u32 i = 0; i < pw->nr_inline; i++)
		entry_remove(&pw->inline_entries[i]);
	while (pw->chunks) {
		struct poll_chunk *c = pw->chunks;

		for (u32 i = 0; i < c->nr; i++)
			entry_remove(&c->entries[i]);
		pw->chunks = c->next;
		kfree(c);
	}
}

/**
 * poll_file - State of a file, hung into its wait queues if the waiter is still collecting.
 * @pw: the waiter
 * @f: the file
 * @wanted: POLL* bits asked for; POLLERR and POLLHUP are always reported
 *
 * Return: POLL* bits.
 */
u32 poll_file(struct poll_waiter *pw, struct file *f, u32 wanted)
{
	u32 mask = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	pw->file = f;
	if (f->ops->poll)
		mask = f->ops->poll(f, &pw->pt);
	mask &= wanted | POLLERR | POLLHUP;
	if (mask)
		pw->pt.queue = NULL; /* nothing more to wait for */
	return mask;
}

/**
 * poll_sleep - Wait until one of the files may have changed.
 * @pw: every file has been asked once
 *
 * Return: 0: ask again; -ETIMEDOUT, -EINTR for a signal, -ENOMEM.
 */
int poll_sleep(struct poll_waiter *pw)
{
	bool expired = false, interrupted = false;

	pw->pt.queue = NULL;
	if (pw->error)
		return pw->error;
	if (pw->deadline == POLL_NOW)
		return -ETIMEDOUT;
	set_current_state(THREAD_INTERRUPTIBLE);
	/* Behind the state: a signal that comes from here on wakes the thread. */
	if (signal_pending())
		interrupted = true;
	else if (!smp_load_acquire(&pw->triggered))
		expired = schedule_timeout(pw->deadline);
	WRITE_ONCE(current->state, THREAD_RUNNING);
	if (interrupted)
		return -EINTR;
	if (expired && !pw->triggered)
		pw->deadline = POLL_NOW; /* one last look */
	pw->triggered = false;
	smp_mb(); /* cleared before the files are asked again */
	return 0;
}

/**
 * poll_deadline - The absolute time at which a timeout is over.
 * @ns: from now on
 *
 * Return: what poll_begin() takes.
 */
u64 poll_deadline(u64 ns)
{
	u64 now = ktime_ns();

	if (!ns)
		return POLL_NOW;
	return ns > POLL_NOW - 1 - now ? 0 : now + ns;
}

struct pollfd {
	s32 fd;
	u16 events, revents;
};

static u32 poll_one(struct poll_waiter *pw, struct pollfd *p)
{
	struct file *f;
	u32 mask = POLLNVAL;

	if (p->fd < 0)
		return 0;
	f = fd_get(p->fd);
	if (f) {
		mask = poll_file(pw, f, p->events);
		file_put(f);
	} else {
		pw->pt.queue = NULL;
	}
	return mask;
}

static long poll_scan(struct poll_waiter *pw, struct pollfd *fds, u32 n)
{
	long ready = 0;

	for (u32 i = 0; i < n; i++) {
		fds[i].revents = (u16)poll_one(pw, &fds[i]);
		ready += fds[i].revents != 0;
	}
	return ready;
}

static long poll_fds(struct pollfd *fds, u32 n, u64 deadline)
{
	struct poll_waiter pw;
	long ready;
	int err = 0;

	poll_begin(&pw, deadline);
	while (!(ready = poll_scan(&pw, fds, n)) && !err)
		err = poll_sleep(&pw);
	poll_end(&pw);
	return ready ? ready : err == -ETIMEDOUT ? 0 : err;
}

static int put_revents(struct pollfd __user *ufds, const struct pollfd *fds, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (put_user(fds[i].revents, &ufds[i].revents))
			return -EFAULT;
	return 0;
}

#define POLL_STACK 8

/* -EINTR here means a signal came; callers turn it into the restart they want. */
static long do_poll(struct pollfd __user *ufds, u32 n, u64 deadline)
{
	struct pollfd few[POLL_STACK], *fds = few;
	long ret = -EFAULT;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (n > POLL_STACK)
		fds = kvmalloc(n * sizeof(*fds), GFP_KERNEL);
	if (!fds)
		return -ENOMEM;
	if (!copy_from_user(fds, ufds, n * sizeof(*fds))) {
		ret = poll_fds(fds, n, deadline);
		if (ret >= 0 && put_revents(ufds, fds, n))
			ret = -EFAULT;
	}
	if (fds != few)
		kvfree(fds);
	return ret;
}

static long poll_restart(struct restart_block *rb)
{
	long ret = do_poll((struct pollfd __user *)rb->arg[0], (u32)rb->arg[1], rb->arg[2]);

	return ret == -EINTR ? -ERESTART_RESTARTBLOCK : ret;
}

/**
 * sys_poll - poll(2).
 *
 * Interrupted without a handler it goes on with what is left of the timeout.
 */
long sys_poll(unsigned long ufds, unsigned long nfds, unsigned long timeout)
{
	int ms = (int)timeout;
	u64 deadline = ms < 0 ? 0 : poll_deadline((u64)ms * NSEC_PER_MSEC);
	long ret = do_poll((struct pollfd __user *)ufds, (u32)nfds, deadline);

	if (ret != -EINTR)
		return ret;
	current->restart.fn = poll_restart;
	current->restart.arg[0] = ufds;
	current->restart.arg[1] = (u32)nfds;
	current->restart.arg[2] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/**
 * poll_timespec - A deadline from a user's struct timespec.
 * @uts: time from now on, NULL: for ever
 * @deadline: set to what poll_begin() takes
 *
 * Return: 0, -EFAULT, -EINVAL.
 */
int poll_timespec(const struct timespec64 __user *uts, u64 *deadline)
{
	struct timespec64 ts;

	*deadline = 0;
	if (!uts)
		return 0;
	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = poll_deadline(timespec_to_ns(&ts));
	return 0;
}

/**
 * poll_timespec_left - Write back what is left until a deadline.
 * @uts: where to, or NULL
 * @deadline: as from poll_timespec()
 *
 * A failure to do so is no error, as in Linux.
 */
void poll_timespec_left(struct timespec64 __user *uts, u64 deadline)
{
	u64 now = ktime_ns();
	struct timespec64 left = { 0 };

	if (!uts || !deadline || timeouts_stick())
		return;
	if (deadline != POLL_NOW && deadline > now)
		left = ns_to_timespec(deadline - now);
	if (copy_to_user(uts, &left, sizeof(left)))
		return;
}

/** sys_ppoll - ppoll(2). */
long sys_ppoll(unsigned long ufds, unsigned long nfds, unsigned long uts, unsigned long umask,
	       unsigned long size)
{
	const sigset_t __user *mask = (const sigset_t __user *)umask;
	u64 deadline;
	long ret = poll_timespec((const struct timespec64 __user *)uts, &deadline);

	if (!ret)
		ret = sigmask_begin(mask, size);
	if (ret)
		return ret;
	ret = do_poll((struct pollfd __user *)ufds, (u32)nfds, deadline);
	sigmask_end(ret == -EINTR);
	poll_timespec_left((struct timespec64 __user *)uts, deadline);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}
