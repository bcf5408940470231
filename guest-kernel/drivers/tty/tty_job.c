// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controlling terminals and job control (POSIX.1-2017, XBD 11.1; credentials(7)): which session a
 * terminal belongs to, which process group is in its foreground, and what happens to the others.
 *
 * process->tty is guarded by tasklist_lock and holds a reference; tty->session and tty->pgrp by
 * tty->lock, which is inside it.
 */
#include "tty_core.h"

#include <syscall.h>
#include <uaccess.h>

/* The controlling terminal of @p, referenced; NULL: it has none. */
static struct tty *tty_of(const struct process *p)
{
	struct tty *tty;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	tty = p->tty;
	if (tty)
		tty_get(tty);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return tty;
}

struct tty *tty_current(void)
{
	return tty_of(current->process);
}

pid_t tty_pgrp(struct tty *tty)
{
	unsigned long flags;
	pid_t pgrp;

	spin_lock_irqsave(&tty->lock, flags);
	pgrp = tty->pgrp ? tty->pgrp : -1;
	spin_unlock_irqrestore(&tty->lock, flags);
	return pgrp;
}

static void show_ctty(const struct process *p, dev_t *dev, pid_t *pgrp)
{
	struct tty *tty = tty_of(p);

	if (!tty)
		return;
	*dev = tty->devt;
	*pgrp = tty_pgrp(tty);
	tty_put(tty);
}

const struct ctty_ops tty_ctty_ops = { .put = tty_put, .show = show_ctty };

int tty_check_background(struct tty *tty, int sig)
{
	struct process *p = current->process;
	pid_t foreground;

	if (READ_ONCE(p->tty) != tty)
		return 0;
	foreground = tty_pgrp(tty);
	if (foreground == -1 || foreground == p->pgid)
		return 0;
	if (signal_is_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (pgrp_orphaned(p->pgid))
		return -EIO;
	kill_pgrp(p->pgid, sig, NULL);
	return -ERESTARTSYS;
}

/* tasklist_lock and tty->lock held; the process has no terminal, the terminal no session. */
static void join(struct process *leader, struct tty *tty)
{
	tty_get(tty);
	leader->tty = tty;
	tty->session = leader->sid;
	tty->pgrp = leader->pgid;
}

void tty_open_session(struct tty *tty)
{
	struct process *p = current->process;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	spin_lock(&tty->lock);
	if (p->session_leader && !p->tty && !tty->session)
		join(p, tty);
	spin_unlock(&tty->lock);
	spin_unlock_irqrestore(&tasklist_lock, flags);
}

/* Takes @tty from the processes of a session. Returns whether there were any. */
static bool disown_once(struct tty *tty, pid_t session)
{
	bool had, any = false;
	struct process *p;
	unsigned long flags;
	pid_t pid;

	for (pid = 1; (p = process_next(&pid)); pid++) {
		spin_lock_irqsave(&tasklist_lock, flags);
		had = p->tty == tty && p->sid == session;
		if (had)
			p->tty = NULL;
		spin_unlock_irqrestore(&tasklist_lock, flags);
		if (had)
			tty_put(tty);
		any |= had;
		process_put(p);
	}
	return any;
}

/*
 * Takes @tty from the session that it has just left; another one may have it already. A child that
 * was forked meanwhile may have a number that the walk had passed: hence until there is none. May
 * sleep.
 */
static void disown(struct tty *tty, pid_t session)
{
	while (session && disown_once(tty, session))
		;
}

/* The terminal belongs to no session any more. Returns who was in the foreground. */
static pid_t leave_session(struct tty *tty, pid_t *session)
{
	unsigned long flags;
	pid_t pgrp;

	spin_lock_irqsave(&tty->lock, flags);
	pgrp = tty->pgrp;
	*session = tty->session;
	tty->pgrp = 0;
	tty->session = 0;
	spin_unlock_irqrestore(&tty->lock, flags);
	return pgrp;
}

static void hang_up_group(pid_t pgrp)
{
	if (!pgrp)
		return;
	kill_pgrp(pgrp, SIGHUP, NULL);
	kill_pgrp(pgrp, SIGCONT, NULL);
}

static void end_session(struct tty *tty)
{
	pid_t session, pgrp = leave_session(tty, &session);

	hang_up_group(pgrp);
	disown(tty, session);
}

void tty_session_exit(struct process *p)
{
	struct tty *tty;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	tty = p->session_leader ? p->tty : NULL;
	if (tty)
		tty_get(tty);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	if (!tty)
		return;
	end_session(tty);
	tty_put(tty);
}

static void signal_leader(pid_t session)
{
	struct process *p = session ? process_find(session) : NULL;

	if (!p)
		return;
	send_signal(p, SIGHUP, NULL);
	send_signal(p, SIGCONT, NULL);
	process_put(p);
}

void tty_hangup(struct tty *tty)
{
	pid_t session, pgrp;
	unsigned long flags;

	spin_lock_irqsave(&tty->lock, flags);
	tty->generation++;
	ldisc_flush_input(&tty->ld);
	ldisc_flush_output(&tty->ld);
	tty->ld.stopped = false;
	tty_throttle(tty);
	spin_unlock_irqrestore(&tty->lock, flags);
	pgrp = leave_session(tty, &session);
	signal_leader(session);
	hang_up_group(pgrp);
	disown(tty, session);
	wake_up_all_events(&tty->read_wait, POLLIN | POLLHUP);
	wake_up_all_events(&tty->write_wait, POLLOUT | POLLHUP);
}

/* TIOCSCTTY. With @steal, root takes the terminal from another session. */
static int set_controlling(struct tty *tty, const struct file *f, bool steal)
{
	struct process *p = current->process;
	unsigned long flags;
	int err = 0;

	if (steal && capable(CAP_SYS_ADMIN) && tty->session && tty->session != p->sid)
		end_session(tty);
	spin_lock_irqsave(&tasklist_lock, flags);
	spin_lock(&tty->lock);
	if (p->session_leader && p->tty == tty && tty->session == p->sid)
		err = 0;
	else if (!p->session_leader || p->tty || tty->session)
		err = -EPERM;
	else if (!(f->mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else
		join(p, tty);
	spin_unlock(&tty->lock);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return err;
}

static int give_up_controlling(struct tty *tty)
{
	struct process *p = current->process;
	unsigned long flags;
	bool mine;

	if (READ_ONCE(p->tty) != tty)
		return -ENOTTY;
	if (p->session_leader) {
		end_session(tty);
		return 0;
	}
	spin_lock_irqsave(&tasklist_lock, flags);
	mine = p->tty == tty;
	if (mine)
		p->tty = NULL;
	spin_unlock_irqrestore(&tasklist_lock, flags);
	if (mine)
		tty_put(tty);
	return 0;
}

static bool group_exists(pid_t pgrp)
{
	unsigned long flags;
	struct list_head *members;

	spin_lock_irqsave(&tasklist_lock, flags);
	members = pid_group(pgrp);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return members != NULL;
}

static int set_foreground(struct tty *tty, unsigned long arg)
{
	struct process *p = current->process;
	unsigned long flags;
	pid_t pgrp;
	int err = tty_check_background(tty, SIGTTOU);

	/* A background process that ignores SIGTTOU may; one of an orphaned group has no say. */
	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user(pgrp, (const pid_t __user *)arg))
		return -EFAULT;
	if (READ_ONCE(p->tty) != tty || tty->session != p->sid)
		return -ENOTTY;
	if (pgrp < 0)
		return -EINVAL;
	if (!group_exists(pgrp))
		return -ESRCH;
	if (!pgrp_exists_in_session(pgrp, p->sid))
		return -EPERM;
	spin_lock_irqsave(&tty->lock, flags);
	if (tty->session == p->sid)
		tty->pgrp = pgrp;
	else
		err = -ENOTTY;
	spin_unlock_irqrestore(&tty->lock, flags);
	return err;
}

static int get_foreground(struct tty *tty, unsigned long arg)
{
	pid_t pgrp = tty_pgrp(tty);

	if (READ_ONCE(current->process->tty) != tty)
		return -ENOTTY;
	return put_user(pgrp == -1 ? 0 : pgrp, (pid_t __user *)arg);
}

static int get_session(struct tty *tty, unsigned long arg)
{
	pid_t session = READ_ONCE(tty->session);

	if (READ_ONCE(current->process->tty) != tty || !session)
		return -ENOTTY;
	return put_user(session, (pid_t __user *)arg);
}

long tty_ioctl_job(const struct tty_file *tf, struct file *f, u32 cmd, unsigned long arg)
{
	struct tty *tty = tf->tty;

	switch (cmd) {
	case TIOCSCTTY:
		return set_controlling(tty, f, arg == 1);
	case TIOCNOTTY:
		return give_up_controlling(tty);
	case TIOCSPGRP:
		return set_foreground(tty, arg);
	case TIOCGPGRP:
		return get_foreground(tty, arg);
	case TIOCGSID:
		return get_session(tty, arg);
	default:
		return -ENOTTY;
	}
}

/**
 * sys_vhangup - Hang up the controlling terminal: vhangup(2).
 *
 * Return: 0 or -EPERM.
 */
long sys_vhangup(void)
{
	struct tty *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = tty_current();
	if (tty) {
		tty_hangup(tty);
		tty_put(tty);
	}
	return 0;
}
