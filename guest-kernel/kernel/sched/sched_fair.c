// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fair scheduling by virtual time. Each thread's clock (vruntime) runs faster the lower its weight;
 * the one that is furthest behind runs next, so that in the long run everybody gets the CPU in
 * proportion to their weights. A thread that sleeps must not save up time: when it wakes it is
 * placed at most half a latency behind the others, which is enough to run soon and not enough to
 * starve them.
 */
#include "rq.h"

/* Everybody runnable has run once in this time, as long as slices do not get too short. */
#define LATENCY_NS	(12 * NSEC_PER_MSEC)
#define MIN_SLICE_NS	(1500 * NSEC_PER_USEC)
/* How far behind a woken thread must be to preempt. */
#define WAKE_LEAD_NS	(1 * NSEC_PER_MSEC)

/*
 * Each step of nice is a factor of 1.25, so that one step between two threads shifts a tenth of the
 * CPU (setpriority(2) as Linux implements it).
 */
static const u32 nice_weight[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
	1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
	110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
};
#define WEIGHT_IDLE	3U

u32 fair_weight(const struct thread *t)
{
	return t->policy == SCHED_IDLE ? WEIGHT_IDLE : nice_weight[t->nice + 20];
}

static u64 to_virtual(const struct thread *t, u64 ns)
{
	u32 weight = fair_weight(t);

	return weight == WEIGHT_NICE_0 ? ns : ns * WEIGHT_NICE_0 / weight;
}

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static struct thread *fair_entry(struct rb_node *n)
{
	return rb_entry(n, struct thread, rq_node);
}

struct thread *fair_first(const struct rq *rq)
{
	return rq->leftmost ? fair_entry(rq->leftmost) : NULL;
}

/* Linked behind those of the same vruntime: equals take turns. */
void fair_enqueue(struct rq *rq, struct thread *t)
{
	struct rb_node **link = &rq->fair.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (before(t->vruntime, fair_entry(parent)->vruntime)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	if (first)
		rq->leftmost = &t->rq_node;
	rb_insert(&rq->fair, &t->rq_node, parent, link);
	rq->nr_fair++;
}

void fair_dequeue(struct rq *rq, struct thread *t)
{
	if (rq->leftmost == &t->rq_node)
		rq->leftmost = rb_next(&t->rq_node);
	rb_erase(&rq->fair, &t->rq_node);
	rq->nr_fair--;
}

static void advance_min(struct rq *rq, u64 candidate)
{
	struct thread *first = fair_first(rq);

	if (first && before(first->vruntime, candidate))
		candidate = first->vruntime;
	if (before(rq->min_vruntime, candidate))
		rq->min_vruntime = candidate;
}

/**
 * fair_charge - Account running time to a fair thread.
 * @rq: its queue, locked
 * @t: the running thread
 * @ns: how long it has run since it was last charged
 */
void fair_charge(struct rq *rq, struct thread *t, u64 ns)
{
	t->vruntime += to_virtual(t, ns);
	advance_min(rq, t->vruntime);
}

/**
 * fair_place - Give a thread its place in virtual time when it becomes runnable.
 * @rq: its queue, locked
 * @t: not yet enqueued
 * @woken: it comes from sleep; else it is new or comes from another queue
 */
void fair_place(struct rq *rq, struct thread *t, bool woken)
{
	u64 earliest = rq->min_vruntime - (woken ? LATENCY_NS / 2 : 0);

	if (before(t->vruntime, earliest))
		t->vruntime = earliest;
}

/* Behind everybody else: sched_yield(2). */
void fair_yield(struct rq *rq, struct thread *t)
{
	struct rb_node *last = rb_last(&rq->fair);

	if (last && before(t->vruntime, fair_entry(last)->vruntime))
		t->vruntime = fair_entry(last)->vruntime;
}

bool fair_preempts(const struct rq *rq, const struct thread *t, const struct thread *curr)
{
	(void)rq;
	if (curr->policy == SCHED_IDLE && t->policy != SCHED_IDLE)
		return true;
	if (t->policy != SCHED_OTHER)
		return false;
	return before(t->vruntime + to_virtual(t, WAKE_LEAD_NS), curr->vruntime);
}

/* Whether the running thread has had its share and somebody is behind it. */
bool fair_slice_over(const struct rq *rq, const struct thread *curr)
{
	const struct thread *first = fair_first(rq);
	u64 slice = max(LATENCY_NS / (rq->nr_fair + 1), MIN_SLICE_NS);

	return first && curr->sum_exec - curr->slice_start >= slice &&
	       !before(curr->vruntime, first->vruntime);
}
