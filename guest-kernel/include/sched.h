/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler (kernel/sched/): preemptive, one run queue a CPU, fair by weighted virtual time,
 * real-time classes before it, balancing when a CPU goes idle and at wake-up. Lock order:
 * process->siglock, wait_queue.lock -> rq lock.
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <thread.h>
#include <preempt.h>
#include <platform/cpu.h>

#define SCHED_OTHER	0
#define SCHED_FIFO	1
#define SCHED_RR	2
#define SCHED_BATCH	3
#define SCHED_IDLE	5

void sched_init(void);				/* boot CPU, before interrupts are on */
/* On each other CPU, on its idle thread's stack, before interrupts are on. */
void sched_init_cpu(u32 cpu);
/* The idle thread of another CPU, with a stack, for smp start. Panics without memory. */
struct thread *sched_idle_create(u32 cpu);
/* Every CPU's boot flow ends here: the idle loop, or the end of boot_thread. */
void __noreturn sched_idle(void);

/*
 * Gives up the CPU. The caller has set current->state (or it stays runnable). Context: may sleep,
 * or interrupts off with no lock held.
 */
void schedule(void);
void sched_yield(void);
/*
 * Sleeps until woken or until @deadline (absolute monotonic ns; 0: no limit). The caller set
 * current->state before. True if the time ran out.
 */
bool schedule_timeout(u64 deadline);
/*
 * Makes @t runnable if its state is in @states (mask of BIT(THREAD_x)); returns whether it was
 * woken. Any context.
 */
bool thread_wake(struct thread *t, u32 states);
/*
 * The same when the caller will sleep very soon: @t is kept on this CPU, which spares an interrupt
 * to another one.
 */
bool thread_wake_sync(struct thread *t, u32 states);
#define WAKE_NORMAL \
	(BIT(THREAD_INTERRUPTIBLE) | BIT(THREAD_UNINTERRUPTIBLE) | BIT(THREAD_KILLABLE))
#define WAKE_SIGNAL	BIT(THREAD_INTERRUPTIBLE)
#define WAKE_KILL	(BIT(THREAD_INTERRUPTIBLE) | BIT(THREAD_KILLABLE) | BIT(THREAD_STOPPED))

static inline void set_current_state(u8 state)
{
	WRITE_ONCE(current->state, state);
	smp_mb();	/* the state before the condition that is tested next */
}

/**
 * thread_alloc - A thread with a kernel stack, not yet runnable.
 * @entry: first function, called with @arg on the new stack with interrupts on; NULL if the caller
 * sets up a user frame by plat_thread_fork()
 *
 * Return: the thread with one reference, or ERR_PTR(-ENOMEM). The scheduler fields are copied from
 * current (nice, policy, affinity).
 */
struct thread *thread_alloc(void (*entry)(void *arg), void *arg);
bool thread_charge(struct thread *t, struct user *u);
void thread_charge_to(struct user *u);
/* First run: places it on a CPU's queue. */
void thread_start(struct thread *t);
void thread_get(struct thread *t);
/*
 * Frees stack and thread with the last reference, and puts process and credentials; interrupts on.
 */
void thread_put(struct thread *t);
/*
 * Ends the current thread: never returns; the scheduler drops the running reference once it is off
 * its stack.
 */
void __noreturn thread_exit_final(void);

/* A kernel thread, started. ERR_PTR(-ENOMEM) on failure. @fmt names it. */
struct thread *kthread_run(int (*fn)(void *arg), void *arg, const char *fmt, ...) __printf(3, 4);

/* Names @t, cut at 15 characters; before it runs. */
void thread_set_name(struct thread *t, const char *fmt, ...) __printf(2, 3);

/* Generic side of switching, called by plat_switch() users: kernel/sched/sched.c */
void sched_tail(void);				/* first thing a new thread runs */
void sched_resched_ipi(void);			/* RESCHEDULE IPI handler (irq context) */

int sched_set_nice(struct thread *t, int nice);	/* -20..19 */
int sched_set_affinity(struct thread *t, u64 mask);
bool sched_policy_valid(int policy, int rt_prio);
int sched_set_policy(struct thread *t, int policy, int rt_prio);

/*
 * How long real-time threads may run in each period while others want the CPU, in ns; a runtime of
 * ~0: without a limit. 0, or -EINVAL for a period of 0 and for one shorter than the runtime. May
 * sleep.
 */
enum sched_rt_limit { SCHED_RT_PERIOD, SCHED_RT_RUNTIME };
u64 sched_rt_limit(enum sched_rt_limit which);
int sched_set_rt_limit(enum sched_rt_limit which, u64 ns);

/*
 * Time in user and kernel mode. The trap code says when a thread enters the kernel from user mode
 * and when it leaves to it; a dozen instructions a pair. The scheduler divides the time of each
 * stretch on the CPU in the ratio of these cycles.
 */
static inline void account_enter_kernel(void)
{
	struct thread *t = current;
	u64 now = cpu_cycles();

	t->user_cycles += now - t->cycle_mark;
	t->cycle_mark = now;
	t->in_user = false;
}

static inline void account_leave_kernel(void)
{
	struct thread *t = current;
	u64 now = cpu_cycles();

	t->kernel_cycles += now - t->cycle_mark;
	t->cycle_mark = now;
	t->in_user = true;
}

/* ns that @t has spent in user and kernel mode, up to now if it is running. Any context. */
/* Has it a CPU just now? A hint, unless it is the caller. */
bool sched_is_running(const struct thread *t);
void sched_thread_times(struct thread *t, u64 *utime, u64 *stime);
struct cpu_times { u64 user, nice, system, idle, iowait, irq, softirq, steal; };	/* ns */
void sched_cpu_times(u32 cpu, struct cpu_times *out);
/* Fixed point, 11 fraction bits, as sysinfo(2) wants << 5. */
void sched_loadavg(unsigned long avg[3]);
u32 sched_nr_running(void);			/* of all CPUs */
u64 sched_nr_switches(void);
/* The address space of CPU @cpu right now is kept in thread.active_mm; TLB code uses mm->cpus. */

#endif
