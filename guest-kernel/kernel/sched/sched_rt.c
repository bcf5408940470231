// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real-time scheduling (sched(7)): the highest priority runs; SCHED_FIFO until it sleeps or yields,
 * SCHED_RR for a slice among its equals. A preempted thread goes back to the front of its list, one
 * that has used its slice or yields to the end.
 */
#include "rq.h"

#include <fs.h>
#include <init.h>
#include <string.h>
#include <wait.h>

void rt_init(struct rq *rq)
{
	u32 i;

	for (i = 0; i < NR_RT_PRIO; i++)
		list_init(&rq->rt[i]);
}

void rt_enqueue(struct rq *rq, struct thread *t, bool front)
{
	if (front)
		list_add(&t->rq_list, &rq->rt[t->rt_prio]);
	else
		list_add_tail(&t->rq_list, &rq->rt[t->rt_prio]);
	rq->rt_bits[t->rt_prio / 64] |= BIT(t->rt_prio % 64);
}

void rt_dequeue(struct rq *rq, struct thread *t)
{
	list_del(&t->rq_list);
	if (list_empty(&rq->rt[t->rt_prio]))
		rq->rt_bits[t->rt_prio / 64] &= ~BIT(t->rt_prio % 64);
}

struct thread *rt_first(const struct rq *rq)
{
	u32 prio;

	if (rq->rt_bits[1])
		prio = 127 - (u32)__builtin_clzl(rq->rt_bits[1]);
	else if (rq->rt_bits[0])
		prio = 63 - (u32)__builtin_clzl(rq->rt_bits[0]);
	else
		return NULL;
	return list_first_entry(&rq->rt[prio], struct thread, rq_list);
}

/*
 * Throttling (sched(7), "Limiting the CPU usage of real-time and deadline processes"): in each
 * period they may run for so long while others want the CPU. Set by sysctl; 64 bits each, read
 * without a lock.
 */
static u64 period_ns = NSEC_PER_SEC, runtime_ns = 950 * NSEC_PER_MSEC;

/* Another period may have begun. */
static void roll_period(struct rq *rq)
{
	if (rq->clock - rq->rt_period_ns < READ_ONCE(period_ns))
		return;
	rq->rt_period_ns = rq->clock;
	rq->rt_used_ns = 0;
}

void rt_charge(struct rq *rq, u64 ns)
{
	roll_period(rq);
	rq->rt_used_ns += ns;
}

bool rt_throttled(struct rq *rq)
{
	if (!rq->nr_fair)
		return false;
	roll_period(rq);
	return rq->rt_used_ns >= READ_ONCE(runtime_ns);
}

/* The two numbers in /proc/sys/kernel are in us; a runtime of -1 is no limit. */
enum rt_knob { RT_PERIOD, RT_RUNTIME };
static DEFINE_MUTEX(knobs_lock); /* the two are checked against each other */

static int show_knob(struct seq *s, void *arg)
{
	u64 ns = (enum rt_knob)(unsigned long)arg == RT_PERIOD ? period_ns : runtime_ns;

	if (ns == ~0ULL)
		seq_printf(s, "-1\n");
	else
		seq_printf(s, "%llu\n", (unsigned long long)(ns / NSEC_PER_USEC));
	return 0;
}

static ssize_t write_knob(void *arg, const char *buf, size_t n)
{
	enum rt_knob which = (enum rt_knob)(unsigned long)arg;
	u64 us, ns = ~0ULL;
	ssize_t ret = -EINVAL;

	if (!(which == RT_RUNTIME && !strncmp(buf, "-1", 2) && (buf[2] == '\n' || !buf[2]))) {
		if (kstrtou64(buf, 10, &us) || us > 0x7fffffff)
			return -EINVAL;
		ns = us * NSEC_PER_USEC;
	}
	mutex_lock(&knobs_lock);
	if (which == RT_PERIOD && ns && (runtime_ns == ~0ULL || runtime_ns <= ns)) {
		WRITE_ONCE(period_ns, ns);
		ret = (ssize_t)n;
	} else if (which == RT_RUNTIME && (ns == ~0ULL || ns <= period_ns)) {
		WRITE_ONCE(runtime_ns, ns);
		ret = (ssize_t)n;
	}
	mutex_unlock(&knobs_lock);
	return ret;
}

static int rt_knobs_init(void)
{
	int err = proc_register_rw("sys/kernel/sched_rt_period_us", 0644, show_knob, write_knob,
				   (void *)RT_PERIOD);

	return err ? err : proc_register_rw("sys/kernel/sched_rt_runtime_us", 0644, show_knob,
					    write_knob, (void *)RT_RUNTIME);
}
late_initcall(rt_knobs_init);

/* Whether a round-robin thread has used its slice and an equal waits. */
bool rt_slice_over(const struct rq *rq, const struct thread *curr)
{
	return curr->policy == SCHED_RR && curr->sum_exec - curr->slice_start >= RR_SLICE_NS &&
	       !list_empty(&rq->rt[curr->rt_prio]);
}
