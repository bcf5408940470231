/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The schedulable thread, user or kernel. What belongs to the process stands in process.h.
 */
#ifndef _THREAD_H
#define _THREAD_H

#include <list.h>
#include <rbtree.h>
#include <atomic.h>
#include <sigset.h>
#include <plat/thread.h>	/* struct plat_thread, current */

#define KSTACK_SIZE	16384UL	/* stacks are aligned to their size */
#define COMM_LEN	16

enum thread_state {
	THREAD_RUNNING,		/* running or on a run queue */
	THREAD_INTERRUPTIBLE,	/* asleep; a signal wakes it */
	THREAD_UNINTERRUPTIBLE,
	THREAD_KILLABLE,	/* asleep; only SIGKILL wakes it */
	THREAD_STOPPED,		/* by a stop signal */
	THREAD_DEAD,		/* never runs again */
};

#define MAX_HELD_LOCKS	32	/* that the lock checker can remember */

struct process;
struct cred;
struct user;
struct lock_class;
struct completion;
struct mm;

/**
 * struct thread - one flow of control
 *
 * Fields of the first group are used by entry code and on hot paths and belong to the thread itself
 * or to the CPU that runs it. "rq": guarded by the lock of the run queue of @cpu. "sig": guarded by
 * process->siglock.
 */
struct thread {
	unsigned long kstack;		/* lowest address of the kernel stack */
	u32 preempt_count;		/* own */
	/* set under the lock of the run queue that it runs on; cleared by schedule() */
	u8 need_resched;
	/* hint, set under siglock: trap_return_work() must look at signals */
	u8 sigpending;
	u8 user_work;			/* other work before user mode: strace, tracing */
	/* enum thread_state; set by the thread itself, or by wake-ups under rq lock */
	u8 state;
	bool in_user;			/* user mode runs since cycle_mark, for accounting; own */
	u32 cpu;			/* CPU whose run queue it is on or ran on last */
	/* cpu_cycles() at the last crossing of the edge of user mode; own */
	u64 cycle_mark;
	/* since the last time that utime and stime were brought up to date; own */
	u64 user_cycles, kernel_cycles;
	/* own address space; NULL in kernel threads; immutable but for exec */
	struct mm *mm;
	/* address space loaded while it runs (borrowed by kernel threads) */
	struct mm *active_mm;
	struct process *process;	/* immutable, referenced; kernel threads: &kernel_process */
	struct cred *cred;		/* own; changed under process->siglock; referenced */
	/* to whom it is charged, referenced; NULL: kernel thread; own until the last reference */
	struct user *user;
	struct plat_thread plat;

	pid_t tid;			/* immutable */
	atomic_t refs;
	char comm[COMM_LEN];		/* written by the thread itself only */
	u32 flags;			/* THREAD_F_*, own */

	/* scheduler (rq) */
	struct rb_node rq_node;
	struct list_head rq_list;
	bool on_rq;			/* runnable: runs or waits on the queue of @cpu */
	s8 nice;
	/* SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE */
	u8 policy;
	u8 rt_prio;
	bool reset_on_fork;	/* SCHED_RESET_ON_FORK; a word that whoever may schedule it sets */
	u64 cpus_allowed;		/* bit per CPU */
	u64 vruntime;			/* ns, weighted */
	u64 exec_start;			/* ns, when it was last given the CPU */
	u64 slice_start;		/* @sum_exec when it was last put in front of others */
	u64 sum_exec;			/* ns on a CPU in all */
	u64 utime, stime;		/* ns in user and kernel mode; their sum is sum_exec */
	u64 nvcsw, nivcsw;		/* voluntary and involuntary switches */
	u64 start_ns;			/* monotonic time of creation */
	u64 minflt, majflt;
	const void *wchan;		/* where it sleeps, for /proc */

	/* signals (sig) */
	sigset_t blocked;
	sigset_t real_blocked;		/* what rt_sigtimedwait(2) has unblocked while it waits */
	sigset_t saved_blocked;		/* restored after sigsuspend/ppoll/pselect; own */
	bool restore_blocked;
	struct list_head pending;	/* struct sigqueue, thread-directed */
	sigset_t pending_set;
	bool stopped;			/* counted in process->nr_stopped */
	unsigned long altstack_sp, altstack_size;	/* sigaltstack; own */
	u32 altstack_flags;
	struct restart_block {		/* restart_syscall(2); own */
		long (*fn)(struct restart_block *rb);
		u64 arg[4];
	} restart;

	u64 fault_addr;			/* last exception of user mode, for signal frames; own */
	u32 fault_vector, fault_err;

	struct list_head thread_node;	/* process->threads */
	u32 __user *clear_child_tid;	/* CLONE_CHILD_CLEARTID; own */
	void __user *robust_list;	/* set_robust_list(2); own */
	size_t robust_len;
	struct completion *vfork;	/* the parent waits; guarded by process->lock */
	int syscall_nr;			/* for strace, -1 outside system calls; own */
#ifdef CONFIG_DEBUG_LOCKS
	struct held_lock {
		const void *lock;
		struct lock_class *class;
	} held[MAX_HELD_LOCKS];		/* in the order taken; own */
	u32 nr_held;
#endif
};

#define THREAD_F_KERNEL		0x1	/* no user mode */
#define THREAD_F_IDLE		0x2
#define THREAD_F_EXITING	0x4
#define THREAD_F_REAL_IDS	0x10	/* permissions by the real ids: access(2) */

static inline u32 cpu_id(void) { return READ_ONCE(current->cpu); }

/* Per-CPU data: a plain array, indexed by CPU; use with preemption off. */
#define DEFINE_PER_CPU(type, name) __cacheline_aligned type name[CONFIG_NR_CPUS]
#define DECLARE_PER_CPU(type, name) extern type name[CONFIG_NR_CPUS]
#define per_cpu(name, cpu) ((name)[cpu])
#define this_cpu(name) ((name)[cpu_id()])

/*
 * The boot CPU's first thread: valid as current from the first instruction in C. It runs
 * kernel_main() and ends in sched_idle().
 */
extern struct thread boot_thread;
extern u8 boot_stack[KSTACK_SIZE];

extern u32 nr_cpus;		/* CPUs that take part: 1 until smp_start_all() is done */

#endif
