// SPDX-License-Identifier: GPL-2.0-only
/*
 * wait4(2) and waitid(2): hearing of children that died, stopped or went on. (The sleeping
 * primitives of the kernel are in wait.c.)
 */
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "../internal.h"

#define WNOHANG		0x1
#define WUNTRACED	0x2
#define WSTOPPED	WUNTRACED
#define WEXITED		0x4
#define WCONTINUED	0x8
#define WNOWAIT		0x1000000
#define __WALL		0x40000000
#define __WCLONE	0x80000000
/* Not __WNOTHREAD (-EINVAL): children are the process's, whichever thread made them. */
#define WAIT4_KNOWN	(WNOHANG | WUNTRACED | WCONTINUED | __WALL | __WCLONE)
#define WAITID_KNOWN	(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WALL | \
			 __WCLONE)

#define STATUS_CONTINUED 0xffff
#define STATUS_STOPPED	0x7f

enum wait_kind { WAIT_ALL, WAIT_PID, WAIT_GROUP };

/**
 * struct wait_request - what is waited for, and what was found
 * @kind: which children
 * @id: number of the process or group
 * @options: W*
 * @found: pid of the child, 0: none
 * @code: CLD_*
 * @status: wait4(2) status word for dead children, the signal for others
 * @uid: the child's
 * @times: its times, filled if @want_rusage
 * @maxrss: pages
 * @want_rusage: the caller wants @times
 * @dead: the child was reaped: process_release() it
 */
struct wait_request {
	enum wait_kind kind;
	pid_t id;
	u32 options;
	pid_t found;
	int code;
	u32 status;
	uid_t uid;
	struct proc_times times;
	u64 maxrss;
	bool want_rusage;
	struct process *dead;
};

static bool selected(const struct wait_request *w, const struct process *child)
{
	bool clone = child->exit_signal != SIGCHLD;

	if (w->kind == WAIT_PID && child->pid != w->id)
		return false;
	if (w->kind == WAIT_GROUP && child->pgid != w->id)
		return false;
	return (w->options & __WALL) || clone == !!(w->options & __WCLONE);
}

static void found(struct wait_request *w, struct process *child, int code, u32 status)
{
	w->found = child->pid;
	w->code = code;
	w->status = status;
	spin_lock(&child->siglock);
	w->uid = child->leader->cred->uid;
	if (w->want_rusage) {
		process_times_locked(child, &w->times);
		w->maxrss = max(child->maxrss, child->child_maxrss);
	}
	spin_unlock(&child->siglock);
}

/* What @child and its own children used counts as used by children of the current process. */
static void inherit_times(struct process *child)
{
	struct process *p = current->process;
	u64 maxrss = max(child->maxrss, child->child_maxrss);

	spin_lock(&p->siglock);
	p->child_utime += child->dead_utime + child->child_utime;
	p->child_stime += child->dead_stime + child->child_stime;
	p->child_minflt += child->dead_minflt + child->child_minflt;
	p->child_majflt += child->dead_majflt + child->child_majflt;
	p->child_nvcsw += child->dead_nvcsw + child->child_nvcsw;
	p->child_nivcsw += child->dead_nivcsw + child->child_nivcsw;
	p->child_maxrss = max(p->child_maxrss, maxrss);
	spin_unlock(&p->siglock);
}

static bool check_dead(struct wait_request *w, struct process *child)
{
	u32 code = child->exit_code;

	if (!child->zombie || !(w->options & WEXITED))
		return false;
	found(w, child, code & 0x7f ? CLD_KILLED : CLD_EXITED, code);
	if (!(w->options & WNOWAIT)) {
		inherit_times(child);
		process_unlink(child);
		w->dead = child;
	}
	return true;
}

static bool check_stopped(struct wait_request *w, struct process *child)
{
	if (!(w->options & WSTOPPED) || child->stop_report != PROC_REPORT_STOPPED ||
	    !READ_ONCE(child->group_stop_code))
		return false;
	if (!(w->options & WNOWAIT))
		child->stop_report = 0;
	found(w, child, CLD_STOPPED, child->stop_sig);
	return true;
}

static bool check_continued(struct wait_request *w, struct process *child)
{
	if (!(w->options & WCONTINUED) || child->stop_report != PROC_REPORT_CONTINUED)
		return false;
	if (!(w->options & WNOWAIT))
		child->stop_report = 0;
	found(w, child, CLD_CONTINUED, SIGCONT);
	return true;
}

/* Looks through the children once. Return: 1 found, 0 there may be something later, -ECHILD. */
static int scan(struct wait_request *w)
{
	struct process *child;
	int result = -ECHILD;

	spin_lock_irq(&tasklist_lock);
	list_for_each_entry(child, &current->process->children, sibling) {
		if (!selected(w, child))
			continue;
		result = 0;
		if (check_dead(w, child) || check_stopped(w, child) || check_continued(w, child)) {
			result = 1;
			break;
		}
	}
	spin_unlock_irq(&tasklist_lock);
	return result;
}

static int sleep_and_scan(struct wait_request *w)
{
	struct wait_queue *wq = &current->process->wait_child;
	struct wait_entry entry = { .thread = current };
	int result;

	wait_add(wq, &entry);
	for (;;) {
		set_current_state(THREAD_INTERRUPTIBLE);
		result = scan(w);
		if (result)
			break;
		if (signal_pending()) {
			result = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	WRITE_ONCE(current->state, THREAD_RUNNING);
	wait_remove(wq, &entry);
	return result;
}

/* Return: 1 and @w filled, 0 for WNOHANG and nothing yet, -ECHILD, -ERESTARTSYS. */
static int do_wait(struct wait_request *w)
{
	int result = scan(w);

	if (!result && !(w->options & WNOHANG))
		result = sleep_and_scan(w);
	if (w->dead)
		process_release(w->dead);
	return result;
}

static int put_rusage(const struct wait_request *w, unsigned long address)
{
	struct rusage ru;

	rusage_fill(&ru, &w->times, true, true, w->maxrss);
	return copy_to_user((void __user *)address, &ru, sizeof(ru));
}

static u32 status_word(const struct wait_request *w)
{
	switch (w->code) {
	case CLD_STOPPED:
		return w->status << 8 | STATUS_STOPPED;
	case CLD_CONTINUED:
		return STATUS_CONTINUED;
	default:
		return w->status;
	}
}

static void wait4_select(struct wait_request *w, pid_t pid)
{
	if (pid == -1) {
		w->kind = WAIT_ALL;
	} else if (pid > 0) {
		w->kind = WAIT_PID;
		w->id = pid;
	} else {
		w->kind = WAIT_GROUP;
		w->id = pid ? -pid : current->process->pgid;
	}
}

long sys_wait4(unsigned long pid_arg, unsigned long status, unsigned long options,
	       unsigned long rusage)
{
	struct wait_request w = { .want_rusage = rusage != 0 };
	pid_t pid = (pid_t)pid_arg;
	int result;

	if ((u32)options & ~WAIT4_KNOWN)
		return -EINVAL;
	if (pid == (pid_t)0x80000000)
		return -ESRCH;
	w.options = (u32)options | WEXITED;
	wait4_select(&w, pid);
	result = do_wait(&w);
	if (result <= 0)
		return result;
	if (status && put_user(status_word(&w), (u32 __user *)status))
		return -EFAULT;
	if (rusage && put_rusage(&w, rusage))
		return -EFAULT;
	return w.found;
}

static int waitid_select(struct wait_request *w, int which, pid_t id)
{
	enum { P_ALL, P_PID, P_PGID };

	w->id = id;
	switch (which) {
	case P_ALL:
		w->kind = WAIT_ALL;
		return 0;
	case P_PID:
		w->kind = WAIT_PID;
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		w->kind = WAIT_GROUP;
		if (!id)
			w->id = current->process->pgid;
		return id >= 0 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* waitid(2) fills only these fields of siginfo_t. */
static int put_child_info(const struct wait_request *w, unsigned long address)
{
	struct siginfo info;

	memset(&info, 0, sizeof(info));
	if (w->found) {
		info.si_signo = SIGCHLD;
		info.si_code = w->code;
		info.chld.pid = w->found;
		info.chld.uid = w->uid;
		info.chld.status = (s32)w->status;
		if (w->code == CLD_EXITED)
			info.chld.status = (s32)(w->status >> 8 & 0xff);
		else if (w->code == CLD_KILLED)
			info.chld.status = (s32)(w->status & 0x7f);
	}
	return copy_to_user((void __user *)address, &info, offsetof(struct siginfo, chld.utime));
}

long sys_waitid(unsigned long which, unsigned long id, unsigned long info, unsigned long options,
		unsigned long rusage)
{
	struct wait_request w = { .options = (u32)options, .want_rusage = rusage != 0 };
	int result;

	if (((u32)options & ~WAITID_KNOWN) || !((u32)options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	result = waitid_select(&w, (int)which, (pid_t)id);
	if (result)
		return result;
	result = do_wait(&w);
	if (result < 0)
		return result;
	if (result && rusage && put_rusage(&w, rusage))
		return -EFAULT;
	if (info && put_child_info(&w, info))
		return -EFAULT;
	return 0;
}
