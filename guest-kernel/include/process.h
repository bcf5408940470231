/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: what threads of one thread group share (process/process.c, fork.c, exit.c, exec.c,
 * elf.c, cred.c).
 *
 * Lock order: tasklist_lock -> process->siglock -> sighand->lock, wait queues, run queues.
 * tasklist_lock and siglock are taken in interrupts (a terminal signals its group, a timer its
 * process): always with interrupts off. process->lock is a leaf and is not used in interrupts.
 */
#ifndef _PROCESS_H
#define _PROCESS_H

#include <thread.h>
#include <user.h>
#include <wait.h>
#include <time.h>
#include <signal.h>

struct files;
struct fs_context;
struct file;
struct tty;
struct mm;
struct trapframe;

#define NGROUPS_MAX 65536U

/**
 * struct groups - supplementary groups; immutable, shared by the credentials that have them
 * @refs: credentials that point here
 * @n: how many
 * @gid: in ascending order
 */
struct groups {
	atomic_t refs;
	u32 n;
	gid_t gid[];
};

/**
 * struct cred - identity of a thread; immutable once published
 *
 * As in Linux, set*id calls change the calling thread alone; libc makes all threads call.
 * thread->cred is written by the thread itself under process->siglock, so that others may read
 * it there.
 */
struct cred {
	atomic_t refs;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	struct groups *groups;	/* NULL: none */
	struct user *user;	/* of @uid; referenced */
};
extern struct cred root_cred;		/* of kernel threads and of pid 1; never freed */
struct cred *cred_get(struct cred *c);
void cred_put(struct cred *c);
/* A private copy of the current thread's; publish with cred_commit(). NULL: no memory. */
struct cred *cred_prepare(void);
void cred_commit(struct cred *c);
bool cred_changes(const struct cred *new, const struct cred *old);
/* The identity of the current thread; others' are read with thread_cred(). */
static inline const struct cred *current_cred(void) { return current->cred; }
struct cred *thread_cred(struct thread *t);	/* referenced */
bool capable(int cap);			/* CAP_* of capability(7) */
bool in_group(gid_t gid);		/* fsgid or supplementary */
bool group_listed(const struct cred *c, gid_t gid);	/* supplementary */
#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_IPC_LOCK 14
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LAST 40
#define CAP_FULL (BIT(CAP_LAST + 1) - 1)

enum {
	RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC,
	RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
	RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIM_NLIMITS
};
#define RLIM_INFINITY (~0UL)
struct rlimit { unsigned long cur, max; };

struct process {
	pid_t pid;			/* immutable */
	atomic_t refs;			/* each thread, the tree (until reaped), lookups */
	struct spinlock lock;		/* guards what is marked (lock) */
	struct spinlock siglock;	/* guards signals and the thread list */

	/* the tree: guarded by tasklist_lock */
	struct process *parent;
	pid_t ppid;			/* parent's number; may be read without the lock */
	struct list_head children, sibling;
	pid_t pgid, sid;
	struct list_head pg_node;	/* in the list of its process group's members */
	struct tty *tty;		/* controlling terminal, NULL if none */
	bool session_leader;

	/* changed under tasklist_lock and siglock: either is enough to read */
	struct list_head threads;	/* live ones, struct thread.thread_node */
	u32 nr_threads;			/* in threads; 0: exiting or zombie */
	struct thread *leader;		/* its tid is pid; referenced until reaped */

	struct mm *mm;			/* (lock) also each thread's ->mm; NULL: exiting */
	struct files *files;		/* (lock) NULL: exiting */
	struct fs_context *fs;		/* (lock) cwd, root, umask; NULL: exiting */
	struct rlimit rlim[RLIM_NLIMITS];	/* (lock) */
	struct file *exe;		/* (lock) /proc/PID/exe; holds a file_deny_write() */

	/* signals (siglock) */
	struct sighand *sighand;	/* shared by CLONE_SIGHAND */
	struct list_head pending;	/* struct sigqueue, process-directed */
	sigset_t pending_set;
	u32 group_stop_code;		/* signal that stops the group, 0: none */
	u32 nr_stopped;			/* threads with @stopped set */
	u32 nr_queued;			/* sigqueue entries, all threads: RLIMIT_SIGPENDING */
	bool stop_dequeued;		/* a stop signal is being acted on; SIGCONT clears it */
	bool continued_note;		/* a thread that was continued tells the parent */
	bool group_exit;		/* all threads are to exit with exit_code */
	bool unkillable;		/* pid 1: signals without a handler do nothing to it */
	struct thread *exec_thread;	/* thread that waits for the others to die in execve */
	struct wait_queue signalfd_wq;	/* woken whenever a signal is queued */

	/* exit and wait (tasklist_lock) */
	u32 stop_report;		/* what wait(2) may still report: PROC_REPORT_* */
	u32 stop_sig;			/* the signal that stopped it, for that report */
	u32 exit_code;			/* wait(2) status; siglock until it is a zombie */
	int exit_signal;		/* to the parent, 0 or SIGCHLD normally */
	bool zombie;			/* all threads gone, waits to be reaped */
	bool execed;			/* setpgid(2) by the parent: EACCES */
	bool child_subreaper;
	bool has_subreaper;		/* an ancestor is one */
	struct wait_queue wait_child;	/* a child changed state */

	/* own threads write, word-sized: no lock */
	bool dumpable, no_new_privs, keep_caps;
	int pdeath_signal;
	u32 personality;

	/* times of dead threads and reaped children, ns (siglock) */
	u64 dead_utime, dead_stime, child_utime, child_stime;
	u64 dead_minflt, dead_majflt, child_minflt, child_majflt;
	u64 dead_nvcsw, dead_nivcsw, child_nvcsw, child_nivcsw;
	u64 maxrss, child_maxrss;	/* pages, of what is no longer mapped */
	u64 start_ns;			/* immutable */
	u64 io_rchar, io_wchar;		/* bytes read and written; inexact under races */

	/* timers (siglock) */
	struct timer real_timer;	/* ITIMER_REAL */
	u64 real_expires, real_interval;	/* ns; expires 0: not armed */
	struct timer cpu_timer;		/* looks at the clocks below, if one is armed */
	struct cpu_clock {		/* ITIMER_VIRTUAL, ITIMER_PROF: ns of own CPU time */
		u64 expires, interval;	/* expires 0: not armed */
	} cpu_clock[2];
	u64 xcpu_ns;			/* RLIMIT_CPU: CPU time of the next SIGXCPU */
	struct list_head posix_timers;
};
#define PROC_REPORT_STOPPED	1
#define PROC_REPORT_CONTINUED	2

extern struct process kernel_process;	/* pid 0: kernel threads */
extern struct process *init_process;	/* pid 1 */
void poweroff_request(void);		/* process/reboot.c */
void ctrl_alt_del(void);
extern struct spinlock tasklist_lock;	/* process tree, groups, sessions, pid table */

/* personality(2): flags that have an effect, and the mask of the number below them. */
#define PER_MASK		0x00000ff
#define PER_LINUX32		0x0000008
#define UNAME26			0x0020000
#define ADDR_NO_RANDOMIZE	0x0040000
#define MMAP_PAGE_ZERO		0x0100000
#define ADDR_COMPAT_LAYOUT	0x0200000
#define READ_IMPLIES_EXEC	0x0400000
#define STICKY_TIMEOUTS		0x4000000

/* ---- process/pid.c: numbers; all under tasklist_lock unless they look up ---- */
#define PID_MAX 32768
pid_t pid_alloc(void);				/* counts as one user; -EAGAIN, -ENOMEM */
void pid_use(pid_t nr);				/* one more: thread, group or session member */
void pid_unuse(pid_t nr);
void pid_set_thread(pid_t nr, struct thread *t);
struct thread *pid_thread(pid_t nr);		/* no reference */
struct process *pid_process_of(pid_t nr);	/* whose thread it names; no reference */
struct process *pid_process(pid_t nr);		/* whose leader it names; no reference */
struct list_head *pid_group(pid_t pgid);	/* members' pg_node, or NULL */
pid_t pid_last(void);				/* the number given out last */

/* Lookup takes a reference; NULL if there is none. */
struct process *process_find(pid_t pid);
struct process *process_find_of(pid_t tid);	/* whose thread it names, leader or not */
struct thread *thread_find(pid_t tid);
void process_get(struct process *p);
void process_put(struct process *p);
/* @n threads more (less) of the user of @t. */
static inline void thread_count(const struct thread *t, int n)
{
	if (t->user)
		atomic_add(&t->user->threads, n);
}
/* Next process with pid >= *@pid, in pid order, with a reference; sets *@pid. For /proc. */
struct process *process_next(pid_t *pid);
/* Next thread of @p with tid >= *@tid, in tid order, with a reference; sets *@tid. */
struct thread *process_next_thread(struct process *p, pid_t *tid);
extern u32 nr_processes, nr_user_threads;	/* tasklist_lock; zombies count in both */
u32 process_count(void);
/* The address space of @p with a user reference, NULL if it has none (any more). */
struct mm *process_mm(struct process *p);
struct process *process_alloc(u32 gfp);		/* zeroed, lists and locks set up, refs 1 */

/* process/group.c */
void group_join(struct process *p, pid_t pgid, pid_t sid);	/* tasklist_lock */
void group_leave(struct process *p);		/* tasklist_lock */
/* Sends @sig to every member of group @pgid. 0 or -ESRCH. Any context but NMI. */
int kill_pgrp(pid_t pgid, int sig, const struct siginfo *info);
/* No member has a parent in the session but outside the group. */
bool pgrp_orphaned(pid_t pgid);
bool pgrp_exists_in_session(pid_t pgid, pid_t sid);
/* The same two with tasklist_lock held. @leaving is not counted (NULL: all are). */
bool pgrp_orphaned_locked(pid_t pgid, const struct process *leaving);
int kill_pgrp_locked(pid_t pgid, int sig, const struct siginfo *info);

/**
 * struct ctty_ops - what terminals do for the processes that they control
 * @put: drops the reference that process->tty was; may sleep
 * @show: device number and foreground group (-1: none) of a process's terminal; leaves both alone
 *	if it has none. Takes tasklist_lock
 */
struct ctty_ops {
	void (*put)(struct tty *tty);
	void (*show)(const struct process *p, dev_t *dev, pid_t *pgrp);
};
void ctty_register(const struct ctty_ops *ops);	/* once, before there is a terminal */
/* For /proc/PID/stat: 0 and -1 without a controlling terminal. No lock held. */
void process_ctty(const struct process *p, dev_t *dev, pid_t *pgrp);

/* ---- process/rlimit.c ---- */
/* Reads a consistent set of rusage-like sums. */
struct proc_times {
	u64 utime, stime, cutime, cstime, minflt, majflt, cminflt, cmajflt;
	u64 nvcsw, nivcsw, cnvcsw, cnivcsw;
};
void process_times(struct process *p, struct proc_times *out);
void process_times_locked(struct process *p, struct proc_times *out);	/* siglock held */
unsigned long rlimit(unsigned int which);		/* current soft limit */
struct rusage {				/* of the ABI */
	struct timeval64 ru_utime, ru_stime;
	s64 ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap;
	s64 ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw;
};
void rusage_fill(struct rusage *ru, const struct proc_times *t, bool self, bool children,
		 u64 maxrss_pages);

/* ---- process/life/fork.c ---- */
void vfork_done(struct thread *t);	/* @t no longer uses its parent's memory */

/* ---- process/life/exit.c ---- */
void __noreturn do_exit(u32 code);			/* this thread; @code is a wait status */
void __noreturn do_group_exit(u32 code);
/* tasklist_lock held: takes a zombie out of the tree; then process_release() without the lock. */
void process_unlink(struct process *p);
void process_release(struct process *p);

/* ---- process/exec/exec.c ---- */
/*
 * First user program from the kernel (pid 1). Negative errno on failure; else the new frame is
 * ready and the caller returns to user mode.
 */
int kernel_execve(const char *path, const char *const *argv, const char *const *envp,
		  struct trapframe *tf);

/* ---- process/timers/itimer.c, cpu_timer.c ---- */
void itimers_init(struct process *p);
void itimers_exit(struct process *p);		/* stops all timers; may sleep */
void cpu_timer_limit(struct process *p);	/* RLIMIT_CPU is new */
void cpu_timer_thread(void);			/* the current process has one more thread */

void process_init(void);				/* kernel_process, caches */
/* init/init.c: starts pid 1 in a kernel thread. */
void start_init(void);

#endif
