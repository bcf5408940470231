/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals (process/signal/), with the numbers and structures of the Linux x86-64 ABI.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <sigset.h>
#include <list.h>
#include <atomic.h>
#include <spinlock.h>

enum {
	SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
	SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
	SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR,
	SIGSYS, SIGRTMIN, NSIG = 64
};
static_assert(SIGSYS == 31 && SIGRTMIN == 32, "numbers of the ABI");

#define SA_NOCLDSTOP	1UL
#define SA_NOCLDWAIT	2UL
#define SA_SIGINFO	4UL
#define SA_RESTORER	0x04000000UL
#define SA_ONSTACK	0x08000000UL
#define SA_RESTART	0x10000000UL
#define SA_NODEFER	0x40000000UL
#define SA_RESETHAND	0x80000000UL
#define SIG_DFL		0UL
#define SIG_IGN		1UL

/* rt_sigaction(2): the kernel's structure, not libc's. */
struct sigaction { unsigned long handler, flags, restorer; sigset_t mask; };

/* siginfo_t, 128 bytes, laid out as the ABI wants (process/signal/signal.c fills what applies). */
struct siginfo {
	s32 si_signo, si_errno, si_code, pad;
	union {
		struct { s32 pid; u32 uid; u64 value; } rt;		/* kill, sigqueue */
		struct { s32 tid, overrun; u64 value; } timer;
		struct { s32 pid; u32 uid; s32 status, pad; s64 utime, stime; } chld;
		struct { u64 addr; s16 addr_lsb; } fault;
		struct { s64 band; s32 fd; } poll;
		struct { u64 call_addr; s32 syscall; u32 arch; } sys;
		u8 raw[112];
	};
};
static_assert(sizeof(struct siginfo) == 128, "siginfo_t of the ABI");

/* All zero but the two: the rest reaches user memory, too. */
static inline void siginfo_init(struct siginfo *info, int sig, int code)
{
	*info = (struct siginfo){ .si_signo = sig, .si_code = code };
}

#define SI_USER		0
#define SI_KERNEL	0x80
#define SI_QUEUE	(-1)
#define SI_TIMER	(-2)
#define SI_TKILL	(-6)
#define ILL_ILLOPN	2
#define ILL_PRVOPC	5
#define FPE_INTDIV	1
#define FPE_INTOVF	2
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTINV	7
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRALN	1
#define BUS_ADRERR	2
#define TRAP_BRKPT	1
#define TRAP_TRACE	2
#define CLD_EXITED	1
#define CLD_KILLED	2
#define CLD_DUMPED	3
#define CLD_STOPPED	5
#define CLD_CONTINUED	6

/*
 * What signals do. Processes that share it (CLONE_SIGHAND) have a siglock each, so it has a lock of
 * its own, taken inside siglock; a handler word alone may be read without it.
 */
struct sighand {
	atomic_t refs;
	struct spinlock lock;
	struct sigaction action[NSIG];	/* [sig - 1] */
};

struct process;
struct thread;
struct trapframe;
struct timespec64;

/* Sends to a process or a thread; @info NULL means SI_KERNEL. 0, -EAGAIN (queue limit), -EINVAL.
 * No permission check. Any context but NMI. */
int send_signal(struct process *p, int sig, const struct siginfo *info);
int send_signal_thread(struct thread *t, int sig, const struct siginfo *info);
/* A fault of the current thread: logs it (pid, address, cause) if it will be killed by it; the
 * signal cannot be blocked or ignored. */
void force_signal_fault(int sig, int code, unsigned long addr, const struct trapframe *tf,
			const char *what);
void force_sigsegv(int sig);	/* a frame for the handler of @sig could not be made */
/*
 * Work before user mode (entry/signal_deliver.c): called by platform trap code with interrupts on,
 * whenever current->sigpending, need_resched or user_work is set; loops until none is. @tf is the
 * user frame; @syscall tells that a system call is being left (restart logic looks at its result
 * register).
 */
void trap_return_work(struct trapframe *tf, bool syscall);

/* The blocked set of the current thread; SIGKILL and SIGSTOP are left out. */
void set_blocked(sigset_t set);
/*
 * ppoll, pselect6, epoll_pwait: @set (NULL: nothing happens) replaces the mask until user mode is
 * reached or sigmask_end() says that the call was not @interrupted. 0, -EINVAL, -EFAULT.
 */
int sigmask_begin(const sigset_t __user *set, size_t sigsetsize);
void sigmask_end(bool interrupted);
/* Takes the next pending signal of @set from the current thread (signalfd): its number or 0. */
int signal_take(sigset_t set, struct siginfo *info);
/* Signals of @set are pending for the current thread. */
bool signal_pending_in(sigset_t set);
/* True if the current thread ignores or blocks @sig (terminal output from the background). */
bool signal_is_ignored(int sig);

#endif
