// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job control: stopping all threads of a process, continuing them, and what the parent hears of
 * it and of the process's death (SIGCHLD and a wake-up of its wait(2)).
 */
#include <process.h>
#include <string.h>
#include "../internal.h"

#define NSEC_PER_TICK	(NSEC_PER_SEC / 100)	/* clock_t of the ABI */

/* tasklist_lock held, so that the parent stays. */
static void child_siginfo(struct siginfo *info, struct process *p, int sig, int code, int status)
{
	struct proc_times times;

	siginfo_init(info, sig, code);
	info->chld.pid = p->pid;
	info->chld.status = status;
	spin_lock(&p->siglock);
	info->chld.uid = p->leader->cred->uid;
	process_times_locked(p, &times);
	spin_unlock(&p->siglock);
	info->chld.utime = (s64)(times.utime / NSEC_PER_TICK);
	info->chld.stime = (s64)(times.stime / NSEC_PER_TICK);
}

/* What the parent does about SIGCHLD; false if the signal would be dropped at once. */
static bool child_action(struct process *parent, struct sigaction *action)
{
	bool wanted = false;

	memset(action, 0, sizeof(*action));
	spin_lock(&parent->siglock);
	if (parent->nr_threads) {
		spin_lock(&parent->sighand->lock);
		*action = parent->sighand->action[SIGCHLD - 1];
		spin_unlock(&parent->sighand->lock);
		wanted = !signal_ignored(parent, list_first_entry(&parent->threads, struct thread,
								  thread_node), SIGCHLD);
	}
	spin_unlock(&parent->siglock);
	return wanted;
}

/* tasklist_lock held. */
static void notify_parent_stop(struct process *p, int code, int status)
{
	struct sigaction action;
	struct siginfo info;

	if (child_action(p->parent, &action) && !(action.flags & SA_NOCLDSTOP)) {
		child_siginfo(&info, p, SIGCHLD, code, status);
		send_signal(p->parent, SIGCHLD, &info);
	}
	wake_up_all(&p->parent->wait_child);
}

static void report_stopped(struct process *p)
{
	p->stop_report = PROC_REPORT_STOPPED;
	p->stop_sig = p->group_stop_code;
}

/**
 * notify_continued - The parent hears that a stopped process runs again.
 * @p: the current process
 *
 * Context: process context, no lock held.
 */
void notify_continued(struct process *p)
{
	spin_lock_irq(&tasklist_lock);
	p->stop_report = PROC_REPORT_CONTINUED;
	notify_parent_stop(p, CLD_CONTINUED, SIGCONT);
	spin_unlock_irq(&tasklist_lock);
}

/**
 * signal_stop_begin - All threads of the current process are to stop.
 * @p: current process, siglock held
 * @sig: the signal that does it
 */
void signal_stop_begin(struct process *p, int sig)
{
	struct thread *t;

	p->group_stop_code = (u32)sig;
	list_for_each_entry(t, &p->threads, thread_node)
		if (t != current)
			signal_wake(t, false);
}

/* The last thread has stopped. siglock and tasklist_lock are free. */
static void tell_stopped(struct process *p)
{
	bool still;

	spin_lock_irq(&tasklist_lock);
	spin_lock(&p->siglock);
	/* SIGCONT may have been faster: then there is nothing to report, or not yet again. */
	still = p->group_stop_code && p->nr_stopped == p->nr_threads;
	if (still)
		report_stopped(p);
	spin_unlock(&p->siglock);
	if (still)
		notify_parent_stop(p, CLD_STOPPED, (int)p->stop_sig);
	spin_unlock_irq(&tasklist_lock);
}

/* SIGCONT clears @stopped of all; who is to die, with the group or for an execve, has SIGKILL. */
static bool stays_stopped(void)
{
	return current->stopped && !(current->pending_set & sigmask(SIGKILL));
}

/**
 * signal_stop_wait - Stop the current thread until SIGCONT or SIGKILL.
 * @p: current process, siglock held with interrupts off, group_stop_code set
 *
 * The last thread to stop tells the parent. The state is set before siglock is given up, so a
 * continue that comes in between is not lost; that the thread has been counted is noted in it, so
 * that a sleep which ends for no reason does not count it twice.
 */
void signal_stop_wait(struct process *p)
{
	bool last = ++p->nr_stopped == p->nr_threads;

	current->stopped = true;
	do {
		set_current_state(THREAD_STOPPED);
		spin_unlock_irq(&p->siglock);
		if (last)
			tell_stopped(p);
		last = false;
		schedule();
		WRITE_ONCE(current->state, THREAD_RUNNING);
		spin_lock_irq(&p->siglock);
	} while (stays_stopped());
	if (current->stopped)
		p->nr_stopped--;
	current->stopped = false;
}

/**
 * signal_stop_left - A thread has left a group that is stopping: perhaps the others all have.
 * @p: process; tasklist_lock and siglock held
 *
 * siglock is released and taken again.
 */
void signal_stop_left(struct process *p)
{
	if (!p->group_stop_code || !p->nr_threads || p->nr_stopped != p->nr_threads)
		return;
	report_stopped(p);
	spin_unlock(&p->siglock);
	notify_parent_stop(p, CLD_STOPPED, (int)p->stop_sig);
	spin_lock(&p->siglock);
}

/**
 * notify_parent_death - The parent hears that a process is a zombie.
 * @p: process; tasklist_lock held
 *
 * Return: true if the parent has said that it will not wait (SIGCHLD ignored or SA_NOCLDWAIT,
 * POSIX sigaction()): the caller reaps.
 */
bool notify_parent_death(struct process *p)
{
	struct process *parent = p->parent;
	int sig = p->exit_signal, status = (int)(p->exit_code & 0x7f);
	struct sigaction action;
	bool wanted = child_action(parent, &action), reap = false;
	struct siginfo info;

	if (sig == SIGCHLD)
		reap = action.handler == SIG_IGN || (action.flags & SA_NOCLDWAIT);
	else
		wanted = sig != 0;
	if (wanted) {
		if (status)
			child_siginfo(&info, p, sig, CLD_KILLED, status);
		else
			child_siginfo(&info, p, sig, CLD_EXITED, (int)(p->exit_code >> 8 & 0xff));
		send_signal(parent, sig, &info);
	}
	/* The dying thread is about to leave this CPU to the parent. */
	wake_up_sync_events(&parent->wait_child, 0);
	return reap;
}
