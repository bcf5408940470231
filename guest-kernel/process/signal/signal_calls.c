// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls about a process's own signals: actions, masks, and waiting for them.
 */
#include <nospec.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "../internal.h"

#define SA_ALL	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | \
		 SA_RESTART | SA_NODEFER | SA_RESETHAND)
#define SIG_BLOCK	0
#define SIG_UNBLOCK	1
#define SIG_SETMASK	2

static void action_exchange(int sig, const struct sigaction *new, struct sigaction *old)
{
	struct process *p = current->process;
	struct sigaction *slot = &p->sighand->action[array_index_nospec((u32)sig - 1, NSIG)];

	spin_lock_irq(&p->siglock);
	spin_lock(&p->sighand->lock);
	*old = *slot;
	if (new)
		*slot = *new;
	spin_unlock(&p->sighand->lock);
	/* What becomes ignored is discarded even if pending and blocked (POSIX, sigaction()). */
	if (new && (new->handler == SIG_IGN ||
		    (new->handler == SIG_DFL && (SIG_KERNEL_IGNORE & sigmask(sig)))))
		signal_flush_set(p, sigmask(sig));
	spin_unlock_irq(&p->siglock);
}

long sys_rt_sigaction(unsigned long sig_arg, unsigned long act, unsigned long oldact,
		      unsigned long sigsetsize)
{
	struct sigaction new, old;
	int sig = (int)sig_arg;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, (const void __user *)act, sizeof(new)))
		return -EFAULT;
	if (sig < 1 || sig > NSIG || (act && (SIG_UNBLOCKABLE & sigmask(sig))))
		return -EINVAL;
	if (act) {
		new.flags &= SA_ALL;
		new.mask &= ~SIG_UNBLOCKABLE;
	}
	action_exchange(sig, act ? &new : NULL, &old);
	if (oldact && copy_to_user((void __user *)oldact, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long sys_rt_sigprocmask(unsigned long how, unsigned long set, unsigned long oldset,
			unsigned long sigsetsize)
{
	sigset_t old = current->blocked, new;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (get_user(new, (const sigset_t __user *)set))
			return -EFAULT;
		switch ((int)how) {
		case SIG_BLOCK:
			set_blocked(old | new);
			break;
		case SIG_UNBLOCK:
			set_blocked(old & ~new);
			break;
		case SIG_SETMASK:
			set_blocked(new);
			break;
		default:
			return -EINVAL;
		}
	}
	if (oldset && put_user(old, (sigset_t __user *)oldset))
		return -EFAULT;
	return 0;
}

long sys_rt_sigpending(unsigned long set, unsigned long sigsetsize)
{
	struct process *p = current->process;
	sigset_t pending;

	if (sigsetsize > sizeof(sigset_t))
		return -EINVAL;
	spin_lock_irq(&p->siglock);
	pending = (p->pending_set | current->pending_set) & current->blocked;
	spin_unlock_irq(&p->siglock);
	if (copy_to_user((void __user *)set, &pending, sigsetsize))
		return -EFAULT;
	return 0;
}

static void sleep_for_signal(void)
{
	while (!signal_pending()) {
		set_current_state(THREAD_INTERRUPTIBLE);
		if (!signal_pending())
			schedule();
		WRITE_ONCE(current->state, THREAD_RUNNING);
	}
}

long sys_pause(void)
{
	sleep_for_signal();
	return -ERESTARTNOHAND;
}

int sigmask_begin(const sigset_t __user *set, size_t sigsetsize)
{
	sigset_t new;

	if (!set)
		return 0;
	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(new, set))
		return -EFAULT;
	current->saved_blocked = current->blocked;
	current->restore_blocked = true;
	set_blocked(new);
	return 0;
}

void sigmask_end(bool interrupted)
{
	/* Interrupted: the handler runs with the temporary mask; delivery restores the old one. */
	if (interrupted || !current->restore_blocked)
		return;
	current->restore_blocked = false;
	set_blocked(current->saved_blocked);
}

long sys_rt_sigsuspend(unsigned long set, unsigned long sigsetsize)
{
	sigset_t new;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(new, (const sigset_t __user *)set))
		return -EFAULT;
	current->saved_blocked = current->blocked;
	set_blocked(new);
	sleep_for_signal();
	current->restore_blocked = true;
	return -ERESTARTNOHAND;
}

/*
 * Waits until one of @set comes or something else has to be attended to. While it waits @set is
 * unblocked, so that a sender wakes this thread; real_blocked remembers that these are wanted, not
 * to be acted on. siglock is held at the start and at the end.
 */
static void wait_for_set(struct process *p, sigset_t set, u64 deadline)
{
	struct thread *me = current;
	bool expired = false;

	me->real_blocked = me->blocked;
	me->blocked &= ~set;
	signal_recalc();
	while (!me->sigpending && !expired) {
		set_current_state(THREAD_INTERRUPTIBLE);
		spin_unlock_irq(&p->siglock);
		expired = schedule_timeout(deadline);
		WRITE_ONCE(me->state, THREAD_RUNNING);
		spin_lock_irq(&p->siglock);
	}
	me->blocked = me->real_blocked;
	me->real_blocked = 0;
}

static int take_from_set(sigset_t set, u64 deadline, struct siginfo *info)
{
	struct process *p = current->process;
	bool late = deadline && deadline <= ktime_ns();
	int sig;

	set &= ~SIG_UNBLOCKABLE;
	spin_lock_irq(&p->siglock);
	sig = signal_dequeue(current, ~set, info);
	if (!sig && !late) {
		wait_for_set(p, set, deadline);
		sig = signal_dequeue(current, ~set, info);
		late = deadline && deadline <= ktime_ns();
	}
	signal_recalc();
	spin_unlock_irq(&p->siglock);
	if (sig)
		return sig;
	return late ? -EAGAIN : -EINTR;
}

long sys_rt_sigtimedwait(unsigned long set_arg, unsigned long info_arg, unsigned long timeout_arg,
			 unsigned long sigsetsize)
{
	struct timespec64 timeout;
	struct siginfo info;
	u64 deadline = 0;
	sigset_t set;
	int sig;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(set, (const sigset_t __user *)set_arg))
		return -EFAULT;
	if (timeout_arg) {
		if (copy_from_user(&timeout, (const void __user *)timeout_arg, sizeof(timeout)))
			return -EFAULT;
		if (!timespec_valid(&timeout))
			return -EINVAL;
		deadline = ktime_ns() + timespec_to_ns(&timeout);
	}
	sig = take_from_set(set, deadline, &info);
	if (sig > 0 && info_arg && copy_to_user((void __user *)info_arg, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

long sys_restart_syscall(void)
{
	struct restart_block *rb = &current->restart;
	long (*fn)(struct restart_block *rb) = rb->fn;

	rb->fn = NULL;
	return fn ? fn(rb) : -EINTR;
}
