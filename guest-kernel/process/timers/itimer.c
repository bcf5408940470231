// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interval timers: setitimer(2), getitimer(2), alarm(2). Those of CPU time are in cpu_timer.c.
 */
#include <process.h>
#include <syscall.h>
#include <uaccess.h>
#include "../internal.h"

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

/* A period of nothing would keep a CPU in its timer interrupt for ever. */
#define REARM_MIN_NS	(50 * NSEC_PER_USEC)

struct itimerval {
	struct timeval64 interval, value;
};

/*
 * Fires in interrupt context. The timer may have been set anew or stopped while this waited for
 * siglock: then real_expires is in the future or 0.
 */
static void real_timer_fn(struct timer *timer)
{
	struct process *p = container_of(timer, struct process, real_timer);
	u64 now = ktime_ns(), late;

	spin_lock(&p->siglock);
	if (p->real_expires && p->real_expires <= now && p->nr_threads) {
		late = now - p->real_expires;
		p->real_expires = 0;
		signal_send_locked(p, NULL, SIGALRM, NULL);
		if (p->real_interval) {
			p->real_expires = now + p->real_interval - late % p->real_interval;
			timer_start(timer, max(p->real_expires, now + REARM_MIN_NS));
		}
	}
	spin_unlock(&p->siglock);
}

void itimers_init(struct process *p)
{
	timer_init(&p->real_timer, real_timer_fn);
	timer_init(&p->cpu_timer, cpu_timer_fn);
	list_init(&p->posix_timers);
}

/**
 * itimers_exit - Stop all timers of a process that has no threads any more.
 * @p: process
 *
 * Context: process context. Nothing starts them again, as nr_threads is 0.
 */
void itimers_exit(struct process *p)
{
	/* Ever started? What they were started for may be over while a callback still waits. */
	if (p->real_timer.expires)
		timer_stop_sync(&p->real_timer);
	if (p->cpu_timer.expires)
		timer_stop_sync(&p->cpu_timer);
}

/* siglock held. */
static void real_get(struct process *p, u64 *left, u64 *interval)
{
	u64 now = ktime_ns();

	*interval = p->real_interval;
	*left = 0;
	/* About to fire is not the same as not armed. */
	if (p->real_expires)
		*left = p->real_expires > now ? p->real_expires - now : 1000;
}

static void real_set(struct process *p, u64 left, u64 interval)
{
	p->real_interval = interval;
	p->real_expires = left ? ktime_ns() + left : 0;
	if (left)
		timer_start(&p->real_timer, p->real_expires);
	else
		timer_stop(&p->real_timer);
}

static void itimer_get(int which, u64 *left, u64 *interval)
{
	struct process *p = current->process;

	spin_lock_irq(&p->siglock);
	if (which == ITIMER_REAL)
		real_get(p, left, interval);
	else
		cpu_clock_get(p, which == ITIMER_VIRTUAL ? CPU_CLOCK_VIRTUAL : CPU_CLOCK_PROF,
			      left, interval);
	spin_unlock_irq(&p->siglock);
}

static void itimer_set(int which, u64 left, u64 interval)
{
	struct process *p = current->process;

	spin_lock_irq(&p->siglock);
	if (which == ITIMER_REAL)
		real_set(p, left, interval);
	else
		cpu_clock_set(p, which == ITIMER_VIRTUAL ? CPU_CLOCK_VIRTUAL : CPU_CLOCK_PROF,
			      left, interval);
	spin_unlock_irq(&p->siglock);
}

static struct timeval64 to_timeval(u64 ns)
{
	ns += NSEC_PER_USEC - 1;
	return (struct timeval64){ (s64)(ns / NSEC_PER_SEC),
				   (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

static int from_timeval(const struct timeval64 *tv, u64 *ns)
{
	struct timespec64 ts = { tv->tv_sec, tv->tv_usec * (s64)NSEC_PER_USEC };

	if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= 1000000)
		return -EINVAL;
	/* A sum with the present time must not overflow. */
	*ns = min(timespec_to_ns(&ts), ~0ULL / 4);
	return 0;
}

static int put_itimer(unsigned long out, u64 left, u64 interval)
{
	struct itimerval v = { to_timeval(interval), to_timeval(left) };

	return copy_to_user((void __user *)out, &v, sizeof(v));
}

long sys_getitimer(unsigned long which, unsigned long out)
{
	u64 left, interval;

	if ((u32)which > ITIMER_PROF)
		return -EINVAL;
	itimer_get((int)which, &left, &interval);
	return put_itimer(out, left, interval);
}

long sys_setitimer(unsigned long which, unsigned long in, unsigned long out)
{
	u64 left = 0, interval = 0, old_left, old_interval;
	struct itimerval v;

	if (in) {
		if (copy_from_user(&v, (const void __user *)in, sizeof(v)))
			return -EFAULT;
		if (from_timeval(&v.value, &left) || from_timeval(&v.interval, &interval))
			return -EINVAL;
	}
	if ((u32)which > ITIMER_PROF)
		return -EINVAL;
	itimer_get((int)which, &old_left, &old_interval);
	itimer_set((int)which, left, interval);
	return out ? put_itimer(out, old_left, old_interval) : 0;
}

/* Rounds what was left to seconds, but never a pending alarm to none. */
long sys_alarm(unsigned long seconds)
{
	u64 left, interval;

	itimer_get(ITIMER_REAL, &left, &interval);
	itimer_set(ITIMER_REAL, (u64)(u32)seconds * NSEC_PER_SEC, 0);
	if (left && left < NSEC_PER_SEC)
		return 1;
	return (long)((left + NSEC_PER_SEC / 2) / NSEC_PER_SEC);
}
