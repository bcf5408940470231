// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to terminals (ioctl_tty(2)): modes, window size, queues. Sessions and groups are
 * tty_job.c's.
 */
#include "tty_core.h"

#include <string.h>
#include <uaccess.h>

void tty_flush_input(struct tty *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	ldisc_flush_input(&tty->ld);
	tty_tell_packet(tty, TIOCPKT_FLUSHREAD, 0);
	tty_throttle(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
}

static void flush_output(struct tty *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	ldisc_flush_output(&tty->ld);
	tty_tell_packet(tty, TIOCPKT_FLUSHWRITE, 0);
	spin_unlock_irqrestore(&tty->lock, flags);
	wake_up_all(&tty->write_wait);
}

static int set_winsize(struct tty *tty, unsigned long arg)
{
	struct winsize w;
	unsigned long flags;
	pid_t pgrp = 0;

	if (copy_from_user(&w, (const void __user *)arg, sizeof(w)))
		return -EFAULT;
	spin_lock_irqsave(&tty->lock, flags);
	if (memcmp(&w, &tty->winsize, sizeof(w))) {
		tty->winsize = w;
		pgrp = tty->pgrp;
	}
	spin_unlock_irqrestore(&tty->lock, flags);
	if (pgrp)
		kill_pgrp(pgrp, SIGWINCH, NULL);
	return 0;
}

static int get_winsize(struct tty *tty, unsigned long arg)
{
	struct winsize w;
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	w = tty->winsize;
	spin_unlock_irqrestore(&tty->lock, flags);
	return copy_to_user((void __user *)arg, &w, sizeof(w));
}

static int flush(struct tty *tty, unsigned long what)
{
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH)
		tty_flush_input(tty);
	if (what != TCIFLUSH)
		flush_output(tty);
	return 0;
}

/* Sends the byte that stops or restarts the other end. */
static void send_flow(struct tty *tty, u32 which)
{
	unsigned long flags;
	u8 c;

	spin_lock_irqsave(&tty->lock, flags);
	c = tty->ld.termios.c_cc[which];
	if (c)
		tty->driver->write(tty->driver, &c, 1);
	spin_unlock_irqrestore(&tty->lock, flags);
}

static void set_stopped(struct tty *tty, bool stopped)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	tty->ld.stopped = stopped;
	tty_tell_stopped(tty, !stopped);
	tty_push(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
	wake_up_all(&tty->write_wait);
}

static int flow(struct tty *tty, unsigned long what)
{
	switch (what) {
	case TCOOFF:
	case TCOON:
		set_stopped(tty, what == TCOOFF);
		return 0;
	case TCIOFF:
		send_flow(tty, VSTOP);
		return 0;
	case TCION:
		send_flow(tty, VSTART);
		return 0;
	default:
		return -EINVAL;
	}
}

static int put_count(struct tty *tty, unsigned long arg, bool output)
{
	unsigned long flags;
	int n;

	spin_lock_irqsave(&tty->lock, flags);
	n = (int)(output ? ldisc_unsent(&tty->ld) : ldisc_readable(&tty->ld));
	spin_unlock_irqrestore(&tty->lock, flags);
	return put_user(n, (int __user *)arg);
}

static int set_exclusive(struct tty *tty, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	tty->exclusive = on;
	spin_unlock_irqrestore(&tty->lock, flags);
	return 0;
}

/* As if typed. Only into one's own terminal, or by root. */
static int simulate_input(struct tty *tty, unsigned long arg)
{
	u8 c;

	if (READ_ONCE(current->process->tty) != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, (const u8 __user *)arg))
		return -EFAULT;
	tty_receive(tty, &c, 1);
	return 0;
}

/* Requests that change the terminal stop a background process. */
static bool needs_foreground(u32 cmd)
{
	switch (cmd) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
	case TCFLSH:
		return true;
	default:
		return false;
	}
}

long tty_ioctl_modes(const struct tty_file *tf, u32 cmd, unsigned long arg)
{
	struct tty *tty = tf->tty;

	switch (cmd) {
	case TIOCGWINSZ:
		return get_winsize(tty, arg);
	case TIOCSWINSZ:
		return set_winsize(tty, arg);
	case TCFLSH:
		return flush(tty, arg);
	case TCXONC:
		return flow(tty, arg);
	default:
		return tty_ioctl_termios(tf, cmd, arg);
	}
}

long tty_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	const struct tty_file *tf = tty_file(f);
	struct tty *tty = tf->tty;
	int err;

	if (tty_file_dead(tf))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	if (needs_foreground(cmd)) {
		err = tty_check_background(tty, SIGTTOU);
		if (err)
			return err;
	}
	switch (cmd) {
	case TCSBRK:
	case TCSBRKP:
		/*
		 * A break is not sent: no line here has somebody who would notice. tcdrain(3) is
		 * TCSBRK with 1.
		 */
		return tty_drain(tf);
	case FIONREAD:
		return put_count(tty, arg, false);
	case TIOCOUTQ:
		return put_count(tty, arg, true);
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, cmd == TIOCEXCL);
	case TIOCGEXCL:
		return put_user((int)READ_ONCE(tty->exclusive), (int __user *)arg);
	case TIOCSTI:
		return simulate_input(tty, arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty);
		return 0;
	default:
		break;
	}
	err = (int)tty_ioctl_job(tf, f, cmd, arg);
	return err == -ENOTTY ? tty_ioctl_modes(tf, cmd, arg) : err;
}
