// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of one process: how they die, together and alone, who takes a signal, and execve by one
 * of them. Made with pthread_create(3), that is clone(2).
 */
#include <pthread.h>
#include <sys/syscall.h>

#include "gt.h"

enum { THREADS = 8, TURNS = 30 };

static void *sleep_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void *spin_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("" ::: "memory");
	return NULL;
}

static void start(void *(*fn)(void *), int n)
{
	pthread_t t;

	while (n--)
		CHECK_EQ(pthread_create(&t, NULL, fn, NULL), 0);
}

static void *add_one(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);
	return arg;
}

static void create_and_join(void)
{
	pthread_t t[THREADS];
	int sum = 0;
	void *result;

	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < THREADS; i++)
			CHECK_EQ(pthread_create(&t[i], NULL, add_one, &sum), 0);
		for (int i = 0; i < THREADS; i++) {
			CHECK_EQ(pthread_join(t[i], &result), 0);
			CHECK(result == &sum);
		}
	}
	CHECK_EQ(sum, 50 * THREADS);
}

static int exit_with_others(void *arg)
{
	(void)arg;
	start(sleep_for_ever, THREADS / 2);
	start(spin_for_ever, THREADS / 2);
	usleep(10000);
	_exit(42);
}

/* exit_group(2) ends sleeping and spinning threads alike. */
static void exit_ends_all(void)
{
	CHECK(EXITED(gt_run(exit_with_others, NULL), 42));
}

static int run_until_killed(void *arg)
{
	(void)arg;
	start(sleep_for_ever, THREADS / 2);
	start(spin_for_ever, THREADS / 2);
	return gt_pause(NULL);
}

static void kill_ends_all(void)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		pid_t pid = gt_child(run_until_killed, NULL);

		usleep(20000);
		CHECK_EQ(kill(pid, signals[i]), 0);
		CHECK(KILLED(gt_wait(pid), signals[i]));
	}
}

static int go_on[2];

static void *exit_when_told(void *arg)
{
	char c;

	_exit(read(go_on[0], &c, 1) == 1 ? 7 : 8);
	return arg;
}

static int leader_leaves(void *arg)
{
	pthread_t t;

	(void)arg;
	if (pthread_create(&t, NULL, exit_when_told, NULL))
		return 1;
	syscall(SYS_exit, 3);
	return 1;
}

/* The process lives, and its number with it, until the last thread is gone. */
static void leader_exits_first(void)
{
	pid_t pid;
	int status;

	CHECK_EQ(pipe(go_on), 0);
	pid = gt_child(leader_leaves, NULL);
	usleep(10000);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(kill(pid, 0), 0);
	CHECK_EQ(write(go_on[1], "", 1), 1);
	CHECK(EXITED(gt_wait(pid), 7));
}

static void *exec_self(void *arg)
{
	char *argv[] = {(char *)gt_self(), "--helper", "exit", NULL};

	(void)arg;
	usleep(5000);
	execv(gt_self(), argv);
	_exit(99);
}

static int thread_execs(void *arg)
{
	pid_t before = getpid();

	(void)arg;
	if (before != (pid_t)syscall(SYS_gettid))
		return 1;
	start(sleep_for_ever, THREADS / 2);
	start(spin_for_ever, THREADS / 2);
	start(exec_self, 1);
	return gt_pause(NULL);
}

/* All other threads end, the new program has the process's number, and its parent can wait for it.
 */
static void exec_by_a_thread(void)
{
	for (int i = 0; i < 5; i++)
		CHECK(EXITED(gt_run(thread_execs, NULL), 33));
}

/* Linux makes no thread (EAGAIN) while another one is about to execute a program. */
static void start_executing(int n)
{
	pthread_t t;
	int err;

	while (n--) {
		do
			err = pthread_create(&t, NULL, exec_self, NULL);
		while (err == EAGAIN);
		CHECK_EQ(err, 0);
	}
}

static int all_exec(void *arg)
{
	(void)arg;
	start_executing(THREADS);
	return gt_pause(NULL);
}

static void exec_by_all_at_once(void)
{
	for (int i = 0; i < 10; i++)
		CHECK(EXITED(gt_run(all_exec, NULL), 33));
}

static int exec_and_exit(void *arg)
{
	start_executing(2);
	usleep(*(int *)arg);
	_exit(6);
}

static void exec_against_exit(void)
{
	for (int us = 4000; us < 7000; us += 100) {
		int status = gt_run(exec_and_exit, &us);

		CHECK(EXITED(status, 33) || EXITED(status, 6));
	}
}

static volatile pid_t handled_by;

static void note_tid(int sig)
{
	(void)sig;
	handled_by = (pid_t)syscall(SYS_gettid);
}

static void *note_and_wait(void *arg)
{
	* (volatile pid_t *)arg = (pid_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

static void wait_handled(void)
{
	uint64_t end = gt_now() + 5000000000ULL;

	while (!handled_by && gt_now() < end)
		usleep(1000);
	CHECK(handled_by);
}

/* A process's signal goes to a thread that does not block it; tgkill's to the one named. */
static void signals_find_their_thread(void)
{
	static volatile pid_t other;
	sigset_t one;

	signal(SIGUSR1, note_tid);
	{
		pthread_t t;

		CHECK_EQ(pthread_create(&t, NULL, note_and_wait, (void *)&other), 0);
	}
	while (!other)
		usleep(1000);
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &one, NULL);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	wait_handled();
	CHECK_EQ(handled_by, other);
	handled_by = 0;
	CHECK_EQ(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1), 0);
	usleep(20000);
	CHECK_EQ(handled_by, 0);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	CHECK_EQ(handled_by, getpid());
	CHECK_ERR(syscall(SYS_tgkill, getpid() + 1, other, SIGUSR1), ESRCH);
	CHECK_ERR(syscall(SYS_tgkill, getpid(), -1, SIGUSR1), EINVAL);
}

/* A stop signal stops every thread, and SIGCONT continues them. */
static void stop_and_continue_all(void)
{
	pid_t pid;
	int status;

	pid = gt_child(run_until_killed, NULL);
	usleep(20000);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(kill(pid, SIGSTOP), 0);
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		CHECK_EQ(kill(pid, SIGCONT), 0);
		CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
		CHECK(WIFCONTINUED(status));
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static void *fork_and_wait(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i);
		if (pid < 0 || !EXITED(gt_wait(pid), i))
			return (void *)1;
	}
	return NULL;
}

static void fork_by_all_at_once(void)
{
	pthread_t t[THREADS];
	void *result;

	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, fork_and_wait, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		CHECK_EQ(pthread_join(t[i], &result), 0);
		CHECK(!result);
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void take_turns_by_condition(void)
{
	pthread_t t[THREADS];

	for (long i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, take_turns, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	CHECK_EQ(turn, TURNS * THREADS);
}

static const struct gt_test tests[] = {
	{"create_and_join", create_and_join, 0},
	{"exit_ends_all", exit_ends_all, 0},
	{"kill_ends_all", kill_ends_all, 0},
	{"leader_exits_first", leader_exits_first, 0},
	{"exec_by_a_thread", exec_by_a_thread, 0},
	{"exec_by_all_at_once", exec_by_all_at_once, 0},
	{"exec_against_exit", exec_against_exit, 0},
	{"signals_find_their_thread", signals_find_their_thread, 0},
	{"stop_and_continue_all", stop_and_continue_all, 0},
	{"fork_by_all_at_once", fork_by_all_at_once, 0},
	{"take_turns_by_condition", take_turns_by_condition, 0},
};

GT_GROUP(threads);
