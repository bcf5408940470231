// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the time goes: per thread in user and kernel mode, per CPU for /proc/stat, and the load
 * averages.
 *
 * Time on the CPU is measured in ns at each switch. How it divides between user and kernel mode is
 * known in cycles, counted where the edge is crossed; each stretch is divided in that ratio. What
 * the host has stolen of a stretch is no thread's time, and a column of its own in /proc/stat.
 * Interrupts count as part of what they interrupt.
 */
#include "rq.h"

/* Divides @ns in the ratio @part : @total without overflow. */
static u64 scale(u64 ns, u64 part, u64 total)
{
	while (total >> 24) {
		total >>= 1;
		part >>= 1;
	}
	return ns / total * part + ns % total * part / total;
}

/*
 * Counters of two CPUs may differ by a little, and a thread that was moved may find that a stretch
 * has ended before it began: that is none. The share is at most @ns, or what is left would be 2^64.
 */
static u64 user_share(u64 ns, u64 user, u64 kernel)
{
	if ((s64)user <= 0)
		return 0;
	if ((s64)kernel < 0)
		kernel = 0;
	return kernel ? scale(ns, user, user + kernel) : ns;
}

/**
 * stat_settle - Enter the running thread's time since the last call into its own and its CPU's
 * account.
 * @rq: this CPU's queue, locked; rq_update_curr() has been called
 * @t: the running thread
 */
void stat_settle(struct rq *rq, struct thread *t)
{
	u64 now = cpu_cycles(), ns = t->sum_exec - t->utime - t->stime, user;

	if (t == rq->idle) {
		rq->times.idle += ns;
		t->stime += ns;
		return;
	}
	if (t->in_user)
		t->user_cycles += now - t->cycle_mark;
	else
		t->kernel_cycles += now - t->cycle_mark;
	t->cycle_mark = now;
	user = user_share(ns, t->user_cycles, t->kernel_cycles);
	t->user_cycles = 0;
	t->kernel_cycles = 0;
	t->utime += user;
	t->stime += ns - user;
	rq->times.system += ns - user;
	if (t->nice > 0)
		rq->times.nice += user;
	else
		rq->times.user += user;
}

bool sched_is_running(const struct thread *t)
{
	return READ_ONCE(cpu_rq(READ_ONCE(t->cpu))->curr) == t;
}

void sched_thread_times(struct thread *t, u64 *utime, u64 *stime)
{
	unsigned long flags = irq_save();
	struct rq *rq = rq_lock_of(t);
	u64 rest;

	if (rq->curr == t) {
		rq_update_curr(rq);
		if (t == current)
			stat_settle(rq, t);
	}
	/* Of a thread that runs on another CPU the present stretch is not yet divided. */
	rest = t->sum_exec - t->utime - t->stime;
	*utime = t->utime + (t->in_user ? rest : 0);
	*stime = t->stime + (t->in_user ? 0 : rest);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

void sched_cpu_times(u32 cpu, struct cpu_times *out)
{
	struct rq *rq = cpu_rq(cpu);
	struct thread *curr;
	unsigned long flags;
	u64 rest;

	spin_lock_irqsave(&rq->lock, flags);
	rq_update_curr(rq);
	curr = rq->curr;
	*out = rq->times;
	rest = curr->sum_exec - curr->utime - curr->stime;
	if (curr == rq->idle)
		out->idle += rest;
	else if (curr->in_user)
		out->user += rest;
	else
		out->system += rest;
	spin_unlock_irqrestore(&rq->lock, flags);
}

u32 sched_nr_running(void)
{
	u32 cpu, n = 0;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		n += READ_ONCE(cpu_rq(cpu)->nr_running);
	return n;
}

u64 sched_nr_switches(void)
{
	u64 n = 0;
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		n += READ_ONCE(cpu_rq(cpu)->nr_switches);
	return n;
}

/*
 * Load averages: every 5 s the number of runnable threads enters with the weights 1 - exp(-5/T),
 * T being 60, 300 and 900 s. No timer wakes the machine for that: whoever comes first after the 5 s
 * makes up for all periods that have passed, taking the number of the moment for each.
 */
#define LOAD_PERIOD_NS	(5 * NSEC_PER_SEC)
#define LOAD_SHIFT	11
#define LOAD_ONE	(1UL << LOAD_SHIFT)

static const unsigned long load_decay[3] = { 1884, 2014, 2037 };

static struct {
	struct spinlock lock;
	u64 next;		/* ns; read without the lock as a hint */
	unsigned long avg[3];	/* lock */
} load = { .lock = SPINLOCK_INIT("load"), .next = LOAD_PERIOD_NS };

static void load_period(unsigned long active)
{
	u32 i;

	for (i = 0; i < 3; i++) {
		unsigned long sum =
			load.avg[i] * load_decay[i] + active * (LOAD_ONE - load_decay[i]);

		/* Rounded up while rising, so that a steady load is reached. */
		load.avg[i] = (sum + (active > load.avg[i] ? LOAD_ONE - 1 : 0)) / LOAD_ONE;
	}
}

/**
 * stat_load - Bring the load averages up to date.
 * @now: monotonic ns
 *
 * Context: any, interrupts off; a run queue's lock may be held.
 */
void stat_load(u64 now)
{
	u32 periods;

	if (likely(now < READ_ONCE(load.next)) || !spin_trylock(&load.lock))
		return;
	/* After 3 hours nothing is left of what was. */
	for (periods = 0; now >= load.next && periods < 2160; periods++) {
		load_period((unsigned long)sched_nr_running() << LOAD_SHIFT);
		load.next += LOAD_PERIOD_NS;
	}
	if (now >= load.next)
		load.next = now + LOAD_PERIOD_NS;
	spin_unlock(&load.lock);
}

void sched_loadavg(unsigned long avg[3])
{
	unsigned long flags = irq_save();
	u32 i;

	stat_load(ktime_ns());
	spin_lock(&load.lock);
	for (i = 0; i < 3; i++)
		avg[i] = load.avg[i];
	spin_unlock(&load.lock);
	irq_restore(flags);
}
