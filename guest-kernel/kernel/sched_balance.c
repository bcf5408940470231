// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU a thread runs on. Three moments decide: a waking or new thread takes an idle CPU if its
 * own is busy; a CPU that runs out of work takes a waiting thread from the longest queue; and a CPU
 * with several threads, which its tick visits, gives one to a queue that is shorter by two. An idle
 * CPU therefore never has to wake up by itself to look for work.
 */
#include "rq.h"

/**
 * sched_pick_cpu - Choose a CPU for a thread that becomes runnable.
 * @t: the thread; cpus_allowed has at least one bit of a CPU that runs
 * @prefer: taken if it is idle or nothing better is; its cache may still be warm
 *
 * Reads the queues without their locks: the choice may be a little out of date. Context: any.
 * Return: a CPU number.
 */
u32 sched_pick_cpu(const struct thread *t, u32 prefer)
{
	u32 cpu, best = prefer, best_load = ~0U;

	if (allowed_on(t, prefer)) {
		if (rq_is_idle(cpu_rq(prefer)))
			return prefer;
		best_load = READ_ONCE(cpu_rq(prefer)->nr_running);
	}
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 load = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (!allowed_on(t, cpu) || load >= best_load)
			continue;
		best = cpu;
		best_load = load;
		if (!load)
			break;
	}
	return best;
}

/*
 * A thread that waits on @from and may run on @cpu: the real-time ones first, then the fair one
 * that is furthest behind.
 */
static struct thread *find_movable(struct rq *from, u32 cpu)
{
	struct rb_node *n;
	struct thread *t;
	int prio;

	for (prio = NR_RT_PRIO - 1; prio >= 0 && (from->rt_bits[0] | from->rt_bits[1]); prio--)
		list_for_each_entry(t, &from->rt[prio], rq_list)
			if (allowed_on(t, cpu))
				return t;
	for (n = from->leftmost; n; n = rb_next(n)) {
		t = rb_entry(n, struct thread, rq_node);
		if (allowed_on(t, cpu))
			return t;
	}
	return NULL;
}

/* Moves one thread if @from still has at least two more than @to. Both locks held. */
static bool move_one(struct rq *from, struct rq *to)
{
	struct thread *t;

	if (from->nr_running < to->nr_running + 2)
		return false;
	t = find_movable(from, to->cpu);
	if (!t)
		return false;
	rq_move(from, to, t);
	return true;
}

/**
 * sched_pull - Look for work for a CPU that has none.
 * @rq: this CPU's queue, locked
 *
 * The lock must not be dropped, since the thread that goes to sleep still stands on its stack;
 * hence the other one is only tried. If that fails, the tick of the busy CPU will push.
 *
 * Return: whether there is something to run now.
 */
bool sched_pull(struct rq *rq)
{
	struct rq *busiest = NULL;
	u32 cpu, most = 1;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 load = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (load > most) {
			most = load;
			busiest = cpu_rq(cpu);
		}
	}
	if (!busiest || busiest == rq)
		return rq->nr_running > 0;
	if (spin_trylock(&busiest->lock)) {
		move_one(busiest, rq);
		spin_unlock(&busiest->lock);
	}
	return rq->nr_running > 0;
}

/**
 * sched_push - Give a waiting thread to the shortest queue.
 * @rq: this CPU's queue, not locked; interrupts off
 */
void sched_push(struct rq *rq)
{
	u32 cpu, least = READ_ONCE(rq->nr_running);
	struct rq *to = NULL;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 load = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (load + 2 <= least) {
			least = load + 1;
			to = cpu_rq(cpu);
		}
	}
	if (!to)
		return;
	rq_lock_both(rq, to);
	move_one(rq, to);
	rq_unlock_both(rq, to);
	rq_send_kicks();
}
