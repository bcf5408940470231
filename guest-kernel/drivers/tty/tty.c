// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals: the files in /dev, reading and writing through the line discipline, what comes from
 * the drivers, hanging up.
 *
 * All state is guarded by the terminal's spinlock, since drivers come in interrupts. User memory is
 * copied through a small buffer without it.
 */
#define pr_fmt(f) "tty: " f

#include "tty_core.h"

#include <init.h>
#include <log.h>
#include <string.h>

#define CHUNK		256U
#define THROTTLE_ROOM	256U /* free input positions below which the line is asked to stop */
#define DECISECOND_NS	(100 * NSEC_PER_MSEC)

#define TTYAUX_MAJOR	5

static DEFINE_MUTEX(ttys_lock);		/* guards ttys */
static LIST_HEAD(ttys);

/* ---- making and finding ---- */

struct tty *tty_alloc(struct tty_driver *d)
{
	struct tty *tty = kzalloc(sizeof(*tty), GFP_KERNEL);

	if (!tty)
		return NULL;
	spin_lock_init(&tty->lock, "tty");
	ldisc_init(&tty->ld);
	wait_queue_init(&tty->read_wait);
	wait_queue_init(&tty->write_wait);
	mutex_init(&tty->read_mutex, "tty_read");
	mutex_init(&tty->write_mutex, "tty_write");
	mutex_init(&tty->modes_mutex, "tty_modes");
	tty->ispeed = tty->ospeed = 38400; /* B38400, as ldisc_init() says */
	atomic_set(&tty->refs, 1);
	list_init(&tty->node);
	tty->driver = d;
	tty->devt = MKDEV(d->major, d->minor);
	tty->winsize = d->winsize;
	return tty;
}

void tty_get(struct tty *tty)
{
	atomic_inc(&tty->refs);
}

void tty_put(struct tty *tty)
{
	struct tty_driver *d = tty->driver;

	if (!atomic_dec_and_test(&tty->refs))
		return;
	kfree(tty);
	if (d->free)
		d->free(d);
}

/* With ttys_lock held. */
static struct tty *find(dev_t devt)
{
	struct tty *tty;

	list_for_each_entry(tty, &ttys, node)
		if (tty->devt == devt)
			return tty;
	return NULL;
}

static struct tty *get_by_dev(dev_t devt)
{
	struct tty *tty;

	mutex_lock(&ttys_lock);
	tty = find(devt);
	if (tty)
		tty_get(tty);
	mutex_unlock(&ttys_lock);
	return tty;
}

/*
 * What /dev/console stands for: the last console= that has a terminal of its name, else the first
 * terminal.
 */
static struct tty *get_console(void)
{
	const char *name = log_console_name();
	struct tty *tty, *found = NULL;

	mutex_lock(&ttys_lock);
	list_for_each_entry(tty, &ttys, node)
		if (!tty->driver->free && (!found || (name && !strcmp(tty->driver->name, name))))
			found = tty;
	if (found)
		tty_get(found);
	mutex_unlock(&ttys_lock);
	return found;
}

int tty_publish(struct tty *tty)
{
	int err;

	mutex_lock(&ttys_lock);
	err = find(tty->devt) ? -EEXIST : 0;
	if (!err)
		list_add_tail(&tty->node, &ttys);
	mutex_unlock(&ttys_lock);
	return err;
}

void tty_unpublish(struct tty *tty)
{
	mutex_lock(&ttys_lock);
	list_del(&tty->node);
	mutex_unlock(&ttys_lock);
}

int tty_register(struct tty_driver *d)
{
	struct tty *tty = tty_alloc(d);
	int err;

	if (!tty)
		return -ENOMEM;
	d->tty = tty;
	err = tty_publish(tty);
	if (!err)
		return chrdev_register(d->major, d->minor, d->name, &tty_fops, 0620);
	d->tty = NULL;
	tty_put(tty);
	return err;
}

/* ---- from the driver ---- */

void tty_push(struct tty *tty)
{
	const u8 *p;
	size_t n, taken;

	while ((n = ldisc_output(&tty->ld, &p))) {
		taken = tty->driver->write(tty->driver, p, n);
		ldisc_sent(&tty->ld, taken);
		if (taken < n)
			return;
	}
}

/*
 * Whether the line should wait for a reader. There must be something to be read: else it is a line
 * without an end, which is cut, since the end would be waited for on both sides.
 */
static bool input_full(const struct tty *tty, u32 room)
{
	return ldisc_input_room(&tty->ld) < room && ldisc_has_input(&tty->ld);
}

bool tty_input_welcome(struct tty *tty)
{
	unsigned long flags;
	bool welcome;

	spin_lock_irqsave(&tty->lock, flags);
	welcome = !input_full(tty, THROTTLE_ROOM) || tty->gone;
	spin_unlock_irqrestore(&tty->lock, flags);
	return welcome;
}

void tty_throttle(struct tty *tty)
{
	bool on = input_full(tty, tty->throttled ? LDISC_IN_SIZE / 2 : THROTTLE_ROOM);

	if (on == tty->throttled)
		return;
	tty->throttled = on;
	if (tty->driver->throttle)
		tty->driver->throttle(tty->driver, on);
}

static void send_signals(pid_t pgrp, u64 signals)
{
	for (; signals && pgrp; signals &= signals - 1)
		kill_pgrp(pgrp, __builtin_ctzll(signals) + 1, NULL);
}

/*
 * After the line discipline has had input: sends echoes and signals, wakes readers. Takes the lock
 * over from the caller.
 */
static void received(struct tty *tty, unsigned long flags)
{
	u64 signals = tty->ld.signals;
	pid_t pgrp = tty->pgrp;
	bool input = ldisc_has_input(&tty->ld);

	tty->ld.signals = 0;
	tty_push(tty);
	tty_throttle(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
	send_signals(pgrp, signals);
	if (input)
		wake_up_events(&tty->read_wait, POLLIN | POLLRDNORM);
	if (signals)
		wake_up_events(&tty->write_wait, POLLOUT | POLLWRNORM);
}

void tty_receive(struct tty *tty, const u8 *p, size_t n)
{
	unsigned long flags;
	bool stopped;
	size_t i;

	spin_lock_irqsave(&tty->lock, flags);
	stopped = tty->ld.stopped;
	for (i = 0; i < n; i++)
		ldisc_receive(&tty->ld, p[i]);
	tty_tell_stopped(tty, stopped);
	received(tty, flags);
}

void tty_receive_break(struct tty *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	ldisc_receive_break(&tty->ld);
	received(tty, flags);
}

void tty_write_wakeup(struct tty *tty)
{
	unsigned long flags;
	u32 unsent;

	spin_lock_irqsave(&tty->lock, flags);
	tty_push(tty);
	unsent = ldisc_unsent(&tty->ld);
	spin_unlock_irqrestore(&tty->lock, flags);
	/* Not for each byte of a slow line. */
	if (unsent < LDISC_OUT_SIZE / 2)
		wake_up_events(&tty->write_wait, POLLOUT | POLLWRNORM);
}

/* ---- reading ---- */

/* Whether a read that wants @want bytes need not wait (any longer). */
static bool read_ready(const struct tty_file *tf, u32 want)
{
	struct tty *tty = tf->tty;
	unsigned long flags;
	bool ready;

	if (tty_file_dead(tf))
		return true;
	spin_lock_irqsave(&tty->lock, flags);
	if (tty->ld.termios.c_lflag & ICANON)
		ready = ldisc_has_input(&tty->ld);
	else
		ready = tty->ld.tail - tty->ld.head >= want;
	spin_unlock_irqrestore(&tty->lock, flags);
	return ready;
}

/*
 * Raw mode: VMIN and VTIME (POSIX.1-2017, XBD 11.1.7). With both, the time runs between bytes, and
 * only from the first on; with VTIME alone it runs for the whole read.
 */
static int wait_raw(const struct tty_file *tf, size_t n)
{
	struct wait_queue *wq = &tf->tty->read_wait;
	const struct termios *t = &tf->tty->ld.termios;
	u32 least = min_t(u32, READ_ONCE(t->c_cc[VMIN]), min(n, (size_t)LDISC_IN_SIZE)), have;
	u64 time = READ_ONCE(t->c_cc[VTIME]) * DECISECOND_NS;
	int ret = 0;

	if (!time)
		return least ? wait_event_interruptible(wq, read_ready(tf, least)) : 0;
	if (!least) {
		ret = wait_event_interruptible_deadline(wq, read_ready(tf, 1), ktime_ns() + time);
		return ret == -ETIMEDOUT ? 0 : ret;
	}
	for (have = 1; have <= least && !ret; have++) {
		if (have == 1)
			ret = wait_event_interruptible(wq, read_ready(tf, 1));
		else
			ret = wait_event_interruptible_deadline(wq, read_ready(tf, have),
								ktime_ns() + time);
	}
	return ret == -ETIMEDOUT ? 0 : ret;
}

static int wait_input(const struct tty_file *tf, const struct file *f, size_t n)
{
	const struct termios *t = &tf->tty->ld.termios;
	bool canonical = READ_ONCE(t->c_lflag) & ICANON;

	if (READ_ONCE(f->flags) & O_NONBLOCK) {
		/* A read that never waits has nothing to be told. */
		if (!canonical && !READ_ONCE(t->c_cc[VMIN]) && !READ_ONCE(t->c_cc[VTIME]))
			return 0;
		return read_ready(tf, 1) ? 0 : -EAGAIN;
	}
	if (!canonical)
		return wait_raw(tf, n);
	return wait_event_interruptible(&tf->tty->read_wait, read_ready(tf, 1));
}

/* Copies what is there: in canonical mode one line at most. */
static ssize_t read_available(struct tty *tty, struct iov_iter *it)
{
	u8 buf[CHUNK];
	size_t n, done = 0;
	bool end = false;

	while (it->count && !end) {
		unsigned long flags;

		spin_lock_irqsave(&tty->lock, flags);
		n = ldisc_read(&tty->ld, buf, min(it->count, sizeof(buf)), &end);
		tty_throttle(tty);
		spin_unlock_irqrestore(&tty->lock, flags);
		if (!n)
			break;
		if (copy_to_iter(buf, n, it) != n)
			return done ? (ssize_t)done : -EFAULT;
		done += n;
	}
	return (ssize_t)done;
}

static ssize_t tty_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct tty_file *tf = tty_file(f);
	struct tty *tty = tf->tty;
	ssize_t ret;

	(void)pos;
	if (tty_file_dead(tf) || !it->count)
		return 0;
	ret = tty_check_background(tty, SIGTTIN);
	if (ret)
		return ret;
	if (READ_ONCE(f->flags) & O_NONBLOCK) {
		if (!mutex_trylock(&tty->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->read_mutex)) {
		return -ERESTARTSYS;
	}
	ret = wait_input(tf, f, it->count);
	if (!ret && !tty_file_dead(tf))
		ret = read_available(tty, it);
	mutex_unlock(&tty->read_mutex);
	return ret;
}

/* ---- writing ---- */

static bool write_ready(const struct tty_file *tf)
{
	struct tty *tty = tf->tty;
	unsigned long flags;
	bool ready;

	spin_lock_irqsave(&tty->lock, flags);
	ready = ldisc_write_room(&tty->ld) > 0;
	spin_unlock_irqrestore(&tty->lock, flags);
	return ready || tty_file_dead(tf);
}

static size_t write_some(struct tty *tty, const u8 *p, size_t n)
{
	unsigned long flags;
	size_t taken;

	spin_lock_irqsave(&tty->lock, flags);
	taken = ldisc_write(&tty->ld, p, n);
	tty_push(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
	return taken;
}

/*
 * Writes all of @p; fewer bytes only if the file is not to wait, after a signal or a hang-up, which
 * *@err then tells.
 */
static size_t write_chunk(const struct tty_file *tf, const struct file *f, const u8 *p, size_t n,
			  int *err)
{
	size_t done = 0;

	for (;;) {
		if (tty_file_dead(tf)) {
			*err = -EIO;
			return done;
		}
		done += write_some(tf->tty, p + done, n - done);
		if (done == n)
			return done;
		if (READ_ONCE(f->flags) & O_NONBLOCK)
			*err = write_ready(tf) ? 0 : -EAGAIN;
		else
			*err = wait_event_interruptible(&tf->tty->write_wait, write_ready(tf));
		if (*err)
			return done;
	}
}

static ssize_t write_locked(const struct tty_file *tf, const struct file *f, struct iov_iter *it)
{
	u8 buf[CHUNK];
	size_t n, written, done = 0;
	int err = 0;

	while (it->count && !err) {
		n = copy_from_iter(buf, min(it->count, sizeof(buf)), it);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		written = write_chunk(tf, f, buf, n, &err);
		done += written;
	}
	return done ? (ssize_t)done : err;
}

static ssize_t tty_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct tty_file *tf = tty_file(f);
	struct tty *tty = tf->tty;
	ssize_t ret;

	(void)pos;
	if (tty_file_dead(tf))
		return -EIO;
	if (READ_ONCE(tty->ld.termios.c_lflag) & TOSTOP) {
		ret = tty_check_background(tty, SIGTTOU);
		if (ret)
			return ret;
	}
	if (READ_ONCE(f->flags) & O_NONBLOCK) {
		if (!mutex_trylock(&tty->write_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->write_mutex)) {
		return -ERESTARTSYS;
	}
	ret = write_locked(tf, f, it);
	mutex_unlock(&tty->write_mutex);
	return ret;
}

static bool all_sent(const struct tty_file *tf, bool *driver_done)
{
	struct tty *tty = tf->tty;
	unsigned long flags;
	bool sent;

	spin_lock_irqsave(&tty->lock, flags);
	sent = !ldisc_unsent(&tty->ld);
	*driver_done = sent && tty->driver->drained(tty->driver);
	spin_unlock_irqrestore(&tty->lock, flags);
	return sent || tty_file_dead(tf);
}

int tty_drain(const struct tty_file *tf)
{
	bool done;
	int err = wait_event_interruptible(&tf->tty->write_wait, all_sent(tf, &done));

	/* No interrupt tells that the last byte has left the wire: look every millisecond. */
	while (!err && !done && !tty_file_dead(tf)) {
		err = wait_event_interruptible_deadline(&tf->tty->write_wait,
							all_sent(tf, &done) && done,
							ktime_ns() + NSEC_PER_MSEC);
		if (err == -ETIMEDOUT)
			err = 0;
	}
	if (err)
		return err;
	return tty_file_dead(tf) ? -EIO : 0;
}

/* ---- polling, opening, closing ---- */

static u32 tty_poll(struct file *f, struct poll_table *pt)
{
	const struct tty_file *tf = tty_file(f);
	struct tty *tty = tf->tty;
	const u8 *cc = tty->ld.termios.c_cc;
	u32 mask = 0;

	poll_wait(pt, &tty->read_wait);
	poll_wait(pt, &tty->write_wait);
	if (tty_file_dead(tf))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP;
	if (read_ready(tf, READ_ONCE(cc[VTIME]) ? 1 : max_t(u32, READ_ONCE(cc[VMIN]), 1)))
		mask |= POLLIN | POLLRDNORM;
	if (write_ready(tf))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

/* A file of the terminal is closed, or was not opened after all. */
static void detach(struct tty *tty)
{
	unsigned long flags;
	bool last;

	spin_lock_irqsave(&tty->lock, flags);
	last = --tty->opens == 0;
	if (last)
		tty->exclusive = false;
	spin_unlock_irqrestore(&tty->lock, flags);
	if (last && tty->driver->close)
		tty->driver->close(tty->driver);
}

int tty_attach(struct file *f, struct tty *tty)
{
	struct tty_driver *d = tty->driver;
	struct tty_file *tf = kmalloc(sizeof(*tf), GFP_KERNEL);
	unsigned long flags;
	int err = 0;

	if (!tf)
		return -ENOMEM;
	spin_lock_irqsave(&tty->lock, flags);
	if (tty->gone)
		err = -EIO;
	else if (tty->exclusive && tty->opens && !capable(CAP_SYS_ADMIN))
		err = -EBUSY;
	else
		tty->opens++;
	*tf = (struct tty_file){ .tty = tty, .generation = tty->generation };
	spin_unlock_irqrestore(&tty->lock, flags);
	if (!err && d->open) {
		err = d->open(d);
		if (err)
			detach(tty);
	}
	if (err) {
		kfree(tf);
		return err;
	}
	tty_get(tty);
	f->private = tf;
	return 0;
}

static int tty_open(struct inode *inode, struct file *f)
{
	bool own = false;
	struct tty *tty;
	int err;

	if (inode->rdev == MKDEV(TTYAUX_MAJOR, 0)) {
		tty = tty_current();
	} else if (inode->rdev == MKDEV(TTYAUX_MAJOR, 1)) {
		tty = get_console();
	} else {
		tty = get_by_dev(inode->rdev);
		own = true;
	}
	if (!tty)
		return -ENXIO;
	err = tty_attach(f, tty);
	/* Who may only write is not to get what comes with it: TIOCSTI types for the user. */
	if (!err && own && !(f->flags & O_NOCTTY) && (f->mode & FMODE_READ))
		tty_open_session(tty);
	tty_put(tty);
	return err;
}

static void tty_release(struct file *f)
{
	struct tty_file *tf = tty_file(f);
	struct tty *tty = tf->tty;

	detach(tty);
	kfree(tf);
	tty_put(tty);
}

static loff_t tty_llseek(struct file *f, loff_t off, int whence)
{
	(void)f;
	(void)off;
	(void)whence;
	return -ESPIPE;
}

const struct file_ops tty_fops = {
	.open = tty_open,
	.release = tty_release,
	.read_iter = tty_read,
	.write_iter = tty_write,
	.llseek = tty_llseek,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};

static int tty_init(void)
{
	int err = chrdev_register(TTYAUX_MAJOR, 0, "tty", &tty_fops, 0666);

	ctty_register(&tty_ctty_ops);
	return err ? err : chrdev_register(TTYAUX_MAJOR, 1, "console", &tty_fops, 0600);
}
fs_initcall(tty_init);
