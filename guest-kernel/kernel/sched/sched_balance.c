// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU a thread runs on. Three moments decide: a waking or new thread takes an idle CPU if its
 * own is busy; a CPU that runs out of work takes a waiting thread from the longest queue; and a CPU
 * with several threads, which its tick visits, gives one to a queue where it is better off. An idle
 * CPU therefore never has to wake up by itself to look for work. A real-time thread goes where
 * something less urgent runs, also when a better one drives it off its CPU.
 */
#include "rq.h"

/*
 * How many a fair thread would have to share a CPU with. Behind a real-time thread it may get
 * nothing at all.
 */
static u32 crowd(const struct rq *rq)
{
	return READ_ONCE(rq->nr_running) + ((u32)READ_ONCE(rq->curr_prio) << 20);
}

/* How urgent is what a CPU does: 0 nothing, 1 fair threads, else a real-time priority plus 1. */
static u32 urgency(const struct rq *rq)
{
	return rq_is_idle(rq) ? 0 : 1U + READ_ONCE(rq->curr_prio);
}

/*
 * For a real-time thread: the CPU that does the least urgent thing, of several @prefer. nr_cpus:
 * it would have to wait everywhere.
 */
static u32 pick_cpu_rt(const struct thread *t, u32 prefer)
{
	u32 cpu, best = nr_cpus, lowest = t->rt_prio + 1U;

	if (allowed_on(t, prefer) && urgency(cpu_rq(prefer)) < lowest) {
		best = prefer;
		lowest = urgency(cpu_rq(prefer));
	}
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 present = urgency(cpu_rq(cpu));

		if (!allowed_on(t, cpu) || present >= lowest)
			continue;
		best = cpu;
		lowest = present;
	}
	return best;
}

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

	if (unlikely(is_rt(t))) {
		cpu = pick_cpu_rt(t, prefer);
		if (cpu < nr_cpus)
			return cpu;
	}
	if (allowed_on(t, prefer)) {
		if (rq_is_idle(cpu_rq(prefer)))
			return prefer;
		best_load = crowd(cpu_rq(prefer));
	}
	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 load = crowd(cpu_rq(cpu));

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

/*
 * Whether a thread that waits on @from would be better off on @to: that has fewer by two at least,
 * or no real-time thread to wait behind.
 */
static bool is_better(const struct rq *from, const struct rq *to)
{
	return READ_ONCE(from->nr_running) >= READ_ONCE(to->nr_running) + 2 ||
	       (READ_ONCE(from->curr_prio) && !READ_ONCE(to->curr_prio));
}

/* Moves one thread if that still makes sense. Both locks held. */
static bool move_one(struct rq *from, struct rq *to)
{
	struct thread *t;

	if (!is_better(from, to))
		return false;
	t = find_movable(from, to->cpu);
	if (!t)
		return false;
	rq_move(from, to, t);
	return true;
}

/* The longest queue but those in @tried, NULL if none has a thread to spare. */
static struct rq *find_longest(u64 tried)
{
	struct rq *longest = NULL;
	u32 cpu, most = 1;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 load = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (tried >> cpu & 1 || load <= most)
			continue;
		most = load;
		longest = cpu_rq(cpu);
	}
	return longest;
}

/* The best queue for a thread of @from but those in @tried, NULL if none is better. */
static struct rq *find_better(const struct rq *from, u64 tried)
{
	struct rq *best = NULL;
	u32 cpu, least = ~0U;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		struct rq *rq = cpu_rq(cpu);

		if (tried >> cpu & 1 || !is_better(from, rq) || crowd(rq) >= least)
			continue;
		least = crowd(rq);
		best = rq;
	}
	return best;
}

/**
 * sched_pull - Look for work for a CPU that has none.
 * @rq: this CPU's queue, locked
 *
 * The longest queue may hold only threads that must stay there: then the next. The lock must not be
 * dropped, since the thread that goes to sleep still stands on its stack; hence the other one is
 * only tried. If that fails, the tick of the busy CPU will push.
 *
 * Return: whether there is something to run now.
 */
bool sched_pull(struct rq *rq)
{
	u64 tried = BIT(rq->cpu);
	struct rq *from;

	while (!rq->nr_running && (from = find_longest(tried))) {
		tried |= BIT(from->cpu);
		if (!spin_trylock(&from->lock))
			continue;
		move_one(from, rq);
		spin_unlock(&from->lock);
	}
	return rq->nr_running > 0;
}

/**
 * sched_push - Give a waiting thread to the best queue that it may go to.
 * @rq: this CPU's queue, not locked; interrupts off
 */
void sched_push(struct rq *rq)
{
	u64 tried = BIT(rq->cpu);
	bool moved = false;
	struct rq *to;

	while (!moved && (to = find_better(rq, tried))) {
		tried |= BIT(to->cpu);
		rq_lock_both(rq, to);
		moved = move_one(rq, to);
		rq_unlock_both(rq, to);
	}
	rq_send_kicks();
}
