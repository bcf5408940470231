// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: handlers, masks, frames, faults, restart, stop and continue.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#include "gt.h"

static volatile sig_atomic_t count, last_sig;
static siginfo_t last_info;
static volatile sig_atomic_t order[8], norder;

static void handler(int sig)
{
	count++;
	last_sig = sig;
	if (norder < (int)ARRAY_SIZE(order))
		order[norder++] = sig;
}

static void info_handler(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	count++;
	last_sig = sig;
	last_info = *si;
}

static void catch (int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

static void catch_info(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {.sa_sigaction = fn, .sa_flags = flags | SA_SIGINFO};

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

static void unblock(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

static void handler_runs(void)
{
	catch (SIGUSR1, handler, 0);
	for (int i = 1; i <= 100; i++) {
		raise(SIGUSR1);
		CHECK_EQ(count, i);
	}
}

static void registers_survive(void)
{
	/* Everything the kernel must restore, across a handler that clobbers what it may. */
	unsigned long bad = 1;

	catch (SIGUSR1, handler, 0);
	__asm__ volatile(
		"movq $0x1111, %%rbx; movq $0x2222, %%r12; movq $0x3333, %%r13; movq $0x4444, "
		"%%r14; movq $0x5555, %%r15;"
		"movq $0x6666, %%r8; movq $0x7777, %%r9; movq $0x8888, %%r10; movq %%rbx, %%xmm5;"
		"movl $39, %%eax; syscall; movl %%eax, %%edi; movl $10, %%esi; movl $62, %%eax; "
		"syscall;"
		"xorl %%eax, %%eax; cmpq $0x1111, %%rbx; jne 1f; cmpq $0x2222, %%r12; jne 1f; cmpq "
		"$0x3333, %%r13; jne 1f;"
		"cmpq $0x4444, %%r14; jne 1f; cmpq $0x5555, %%r15; jne 1f; cmpq $0x6666, %%r8; jne "
		"1f; cmpq $0x7777, %%r9; jne 1f;"
		"cmpq $0x8888, %%r10; jne 1f; movq %%xmm5, %%rcx; cmpq $0x1111, %%rcx; jne 1f; jmp "
		"2f; 1: movl $1, %%eax; 2:"
		: "=a"(bad)::"rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		  "r13", "r14", "r15", "xmm5", "memory", "cc");
	CHECK_EQ(bad, 0);
	CHECK_EQ(count, 1);
}

static void blocked_waits(void)
{
	sigset_t set;

	catch (SIGUSR1, handler, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(count, 0);
	sigpending(&set);
	CHECK_EQ(sigismember(&set, SIGUSR1), 1);
	unblock(SIGUSR1);
	CHECK_EQ(count, 1); /* standard signals do not queue */
}

static void realtime_queues(void)
{
	catch_info(SIGRTMIN + 3, info_handler, 0);
	block(SIGRTMIN + 3);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = i}), 0);
	unblock(SIGRTMIN + 3);
	CHECK_EQ(count, 5);
	CHECK_EQ(last_info.si_value.sival_int, 4);
	CHECK_EQ(last_info.si_code, SI_QUEUE);
}

static void lowest_first(void)
{
	catch (SIGUSR1, handler, 0);
	catch (SIGUSR2, handler, 0);
	block(SIGUSR1);
	block(SIGUSR2);
	raise(SIGUSR2);
	raise(SIGUSR1);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	CHECK_EQ(norder, 2);
	/* The lower number's frame is built first, so the higher one's handler runs on top of it,
	 * first. */
	CHECK(order[0] == SIGUSR2 || order[0] == SIGUSR1);
	CHECK(order[0] + order[1] == SIGUSR1 + SIGUSR2);
}

static void nested_mask(int sig)
{
	sigset_t set;

	(void)sig;
	sigprocmask(SIG_BLOCK, NULL, &set);
	count = sigismember(&set, SIGUSR1) * 2 + sigismember(&set, SIGUSR2);
}

static void mask_in_handler(void)
{
	struct sigaction sa = {.sa_handler = nested_mask};
	sigset_t set;

	sigaddset(&sa.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	CHECK_EQ(count, 3);
	sigprocmask(SIG_BLOCK, NULL, &set);
	CHECK_EQ(sigismember(&set, SIGUSR1), 0);
	sa.sa_flags = SA_NODEFER;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	CHECK_EQ(count, 0);
}

static void resethand(void)
{
	struct sigaction sa;

	catch (SIGUSR1, handler, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &sa);
	CHECK(sa.sa_handler == SIG_DFL);
}

static void siginfo_of_kill(void)
{
	catch_info(SIGUSR1, info_handler, 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(last_info.si_signo, SIGUSR1);
	CHECK_EQ(last_info.si_code, SI_USER);
	CHECK_EQ(last_info.si_pid, getpid());
	CHECK_EQ(last_info.si_uid, getuid());
}

static int exit_5(void *arg)
{
	(void)arg;
	return 5;
}

static void siginfo_of_child(void)
{
	pid_t pid;

	catch_info(SIGCHLD, info_handler, 0);
	pid = gt_child(exit_5, NULL);
	while (!count)
		gt_sleep_ms(1);
	CHECK_EQ(last_info.si_code, CLD_EXITED);
	CHECK_EQ(last_info.si_status, 5);
	CHECK_EQ(last_info.si_pid, pid);
	gt_wait(pid);
}

static volatile uintptr_t fault_at;
static volatile int fault_code;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	last_sig = sig;
	fault_at = (uintptr_t)si->si_addr;
	fault_code = si->si_code;
	u->uc_mcontext.gregs[REG_RIP] = u->uc_mcontext.gregs[REG_R15];
}

/* Runs one instruction that faults; the handler goes on behind it. */
#define FAULT(instr)                                                                               \
	__asm__ volatile("leaq 1f(%%rip), %%r15; " instr "; 1:" ::                                 \
				 : "r15", "rax", "rcx", "rdx", "memory", "cc")

static void fault_signals(void)
{
	catch_info(SIGSEGV, on_fault, 0);
	catch_info(SIGILL, on_fault, 0);
	catch_info(SIGFPE, on_fault, 0);
	catch_info(SIGTRAP, on_fault, 0);
	catch_info(SIGBUS, on_fault, 0);
	FAULT("movl $1, 0x10");
	CHECK_EQ(last_sig, SIGSEGV);
	CHECK_EQ(fault_at, 0x10);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	FAULT("ud2");
	CHECK_EQ(last_sig, SIGILL);
	FAULT("xorl %%ecx, %%ecx; xorl %%edx, %%edx; divl %%ecx");
	CHECK_EQ(last_sig, SIGFPE);
	CHECK_EQ(fault_code, FPE_INTDIV);
	FAULT("hlt");
	CHECK_EQ(last_sig, SIGSEGV);
	CHECK_EQ(fault_code, SI_KERNEL);
	FAULT("int3");
	CHECK_EQ(last_sig, SIGTRAP);
	FAULT("movabsq $0x8000000000000000, %%rax; movl (%%rax), %%ecx");
	CHECK_EQ(last_sig, SIGSEGV);
	FAULT("movabsq $0xffffffff80100000, %%rax; movl (%%rax), %%ecx");
	CHECK_EQ(last_sig, SIGSEGV);
}

static void write_to_readonly(void)
{
	char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	catch_info(SIGSEGV, on_fault, 0);
	__asm__ volatile("leaq 1f(%%rip), %%r15; movb $1, (%0); 1:" ::"r"(p) : "r15", "memory");
	CHECK_EQ(last_sig, SIGSEGV);
	CHECK_EQ(fault_at, (uintptr_t)p);
	CHECK_EQ(fault_code, SEGV_ACCERR);
}

static int die(void *arg)
{
	switch ((intptr_t)arg) {
	case SIGSEGV:
		* (volatile int *)BAD_PTR = 1;
		break;
	case SIGILL:
		__asm__ volatile("ud2");
		break;
	default:
		raise((int)(intptr_t)arg);
	}
	return 0;
}

static void default_actions(void)
{
	static const int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,	 SIGABRT, SIGFPE, SIGKILL,
				     SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM};
	static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		CHECK(KILLED(gt_run(die, (void *)(intptr_t)deadly[i]), deadly[i]));
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		CHECK(EXITED(gt_run(die, (void *)(intptr_t)harmless[i]), 0));
}

static int segv_ignored(void *arg)
{
	(void)arg;
	signal(SIGSEGV, SIG_IGN);
	* (volatile int *)BAD_PTR = 1;
	return 0;
}

static int segv_blocked(void *arg)
{
	(void)arg;
	block(SIGSEGV);
	* (volatile int *)BAD_PTR = 1;
	return 0;
}

static void faults_cannot_be_refused(void)
{
	CHECK(KILLED(gt_run(segv_ignored, NULL), SIGSEGV));
	CHECK(KILLED(gt_run(segv_blocked, NULL), SIGSEGV));
}

static void kill_errors(void)
{
	struct sigaction sa = {.sa_handler = handler};

	CHECK_ERR(kill(getpid(), 65), EINVAL);
	CHECK_ERR(kill(getpid(), -1), EINVAL);
	CHECK_ERR(kill(999999, SIGTERM), ESRCH);
	CHECK_EQ(kill(getpid(), 0), 0);
	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_tgkill, -1, getpid(), SIGTERM), EINVAL);
	CHECK_ERR(syscall(SYS_tgkill, getpid(), 999999, SIGTERM), ESRCH);
}

static int overflow(volatile char *prev)
{
	volatile char big[4096];

	big[0] = prev ? prev[0] : 1;
	return overflow(big) + big[0];
}

static void on_alt(int sig)
{
	char here;

	(void)sig;
	fault_at = (uintptr_t)&here;
}

static void on_overflow(int sig)
{
	(void)sig;
	_exit(17);
}

static int overflow_child(void *arg)
{
	(void)arg;
	catch (SIGSEGV, on_overflow, SA_ONSTACK);
	return overflow(NULL);
}

static void altstack(void)
{
	static char stack[32768];
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)}, old;

	CHECK_EQ(sigaltstack(&ss, NULL), 0);
	CHECK_EQ(sigaltstack(NULL, &old), 0);
	CHECK(old.ss_sp == stack && old.ss_size == sizeof(stack));
	catch (SIGUSR1, on_alt, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(fault_at >= (uintptr_t)stack && fault_at < (uintptr_t)stack + sizeof(stack));
	/* A stack overflow can be handled on it. */
	CHECK(EXITED(gt_run(overflow_child, NULL), 17));
	ss.ss_size = 100;
	CHECK_ERR(sigaltstack(&ss, NULL), ENOMEM);
}

static int overflow_plain(void *arg)
{
	(void)arg;
	return overflow(NULL);
}

static void stack_overflow_kills(void)
{
	CHECK(KILLED(gt_run(overflow_plain, NULL), SIGSEGV));
}

static int interrupted_read(void *arg)
{
	int fds[2], flags = (int)(intptr_t)arg;
	struct itimerval it = {.it_value = {0, 50000}};
	char c;
	ssize_t r;

	if (pipe(fds))
		return 1;
	catch (SIGALRM, handler, flags);
	if (flags & SA_RESTART) {
		pid_t pid = fork();

		if (pid == 0) {
			gt_sleep_ms(200);
			_exit(write(fds[1], "x", 1) != 1);
		}
	}
	setitimer(ITIMER_REAL, &it, NULL);
	r = read(fds[0], &c, 1);
	if (count != 1)
		return 2;
	if (flags & SA_RESTART)
		return r == 1 && c == 'x' ? 0 : 3;
	return r == -1 && errno == EINTR ? 0 : 4;
}

static void restart(void)
{
	CHECK(EXITED(gt_run(interrupted_read, (void *)0), 0));
	CHECK(EXITED(gt_run(interrupted_read, (void *)(intptr_t)SA_RESTART), 0));
}

static void pause_and_suspend(void)
{
	struct itimerval once = {.it_value = {0, 20000}};
	struct itimerval again = {.it_interval = {0, 20000}, .it_value = {0, 20000}};
	sigset_t set;

	/* The first alarm may come before pause() on a busy machine. */
	catch (SIGALRM, handler, SA_RESTART);
	setitimer(ITIMER_REAL, &again, NULL);
	CHECK_ERR(pause(), EINTR);
	block(SIGALRM);
	setitimer(ITIMER_REAL, &once, NULL);
	gt_sleep_ms(40);
	count = 0;
	sigemptyset(&set);
	CHECK_ERR(sigsuspend(&set), EINTR);
	CHECK_EQ(count, 1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	CHECK_EQ(sigismember(&set, SIGALRM), 1);
}

static void timedwait(void)
{
	struct timespec ts = {0, 20000000};
	siginfo_t si;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	block(SIGUSR1);
	CHECK_ERR(sigtimedwait(&set, &si, &ts), EAGAIN);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(sigtimedwait(&set, &si, &ts), SIGUSR1);
	CHECK_EQ(si.si_pid, getpid());
}

static int spin(void *arg)
{
	(void)arg;
	for (;;)
		;
	return 0;
}

static void kill_stops_spinner(void)
{
	pid_t pid = gt_child(spin, NULL);

	gt_sleep_ms(20);
	kill(pid, SIGTERM);
	CHECK(KILLED(gt_wait(pid), SIGTERM));
}

static int alarm_storm(void *arg)
{
	struct itimerval it = {.it_value = {0, 100}, .it_interval = {0, 100}};
	volatile unsigned long x = 0;

	(void)arg;
	catch (SIGALRM, handler, SA_RESTART);
	setitimer(ITIMER_REAL, &it, NULL);
	while (count < 500) {
		x++;
		getppid();
	}
	return 0;
}

static void timer_storm(void)
{
	CHECK(EXITED(gt_run(alarm_storm, NULL), 0));
}

/* Frames that no kernel has made: every field of the saved context set to garbage. */
static int bad_sigreturn(void *arg)
{
	uint64_t rnd = (uint64_t)(uintptr_t)arg;
	static uint64_t frame[256];

	for (size_t i = 0; i < ARRAY_SIZE(frame); i++)
		frame[i] = gt_random(&rnd) >> (gt_random(&rnd) % 64);
	__asm__ volatile("movq %0, %%rsp; movl $15, %%eax; syscall; ud2" ::"r"(frame + 8)
			 : "memory");
	return 0;
}

static int sigreturn_nowhere(void *arg)
{
	(void)arg;
	__asm__ volatile("movq $0x1000, %%rsp; movl $15, %%eax; syscall; ud2" ::: "memory");
	return 0;
}

static void hostile_sigreturn(void)
{
	CHECK(KILLED(gt_run(sigreturn_nowhere, NULL), SIGSEGV));
	for (uintptr_t seed = 1; seed < 60; seed++)
		CHECK(!EXITED(gt_run(bad_sigreturn, (void *)seed), 0));
}

static void change_context(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	(void)si;
	u->uc_mcontext.gregs[REG_EFL] |=
		0x3000 | 0x4000 | 0x20000; /* IOPL, NT, VM: not ours to set */
	u->uc_mcontext.gregs[REG_RBX] = 0x1234567;
	if (u->uc_mcontext.fpregs)
		memset(&u->uc_mcontext.fpregs->_xmm[0], 0x5a, 16);
}

static void context_changes(void)
{
	unsigned long rbx, flags, xmm;

	catch_info(SIGUSR1, change_context, 0);
	__asm__ volatile("movl $39, %%eax; syscall; movl %%eax, %%edi; movl $10, %%esi; movl $62, "
			 "%%eax; syscall; movq %%rbx, %0; pushfq; popq %1; movq %%xmm0, %2"
			 : "=&r"(rbx), "=&r"(flags), "=&r"(xmm)::"rax", "rbx", "rcx", "rdi", "rsi",
			   "r11", "xmm0", "memory", "cc");
	CHECK_EQ(rbx, 0x1234567);
	CHECK_EQ(xmm, 0x5a5a5a5a5a5a5a5a);
	CHECK_EQ(flags & (0x3000 | 0x20000), 0);
}

#define QUEUERS 40

/* Queues to itself what it may, tells how much that was, and waits for its end. */
static int queue_all(void *arg)
{
	union sigval v = {.sival_int = 0};
	int fd = *(int *)arg, n = 0;
	sigset_t one;

	if (geteuid() == 0)
		CHECK_EQ(setresuid(1000, 1000, 1000), 0);
	sigemptyset(&one);
	sigaddset(&one, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &one, NULL);
	while (sigqueue(getpid(), SIGRTMIN + 1, v) == 0)
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(write(fd, &n, sizeof(n)), sizeof(n));
	return gt_pause(NULL);
}

/* A user's processes together may not queue what would fill the machine. */
static void queues_of_many(void)
{
	pid_t pids[QUEUERS];
	long sum = 0, most = 0;
	int fds[2], n;

	CHECK_EQ(pipe(fds), 0);
	for (int i = 0; i < QUEUERS; i++)
		pids[i] = gt_child(queue_all, &fds[1]);
	for (int i = 0; i < QUEUERS; i++) {
		CHECK_EQ(read(fds[0], &n, sizeof(n)), sizeof(n));
		sum += n;
		most = n > most ? n : most;
	}
	for (int i = 0; i < QUEUERS; i++) {
		kill(pids[i], SIGKILL);
		CHECK(KILLED(gt_wait(pids[i]), SIGKILL));
	}
	CHECK(most > 0);
	CHECK(sum < QUEUERS * most);
}

static const struct gt_test tests[] = {
	{"handler_runs", handler_runs, 0},
	{"registers_survive", registers_survive, 0},
	{"blocked_waits", blocked_waits, 0},
	{"realtime_queues", realtime_queues, 0},
	{"queues_of_many", queues_of_many, 60},
	{"all_pending_delivered", lowest_first, 0},
	{"mask_in_handler", mask_in_handler, 0},
	{"resethand", resethand, 0},
	{"siginfo_of_kill", siginfo_of_kill, 0},
	{"siginfo_of_child", siginfo_of_child, 0},
	{"fault_signals", fault_signals, 0},
	{"write_to_readonly", write_to_readonly, 0},
	{"default_actions", default_actions, 0},
	{"faults_cannot_be_refused", faults_cannot_be_refused, 0},
	{"kill_errors", kill_errors, 0},
	{"altstack", altstack, 0},
	{"stack_overflow_kills", stack_overflow_kills, 0},
	{"restart", restart, 0},
	{"pause_and_suspend", pause_and_suspend, 0},
	{"timedwait", timedwait, 0},
	{"kill_stops_spinner", kill_stops_spinner, 0},
	{"timer_storm", timer_storm, 0},
	{"hostile_sigreturn", hostile_sigreturn, 0},
	{"context_changes", context_changes, 0},
};
GT_GROUP(signal);
