// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process groups and sessions (POSIX 2.4.3 and 11.1; setpgid(2), setsid(2), credentials(7)).
 * Everything here is guarded by tasklist_lock.
 */
#include <panic.h>
#include <process.h>
#include <syscall.h>
#include "internal.h"

static const struct ctty_ops *ctty __ro_after_init;

/**
 * ctty_register - Processes may have controlling terminals from now on.
 * @ops: stays
 *
 * Context: initcall.
 */
void ctty_register(const struct ctty_ops *ops)
{
	DEBUG_ON(ctty);
	ctty = ops;
}

void process_ctty(const struct process *p, dev_t *dev, pid_t *pgrp)
{
	*dev = 0;
	*pgrp = -1;
	if (ctty)
		ctty->show(p, dev, pgrp);
}

/**
 * group_join - Put a process into a group and a session.
 * @p: process in no group
 * @pgid: group, a number in use; 0: the kernel's own
 * @sid: session
 *
 * Context: tasklist_lock held.
 */
void group_join(struct process *p, pid_t pgid, pid_t sid)
{
	struct list_head *group = pid_group(pgid);

	p->pgid = pgid;
	p->sid = sid;
	pid_use(pgid);
	pid_use(sid);
	if (group)
		list_add_tail(&p->pg_node, group);
}

/**
 * group_leave - Take a process out of its group and session.
 * @p: process
 *
 * Context: tasklist_lock held.
 */
void group_leave(struct process *p)
{
	list_del(&p->pg_node);
	pid_unuse(p->pgid);
	pid_unuse(p->sid);
}

int kill_pgrp_locked(pid_t pgid, int sig, const struct siginfo *info)
{
	struct list_head *group = pid_group(pgid);
	struct process *p;

	if (!group || list_empty(group))
		return -ESRCH;
	list_for_each_entry(p, group, pg_node)
		send_signal(p, sig, info);
	return 0;
}

/**
 * kill_pgrp - Send a signal from the kernel to every member of a process group.
 * @pgid: group
 * @sig: 1..NSIG
 * @info: siginfo, NULL: from the kernel
 *
 * Context: any but NMI.
 * Return: 0, -ESRCH if the group has no members.
 */
int kill_pgrp(pid_t pgid, int sig, const struct siginfo *info)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&tasklist_lock, flags);
	err = kill_pgrp_locked(pgid, sig, info);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return err;
}

bool pgrp_orphaned_locked(pid_t pgid, const struct process *leaving)
{
	struct list_head *group = pid_group(pgid);
	struct process *p;

	if (!group)
		return true;
	list_for_each_entry(p, group, pg_node) {
		if (p == leaving || (p->zombie && list_empty(&p->threads)) || !p->parent ||
		    p->parent == init_process)
			continue;
		if (p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

/**
 * pgrp_orphaned - Whether nobody is left who could continue a stopped group.
 * @pgid: group
 *
 * Context: any but NMI.
 * Return: true if no member has a parent in the same session but another group (POSIX 3.264).
 */
bool pgrp_orphaned(pid_t pgid)
{
	unsigned long flags;
	bool orphaned;

	spin_lock_irqsave(&tasklist_lock, flags);
	orphaned = pgrp_orphaned_locked(pgid, NULL);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return orphaned;
}

static bool exists_in_session(pid_t pgid, pid_t sid)
{
	struct list_head *group = pid_group(pgid);

	return group && !list_empty(group) &&
	       list_first_entry(group, struct process, pg_node)->sid == sid;
}

/**
 * pgrp_exists_in_session - Whether a terminal of a session may be given to a group.
 * @pgid: group
 * @sid: session
 *
 * Context: any but NMI.
 */
bool pgrp_exists_in_session(pid_t pgid, pid_t sid)
{
	unsigned long flags;
	bool exists;

	spin_lock_irqsave(&tasklist_lock, flags);
	exists = exists_in_session(pgid, sid);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return exists;
}

/* setpgid(2) under tasklist_lock; the order of the checks decides which errno is seen. */
static int pgid_set(pid_t pid, pid_t pgid)
{
	struct process *me = current->process, *p = pid_process_of(pid);
	pid_t sid;

	if (!p)
		return -ESRCH;
	if (p->pid != pid)
		return -EINVAL; /* a thread's number */
	if (p->parent == me) {
		if (p->sid != me->sid)
			return -EPERM;
		if (p->execed)
			return -EACCES;
	} else if (p != me) {
		return -ESRCH;
	}
	if (p->session_leader)
		return -EPERM;
	if (pgid != pid && !exists_in_session(pgid, me->sid))
		return -EPERM;
	if (p->pgid == pgid)
		return 0;
	sid = p->sid;
	pid_use(pgid);
	group_leave(p);
	group_join(p, pgid, sid);
	pid_unuse(pgid);
	return 0;
}

long sys_setpgid(unsigned long pid_arg, unsigned long pgid_arg)
{
	pid_t pid = (pid_t)pid_arg, pgid = (pid_t)pgid_arg;
	int err;

	if (!pid)
		pid = current->process->pid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	err = pgid_set(pid, pgid);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* One of the numbers of a process (0: the caller), or -ESRCH. */
static long group_number(pid_t pid, bool session)
{
	struct process *p = current->process;
	long nr = -ESRCH;

	spin_lock_irq(&tasklist_lock);
	if (pid)
		p = pid_process_of(pid);
	if (p)
		nr = session ? p->sid : p->pgid;
	spin_unlock_irq(&tasklist_lock);
	return nr;
}

long sys_getpgid(unsigned long pid)
{
	return group_number((pid_t)pid, false);
}

long sys_getpgrp(void)
{
	return group_number(0, false);
}

long sys_getsid(unsigned long pid)
{
	return group_number((pid_t)pid, true);
}

/* A process that leads a group cannot lead a new session: the group would span two. */
long sys_setsid(void)
{
	struct process *p = current->process;
	struct tty *tty = NULL;
	struct list_head *group;
	long result = -EPERM;

	spin_lock_irq(&tasklist_lock);
	group = pid_group(p->pid);
	if (!p->session_leader && list_empty(group)) {
		pid_use(p->pid);
		group_leave(p);
		group_join(p, p->pid, p->pid);
		pid_unuse(p->pid);
		p->session_leader = true;
		tty = p->tty;
		p->tty = NULL;
		result = p->pid;
	}
	spin_unlock_irq(&tasklist_lock);
	if (tty)
		ctty->put(tty);
	return result;
}
