/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: what threads of one thread group share (kernel/process.c, fork.c, exit.c, exec.c, elf.c, cred.c).
 *
 * Lock order: tasklist_lock -> process->lock -> process->siglock.
 */
#ifndef _PROCESS_H
#define _PROCESS_H

#include <thread.h>
#include <wait.h>
#include <time.h>
#include <signal.h>

struct files;
struct fs_context;
struct file;
struct tty;
struct mm;
struct trapframe;

#define NGROUPS_MAX 32

/**
 * struct cred - identity; immutable once published in a process (copy, change, swap under process->lock)
 */
struct cred {
	atomic_t refs;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	u32 ngroups;
	gid_t groups[NGROUPS_MAX];
};
struct cred *cred_get(struct cred *c);
void cred_put(struct cred *c);
/* A private copy of the current process's; publish with cred_commit(). NULL: no memory. */
struct cred *cred_prepare(void);
void cred_commit(struct cred *c);
static inline const struct cred *current_cred(void);
bool capable(int cap);			/* CAP_* of capability(7) */
bool in_group(gid_t gid);		/* fsgid or supplementary */
#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
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

enum { RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK,
       RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIM_NLIMITS };
#define RLIM_INFINITY (~0UL)
struct rlimit { unsigned long cur, max; };

struct process {
	pid_t pid;			/* immutable */
	atomic_t refs;
	struct spinlock lock;		/* guards what is marked (lock) */
	struct spinlock siglock;	/* guards signal state of the process and its threads; taken with interrupts off */

	/* the tree: guarded by tasklist_lock */
	struct process *parent;
	struct list_head children, sibling;
	pid_t pgid, sid;
	struct list_head pg_node;	/* in the list of its process group's members */
	struct tty *tty;		/* controlling terminal, NULL if none */
	bool session_leader;

	struct list_head threads;	/* (lock) struct thread.thread_node */
	u32 nr_threads;			/* (lock) */
	struct thread *leader;		/* immutable; its tid is pid */

	struct mm *mm;			/* (lock) also each thread's ->mm */
	struct files *files;		/* (lock) */
	struct fs_context *fs;		/* (lock) cwd, root, umask */
	struct cred *cred;		/* (lock) */
	struct rlimit rlim[RLIM_NLIMITS];	/* (lock) */
	struct file *exe;		/* (lock) /proc/PID/exe */

	/* signals (siglock) */
	struct sighand *sighand;	/* shared by CLONE_SIGHAND */
	struct list_head pending;	/* struct sigqueue, process-directed */
	sigset_t pending_set;
	u32 group_stop_code;		/* signal that stopped the group, 0: not stopped */
	bool group_exit;		/* all threads are to exit with exit_code */
	u32 stop_report;		/* what wait(2) may still report: PROC_REPORT_* */
	struct thread *exec_thread;	/* thread that waits for the others to die in execve */

	/* exit and wait (tasklist_lock) */
	u32 exit_code;			/* wait(2) status word */
	int exit_signal;		/* to the parent, 0 or SIGCHLD normally */
	bool zombie;			/* all threads gone, waits to be reaped */
	bool execed;			/* setpgid(2) of a child that has called execve: EACCES */
	bool dumpable, no_new_privs, child_subreaper;
	struct wait_queue wait_child;	/* a child changed state */

	/* times of dead threads and reaped children, ns (siglock) */
	u64 dead_utime, dead_stime, child_utime, child_stime;
	u64 dead_minflt, dead_majflt, child_minflt, child_majflt, dead_nvcsw, dead_nivcsw;
	u64 child_maxrss;
	u64 start_ns;
	u64 io_rchar, io_wchar;		/* bytes through read and write calls; statistics, not exact under races */

	/* interval timers (siglock) */
	struct itimer { struct timer timer; u64 interval_ns; } itimer_real;
	u64 itimer_virt_left, itimer_virt_interval, itimer_prof_left, itimer_prof_interval;
	struct list_head posix_timers;
	struct wait_queue signalfd_wq;	/* woken whenever a signal is queued */
};
#define PROC_REPORT_STOPPED	1
#define PROC_REPORT_CONTINUED	2

extern struct process kernel_process;	/* pid 0: kernel threads */
extern struct process *init_process;	/* pid 1 */
extern struct spinlock tasklist_lock;	/* process tree, groups, sessions, pid table */

static inline const struct cred *current_cred(void) { return current->process->cred; }

/* Lookup takes a reference; NULL if there is none. */
struct process *process_find(pid_t pid);
struct thread *thread_find(pid_t tid);
void process_put(struct process *p);
/* Next process with pid >= *@pid, in pid order, with a reference; sets *@pid. For /proc. */
struct process *process_next(pid_t *pid);
u32 process_count(void);
/* Sends @sig to every member of group @pgid. 0 or -ESRCH. */
int kill_pgrp(pid_t pgid, int sig, const struct siginfo *info);
bool pgrp_orphaned(pid_t pgid);		/* no member has a parent in the session outside the group */
bool pgrp_exists_in_session(pid_t pgid, pid_t sid);
/* Reads a consistent set of rusage-like sums. */
struct proc_times { u64 utime, stime, cutime, cstime, minflt, majflt, cminflt, cmajflt, nvcsw, nivcsw; };
void process_times(struct process *p, struct proc_times *out);
unsigned long rlimit(unsigned int which);		/* current soft limit */

/* kernel/exit.c */
void __noreturn do_exit(u32 code);			/* this thread; @code is a wait status */
void __noreturn do_group_exit(u32 code);
/* kernel/exec.c: first user program from the kernel (pid 1). Negative errno on failure; else the new frame is ready and the caller returns to user mode. */
int kernel_execve(const char *path, const char *const *argv, const char *const *envp, struct trapframe *tf);
void process_init(void);				/* kernel_process, caches */
/* kernel/init.c: starts pid 1 in a kernel thread. */
void start_init(void);

#endif
