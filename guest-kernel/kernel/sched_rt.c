// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real-time scheduling (sched(7)): the highest priority runs; SCHED_FIFO until it sleeps or yields,
 * SCHED_RR for a slice among its equals. A preempted thread goes back to the front of its list, one
 * that has used its slice or yields to the end.
 */
#include "rq.h"

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

/* Whether a round-robin thread has used its slice and an equal waits. */
bool rt_slice_over(const struct rq *rq, const struct thread *curr)
{
	return curr->policy == SCHED_RR && curr->sum_exec - curr->slice_start >= RR_SLICE_NS &&
	       !list_empty(&rq->rt[curr->rt_prio]);
}
