// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls that send signals, and who may: kill(2), tkill(2), tgkill(2),
 * rt_sigqueueinfo(2), rt_tgsigqueueinfo(2).
 */
#include <process.h>
#include <syscall.h>
#include <uaccess.h>
#include "../internal.h"

/* The rule of kill(2), "For a process to have permission". siglock of @p held. */
static bool kill_permitted(const struct process *p, int sig)
{
	const struct cred *me = current->cred, *other;

	if (p == current->process)
		return true;
	if (!p->leader)
		return false;
	other = p->leader->cred;
	if (me->euid == other->suid || me->euid == other->uid || me->uid == other->suid ||
	    me->uid == other->uid || capable(CAP_KILL))
		return true;
	return sig == SIGCONT && p->sid == current->process->sid;
}

int kill_one(struct process *p, struct thread *t, int sig, const struct siginfo *info)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&p->siglock, flags);
	if (!kill_permitted(p, sig))
		err = -EPERM;
	else if (sig)
		err = signal_send_locked(p, t, sig, info);
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

static void siginfo_from_me(struct siginfo *info, int sig, int code)
{
	siginfo_init(info, sig, code);
	info->rt.pid = current->process->pid;
	info->rt.uid = current->cred->uid;
}

static int kill_process(pid_t pid, int sig, const struct siginfo *info)
{
	struct process *p;
	int err;

	if (pid == current->process->pid)
		return kill_one(current->process, NULL, sig, info);
	p = process_find_of(pid);
	if (!p)
		return -ESRCH;
	err = kill_one(p, NULL, sig, info);
	process_put(p);
	return err;
}

/* Everybody but pid 1 and the caller. tasklist_lock held, so that no fork is missed. */
static int kill_all(int sig, const struct siginfo *info)
{
	int err, result = -ESRCH;
	struct process *p;
	pid_t pid;

	for (pid = 2; pid < PID_MAX; pid++) {
		p = pid_process(pid);
		if (!p || p == current->process)
			continue;
		err = kill_one(p, NULL, sig, info);
		if (err != -EPERM || result == -ESRCH)
			result = err;
	}
	return result;
}

static int kill_group(pid_t pgid, int sig, const struct siginfo *info)
{
	struct list_head *group = pid_group(pgid);
	int err, result = -ESRCH;
	struct process *p;

	if (!group)
		return -ESRCH;
	list_for_each_entry(p, group, pg_node) {
		err = kill_one(p, NULL, sig, info);
		if (!err || result)
			result = err;
	}
	return result;
}

long sys_kill(unsigned long pid_arg, unsigned long sig_arg)
{
	pid_t pid = (pid_t)pid_arg;
	int err, sig = (int)sig_arg;
	struct siginfo info;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	siginfo_from_me(&info, sig, SI_USER);
	if (pid > 0)
		return kill_process(pid, sig, &info);
	if (pid == (pid_t)0x80000000)
		return -ESRCH;
	spin_lock_irq(&tasklist_lock);
	if (pid == -1)
		err = kill_all(sig, &info);
	else
		err = kill_group(pid ? -pid : current->process->pgid, sig, &info);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* @tgid 0: whatever process the thread is of. */
static long kill_thread(pid_t tgid, pid_t tid, int sig, const struct siginfo *info)
{
	struct thread *t;
	long err = -ESRCH;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	t = thread_find(tid);
	if (!t)
		return -ESRCH;
	if (!tgid || t->process->pid == tgid)
		err = kill_one(t->process, t, sig, info);
	thread_put(t);
	return err;
}

long sys_tkill(unsigned long tid_arg, unsigned long sig_arg)
{
	struct siginfo info;

	if ((pid_t)tid_arg <= 0)
		return -EINVAL;
	siginfo_from_me(&info, (int)sig_arg, SI_TKILL);
	return kill_thread(0, (pid_t)tid_arg, (int)sig_arg, &info);
}

long sys_tgkill(unsigned long tgid_arg, unsigned long tid_arg, unsigned long sig_arg)
{
	struct siginfo info;

	if ((pid_t)tgid_arg <= 0 || (pid_t)tid_arg <= 0)
		return -EINVAL;
	siginfo_from_me(&info, (int)sig_arg, SI_TKILL);
	return kill_thread((pid_t)tgid_arg, (pid_t)tid_arg, (int)sig_arg, &info);
}

/* Only to itself may a process say that a signal came from kill(2) or the kernel. */
static int siginfo_from_user(struct siginfo *info, pid_t target, int sig, unsigned long arg)
{
	if (copy_from_user(info, (const void __user *)arg, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) && target != current->process->pid)
		return -EPERM;
	return 0;
}

long sys_rt_sigqueueinfo(unsigned long pid_arg, unsigned long sig_arg, unsigned long info_arg)
{
	pid_t pid = (pid_t)pid_arg;
	int sig = (int)sig_arg;
	struct siginfo info;
	int err = siginfo_from_user(&info, pid, sig, info_arg);

	if (err)
		return err;
	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	return kill_process(pid, sig, &info);
}

long sys_rt_tgsigqueueinfo(unsigned long tgid_arg, unsigned long tid_arg, unsigned long sig_arg,
			   unsigned long info_arg)
{
	pid_t tgid = (pid_t)tgid_arg, tid = (pid_t)tid_arg;
	struct siginfo info;
	int err = siginfo_from_user(&info, tgid, (int)sig_arg, info_arg);

	if (err)
		return err;
	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	return kill_thread(tgid, tid, (int)sig_arg, &info);
}
