// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modes of a terminal (termios(3)): TCGETS and TCSETS, with speeds (their forms ending in 2),
 * and System V's TCGETA and TCSETA.
 */
#include "tty_core.h"

#include <string.h>
#include <uaccess.h>

/* ---- speeds ---- */

/* B0 to B38400 are 0 to 15, B57600 to B4000000 are 0x1001 to 0x100f; 0x1000 is BOTHER. */
static u32 baud_of(u32 code, u32 other)
{
	static const u32 low[] = {
		0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400,
	};
	static const u32 high[] = {
		57600,	 115200,  230400,  460800,  500000,  576000,  921600,  1000000,
		1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
	};

	static_assert(ARRAY_SIZE(low) == 16 && ARRAY_SIZE(high) == 15, "every code has a speed");
	if (code == BOTHER)
		return other;
	return code & BOTHER ? high[(code & 0xf) - 1] : low[code & 0xf];
}

/* Makes the speeds what the codes say; an input code of B0 means "as the output". */
static void speeds_from_codes(struct termios2 *t)
{
	u32 in = t->t.c_cflag >> IBSHIFT & CBAUD;

	t->c_ospeed = baud_of(t->t.c_cflag & CBAUD, t->c_ospeed);
	t->c_ispeed = in ? baud_of(in, t->c_ispeed) : t->c_ospeed;
}

/* ---- reading them ---- */

static void current_modes(struct tty *tty, struct termios2 *t)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	t->t = tty->ld.termios;
	t->c_ispeed = tty->ispeed;
	t->c_ospeed = tty->ospeed;
	spin_unlock_irqrestore(&tty->lock, flags);
}

static int get_termios(struct tty *tty, unsigned long arg, bool with_speeds)
{
	struct termios2 t;

	current_modes(tty, &t);
	return copy_to_user((void __user *)arg, &t, with_speeds ? sizeof(t) : sizeof(t.t));
}

static int get_termio(struct tty *tty, unsigned long arg)
{
	struct termio old = { .c_line = 0 };
	struct termios2 t;

	current_modes(tty, &t);
	old.c_iflag = (u16)t.t.c_iflag;
	old.c_oflag = (u16)t.t.c_oflag;
	old.c_cflag = (u16)t.t.c_cflag;
	old.c_lflag = (u16)t.t.c_lflag;
	old.c_line = t.t.c_line;
	memcpy(old.c_cc, t.t.c_cc, NCC);
	return copy_to_user((void __user *)arg, &old, sizeof(old));
}

/* ---- setting them ---- */

enum { SET_DRAIN = 1, SET_FLUSH = 2, SET_SPEEDS = 4 };

/* Does the terminal stop and go on by ^S and ^Q, so that whoever shows it may do it himself? */
static bool has_flow_keys(const struct termios *t)
{
	return (t->c_iflag & IXON) && t->c_cc[VSTOP] == 'S' - 0x40 && t->c_cc[VSTART] == 'Q' - 0x40;
}

/* What packet mode tells of a change of modes (ioctl_tty(2), TIOCPKT). Lock held. */
static void tell_change(struct tty *tty, const struct termios *old, const struct termios *new)
{
	bool flow = has_flow_keys(new), external = (old->c_lflag | new->c_lflag) & EXTPROC;
	u8 set = flow ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;

	if (flow != has_flow_keys(old) || external)
		tty_tell_packet(tty, set | (external ? TIOCPKT_IOCTL : 0),
				TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
}

static void apply_modes(struct tty *tty, struct termios2 *t)
{
	unsigned long flags;
	bool stopped;

	mutex_lock(&tty->modes_mutex);
	speeds_from_codes(t);
	if (tty->driver->set_termios)
		tty->driver->set_termios(tty->driver, t);
	spin_lock_irqsave(&tty->lock, flags);
	tell_change(tty, &tty->ld.termios, &t->t);
	stopped = tty->ld.stopped;
	ldisc_set_termios(&tty->ld, &t->t);
	tty_tell_stopped(tty, stopped);
	tty->ispeed = t->c_ispeed;
	tty->ospeed = t->c_ospeed;
	tty_throttle(tty);
	tty_push(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
	mutex_unlock(&tty->modes_mutex);
	/* What a reader waits for may have changed with the mode. */
	wake_up_all(&tty->read_wait);
	wake_up_all(&tty->write_wait);
}

static int set_modes(const struct tty_file *tf, struct termios2 *t, bool drain, bool flush)
{
	int err;

	if (drain) {
		err = tty_drain(tf);
		if (err)
			return err;
	}
	if (flush)
		tty_flush_input(tf->tty);
	apply_modes(tf->tty, t);
	return 0;
}

static int set_termios(const struct tty_file *tf, unsigned long arg, u32 how)
{
	bool with_speeds = how & SET_SPEEDS;
	struct termios2 t;

	current_modes(tf->tty, &t);
	if (copy_from_user(&t, (const void __user *)arg, with_speeds ? sizeof(t) : sizeof(t.t)))
		return -EFAULT;
	return set_modes(tf, &t, how & SET_DRAIN, how & SET_FLUSH);
}

static u32 with_low_half(u32 flags, u16 low)
{
	return (flags & 0xffff0000) | low;
}

static int set_termio(const struct tty_file *tf, unsigned long arg, u32 how)
{
	struct termio old;
	struct termios2 t;

	if (copy_from_user(&old, (const void __user *)arg, sizeof(old)))
		return -EFAULT;
	current_modes(tf->tty, &t);
	t.t.c_iflag = with_low_half(t.t.c_iflag, old.c_iflag);
	t.t.c_oflag = with_low_half(t.t.c_oflag, old.c_oflag);
	t.t.c_cflag = with_low_half(t.t.c_cflag, old.c_cflag);
	t.t.c_lflag = with_low_half(t.t.c_lflag, old.c_lflag);
	t.t.c_line = old.c_line;
	memcpy(t.t.c_cc, old.c_cc, NCC);
	return set_modes(tf, &t, how & SET_DRAIN, how & SET_FLUSH);
}

/**
 * tty_ioctl_termios - The requests for a terminal's modes.
 * @tf: the terminal
 * @cmd: request
 * @arg: user address
 *
 * Context: may sleep. Return: 0, -EFAULT, -ERESTARTSYS, -EIO; -ENOTTY if @cmd is none of them.
 */
long tty_ioctl_termios(const struct tty_file *tf, u32 cmd, unsigned long arg)
{
	switch (cmd) {
	case TCGETS:
	case TCGETS2:
		return get_termios(tf->tty, arg, cmd == TCGETS2);
	case TCSETS:
		return set_termios(tf, arg, 0);
	case TCSETS2:
		return set_termios(tf, arg, SET_SPEEDS);
	case TCSETSW:
		return set_termios(tf, arg, SET_DRAIN);
	case TCSETSW2:
		return set_termios(tf, arg, SET_DRAIN | SET_SPEEDS);
	case TCSETSF:
		return set_termios(tf, arg, SET_DRAIN | SET_FLUSH);
	case TCSETSF2:
		return set_termios(tf, arg, SET_DRAIN | SET_FLUSH | SET_SPEEDS);
	case TCGETA:
		return get_termio(tf->tty, arg);
	case TCSETA:
		return set_termio(tf, arg, 0);
	case TCSETAW:
		return set_termio(tf, arg, SET_DRAIN);
	case TCSETAF:
		return set_termio(tf, arg, SET_DRAIN | SET_FLUSH);
	default:
		return -ENOTTY;
	}
}
