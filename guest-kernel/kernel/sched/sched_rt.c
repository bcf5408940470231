// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real-time scheduling (sched(7)): the highest priority runs; SCHED_FIFO until it sleeps or yields,
 * SCHED_RR for a slice among its equals. A preempted thread goes back to the front of its list, one
 * that has used its slice or yields to the end.
 */
#include "rq.h"

#include <errno.h>
#include <time.h>
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

static DEFINE_MUTEX(limits_lock); /* the two are checked against each other */

u64 sched_rt_limit(enum sched_rt_limit which)
{
	return which == SCHED_RT_PERIOD ? READ_ONCE(period_ns) : READ_ONCE(runtime_ns);
}

int sched_set_rt_limit(enum sched_rt_limit which, u64 ns)
{
	int err = -EINVAL;

	mutex_lock(&limits_lock);
	if (which == SCHED_RT_PERIOD && ns && (runtime_ns == ~0ULL || runtime_ns <= ns)) {
		WRITE_ONCE(period_ns, ns);
		err = 0;
	} else if (which == SCHED_RT_RUNTIME && (ns == ~0ULL || ns <= period_ns)) {
		WRITE_ONCE(runtime_ns, ns);
		err = 0;
	}
	mutex_unlock(&limits_lock);
	return err;
}

/* Whether a round-robin thread has used its slice and an equal waits. */
bool rt_slice_over(const struct rq *rq, const struct thread *curr)
{
	return curr->policy == SCHED_RR && curr->sum_exec - curr->slice_start >= RR_SLICE_NS &&
	       !list_empty(&rq->rt[curr->rt_prio]);
}
