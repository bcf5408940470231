// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pseudo terminals (pty(7)): opening /dev/ptmx makes a terminal /dev/pts/N whose line is the file
 * that was opened, the master. What is written to the master is typed on the terminal; what the
 * terminal sends is read from the master.
 *
 * The terminal is an ordinary one with this file as its driver. When the master is closed, it is
 * hung up and its name is gone.
 *
 * Lock order: tty->lock -> pty->lock.
 */
#include "tty_core.h"

#include <bitmap.h>
#include <init.h>
#include <string.h>
#include <uaccess.h>

#define TTYAUX_MAJOR	5
#define PTS_MAJOR	136
#define MAX_PTYS	256U
#define RING_SIZE	4096U
#define RING_MASK	(RING_SIZE - 1)
#define CHUNK		256U

/**
 * struct pty - a pseudo terminal
 * @driver: the terminal's driver
 * @tty: the terminal; the master holds a reference, and it keeps the pty
 * @index: its number; immutable
 * @lock: guards the rest; interrupts off
 * @ring: bytes from the terminal to the master
 * @head: next to be read; runs freely
 * @tail: end
 * @locked: the terminal may not be opened yet (unlockpt(3))
 * @packet: TIOCPKT: what is read from the master begins with a byte that says what it is
 * @status: TIOCPKT_* that the master has not been told yet
 * @slave_closed: it has been opened, and all its files are closed
 * @master_closed: nobody reads any more
 * @wait: readers, writers and pollers of the master
 */
struct pty {
	struct tty_driver driver;
	struct tty *tty;
	u32 index;
	struct spinlock lock;
	u8 ring[RING_SIZE];
	u32 head, tail;
	bool locked, packet, slave_closed, master_closed;
	u8 status;
	struct wait_queue wait;
};

static DEFINE_MUTEX(numbers_lock);	/* guards numbers */
static unsigned long numbers[BITS_TO_LONGS(MAX_PTYS)];

static struct pty *pty_of(struct tty_driver *d)
{
	return container_of(d, struct pty, driver);
}

/* ---- the terminal's driver ---- */

static size_t pty_write(struct tty_driver *d, const u8 *p, size_t n)
{
	struct pty *pty = pty_of(d);
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&pty->lock, flags);
	for (i = 0; i < n && pty->tail - pty->head < RING_SIZE; i++)
		pty->ring[pty->tail++ & RING_MASK] = p[i];
	if (pty->master_closed) {
		pty->head = pty->tail;
		i = n;
	}
	spin_unlock_irqrestore(&pty->lock, flags);
	wake_up_events(&pty->wait, POLLIN | POLLRDNORM);
	return i;
}

/*
 * What has reached the ring counts as sent: whether anybody reads it is not the terminal's
 * business.
 */
static bool pty_drained(struct tty_driver *d)
{
	(void)d;
	return true;
}

static void pty_throttle(struct tty_driver *d, bool on)
{
	if (!on)
		wake_up_events(&pty_of(d)->wait, POLLOUT | POLLWRNORM);
}

/* Any speed will do, but characters have 8 bits and no parity. */
static void pty_set_termios(struct tty_driver *d, struct termios2 *t)
{
	(void)d;
	t->t.c_cflag = (t->t.c_cflag & ~(u32)(CSIZE | PARENB)) | CS8 | CREAD;
}

static void pty_packet_event(struct tty_driver *d, u8 set, u8 clear)
{
	struct pty *pty = pty_of(d);
	unsigned long flags;
	bool tell;

	spin_lock_irqsave(&pty->lock, flags);
	tell = pty->packet;
	if (tell)
		WRITE_ONCE(pty->status, (u8)((pty->status & ~clear) | set));
	spin_unlock_irqrestore(&pty->lock, flags);
	if (tell)
		wake_up_all_events(&pty->wait, POLLIN | POLLRDNORM | POLLPRI);
}

static int pty_slave_open(struct tty_driver *d)
{
	struct pty *pty = pty_of(d);
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&pty->lock, flags);
	if (pty->locked || pty->master_closed)
		err = -EIO;
	else
		pty->slave_closed = false;
	spin_unlock_irqrestore(&pty->lock, flags);
	return err;
}

static void pty_slave_close(struct tty_driver *d)
{
	struct pty *pty = pty_of(d);
	unsigned long flags;

	spin_lock_irqsave(&pty->lock, flags);
	/* A terminal that could not be opened, since it is locked, was not closed either. */
	pty->slave_closed = !pty->locked;
	spin_unlock_irqrestore(&pty->lock, flags);
	wake_up_all_events(&pty->wait, POLLIN | POLLHUP);
}

static void pty_free(struct tty_driver *d)
{
	kfree(pty_of(d));
}

/* ---- making and closing ---- */

static int take_number(void)
{
	u32 n;

	mutex_lock(&numbers_lock);
	n = bitmap_find_zero(numbers, MAX_PTYS, 0);
	if (n < MAX_PTYS)
		bitmap_set(numbers, n);
	mutex_unlock(&numbers_lock);
	return n < MAX_PTYS ? (int)n : -ENOSPC;
}

static void give_number(u32 n)
{
	mutex_lock(&numbers_lock);
	bitmap_clear(numbers, n);
	mutex_unlock(&numbers_lock);
}

/*
 * The terminal with its name in /dev/pts. It and the pty go with the last reference to the
 * terminal.
 */
static struct pty *pty_make(u32 index)
{
	struct pty *pty = kzalloc(sizeof(*pty), GFP_KERNEL);

	if (!pty)
		return NULL;
	spin_lock_init(&pty->lock, "pty");
	wait_queue_init(&pty->wait);
	pty->index = index;
	pty->locked = true;
	pty->driver = (struct tty_driver){
		.name = "pts",
		.major = PTS_MAJOR,
		.minor = index,
		.write = pty_write,
		.drained = pty_drained,
		.throttle = pty_throttle,
		.set_termios = pty_set_termios,
		.packet_event = pty_packet_event,
		.open = pty_slave_open,
		.close = pty_slave_close,
		.free = pty_free,
	};
	pty->tty = tty_alloc(&pty->driver);
	if (!pty->tty) {
		kfree(pty);
		return NULL;
	}
	pty->driver.tty = pty->tty;
	return pty;
}

static int ptmx_open(struct inode *inode, struct file *f)
{
	const struct cred *cred = current_cred();
	int index = take_number(), err;
	struct pty *pty;

	(void)inode;
	if (index < 0)
		return index;
	pty = pty_make((u32)index);
	if (!pty) {
		give_number((u32)index);
		return -ENOMEM;
	}
	err = tty_publish(pty->tty);
	if (!err) {
		err = devpts_node_add(pty->index, pty->tty->devt, cred->fsuid, cred->fsgid, 0620);
		if (err)
			tty_unpublish(pty->tty);
	}
	if (err) {
		tty_put(pty->tty);
		give_number((u32)index);
		return err;
	}
	f->private = pty;
	return 0;
}

static void ptmx_release(struct file *f)
{
	struct pty *pty = f->private;
	struct tty *tty = pty->tty;
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	tty->gone = true;
	spin_unlock_irqrestore(&tty->lock, flags);
	spin_lock_irqsave(&pty->lock, flags);
	pty->master_closed = true;
	spin_unlock_irqrestore(&pty->lock, flags);
	devpts_node_remove(pty->index);
	tty_unpublish(tty);
	give_number(pty->index);
	tty_hangup(tty);
	tty_put(tty);
}

/* ---- the master's file ---- */

static u32 ring_used(struct pty *pty)
{
	unsigned long flags;
	u32 used;

	spin_lock_irqsave(&pty->lock, flags);
	used = pty->tail - pty->head;
	spin_unlock_irqrestore(&pty->lock, flags);
	return used;
}

static bool master_readable(struct pty *pty)
{
	return READ_ONCE(pty->status) || ring_used(pty);
}

static size_t ring_take(struct pty *pty, u8 *buf, size_t n)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&pty->lock, flags);
	for (i = 0; i < n && pty->head != pty->tail; i++)
		buf[i] = pty->ring[pty->head++ & RING_MASK];
	spin_unlock_irqrestore(&pty->lock, flags);
	return i;
}

/*
 * Packet mode (ioctl_tty(2), TIOCPKT): a read begins with a byte that tells what has happened, and
 * then ends, or with a 0 in front of what the terminal has sent. 1: the byte in *@status has been
 * given; 0: nothing is there; -EFAULT.
 */
static ssize_t give_status(struct pty *pty, struct iov_iter *it, u8 *status)
{
	unsigned long flags;

	*status = READ_ONCE(pty->status);
	if (!*status && !ring_used(pty))
		return 0;
	if (copy_to_iter(status, 1, it) != 1)
		return -EFAULT;
	spin_lock_irqsave(&pty->lock, flags);
	WRITE_ONCE(pty->status, (u8)(pty->status & ~*status));
	spin_unlock_irqrestore(&pty->lock, flags);
	return 1;
}

static ssize_t read_ring(struct pty *pty, struct iov_iter *it)
{
	u8 buf[CHUNK], status;
	size_t n, done = 0;
	ssize_t ret;

	if (READ_ONCE(pty->packet)) {
		ret = give_status(pty, it, &status);
		if (ret <= 0 || status)
			return ret;
		done = 1;
	}
	while (it->count && (n = ring_take(pty, buf, min(it->count, sizeof(buf))))) {
		if (copy_to_iter(buf, n, it) != n)
			return done ? (ssize_t)done : -EFAULT;
		done += n;
	}
	if (done)
		tty_write_wakeup(pty->tty);
	return (ssize_t)done;
}

/*
 * When all files of the terminal are closed, what it has sent can still be read; then comes EIO,
 * until it is opened again.
 */
static ssize_t ptmx_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pty *pty = f->private;
	ssize_t ret;
	int err;

	(void)pos;
	if (!it->count)
		return 0;
	for (;;) {
		ret = read_ring(pty, it);
		if (ret)
			return ret;
		if (READ_ONCE(pty->slave_closed))
			return -EIO;
		if (READ_ONCE(f->flags) & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&pty->wait, master_readable(pty) ||
							  READ_ONCE(pty->slave_closed));
		if (err)
			return err;
	}
}

static int wait_welcome(struct pty *pty, const struct file *f)
{
	if (tty_input_welcome(pty->tty))
		return 0;
	if (READ_ONCE(f->flags) & O_NONBLOCK)
		return -EAGAIN;
	return wait_event_interruptible(&pty->wait, tty_input_welcome(pty->tty));
}

static ssize_t ptmx_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pty *pty = f->private;
	u8 buf[CHUNK / 2];
	size_t n, done = 0;
	int err;

	(void)pos;
	while (it->count) {
		err = wait_welcome(pty, f);
		if (err)
			return done ? (ssize_t)done : err;
		n = copy_from_iter(buf, min(it->count, sizeof(buf)), it);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		tty_receive(pty->tty, buf, n);
		done += n;
	}
	return (ssize_t)done;
}

static u32 ptmx_poll(struct file *f, struct poll_table *pt)
{
	struct pty *pty = f->private;
	u32 mask = 0;

	poll_wait(pt, &pty->wait);
	if (master_readable(pty))
		mask |= POLLIN | POLLRDNORM;
	if (READ_ONCE(pty->status))
		mask |= POLLPRI;
	if (READ_ONCE(pty->slave_closed))
		mask |= POLLHUP;
	if (tty_input_welcome(pty->tty))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

static int set_locked(struct pty *pty, unsigned long arg)
{
	unsigned long flags;
	int on;

	if (get_user(on, (const int __user *)arg))
		return -EFAULT;
	spin_lock_irqsave(&pty->lock, flags);
	pty->locked = on;
	spin_unlock_irqrestore(&pty->lock, flags);
	return 0;
}

static int set_packet(struct pty *pty, unsigned long arg)
{
	unsigned long flags;
	int on;

	if (get_user(on, (const int __user *)arg))
		return -EFAULT;
	spin_lock_irqsave(&pty->lock, flags);
	if (on != pty->packet)
		WRITE_ONCE(pty->status, 0);
	WRITE_ONCE(pty->packet, on != 0);
	spin_unlock_irqrestore(&pty->lock, flags);
	return 0;
}

/* TIOCGPTPEER: the terminal, without going by its name. A descriptor, or errno. */
static long open_peer(struct pty *pty, unsigned long arg)
{
	struct file *f = devpts_open(pty->index, (int)arg);
	int fd;

	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = fd_alloc(f, 0, (u32)arg & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* TIOCSIG: as if the key for the signal had been hit. */
static int send_key_signal(struct pty *pty, unsigned long sig)
{
	pid_t pgrp = tty_pgrp(pty->tty);

	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	if (pgrp > 0)
		kill_pgrp(pgrp, (int)sig, NULL);
	return 0;
}

static long ptmx_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	struct pty *pty = f->private;
	struct tty_file tf = { .tty = pty->tty, .generation = READ_ONCE(pty->tty->generation) };
	pid_t pgrp;

	switch (cmd) {
	case TIOCGPTN:
		return put_user(pty->index, (u32 __user *)arg);
	case TIOCSPTLCK:
		return set_locked(pty, arg);
	case TIOCGPTLCK:
		return put_user((int)READ_ONCE(pty->locked), (int __user *)arg);
	case TIOCGPTPEER:
		return open_peer(pty, arg);
	case TIOCPKT:
		return set_packet(pty, arg);
	case TIOCGPKT:
		return put_user((int)READ_ONCE(pty->packet), (int __user *)arg);
	case TIOCSIG:
		return send_key_signal(pty, arg);
	case FIONREAD:
		return put_user((int)ring_used(pty), (int __user *)arg);
	case TIOCGPGRP:
		pgrp = max(tty_pgrp(pty->tty), 0);
		return put_user(pgrp, (pid_t __user *)arg);
	case TIOCGSID:
		pgrp = READ_ONCE(pty->tty->session);
		return pgrp ? put_user(pgrp, (pid_t __user *)arg) : -ENOTTY;
	default:
		return tty_ioctl_modes(&tf, cmd, arg);
	}
}

static loff_t ptmx_llseek(struct file *f, loff_t off, int whence)
{
	(void)f;
	(void)off;
	(void)whence;
	return -ESPIPE;
}

static const struct file_ops ptmx_fops = {
	.open = ptmx_open,
	.release = ptmx_release,
	.read_iter = ptmx_read,
	.write_iter = ptmx_write,
	.llseek = ptmx_llseek,
	.poll = ptmx_poll,
	.ioctl = ptmx_ioctl,
};

static int pty_init(void)
{
	int err = chrdev_register_major(PTS_MAJOR, "pts", &tty_fops);

	return err ? err : chrdev_register(TTYAUX_MAJOR, 2, "ptmx", &ptmx_fops, 0666);
}
device_initcall(pty_init);
