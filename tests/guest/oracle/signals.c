// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: queued ones come all and in order, sent ones come, timers go on, and a handler that
 * spoils all registers is not noticed by whom it interrupts.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

#define QUEUED (SIGRTMIN + 3)

static _Atomic uint64_t ticks, answers;
static _Atomic pid_t answerer;
static _Atomic bool asked_enough; /* the answering thread stays until then */

static void on_tick(int sig)
{
	(void)sig;
	registers_clobber();
	atomic_fetch_add(&ticks, 1);
}

static void on_question(int sig)
{
	(void)sig;
	registers_clobber();
	atomic_fetch_add(&answers, 1);
}

/* A child that queues numbers to its parent, which has the signal blocked. */
static int sender(void)
{
	pid_t parent = getppid();

	for (int i = 1; going(); i++) {
		union sigval v = {.sival_int = i};

		while (sigqueue(parent, QUEUED, v)) {
			if (errno == ESRCH || !going())
				return 0;
			MUST(errno == EAGAIN);
			sleep_us(200);
		}
		if (i % 16 == 0)
			sched_yield();
	}
	return 0;
}

static void *receiver(void *arg)
{
	struct timespec limit = {0, 50000000};
	int next = 1;
	sigset_t set;

	place((unsigned int)(uintptr_t)arg);
	sigemptyset(&set);
	sigaddset(&set, QUEUED);
	while (going()) {
		siginfo_t info;
		int sig = sigtimedwait(&set, &info, &limit);

		if (sig < 0) {
			MUST(errno == EAGAIN || errno == EINTR);
			continue;
		}
		if (info.si_value.sival_int != next || info.si_code != SI_QUEUE) {
			wrong("queued signal %d has code %d and came as number %d",
			      info.si_value.sival_int, info.si_code, next);
			next = info.si_value.sival_int;
		}
		next++;
	}
	return NULL;
}

/* Gets SIGUSR1, with registers that it watches itself. */
static void *answering(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number);

	place(number);
	atomic_store(&answerer, (pid_t)syscall(SYS_gettid));
	while (!atomic_load(&asked_enough))
		registers_round(&rng, SYS_getppid, 20);
	return NULL;
}

static void ask(void)
{
	uint64_t before = atomic_load(&answers), end = now_ns() + stage->deadline;

	MUST(syscall(SYS_tgkill, getpid(), atomic_load(&answerer), SIGUSR1) == 0);
	while (atomic_load(&answers) == before && going()) {
		sched_yield();
		if (now_ns() > end)
			give_up("SIGUSR1 has not come for %llu s", (unsigned long long)stage->deadline / 1000000000U);
	}
}

static void start_ticks(void)
{
	static char stack[65536];
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART | SA_ONSTACK};
	struct sigaction question = {.sa_handler = on_question, .sa_flags = SA_RESTART};
	struct itimerval every = {{0, 2000}, {0, 2000}};

	MUST(sigaltstack(&ss, NULL) == 0);
	MUST(sigaction(SIGALRM, &tick, NULL) == 0);
	MUST(sigaction(SIGUSR1, &question, NULL) == 0);
	MUST(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

/* SIGALRM is for the main thread, which has the other stack. */
static void mask_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	MUST(pthread_sigmask(how, &set, NULL) == 0);
}

static void check_ticks(uint64_t *last, uint64_t *since)
{
	uint64_t now = atomic_load(&ticks);

	if (now != *last) {
		*last = now;
		*since = now_ns();
	} else if (now_ns() > *since + stage->deadline) {
		give_up("the interval timer stands still after %llu signals", (unsigned long long)now);
	}
}

static void run(void)
{
	uint64_t rng = random_seed(0), last = 0, since = now_ns();
	sigset_t queued;
	pthread_t t[2];
	pid_t pid;

	sigemptyset(&queued);
	sigaddset(&queued, QUEUED);
	MUST(sigprocmask(SIG_BLOCK, &queued, NULL) == 0);
	mask_signals(SIG_BLOCK);
	pid = try_fork();
	if (pid == 0)
		_exit(sender());
	start_thread(&t[0], receiver, 1);
	start_thread(&t[1], answering, 2);
	mask_signals(SIG_UNBLOCK);
	place(0);
	start_ticks();
	while (going()) {
		registers_round(&rng, SYS_sched_yield, 10);
		if (atomic_load(&answerer))
			ask();
		check_ticks(&last, &since);
		round_done();
	}
	atomic_store(&asked_enough, true);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		MUST(pthread_join(t[i], NULL) == 0);
	if (pid > 0 && wait_for(pid))
		wrong("the sender failed");
}

const struct actor actor_signals = {
	.name = "signals",
	.what = "queued, directed and timer signals; handlers that spoil registers",
	.run = run,
};
