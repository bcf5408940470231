// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alarms on the CPU time of a process: ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU. There is no tick
 * that could count. A process of n threads uses at most n (or the number of CPUs) seconds a second,
 * so a timer set to the time left, divided by that, cannot be late; when it fires the clocks are
 * compared and it is set again. It is off while nothing is armed.
 */
#include <process.h>
#include "../internal.h"

#define CHECK_MIN_NS	(2 * NSEC_PER_MSEC)	/* the precision of these clocks */
#define CHECK_MAX_NS	(3600 * NSEC_PER_SEC)

static u64 clock_value(const struct proc_times *t, enum cpu_clock_id id)
{
	return id == CPU_CLOCK_VIRTUAL ? t->utime : t->utime + t->stime;
}

static u64 seconds_to_ns(unsigned long s)
{
	return s >= ~0ULL / NSEC_PER_SEC ? ~0ULL : s * NSEC_PER_SEC;
}

/* CPU time until something happens; ~0: nothing is armed. siglock held. */
static u64 time_left(const struct process *p, const struct proc_times *now)
{
	u64 left = ~0ULL, value;
	int id;

	for (id = CPU_CLOCK_VIRTUAL; id <= CPU_CLOCK_PROF; id++) {
		if (!p->cpu_clock[id].expires)
			continue;
		value = clock_value(now, id);
		left = min(left, p->cpu_clock[id].expires - min(p->cpu_clock[id].expires, value));
	}
	if (READ_ONCE(p->rlim[RLIMIT_CPU].cur) != RLIM_INFINITY) {
		value = now->utime + now->stime;
		left = min(left, p->xcpu_ns - min(p->xcpu_ns, value));
	}
	return left;
}

/* siglock held. */
static void rearm(struct process *p, const struct proc_times *now)
{
	u64 left = time_left(p, now);
	u32 parallel = clamp(p->nr_threads, 1U, nr_cpus);

	if (left == ~0ULL || !p->nr_threads) {
		timer_stop(&p->cpu_timer);
		return;
	}
	/* The sum must not wrap: a limit of centuries would fire at once, for ever. */
	left = clamp(left / parallel, CHECK_MIN_NS, CHECK_MAX_NS);
	timer_start(&p->cpu_timer, ktime_ns() + left);
}

static void check_clock(struct process *p, enum cpu_clock_id id, u64 value)
{
	static const int signals[] = { SIGVTALRM, SIGPROF };
	struct cpu_clock *c = &p->cpu_clock[id];

	if (!c->expires || value < c->expires)
		return;
	/* From when it was due, so that lateness does not add up, unless a period was missed. */
	c->expires = c->interval ? c->expires + c->interval : 0;
	if (c->interval && c->expires <= value)
		c->expires = value + c->interval;
	signal_send_running(p, signals[id]);
}

/* setrlimit(2): SIGXCPU at the soft limit and once a second from there, SIGKILL at the hard one. */
static void check_limit(struct process *p, u64 value)
{
	if (READ_ONCE(p->rlim[RLIMIT_CPU].cur) == RLIM_INFINITY || value < p->xcpu_ns)
		return;
	if (value >= seconds_to_ns(READ_ONCE(p->rlim[RLIMIT_CPU].max))) {
		signal_send_running(p, SIGKILL);
		return;
	}
	signal_send_running(p, SIGXCPU);
	p->xcpu_ns = value + NSEC_PER_SEC;
}

/**
 * cpu_timer_fn - Look whether CPU time has run out.
 * @timer: cpu_timer of a process
 *
 * Context: interrupt.
 */
void cpu_timer_fn(struct timer *timer)
{
	struct process *p = container_of(timer, struct process, cpu_timer);
	struct proc_times now;

	spin_lock(&p->siglock);
	if (p->nr_threads) {
		process_times_locked(p, &now);
		check_clock(p, CPU_CLOCK_VIRTUAL, clock_value(&now, CPU_CLOCK_VIRTUAL));
		check_clock(p, CPU_CLOCK_PROF, clock_value(&now, CPU_CLOCK_PROF));
		check_limit(p, now.utime + now.stime);
		rearm(p, &now);
	}
	spin_unlock(&p->siglock);
}

/**
 * cpu_clock_get - Read an interval timer of CPU time.
 * @p: process, siglock held
 * @id: which
 * @left: set to the CPU time left in ns, 0: not armed
 * @interval: set to its period in ns
 */
void cpu_clock_get(struct process *p, enum cpu_clock_id id, u64 *left, u64 *interval)
{
	const struct cpu_clock *c = &p->cpu_clock[id];
	struct proc_times now;
	u64 value;

	*interval = c->interval;
	*left = 0;
	if (!c->expires)
		return;
	process_times_locked(p, &now);
	value = clock_value(&now, id);
	*left = c->expires > value ? c->expires - value : 1;
}

/**
 * cpu_clock_set - Arm or disarm an interval timer of CPU time.
 * @p: process, siglock held
 * @id: which
 * @left: CPU time until it fires in ns, 0: disarm
 * @interval: period in ns, 0: once
 */
void cpu_clock_set(struct process *p, enum cpu_clock_id id, u64 left, u64 interval)
{
	struct proc_times now;

	process_times_locked(p, &now);
	p->cpu_clock[id].expires = left ? clock_value(&now, id) + left : 0;
	p->cpu_clock[id].interval = interval;
	rearm(p, &now);
}

/**
 * cpu_timer_thread - The current process has one more thread, which makes its clocks run faster.
 *
 * Context: process context, no lock held.
 */
void cpu_timer_thread(void)
{
	struct process *p = current->process;
	struct proc_times now;

	if (!READ_ONCE(p->cpu_timer.active))
		return;
	spin_lock_irq(&p->siglock);
	process_times_locked(p, &now);
	rearm(p, &now);
	spin_unlock_irq(&p->siglock);
}

/**
 * cpu_timer_limit - RLIMIT_CPU of a process has been set.
 * @p: process, referenced
 *
 * Context: process context, no lock held.
 */
void cpu_timer_limit(struct process *p)
{
	struct proc_times now;

	spin_lock_irq(&p->siglock);
	p->xcpu_ns = seconds_to_ns(READ_ONCE(p->rlim[RLIMIT_CPU].cur));
	process_times_locked(p, &now);
	rearm(p, &now);
	spin_unlock_irq(&p->siglock);
}
