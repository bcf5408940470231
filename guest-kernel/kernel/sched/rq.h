/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run queue, shared by the scheduler's own files (sched.c, sched_fair.c, sched_rt.c,
 * sched_balance.c, sched_stat.c) and by nothing else.
 *
 * A thread that is runnable (on_rq) is counted in its queue. All but the running one stand in the
 * fair tree or in a real-time list; the running one is taken out when it is picked and put back
 * when another is.
 */
#ifndef _KERNEL_RQ_H
#define _KERNEL_RQ_H

#include <sched.h>
#include <spinlock.h>
#include <time.h>

#define NR_RT_PRIO	100		/* 1..99 are used; 99 is served first */
#define RR_SLICE_NS	(100 * NSEC_PER_MSEC)	/* sched_rr_get_interval(2) */
#define WEIGHT_NICE_0	1024U

/**
 * struct rq - the run queue of one CPU
 * @lock: guards everything here, and the fields marked (rq) in the threads whose @cpu is this one;
 * taken with interrupts off. It is held across the switch of stacks: who holds it sees no thread of
 * this CPU half switched
 * @curr: who runs, changed only by its own CPU
 * @idle: runs when nothing else can; on no queue
 * @nr_running: runnable threads, the running one included, the idle thread not
 * @fair: tree of waiting fair threads by vruntime; @leftmost is its first
 * @min_vruntime: never goes back; new and woken threads are placed relative to it
 * @nr_fair: waiting fair threads
 * @rt_bits: bit p is set if @rt[p] is not empty
 * @rt_period_ns: when the present period of real-time throttling began
 * @rt_used_ns: what real-time threads have had of it
 * @tick: runs while two or more threads want the CPU, and only then
 * @last: the thread that has just been switched from, for finish_switch()
 * @migrating: @last if it may no longer run here, or is to run elsewhere
 * @curr_prio: real-time priority of @curr, 0 if it has none; others look at it as a hint
 * @to_back: the running real-time thread goes to the end of its list when it is put back
 * @looked: for the lockup detector: somebody has looked for the best thread since it last asked
 * @dead: threads that have been switched from for the last time, linked by rq_list
 * @dead_mms: address spaces that nobody refers to any more, linked by next_dead; own CPU, interrupts
 * off
 * @clock: ktime_ns() when the queue was last looked at
 */
struct rq {
	struct spinlock lock;
	u32 cpu;
	struct thread *curr, *idle;
	u32 nr_running;

	struct rb_root fair;
	struct rb_node *leftmost;
	u64 min_vruntime;
	u32 nr_fair;

	u64 rt_bits[2];
	struct list_head rt[NR_RT_PRIO];
	u64 rt_period_ns, rt_used_ns;

	struct timer tick;
	struct thread *last, *migrating;
	u8 curr_prio;
	bool to_back;
	bool looked;
	struct list_head dead;
	struct mm *dead_mms;

	u64 clock;
	u64 nr_switches;
	struct cpu_times times;		/* without the stretch that is running now */
};

DECLARE_PER_CPU(struct rq, run_queues);

static inline struct rq *cpu_rq(u32 cpu) { return &per_cpu(run_queues, cpu); }
static inline struct rq *this_rq(void) { return &this_cpu(run_queues); }
/* SCHED_FIFO and SCHED_RR have a priority, the others 0. */
static inline bool is_rt(const struct thread *t) { return t->rt_prio; }
static inline bool allowed_on(const struct thread *t, u32 cpu)
{
	return t->cpus_allowed >> cpu & 1;
}
/* The running thread, or its policy, is another one. Lock held. */
static inline void rq_note_curr(struct rq *rq)
{
	WRITE_ONCE(rq->curr_prio, rq->curr->rt_prio);
}
/* Looked at without the lock: a hint. */
static inline bool rq_is_idle(const struct rq *rq) { return READ_ONCE(rq->nr_running) == 0; }

/* The lock of the queue that @t belongs to; interrupts off. */
struct rq *rq_lock_of(struct thread *t);
/* Both locks, in order of address. */
void rq_lock_both(struct rq *a, struct rq *b);
void rq_unlock_both(struct rq *a, struct rq *b);
/*
 * Asks the CPU of @rq to look for a better thread. Lock held. Another CPU is interrupted by
 * rq_send_kicks() only: the interrupt is slow to send, and who gets it may want the lock.
 */
void rq_resched(struct rq *rq);
/*
 * For the lockup detector, on the own CPU with interrupts off: has this CPU looked for a better
 * thread since the last question? Asks it to look.
 */
bool sched_was_here(void);
void sched_ask(void);
/* Interrupts the CPUs that were asked since the last call. Interrupts off, no queue's lock held. */
void rq_send_kicks(void);
/*
 * Puts @t on @rq, which it belongs to, and preempts or starts the tick if need be. Its state is the
 * caller's to set: RUNNING, unless it moves a thread that was preempted on its way to sleep. Lock
 * held.
 */
enum activate_how { ACTIVATE_NEW, ACTIVATE_WOKEN, ACTIVATE_SYNC };
void rq_activate(struct rq *rq, struct thread *t, enum activate_how how);
/* Puts a waiting thread into, or takes it out of, the structure of its class. Lock held. */
void rq_enqueue(struct rq *rq, struct thread *t, bool front);
void rq_dequeue(struct rq *rq, struct thread *t);
/* Brings the running thread's times up to now. Lock held. */
void rq_update_curr(struct rq *rq);
/* Takes the waiting thread @t from @from and makes it runnable on @to. Both locks held. */
void rq_move(struct rq *from, struct rq *to, struct thread *t);

/*
 * Makes a runnable thread that is on no queue run on a CPU that it may use. Interrupts off, no lock
 * held.
 */
void rq_activate_elsewhere(struct thread *t);

/* sched_fair.c */
u32 fair_weight(const struct thread *t);
void fair_enqueue(struct rq *rq, struct thread *t);
void fair_dequeue(struct rq *rq, struct thread *t);
void fair_place(struct rq *rq, struct thread *t, bool woken);
void fair_charge(struct rq *rq, struct thread *t, u64 ns);
void fair_yield(struct rq *rq, struct thread *t);
struct thread *fair_first(const struct rq *rq);
bool fair_preempts(const struct rq *rq, const struct thread *t, const struct thread *curr);
bool fair_slice_over(const struct rq *rq, const struct thread *curr);

/* sched_rt.c */
void rt_init(struct rq *rq);
void rt_enqueue(struct rq *rq, struct thread *t, bool front);
void rt_dequeue(struct rq *rq, struct thread *t);
struct thread *rt_first(const struct rq *rq);
/* @ns more of real-time threads' time. Lock held, rq->clock is now. */
void rt_charge(struct rq *rq, u64 ns);
/* Have they had all that they may have while fair threads wait? Lock held, rq->clock is now. */
bool rt_throttled(struct rq *rq);
bool rt_slice_over(const struct rq *rq, const struct thread *curr);

/* sched_balance.c */
u32 sched_pick_cpu(const struct thread *t, u32 prefer);
bool sched_pull(struct rq *rq);
void sched_push(struct rq *rq);

/* sched_stat.c */
void stat_settle(struct rq *rq, struct thread *t);
void stat_load(u64 now);

#endif
