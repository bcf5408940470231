// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's core: switching, waking, the idle loop. Policy stands in sched_fair.c and
 * sched_rt.c, the choice of CPUs in sched_balance.c.
 *
 * The rules that make it correct:
 *  - A thread belongs to the queue of its @cpu; that queue's lock guards its scheduler fields. To
 *    change @cpu one holds both locks.
 *  - The lock is held across the switch of stacks and released by the thread that is switched to
 *    (finish_switch()). Hence who holds the lock of a thread's queue and finds it off the queue
 *    knows that it is off its stack, too, and may make it run elsewhere.
 *  - A sleeper writes its state and then looks at its condition; it leaves the queue only in
 *    schedule(), under the lock. A waker that comes before that finds it on the queue and merely
 *    sets the state back.
 *  - A sleeper may be preempted after it has written its state, and be moved to another queue; the
 *    state stays as it is. Still schedule() may return before anybody has called for the thread (a
 *    late wake-up meant for an earlier sleep, a change of affinity): every sleeper looks again.
 *  - There is no periodic tick. A CPU's tick runs while two or more threads want it. It is started
 *    when the second one comes and not stopped when it leaves: threads that wake each other in turn
 *    would start and stop it at each step.
 */
#include "rq.h"

#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/platform.h>
#include <platform/trap.h>

#define TICK_NS		(3 * NSEC_PER_MSEC)

DEFINE_PER_CPU(struct rq, run_queues);

/* Bit per CPU that this one has still to interrupt; own, interrupts off. */
static DEFINE_PER_CPU(u64, kicks);

struct rq *rq_lock_of(struct thread *t)
{
	for (;;) {
		struct rq *rq = cpu_rq(READ_ONCE(t->cpu));

		spin_lock(&rq->lock);
		if (likely(READ_ONCE(t->cpu) == rq->cpu))
			return rq;
		spin_unlock(&rq->lock);
	}
}

void rq_lock_both(struct rq *a, struct rq *b)
{
	if (a != b)
		spin_lock(a < b ? &a->lock : &b->lock);
	spin_lock(a < b ? &b->lock : &a->lock);
}

void rq_unlock_both(struct rq *a, struct rq *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* How much of the last @ns the host gave to others: nobody's time here. */
static u64 stolen(struct rq *rq, u64 ns)
{
	u64 part = min(platform_steal_ns(rq->cpu) - rq->times.steal, ns);

	rq->times.steal += part;
	return part;
}

void rq_update_curr(struct rq *rq)
{
	struct thread *curr = rq->curr;
	u64 now = ktime_ns(), ns = now - curr->exec_start;

	rq->clock = now;
	if ((s64)ns <= 0)
		return;
	curr->exec_start = now;
	/* With what was stolen: others waited for it all the same. */
	if (is_rt(curr))
		rt_charge(rq, ns);
	ns -= stolen(rq, ns);
	curr->sum_exec += ns;
	if (!is_rt(curr) && curr != rq->idle)
		fair_charge(rq, curr, ns);
}

void rq_resched(struct rq *rq)
{
	if (rq->curr->need_resched)
		return;
	rq->curr->need_resched = 1;
	if (rq->cpu != cpu_id())
		this_cpu(kicks) |= BIT(rq->cpu);
}

void rq_send_kicks(void)
{
	u64 mask = this_cpu(kicks);

	if (likely(!mask))
		return;
	this_cpu(kicks) = 0;
	for (; mask; mask &= mask - 1)
		smp_send_reschedule((u32)__builtin_ctzll(mask));
}

void rq_enqueue(struct rq *rq, struct thread *t, bool front)
{
	if (is_rt(t))
		rt_enqueue(rq, t, front);
	else
		fair_enqueue(rq, t);
}

void rq_dequeue(struct rq *rq, struct thread *t)
{
	if (is_rt(t))
		rt_dequeue(rq, t);
	else
		fair_dequeue(rq, t);
}

static bool preempts(struct rq *rq, struct thread *t)
{
	struct thread *curr = rq->curr;

	if (curr == rq->idle)
		return true;
	if (is_rt(t))
		return !is_rt(curr) || t->rt_prio > curr->rt_prio;
	return !is_rt(curr) && fair_preempts(rq, t, curr);
}

/* Own CPU, lock held or interrupts off. */
static void start_tick(struct rq *rq)
{
	if (!rq->tick.active)
		timer_start(&rq->tick, rq->clock + TICK_NS);
}

void rq_activate(struct rq *rq, struct thread *t, enum activate_how how)
{
	t->on_rq = true;
	rq->nr_running++;
	if (rq->curr != rq->idle)
		rq_update_curr(rq);
	if (!is_rt(t))
		fair_place(rq, t, how != ACTIVATE_NEW);
	rq_enqueue(rq, t, false);
	if (preempts(rq, t) && (how != ACTIVATE_SYNC || is_rt(t) || rq->curr == rq->idle))
		rq_resched(rq);
	else if (rq->cpu == cpu_id())
		start_tick(rq);
	else if (!rq->tick.active)
		this_cpu(kicks) |= BIT(rq->cpu);
}

/*
 * Virtual times of two queues have nothing in common: what counts is how far a thread is from its
 * queue's.
 */
static void change_cpu(struct rq *from, struct rq *to, struct thread *t)
{
	t->vruntime += to->min_vruntime - from->min_vruntime;
	t->cpu = to->cpu;
}

void rq_move(struct rq *from, struct rq *to, struct thread *t)
{
	rq_dequeue(from, t);
	from->nr_running--;
	change_cpu(from, to, t);
	rq_activate(to, t, ACTIVATE_NEW);
}

void rq_activate_elsewhere(struct thread *t)
{
	for (;;) {
		struct rq *from = cpu_rq(t->cpu), *to = cpu_rq(sched_pick_cpu(t, t->cpu));

		rq_lock_both(from, to);
		if (likely(allowed_on(t, to->cpu))) {
			if (from != to)
				change_cpu(from, to, t);
			rq_activate(to, t, ACTIVATE_NEW);
			rq_unlock_both(from, to);
			rq_send_kicks();
			return;
		}
		rq_unlock_both(from, to);
	}
}

static bool stay_here(struct thread *t, struct rq *here, bool sync)
{
	return sync && allowed_on(t, here->cpu) && READ_ONCE(here->nr_running) == 1;
}

static bool wake(struct thread *t, u32 states, bool sync)
{
	unsigned long flags = irq_save();
	struct rq *rq, *to;
	bool woken;

	for (;;) {
		rq = rq_lock_of(t);
		woken = BIT(t->state) & states;
		if (!woken)
			break;
		if (t->on_rq) {
			t->state = THREAD_RUNNING;
			break;
		}
		to = stay_here(t, this_rq(), sync) ? this_rq() : cpu_rq(sched_pick_cpu(t, t->cpu));
		if (likely(to == rq)) {
			t->state = THREAD_RUNNING;
			rq_activate(rq, t, sync ? ACTIVATE_SYNC : ACTIVATE_WOKEN);
			break;
		}
		spin_unlock(&rq->lock);
		rq_lock_both(rq, to);
		if (t->cpu == rq->cpu && BIT(t->state) & states && !t->on_rq &&
		    allowed_on(t, to->cpu)) {
			change_cpu(rq, to, t);
			t->state = THREAD_RUNNING;
			rq_activate(to, t, sync ? ACTIVATE_SYNC : ACTIVATE_WOKEN);
			spin_unlock(&to->lock);
			break;
		}
		rq_unlock_both(rq, to);
	}
	spin_unlock(&rq->lock);
	rq_send_kicks();
	irq_restore(flags);
	if (unlikely(current->need_resched) && !current->preempt_count)
		preempt_schedule();
	return woken;
}

/**
 * thread_wake - Make a sleeping thread runnable.
 * @t: the thread, referenced or otherwise known to exist
 * @states: mask of BIT(THREAD_x): only a thread in one of these states is woken
 *
 * Whatever the caller stored before is seen by the thread when it tests its condition again.
 * Context: any but NMI.
 * Return: whether this call woke it.
 */
bool thread_wake(struct thread *t, u32 states)
{
	return wake(t, states, false);
}

bool thread_wake_sync(struct thread *t, u32 states)
{
	return wake(t, states, true);
}

/**
 * thread_start - Let a new thread run for the first time.
 * @t: from thread_alloc(); what it will do is set up
 *
 * Context: any.
 */
void thread_start(struct thread *t)
{
	unsigned long flags = irq_save();
	struct rq *rq = this_rq();

	t->start_ns = ktime_ns();
	spin_lock(&rq->lock);
	t->cpu = rq->cpu;
	t->vruntime = rq->min_vruntime;
	if (current->vruntime - rq->min_vruntime < ~0ULL / 2)
		t->vruntime = current->vruntime;
	spin_unlock(&rq->lock);
	rq_activate_elsewhere(t);
	irq_restore(flags);
}

static struct thread *pick_next(struct rq *rq)
{
	struct thread *t;

	if (!rq->nr_running && !sched_pull(rq))
		return rq->idle;
	t = rt_first(rq);
	if (likely(!t) || unlikely(rt_throttled(rq)))
		t = fair_first(rq);
	rq_dequeue(rq, t);
	return t;
}

/*
 * Whether a real-time thread is driven off this CPU by a better one while another CPU runs
 * something worse. One that is about to sleep may do so here.
 */
static bool must_leave(const struct rq *rq, const struct thread *prev)
{
	const struct thread *first;

	if (likely(!is_rt(prev)) || prev->state != THREAD_RUNNING)
		return false;
	first = rt_first(rq);
	return first && first->rt_prio > prev->rt_prio && sched_pick_cpu(prev, rq->cpu) != rq->cpu;
}

/*
 * The running thread gives up the CPU: off the queue if it sleeps or must leave, else back among
 * the waiting ones.
 */
static void put_prev(struct rq *rq, struct thread *prev, bool preempted)
{
	if (prev == rq->idle)
		return;
	if (!preempted && prev->state != THREAD_RUNNING) {
		prev->on_rq = false;
		rq->nr_running--;
		prev->nvcsw++;
		return;
	}
	if (likely(allowed_on(prev, rq->cpu)) && !must_leave(rq, prev)) {
		rq_enqueue(rq, prev, !rq->to_back);
		return;
	}
	/* It counts as woken, so that nobody else puts it on a queue meanwhile. */
	prev->state = THREAD_RUNNING;
	prev->on_rq = false;
	rq->nr_running--;
	rq->migrating = prev;
}

/*
 * A kernel thread has no address space of its own and runs in the one that is loaded, which it
 * keeps from going away; from one kernel thread to the next the reference is handed on.
 */
static void borrow_mm(struct thread *prev, struct thread *next)
{
	if (next->mm)
		return;
	next->active_mm = prev->active_mm;
	if (prev->mm && next->active_mm != &kernel_mm)
		mm_grab(next->active_mm);
}

/* First thing on the new stack. Lock of this CPU's queue held; released here. */
static void finish_switch(struct rq *rq)
{
	struct thread *prev = rq->last, *migrating = rq->migrating;
	struct mm *borrowed = NULL;

	lockdep_acquire(rq->lock.class, &rq->lock, true, true);
	rq->migrating = NULL;
	if (!prev->mm) {
		if (current->mm && prev->active_mm != &kernel_mm)
			borrowed = prev->active_mm;
		prev->active_mm = NULL;
	}
	if (unlikely(prev->state == THREAD_DEAD))
		list_add_tail(&prev->rq_list, &rq->dead);
	spin_unlock(&rq->lock);
	/* Freeing it may mean to wait for other CPUs, which is not done with interrupts off. */
	if (unlikely(borrowed) && mm_release(borrowed)) {
		borrowed->next_dead = rq->dead_mms;
		rq->dead_mms = borrowed;
	}
	if (unlikely(migrating))
		rq_activate_elsewhere(migrating);
}

static void switch_to(struct rq *rq, struct thread *prev, struct thread *next)
{
	rq->nr_switches++;
	prev->nivcsw += prev->on_rq;
	rq->curr = next;
	rq_note_curr(rq);
	rq->last = prev;
	next->exec_start = rq->clock;
	next->slice_start = next->sum_exec;
	next->cycle_mark = cpu_cycles();
	borrow_mm(prev, next);
	lockdep_release(rq->lock.class, &rq->lock);
	plat_switch(prev, next);
	/* Back, perhaps on another CPU, and perhaps after a long time. */
	finish_switch(this_rq());
}

/*
 * Interrupts off. @preempted: the thread has not asked for it and stays runnable whatever its
 * state.
 */
static void reschedule(bool preempted)
{
	struct rq *rq = this_rq();
	struct thread *prev = current, *next;

	spin_lock(&rq->lock);
	rq_update_curr(rq);
	stat_settle(rq, prev);
	stat_load(rq->clock);
	put_prev(rq, prev, preempted);
	rq->to_back = false;
	if (IS_ENABLED(CONFIG_LOCKUP_DETECTOR))
		rq->looked = true;
	next = pick_next(rq);
	/* Not before: what is pulled from another queue asks for the CPU too. */
	prev->need_resched = 0;
	if (rq->nr_running > 1)
		start_tick(rq);
	if (next != prev) {
		switch_to(rq, prev, next);
		return;
	}
	prev->slice_start = prev->sum_exec;
	spin_unlock(&rq->lock);
}

static void reap_mms(void)
{
	struct mm *mm, *next;
	struct rq *rq;

	irq_disable();
	rq = this_rq();
	mm = rq->dead_mms;
	rq->dead_mms = NULL;
	irq_enable();
	for (; mm; mm = next) {
		next = mm->next_dead;
		mm_free(mm);
	}
}

static void reap_threads(void)
{
	LIST_HEAD(dead);
	struct thread *t, *next;
	struct rq *rq;

	irq_disable();
	rq = this_rq();
	spin_lock(&rq->lock);
	list_splice_tail(&rq->dead, &dead);
	spin_unlock_irq(&rq->lock);
	list_for_each_entry_safe(t, next, &dead, rq_list) {
		list_del(&t->rq_list);
		thread_put(t);
	}
}

/* Looked at on any CPU: a hint, which the CPU that left something sees itself. */
static inline bool anything_dead(const struct rq *rq)
{
	return !list_empty(&rq->dead) || READ_ONCE(rq->dead_mms);
}

/* Frees what this CPU's dead have left. Interrupts on, no lock held. */
static __noinline void reap_dead(void)
{
	reap_mms();
	reap_threads();
}

void schedule(void)
{
	unsigned long flags = irq_save();
	struct rq *rq;

	DEBUG_ON(current->preempt_count);
	do {
		reschedule(false);
	} while (unlikely(current->need_resched));
	rq = this_rq();
	irq_restore(flags);
	if (unlikely(anything_dead(rq)) && !irqs_disabled())
		reap_dead();
}

void preempt_schedule(void)
{
	if (irqs_disabled())
		return;
	while (READ_ONCE(current->need_resched)) {
		irq_disable();
		reschedule(true);
		irq_enable();
	}
}

void preempt_schedule_irq(void)
{
	while (READ_ONCE(current->need_resched))
		reschedule(true);
}

void sched_yield(void)
{
	unsigned long flags = irq_save();
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	rq_update_curr(rq);
	rq->to_back = true;
	if (!is_rt(current))
		fair_yield(rq, current);
	spin_unlock(&rq->lock);
	reschedule(true);
	irq_restore(flags);
}

struct sleeper {
	struct timer timer;
	struct thread *thread;
};

static void sleeper_wake(struct timer *timer)
{
	thread_wake(container_of(timer, struct sleeper, timer)->thread, WAKE_NORMAL);
}

bool schedule_timeout(u64 deadline)
{
	struct sleeper s = { .thread = current };

	if (!deadline) {
		schedule();
		return false;
	}
	if (ktime_ns() >= deadline) {
		WRITE_ONCE(current->state, THREAD_RUNNING);
		return true;
	}
	timer_init(&s.timer, sleeper_wake);
	timer_start(&s.timer, deadline);
	schedule();
	if (timer_stop(&s.timer))
		return false;
	/* The callback reads the sleeper on this stack. */
	timer_stop_sync(&s.timer);
	return ktime_ns() >= deadline;
}

/* The CPU has more than one thread: has the running one had its share? */
static void tick(struct timer *timer)
{
	struct rq *rq = container_of(timer, struct rq, tick);
	struct thread *curr = rq->curr;

	spin_lock(&rq->lock);
	rq_update_curr(rq);
	stat_settle(rq, curr);
	if (is_rt(curr) ? rt_slice_over(rq, curr) : fair_slice_over(rq, curr)) {
		rq->to_back = true;
		rq_resched(rq);
	} else if (is_rt(curr) ? rt_throttled(rq) : rt_first(rq) && !rt_throttled(rq)) {
		rq_resched(rq);
	}
	if (rq->nr_running > 1)
		start_tick(rq);
	spin_unlock(&rq->lock);
	if (rq->nr_running > 1)
		sched_push(rq);
}

bool sched_was_here(void)
{
	struct rq *rq = this_rq();
	bool looked = rq->looked;

	rq->looked = false;
	return looked;
}

void sched_ask(void)
{
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	rq_resched(rq);
	spin_unlock(&rq->lock);
}

void sched_resched_ipi(void)
{
	struct rq *rq = this_rq();

	log_wake_readers();
	/* Mostly it is about need_resched alone, which the return from the interrupt looks at. */
	if (READ_ONCE(rq->nr_running) < 2 || rq->tick.active)
		return;
	lockdep_irq_enter();
	spin_lock(&rq->lock);
	rq->clock = ktime_ns();
	if (rq->nr_running > 1)
		start_tick(rq);
	spin_unlock(&rq->lock);
	lockdep_irq_exit();
}

void sched_tail(void)
{
	finish_switch(this_rq());
	irq_enable();
	if (READ_ONCE(current->need_resched))
		preempt_schedule();
	if (unlikely(anything_dead(this_rq())))
		reap_dead();
}

static void __noreturn idle_loop(void *arg)
{
	struct rq *rq = this_rq();

	(void)arg;
	for (;;) {
		if (anything_dead(rq))
			reap_dead();
		irq_disable();
		if (current->need_resched)
			irq_enable();
		else
			cpu_idle();
		if (READ_ONCE(current->need_resched))
			schedule();
	}
}

/**
 * sched_idle - The end of a CPU's boot.
 *
 * An additional CPU boots on its idle thread and goes on in the idle loop. The boot CPU boots on a
 * thread that may sleep, which the idle thread may not: that one ends here.
 */
void sched_idle(void)
{
	if (current != this_rq()->idle)
		thread_exit_final();
	idle_loop(NULL);
}

void thread_exit_final(void)
{
	irq_disable();
	current->state = THREAD_DEAD;
	reschedule(false);
	panic("a dead thread runs");
}

static void rq_init(struct rq *rq, u32 cpu)
{
	spin_lock_init(&rq->lock, "rq");
	rq->cpu = cpu;
	rq->fair = RB_ROOT;
	list_init(&rq->dead);
	rt_init(rq);
	timer_init(&rq->tick, tick);
}

/**
 * sched_init - Prepare the run queues and make the boot CPU's running thread their first.
 *
 * Context: boot CPU, interrupts off, after slab_init().
 */
void sched_init(void)
{
	struct rq *rq = cpu_rq(0);
	u32 cpu;

	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		rq_init(cpu_rq(cpu), cpu);
	boot_thread.active_mm = &kernel_mm;
	boot_thread.on_rq = true;
	boot_thread.exec_start = ktime_ns();
	rq->curr = &boot_thread;
	rq->nr_running = 1;
	rq->idle = sched_idle_create(0);
}

void sched_init_cpu(u32 cpu)
{
	struct rq *rq = cpu_rq(cpu);

	current->active_mm = &kernel_mm;
	current->preempt_count = 0;
	current->exec_start = ktime_ns();
	rq->idle = current;
	rq->curr = current;
}

struct thread *sched_idle_create(u32 cpu)
{
	struct thread *t = thread_alloc(idle_loop, NULL);

	if (IS_ERR(t))
		panic("no memory for the idle thread of CPU %u", cpu);
	t->flags = THREAD_F_KERNEL | THREAD_F_IDLE;
	t->cpu = cpu;
	t->cpus_allowed = BIT(cpu);
	thread_set_name(t, "idle/%u", cpu);
	return t;
}
