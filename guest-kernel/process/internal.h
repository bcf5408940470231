/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the process and signal files of this folder share and nobody else calls.
 */
#ifndef _KERNEL_INTERNAL_H
#define _KERNEL_INTERNAL_H

#include <process.h>
#include <signal.h>

struct trapframe;

/* Start-up, called by process_init(). */
void signal_init(void);
void cred_init(void);
void rlimit_init(void);

/* ---- signal.c; all with process->siglock held ---- */
#define SIG_KERNEL_STOP		(sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | \
				 sigmask(SIGTTOU))
#define SIG_KERNEL_IGNORE	(sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) | \
				 sigmask(SIGURG))
#define SIG_UNBLOCKABLE		(sigmask(SIGKILL) | sigmask(SIGSTOP))

/*
 * One queued signal. A POSIX timer has one of its own, so that an expiry needs no memory: it is not
 * freed when it leaves the queue, and the timer hears of its delivery.
 */
struct sigqueue {
	struct list_head node;	/* process->pending or thread->pending */
	struct siginfo info;
	struct posix_timer *timer;
};

bool sigqueue_room(const struct process *p, u32 present);
void sigqueue_count(int n);			/* any context */
int signal_send_locked(struct process *p, struct thread *t, int sig, const struct siginfo *info);
void signal_send_running(struct process *p, int sig);
/* The same with a timer's own entry. False: ignored. Nothing happens if it is queued already. */
bool signal_send_timer(struct process *p, struct thread *t, struct sigqueue *q);
void signal_unqueue(struct process *p, struct sigqueue *q);
int signal_dequeue(struct thread *t, sigset_t blocked, struct siginfo *info);
void signal_flush_set(struct process *p, sigset_t set);	/* from all queues of @p */
void signal_flush_queue(struct process *p, struct list_head *queue, sigset_t *pending,
			sigset_t set);
void signal_wake(struct thread *t, bool kill);
void signal_recalc(void);			/* current->sigpending */
void signal_retarget(struct process *p, sigset_t set);	/* others take what we now do not */
void signal_zap_others(struct process *p, struct thread *but);	/* SIGKILL to all but one */
void group_exit_begin(struct process *p, u32 code);
bool signal_ignored(const struct process *p, const struct thread *t, int sig);
unsigned long signal_handler(const struct process *p, int sig);

struct sighand *sighand_alloc(void);		/* all default; NULL: no memory */
struct sighand *sighand_copy(struct sighand *old);
void sighand_put(struct sighand *s);

/* ---- signal_stop.c ---- */
void signal_stop_begin(struct process *p, int sig);	/* siglock held */
void signal_stop_wait(struct process *p);	/* siglock held; released while stopped */
/* A thread has left a stopping group; tasklist_lock and siglock held. */
void signal_stop_left(struct process *p);
void notify_continued(struct process *p);	/* no lock held */
/* The parent hears of the death of @p; true if nobody will wait for it. tasklist_lock held. */
bool notify_parent_death(struct process *p);

/* ---- cpu_timer.c ---- */
enum cpu_clock_id { CPU_CLOCK_VIRTUAL, CPU_CLOCK_PROF };
void cpu_timer_fn(struct timer *timer);
void cpu_clock_get(struct process *p, enum cpu_clock_id id, u64 *left, u64 *interval);
void cpu_clock_set(struct process *p, enum cpu_clock_id id, u64 left, u64 interval);

/* ---- posix_timer.c ---- */
void posix_timer_delivered(struct posix_timer *t, struct siginfo *info);	/* siglock held */
void posix_timers_exit(struct process *p);	/* may sleep; no lock held */

/* ---- user_struct.c ---- */
int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t user_size);

/* ---- others ---- */
/* kill(2) of one process or (@t) thread: checks the right to; 0 sends nothing. */
int kill_one(struct process *p, struct thread *t, int sig, const struct siginfo *info);
void mm_leave(void);		/* the current thread runs on without an address space */
extern bool strace_on;		/* boot option strace; set once */
long strace_call(struct trapframe *tf, u32 nr);
const char *errno_name(unsigned long number);	/* errno_name.c */

#endif
