// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing how a thread is scheduled: policy, priority, nice value, the CPUs it may use.
 */
#include "rq.h"

#include <errno.h>

/* Changes the three together, with the thread out of the queue while its order changes. */
static void apply(struct thread *t, u8 policy, u8 rt_prio, s8 nice)
{
	unsigned long flags = irq_save();
	struct rq *rq = rq_lock_of(t);
	bool waiting = t->on_rq && rq->curr != t, was_rt = is_rt(t);

	if (waiting)
		rq_dequeue(rq, t);
	else if (rq->curr == t)
		rq_update_curr(rq);
	t->policy = policy;
	t->rt_prio = rt_prio;
	t->nice = nice;
	if (rq->curr == t)
		rq_note_curr(rq);
	/* Virtual time has gone on without it. */
	if (was_rt && !is_rt(t))
		fair_place(rq, t, false);
	if (waiting)
		rq_enqueue(rq, t, false);
	if (t->on_rq)
		rq_resched(rq);
	spin_unlock(&rq->lock);
	rq_send_kicks();
	irq_restore(flags);
	if (current->need_resched && !current->preempt_count)
		preempt_schedule();
}

/**
 * sched_set_nice - Set a thread's nice value.
 * @t: thread, referenced
 * @nice: clamped to -20..19
 *
 * Context: any but NMI. No permission check.
 * Return: 0.
 */
int sched_set_nice(struct thread *t, int nice)
{
	apply(t, t->policy, t->rt_prio, (s8)clamp(nice, -20, 19));
	return 0;
}

/**
 * sched_policy_valid - Whether a policy exists and the priority fits it.
 * @policy: any value
 * @rt_prio: any value; 1..99 for SCHED_FIFO and SCHED_RR, else 0
 */
bool sched_policy_valid(int policy, int rt_prio)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return rt_prio >= 1 && rt_prio <= 99;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return rt_prio == 0;
	default:
		return false;
	}
}

/**
 * sched_set_policy - Set a thread's policy and real-time priority.
 * @t: thread, referenced
 * @policy: SCHED_*
 * @rt_prio: 1..99 for SCHED_FIFO and SCHED_RR, else 0
 *
 * Context: any but NMI. No permission check.
 * Return: 0 or -EINVAL.
 */
int sched_set_policy(struct thread *t, int policy, int rt_prio)
{
	if (!sched_policy_valid(policy, rt_prio))
		return -EINVAL;
	apply(t, (u8)policy, (u8)rt_prio, t->nice);
	return 0;
}

/**
 * sched_set_affinity - Set the CPUs that a thread may use.
 * @t: thread, referenced
 * @mask: bit per CPU; those that do not run are ignored
 *
 * A thread that runs on a CPU it may no longer use leaves it at once; the calling thread has left
 * when this returns. Context: may sleep.
 * Return: 0, or -EINVAL if no CPU is left.
 */
int sched_set_affinity(struct thread *t, u64 mask)
{
	u64 online = nr_cpus < 64 ? BIT(nr_cpus) - 1 : ~0ULL;
	bool move = false;
	unsigned long flags;
	struct rq *rq;

	if (!(mask & online) || t->flags & THREAD_F_IDLE)
		return -EINVAL;
	flags = irq_save();
	rq = rq_lock_of(t);
	t->cpus_allowed = mask & online;
	if (t->on_rq && !allowed_on(t, rq->cpu)) {
		move = rq->curr != t;
		if (move) {
			rq_dequeue(rq, t);
			rq->nr_running--;
			t->on_rq = false;
			t->state = THREAD_RUNNING;
		} else {
			rq_resched(rq);
		}
	}
	spin_unlock(&rq->lock);
	rq_send_kicks();
	if (move)
		rq_activate_elsewhere(t);
	irq_restore(flags);
	if (current->need_resched && !current->preempt_count)
		preempt_schedule();
	return 0;
}
