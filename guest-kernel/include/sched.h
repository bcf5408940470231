/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler (kernel/sched*.c): preemptive, one run queue a CPU, fair by weighted virtual time, real-time classes before it, balancing when a CPU goes
 * idle and at wake-up. Lock order: process->siglock, wait_queue.lock -> rq lock.
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <thread.h>
#include <preempt.h>

#define SCHED_OTHER	0
#define SCHED_FIFO	1
#define SCHED_RR	2
#define SCHED_BATCH	3
#define SCHED_IDLE	5

void sched_init(void);				/* boot CPU, before interrupts are on */
void sched_init_cpu(u32 cpu);			/* on each other CPU, from smp start */
void __noreturn sched_idle(void);		/* the idle loop; every CPU's boot flow ends here */

/* Gives up the CPU. The caller has set current->state (or it stays runnable). Context: may sleep, or interrupts off with no lock held. */
void schedule(void);
void sched_yield(void);
/* Sleeps until woken or until @deadline (absolute monotonic ns; 0: no limit). The caller set current->state before. True if the time ran out. */
bool schedule_timeout(u64 deadline);
/* Makes @t runnable if its state is in @states (mask of BIT(THREAD_x)); returns whether it was woken. Any context. */
bool thread_wake(struct thread *t, u32 states);
#define WAKE_NORMAL	(BIT(THREAD_INTERRUPTIBLE) | BIT(THREAD_UNINTERRUPTIBLE) | BIT(THREAD_KILLABLE))
#define WAKE_SIGNAL	BIT(THREAD_INTERRUPTIBLE)
#define WAKE_KILL	(BIT(THREAD_INTERRUPTIBLE) | BIT(THREAD_KILLABLE) | BIT(THREAD_STOPPED))

static inline void set_current_state(u8 state)
{
	WRITE_ONCE(current->state, state);
	smp_mb();	/* the state before the condition that is tested next */
}

/**
 * thread_alloc - A thread with a kernel stack, not yet runnable.
 * @entry: first function, called with @arg on the new stack with interrupts on; NULL if the caller sets up a user frame by plat_thread_fork()
 *
 * Return: the thread with one reference, or ERR_PTR(-ENOMEM). The scheduler fields are copied from current (nice, policy, affinity).
 */
struct thread *thread_alloc(void (*entry)(void *arg), void *arg);
/* First run: places it on a CPU's queue. */
void thread_start(struct thread *t);
void thread_get(struct thread *t);
void thread_put(struct thread *t);		/* frees stack and thread with the last reference */
/* Ends the current thread: never returns; the scheduler drops the running reference once it is off its stack. */
void __noreturn thread_exit_final(void);

/* A kernel thread, started. ERR_PTR(-ENOMEM) on failure. @fmt names it. */
struct thread *kthread_run(int (*fn)(void *arg), void *arg, const char *fmt, ...) __printf(3, 4);

/* Generic side of switching, called by plat_switch() users: kernel/sched.c */
void sched_tail(void);				/* first thing a new thread runs */
void sched_tick(void);				/* slice timer fired on this CPU (irq context) */
void sched_resched_ipi(void);			/* RESCHEDULE IPI handler: nothing but to set need_resched if asked */

int sched_set_nice(struct thread *t, int nice);	/* -20..19 */
int sched_set_affinity(struct thread *t, u64 mask);
int sched_set_policy(struct thread *t, int policy, int rt_prio);

/* User/kernel time accounting; called at the edges of user mode by trap code when CONFIG_VIRT_CPU_ACCOUNTING, else at switches and ticks. */
void sched_account(struct thread *t, bool user);
struct cpu_times { u64 user, nice, system, idle, iowait, irq, softirq, steal; };	/* ns */
void sched_cpu_times(u32 cpu, struct cpu_times *out);
void sched_loadavg(unsigned long avg[3]);	/* fixed point, 11 fraction bits, as sysinfo(2) wants << 5 */
u32 sched_nr_running(void);
u64 sched_nr_switches(void);
/* The address space of CPU @cpu right now is kept in thread.active_mm; TLB code uses mm->cpus. */

#endif
