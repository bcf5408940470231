// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way back to user mode: takes pending signals one by one, does what they do, and decides
 * whether an interrupted system call is made again. See signal(7), "Interruption of system calls".
 */
#include <log.h>
#include <platform/trap.h>
#include <process.h>
#include <syscall.h>
#include "../process/internal.h"
#include "signal_frame.h"

#define SYSCALL_INSN_LEN 2

static struct sigaction action_of(struct process *p, int sig)
{
	struct sighand *hand = p->sighand;
	struct sigaction action;

	spin_lock(&hand->lock);
	action = hand->action[sig - 1];
	if (action.handler > SIG_IGN && (action.flags & SA_RESETHAND))
		hand->action[sig - 1].handler = SIG_DFL;
	spin_unlock(&hand->lock);
	return action;
}

/*
 * A terminal's stop signals do nothing to an orphaned group: nobody could continue it (POSIX,
 * 2.4.3). siglock is given up to find out; a SIGCONT meanwhile calls the stop off.
 */
static void default_stop(struct process *p, int sig)
{
	bool orphaned = false;

	p->stop_dequeued = true;
	if (sig != SIGSTOP) {
		spin_unlock_irq(&p->siglock);
		orphaned = pgrp_orphaned(p->pgid);
		spin_lock_irq(&p->siglock);
	}
	if (!orphaned && p->stop_dequeued && !p->group_exit && !p->group_stop_code)
		signal_stop_begin(p, sig);
	p->stop_dequeued = false;
}

static bool must_die(const struct process *p)
{
	return p->group_exit || (p->exec_thread && p->exec_thread != current);
}

/*
 * What has to be done before signals are looked at: dying, reporting, stopping. siglock is held;
 * returns true if it was given up meanwhile, so that the caller looks again.
 */
static bool group_work(struct process *p)
{
	if (must_die(p)) {
		u32 code = p->group_exit ? p->exit_code : SIGKILL;

		spin_unlock_irq(&p->siglock);
		do_exit(code);
	}
	if (p->continued_note) {
		p->continued_note = false;
		spin_unlock_irq(&p->siglock);
		notify_continued(p);
		spin_lock_irq(&p->siglock);
		return true;
	}
	if (p->group_stop_code) {
		signal_stop_wait(p);
		return true;
	}
	return false;
}

/* The next signal that has a handler: its number and what to do, or 0. Others are acted on here. */
static int signal_get(struct sigaction *action, struct siginfo *info)
{
	struct process *p = current->process;
	int sig;

	spin_lock_irq(&p->siglock);
	for (;;) {
		if (group_work(p))
			continue;
		sig = signal_dequeue(current, current->blocked, info);
		if (!sig)
			break;
		*action = action_of(p, sig);
		if (action->handler == SIG_IGN)
			continue;
		if (action->handler != SIG_DFL)
			break;
		if ((SIG_KERNEL_IGNORE & sigmask(sig)) || p->unkillable)
			continue;
		if (SIG_KERNEL_STOP & sigmask(sig)) {
			default_stop(p, sig);
			continue;
		}
		spin_unlock_irq(&p->siglock);
		do_group_exit((u32)sig);
	}
	signal_recalc();
	spin_unlock_irq(&p->siglock);
	return sig;
}

static void repeat_syscall(struct trapframe *tf, u64 nr)
{
	tf->rax = nr;
	tf->rip -= SYSCALL_INSN_LEN;
}

/* An interrupted call ends with EINTR or is made again, before a handler runs or without one. */
static void restart_syscall(struct trapframe *tf, const struct sigaction *handler)
{
	switch (-(long)tf->rax) {
	case ERESTART_RESTARTBLOCK:
		if (handler)
			tf->rax = (u64)-EINTR;
		else
			repeat_syscall(tf, __NR_restart_syscall);
		break;
	case ERESTARTNOHAND:
		if (handler)
			tf->rax = (u64)-EINTR;
		else
			repeat_syscall(tf, tf->orig_rax);
		break;
	case ERESTARTSYS:
		if (handler && !(handler->flags & SA_RESTART))
			tf->rax = (u64)-EINTR;
		else
			repeat_syscall(tf, tf->orig_rax);
		break;
	case ERESTARTNOINTR:
		repeat_syscall(tf, tf->orig_rax);
		break;
	default:
		return;
	}
}

static void enter_handler(struct trapframe *tf, int sig, const struct sigaction *action,
			  const struct siginfo *info)
{
	sigset_t mask = current->restore_blocked ? current->saved_blocked : current->blocked;
	sigset_t during = current->blocked | action->mask;

	if (signal_frame_setup(tf, sig, action, info, mask)) {
		force_sigsegv(sig);
		return;
	}
	current->restore_blocked = false;
	if (!(action->flags & SA_NODEFER))
		during |= sigmask(sig);
	set_blocked(during);
}

static void do_signals(struct trapframe *tf, bool syscall)
{
	struct sigaction action;
	struct siginfo info;
	int sig = signal_get(&action, &info);

	if (syscall && (s32)tf->orig_rax >= 0) {
		restart_syscall(tf, sig ? &action : NULL);
		tf->orig_rax = (u64)-1;
	}
	if (sig) {
		enter_handler(tf, sig, &action, &info);
	} else if (current->restore_blocked) {
		current->restore_blocked = false;
		set_blocked(current->saved_blocked);
	}
}

void trap_return_work(struct trapframe *tf, bool syscall)
{
	do {
		if (READ_ONCE(current->need_resched))
			schedule();
		if (READ_ONCE(current->sigpending))
			do_signals(tf, syscall);
	} while (READ_ONCE(current->need_resched) || READ_ONCE(current->sigpending));
}

/*
 * Queues @info for the current thread so that it cannot be missed: a blocked or ignored signal gets
 * its default action, which ends the process, pid 1 included. @fatal: the default in any case.
 * True if no handler will take it.
 */
static bool force_signal(const struct siginfo *info, bool fatal)
{
	struct process *p = current->process;
	sigset_t bit = sigmask(info->si_signo);
	struct sigaction *action;
	bool unhandled;

	spin_lock_irq(&p->siglock);
	spin_lock(&p->sighand->lock);
	action = &p->sighand->action[info->si_signo - 1];
	if (fatal || (current->blocked & bit) || action->handler == SIG_IGN)
		action->handler = SIG_DFL;
	unhandled = action->handler == SIG_DFL;
	spin_unlock(&p->sighand->lock);
	current->blocked &= ~bit;
	if (unhandled)
		p->unkillable = false;
	signal_send_locked(p, current, info->si_signo, info);
	WRITE_ONCE(current->sigpending, 1);
	spin_unlock_irq(&p->siglock);
	return unhandled;
}

/**
 * force_signal_fault - Send the current thread the signal of a fault it has made.
 * @sig: signal
 * @code: si_code
 * @addr: si_addr
 * @tf: its registers
 * @what: what happened, for the log
 *
 * Context: process context, siglock not held.
 */
void force_signal_fault(int sig, int code, unsigned long addr, const struct trapframe *tf,
			const char *what)
{
	struct siginfo info;

	siginfo_init(&info, sig, code);
	info.fault.addr = addr;
	if (force_signal(&info, false))
		pr_ratelimited(LOG_INFO, "pid %d (%s): %s at 0x%lx ip 0x%lx sp 0x%lx error %x\n",
			       current->tid, current->comm, what, addr, (unsigned long)tf->rip,
			       (unsigned long)tf->rsp, current->fault_err);
}

/**
 * force_sigsegv - The frame for a handler could not be written.
 * @sig: the signal that the handler was for
 *
 * Another signal's handler may run on another stack and cope; SIGSEGV's own has just failed.
 */
void force_sigsegv(int sig)
{
	struct siginfo info;

	siginfo_init(&info, SIGSEGV, SI_KERNEL);
	if (force_signal(&info, sig == SIGSEGV))
		pr_ratelimited(LOG_INFO, "pid %d (%s): no room for the frame of signal %d\n",
			       current->tid, current->comm, sig);
}
