// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX per-process timers: timer_create(2) and family, on the clocks that run on by themselves.
 * An expiry queues the timer's one signal; a periodic timer is set again when that is delivered,
 * and what it has missed meanwhile is counted as overrun, so that no period is too short to serve.
 *
 * process->siglock guards everything here.
 */
#include <mm.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "clock.h"
#include "../internal.h"

#define TIMER_ABSTIME	1
#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID	4
#define OVERRUN_MAX	0x7fffffffULL
#define FAR_FUTURE	(~0ULL / 4)	/* ns; sums with it do not overflow */
#define IGNORED_MIN_NS	(10 * NSEC_PER_MSEC)	/* period if the signal is ignored */

/**
 * struct posix_timer - one timer
 * @node: in process->posix_timers
 * @process: its process
 * @id: what the program calls it
 * @realtime: made on CLOCK_REALTIME
 * @on_realtime: @expires is on CLOCK_REALTIME, else on the monotonic clock: setting the time moves
 *	absolute times only (POSIX, timer_settime())
 * @silent: SIGEV_NONE
 * @thread: SIGEV_THREAD_ID: who gets the signal, referenced; NULL: the process
 * @timer: fires at @expires
 * @clock_set: on realtime_changed while @realtime
 * @expires: next expiry in ns of its clock, 0: not armed
 * @interval: period in ns, 0: once
 * @overrun: expiries that the last delivered signal stood for, besides the one
 * @signal: its entry for the signal queues
 */
struct posix_timer {
	struct list_head node;
	struct process *process;
	int id;
	bool realtime, on_realtime, silent;
	struct thread *thread;
	struct timer timer;
	struct wait_entry clock_set;
	u64 expires, interval;
	s32 overrun;
	struct sigqueue signal;
};

struct sigevent {
	u64 value;
	s32 signo, notify, tid;
	u8 pad[44];
};

struct itimerspec {
	struct timespec64 interval, value;
};

static_assert(sizeof(struct sigevent) == 64, "struct sigevent of the ABI");

static u64 timer_now(const struct posix_timer *t)
{
	return t->on_realtime ? realtime_ns() : ktime_ns();
}

static void timer_arm(struct posix_timer *t)
{
	timer_start_on(&t->timer, t->expires, t->on_realtime);
}

/* The first expiry after @now; the ones before it are counted. */
static u64 timer_forward(struct posix_timer *t, u64 now)
{
	u64 missed;

	if (t->expires > now)
		return 0;
	missed = (now - t->expires) / t->interval + 1;
	t->expires += missed * t->interval;
	return missed;
}

/* Interrupt context, perhaps a moment after the timer was set anew or its clock set back. */
static void posix_timer_fn(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	struct process *p = t->process;

	spin_lock(&p->siglock);
	if (!t->expires || !list_empty(&t->signal.node)) {
		spin_unlock(&p->siglock);
		return;
	}
	if (t->expires > timer_now(t)) {
		timer_arm(t);
	} else if (!signal_send_timer(p, t->thread, &t->signal) && t->interval) {
		timer_forward(t, timer_now(t));
		t->expires = max(t->expires, timer_now(t) + IGNORED_MIN_NS);
		timer_arm(t);
	} else if (!t->interval) {
		t->expires = 0;
	}
	spin_unlock(&p->siglock);
}

/*
 * The time of day was set: fire, and look again at what time it is. Under the queue's lock. A
 * SIGEV_NONE timer never fires; whoever asks computes.
 */
static bool posix_timer_clock_set(struct wait_entry *e, u32 events)
{
	struct posix_timer *t = container_of(e, struct posix_timer, clock_set);

	(void)events;
	if (READ_ONCE(t->expires) && !t->silent)
		timer_start(&t->timer, ktime_ns());
	return false;
}

/**
 * posix_timer_delivered - A timer's signal is being taken off its queue.
 * @t: timer, siglock held
 * @info: siginfo that the program will see
 */
void posix_timer_delivered(struct posix_timer *t, struct siginfo *info)
{
	u64 missed;

	t->overrun = 0;
	if (t->expires && t->interval) {
		/* The expiry that sent the signal is no overrun. */
		missed = timer_forward(t, timer_now(t));
		t->overrun = (s32)min(missed ? missed - 1 : 0, OVERRUN_MAX);
		timer_arm(t);
	}
	info->timer.overrun = t->overrun;
}

/* ---- making and finding; siglock held ---- */

static struct posix_timer *timer_find(struct process *p, int id)
{
	struct posix_timer *t;

	list_for_each_entry(t, &p->posix_timers, node)
		if (t->id == id)
			return t;
	return NULL;
}

/* Links @t under the lowest free number. Return: 0, -EAGAIN: as many as signals may be queued. */
static int timer_link(struct process *p, struct posix_timer *t)
{
	struct posix_timer *other;
	u32 n = 0;

	t->id = 0;
	list_for_each_entry(other, &p->posix_timers, node) {
		if (other->id != t->id)
			break;
		t->id++;
	}
	list_for_each_entry(other, &p->posix_timers, node)
		n++;
	if (!sigqueue_room(p, n))
		return -EAGAIN;
	/* Ordered by number: before the first with a higher one. */
	list_for_each_entry(other, &p->posix_timers, node)
		if (other->id > t->id)
			break;
	list_add_tail(&t->node, &other->node);
	return 0;
}

/* Unlinked, but its callback may still run. */
static void timer_free(struct posix_timer *t)
{
	if (t->realtime)
		wait_remove(&realtime_changed, &t->clock_set);
	timer_stop_sync(&t->timer);
	if (t->thread)
		thread_put(t->thread);
	sigqueue_count(-1);
	kfree(t);
}

static void timer_unlink(struct process *p, struct posix_timer *t)
{
	list_del(&t->node);
	t->expires = 0;
	signal_unqueue(p, &t->signal);
}

/**
 * posix_timers_exit - Delete all timers of a process: it execs or ends.
 * @p: the current process, with no other thread
 *
 * Context: may sleep.
 */
void posix_timers_exit(struct process *p)
{
	struct posix_timer *t;

	while (!list_empty(&p->posix_timers)) {
		spin_lock_irq(&p->siglock);
		t = list_first_entry(&p->posix_timers, struct posix_timer, node);
		timer_unlink(p, t);
		spin_unlock_irq(&p->siglock);
		timer_free(t);
	}
}

static int clock_usable(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* Who is told, and how (sigevent(7)). */
static int timer_notify(struct posix_timer *t, const struct sigevent *ev)
{
	t->silent = ev->notify == SIGEV_NONE;
	if (ev->notify != SIGEV_SIGNAL && ev->notify != SIGEV_THREAD &&
	    ev->notify != SIGEV_THREAD_ID && !t->silent)
		return -EINVAL;
	if (!t->silent && (ev->signo < 1 || ev->signo > NSIG))
		return -EINVAL;
	t->signal.info.si_signo = ev->signo;
	t->signal.info.si_code = SI_TIMER;
	t->signal.info.timer.value = ev->value;
	if (ev->notify != SIGEV_THREAD_ID)
		return 0;
	t->thread = thread_find(ev->tid);
	return t->thread && t->thread->process == current->process ? 0 : -EINVAL;
}

static int read_event(struct sigevent *ev, unsigned long address)
{
	memset(ev, 0, sizeof(*ev));
	ev->signo = SIGALRM;
	return address ? copy_from_user(ev, (const void __user *)address, sizeof(*ev)) : 0;
}

static struct posix_timer *timer_alloc(int clock)
{
	struct posix_timer *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	sigqueue_count(1);
	t->process = current->process;
	t->realtime = clock == CLOCK_REALTIME;
	timer_init(&t->timer, posix_timer_fn);
	list_init(&t->signal.node);
	t->signal.timer = t;
	t->clock_set.wake = posix_timer_clock_set;
	if (t->realtime)
		wait_add(&realtime_changed, &t->clock_set);
	return t;
}

long sys_timer_create(unsigned long clock, unsigned long event, unsigned long out)
{
	struct process *p = current->process;
	struct posix_timer *t;
	struct sigevent ev;
	int id, err = clock_usable((int)clock);

	if (err)
		return err;
	if (read_event(&ev, event))
		return -EFAULT;
	t = timer_alloc((int)clock);
	if (!t)
		return -EAGAIN;
	err = timer_notify(t, &ev);
	if (!err) {
		spin_lock_irq(&p->siglock);
		err = timer_link(p, t);
		id = t->id;
		t->signal.info.timer.tid = id;
		if (!event)
			t->signal.info.timer.value = (u64)id;
		spin_unlock_irq(&p->siglock);
	}
	if (err) {
		timer_free(t);
		return err;
	}
	if (!put_user(id, (int __user *)out))
		return 0;
	sys_timer_delete((unsigned long)id);
	return -EFAULT;
}

long sys_timer_delete(unsigned long id)
{
	struct process *p = current->process;
	struct posix_timer *t;

	spin_lock_irq(&p->siglock);
	t = timer_find(p, (int)id);
	if (t)
		timer_unlink(p, t);
	spin_unlock_irq(&p->siglock);
	if (!t)
		return -EINVAL;
	timer_free(t);
	return 0;
}

/* ---- setting and asking ---- */

/* siglock held. A timer that is about to fire has 1 ns left, as 0 means that it is not armed. */
static struct itimerspec timer_read(struct posix_timer *t)
{
	u64 now = timer_now(t), next = t->expires;

	if (next && next <= now) {
		if (t->interval)
			next += ((now - next) / t->interval + 1) * t->interval;
		else
			next = t->silent ? 0 : now + 1;
	}
	return (struct itimerspec){ ns_to_timespec(t->interval),
				    ns_to_timespec(next ? next - now : 0) };
}

/* siglock held. */
static void timer_write(struct posix_timer *t, const struct itimerspec *new, bool absolute)
{
	u64 value = min(timespec_to_ns(&new->value), FAR_FUTURE);

	t->expires = 0;
	t->overrun = 0;
	timer_stop(&t->timer);
	signal_unqueue(t->process, &t->signal);
	t->interval = min(timespec_to_ns(&new->interval), FAR_FUTURE);
	t->on_realtime = t->realtime && absolute;
	if (!value)
		return;
	t->expires = absolute ? value : timer_now(t) + value;
	if (!t->silent)
		timer_arm(t);
}

long sys_timer_settime(unsigned long id, unsigned long flags, unsigned long in, unsigned long out)
{
	struct process *p = current->process;
	struct itimerspec new, old;
	struct posix_timer *t;

	if (!in)
		return -EINVAL;
	if (copy_from_user(&new, (const void __user *)in, sizeof(new)))
		return -EFAULT;
	if (!timespec_valid(&new.value) || !timespec_valid(&new.interval))
		return -EINVAL;
	spin_lock_irq(&p->siglock);
	t = timer_find(p, (int)id);
	if (t) {
		old = timer_read(t);
		timer_write(t, &new, flags & TIMER_ABSTIME);
	}
	spin_unlock_irq(&p->siglock);
	if (!t)
		return -EINVAL;
	return out ? copy_to_user((void __user *)out, &old, sizeof(old)) : 0;
}

long sys_timer_gettime(unsigned long id, unsigned long out)
{
	struct process *p = current->process;
	struct posix_timer *t;
	struct itimerspec now;

	spin_lock_irq(&p->siglock);
	t = timer_find(p, (int)id);
	if (t)
		now = timer_read(t);
	spin_unlock_irq(&p->siglock);
	return t ? copy_to_user((void __user *)out, &now, sizeof(now)) : -EINVAL;
}

long sys_timer_getoverrun(unsigned long id)
{
	struct process *p = current->process;
	struct posix_timer *t;
	long overrun = -EINVAL;

	spin_lock_irq(&p->siglock);
	t = timer_find(p, (int)id);
	if (t)
		overrun = t->overrun;
	spin_unlock_irq(&p->siglock);
	return overrun;
}
