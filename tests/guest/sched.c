// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling: fairness, priorities, affinity, several CPUs.
 */
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "gt.h"

struct shared {
	volatile unsigned long work[8];
	volatile int go, stop;
};

static struct shared *share(void)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(s != MAP_FAILED);
	return s;
}

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void on_one_cpu(void)
{
	on_cpu(0);
}

static pid_t worker(struct shared *s, int i, int nice_value)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (nice_value && nice(nice_value) == -1)
			_exit(1);
		while (!s->go)
			sched_yield();
		while (!s->stop)
			s->work[i]++;
		_exit(0);
	}
	return pid;
}

static void run_for(struct shared *s, unsigned int ms, pid_t *pids, int n)
{
	s->go = 1;
	gt_sleep_ms(ms);
	s->stop = 1;
	for (int i = 0; i < n; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static void fair_shares(void)
{
	struct shared *s = share();
	unsigned long low = ~0UL, high = 0;
	pid_t pids[4];

	on_one_cpu();
	for (int i = 0; i < 4; i++)
		pids[i] = worker(s, i, 0);
	run_for(s, 800, pids, 4);
	for (int i = 0; i < 4; i++) {
		low = s->work[i] < low ? s->work[i] : low;
		high = s->work[i] > high ? s->work[i] : high;
	}
	CHECK(low > 0);
	CHECK(high / low < 4);
}

static void nice_counts(void)
{
	struct shared *s = share();
	pid_t pids[2];

	on_one_cpu();
	pids[0] = worker(s, 0, 0);
	pids[1] = worker(s, 1, 15);
	run_for(s, 800, pids, 2);
	CHECK(s->work[0] > 3 * s->work[1]);
}

/* Somebody who sleeps gets the CPU soon although another one never lets go of it. */
static void sleeper_wakes_in_time(void)
{
	struct shared *s = share();
	uint64_t worst = 0;
	pid_t pid;

	on_one_cpu();
	pid = worker(s, 0, 0);
	s->go = 1;
	for (int i = 0; i < 20; i++) {
		uint64_t start = gt_now(), late;

		gt_sleep_ms(5);
		late = gt_now() - start - 5000000;
		worst = late > worst ? late : worst;
	}
	s->stop = 1;
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK(worst < 500000000);
}

static void affinity(void)
{
	cpu_set_t set, got;

	on_one_cpu();
	CHECK(sched_getaffinity(0, sizeof(got), &got) >= 0);
	CHECK_EQ(CPU_COUNT(&got), 1);
	CHECK_EQ(sched_getcpu(), 0);
	CPU_ZERO(&set);
	CHECK_ERR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	CHECK_ERR(sched_setaffinity(999999, sizeof(got), &got), ESRCH);
}

static void moves_between_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (n < 2)
		gt_skip("one CPU");
	for (int i = 0; i < 200; i++) {
		CPU_ZERO(&set);
		CPU_SET(i % n, &set);
		CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
		CHECK_EQ(sched_getcpu(), i % n);
	}
}

static void priorities(void)
{
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_ERR(getpriority(PRIO_PROCESS, 999999), ESRCH);
	CHECK_ERR(getpriority(99, 0), EINVAL);
	CHECK_EQ(nice(1), 6);
}

static int policy_child(void *arg)
{
	struct sched_param sp = {.sched_priority = 10};

	(void)arg;
	/* musl has these as stubs: the kernel is asked directly. */
	if (syscall(144, 0, SCHED_FIFO, &sp) || syscall(145, 0) != SCHED_FIFO)
		return 1;
	sp.sched_priority = 1000;
	return syscall(144, 0, SCHED_FIFO, &sp) == -1 && errno == EINVAL ? 0 : 2;
}

static void policies(void)
{
	if (geteuid())
		gt_skip("needs root");
	CHECK(EXITED(gt_run(policy_child, NULL), 0));
}

#define RESET_ON_FORK 0x40000000
#define SCHED_SETATTR 314 /* musl has no functions for these */
#define SCHED_GETATTR 315

struct attr { /* and more than any kernel knows */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t more[30];
};

static void attributes(void)
{
	struct attr a = {.size = 48, .nice = 5}, got;

	CHECK_EQ(syscall(SCHED_SETATTR, 0, &a, 0), 0);
	CHECK_EQ(syscall(SCHED_GETATTR, 0, &got, 48, 0), 0);
	CHECK_EQ(got.nice, 5);
	a.nice = 1000; /* as far as it goes */
	CHECK_EQ(syscall(SCHED_SETATTR, 0, &a, 0), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
	a.size = sizeof(a);
	CHECK_EQ(syscall(SCHED_SETATTR, 0, &a, 0), 0);
	a.more[29] = 1; /* something that nobody can do */
	CHECK_ERR(syscall(SCHED_SETATTR, 0, &a, 0), E2BIG);
	a.size = 10;
	CHECK_ERR(syscall(SCHED_SETATTR, 0, &a, 0), E2BIG);
	CHECK(a.size >= 48);
	CHECK_ERR(syscall(SCHED_SETATTR, 0, &a, 1), EINVAL);
	CHECK_ERR(syscall(SCHED_SETATTR, 0, NULL, 0), EINVAL);
	CHECK_ERR(syscall(SCHED_GETATTR, 0, &got, 47, 0), EINVAL);
	CHECK_ERR(syscall(144, 0, SCHED_OTHER, NULL), EINVAL);
	CHECK_ERR(syscall(144, 0, -1, &a), EINVAL);
}

static int normal_policy(void *arg)
{
	(void)arg;
	return syscall(145, 0) == SCHED_OTHER && getpriority(PRIO_PROCESS, 0) == 0 ? 0 : 1;
}

/* SCHED_RESET_ON_FORK keeps children from the parent's priority, and is not to be shaken off. */
static void reset_on_fork(void)
{
	struct sched_param rt = {.sched_priority = 3}, none = {.sched_priority = 0};

	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(syscall(144, 0, SCHED_FIFO | RESET_ON_FORK, &rt), 0);
	CHECK_EQ(syscall(145, 0), SCHED_FIFO | RESET_ON_FORK);
	CHECK(EXITED(gt_run(normal_policy, NULL), 0));
	CHECK_EQ(syscall(142, 0, &rt), 0);
	CHECK_EQ(syscall(145, 0), SCHED_FIFO | RESET_ON_FORK);
	CHECK_EQ(setresuid(1000, 1000, 1000), 0);
	CHECK_ERR(syscall(144, 0, SCHED_OTHER, &none), EPERM);
	CHECK_ERR(syscall(144, 0, SCHED_RR | RESET_ON_FORK, &rt), EPERM);
	CHECK_EQ(syscall(144, 0, SCHED_OTHER | RESET_ON_FORK, &none), 0);
	CHECK_ERR(syscall(144, 0, SCHED_FIFO | RESET_ON_FORK, &rt), EPERM);
	CHECK_ERR(syscall(144, 0, 77, &none), EINVAL);
	/* SCHED_IDLE is left with a right to its nice value only. */
	CHECK_EQ(syscall(144, 0, SCHED_IDLE | RESET_ON_FORK, &none), 0);
	CHECK_ERR(syscall(144, 0, SCHED_OTHER | RESET_ON_FORK, &none), EPERM);
}

static void on_any_cpu(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void become_fifo(int priority)
{
	struct sched_param sp = {.sched_priority = priority};

	CHECK_EQ(syscall(144, 0, SCHED_FIFO, &sp), 0);
}

static int echo_pipes[2][2];

/* Sleeps on CPU 0, but may run anywhere. */
static int urgent_echo(void *arg)
{
	char c;

	(void)arg;
	close(echo_pipes[0][1]);
	on_one_cpu();
	become_fifo(10);
	on_any_cpu();
	while (read(echo_pipes[0][0], &c, 1) == 1)
		if (write(echo_pipes[1][1], &c, 1) != 1)
			return 1;
	return 0;
}

static int most_urgent_spinner(void *arg)
{
	struct shared *s = arg;

	on_one_cpu();
	become_fifo(50);
	s->go = 1;
	while (!s->stop)
		;
	return 0;
}

/*
 * A real-time thread that cannot run where it slept, as a better one runs there, drives off an
 * ordinary one elsewhere, however many of these there are.
 */
static void urgent_ones_spread(void)
{
	struct shared *s = share();
	struct pollfd answer;
	pid_t pids[3], echo;
	char c = 'x';

	if (geteuid() || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		gt_skip("needs root and two CPUs");
	CHECK(!pipe(echo_pipes[0]) && !pipe(echo_pipes[1]));
	answer = (struct pollfd){echo_pipes[1][0], POLLIN, 0};
	echo = gt_child(urgent_echo, NULL);
	close(echo_pipes[0][0]);
	gt_sleep_ms(50);
	pids[0] = gt_child(most_urgent_spinner, s);
	while (!s->go)
		usleep(1000);
	on_cpu(1);
	for (int i = 1; i < 3; i++)
		pids[i] = worker(s, i, 0);
	gt_sleep_ms(50);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(write(echo_pipes[0][1], &c, 1), 1);
		CHECK_EQ(poll(&answer, 1, 3000), 1);
		CHECK_EQ(read(echo_pipes[1][0], &c, 1), 1);
	}
	s->stop = 1;
	for (int i = 0; i < 3; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
	close(echo_pipes[0][1]);
	CHECK(EXITED(gt_wait(echo), 0));
}

static void yields(void)
{
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(sched_yield(), 0);
}

static void many_sleepers(void)
{
	pid_t pids[50];

	for (int i = 0; i < 50; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			for (unsigned int k = 0; k < 20; k++)
				gt_sleep_ms(1 + k % 3);
			_exit(0);
		}
	}
	for (int i = 0; i < 50; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static const struct gt_test tests[] = {
	{"fair_shares", fair_shares, 0},
	{"nice_counts", nice_counts, 0},
	{"sleeper_wakes_in_time", sleeper_wakes_in_time, 0},
	{"affinity", affinity, 0},
	{"moves_between_cpus", moves_between_cpus, 0},
	{"priorities", priorities, 0},
	{"policies", policies, 0},
	{"attributes", attributes, 0},
	{"reset_on_fork", reset_on_fork, 0},
	{"urgent_ones_spread", urgent_ones_spread, 0},
	{"yields", yields, 0},
	{"many_sleepers", many_sleepers, 0},
};
GT_GROUP(sched);
