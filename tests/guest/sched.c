// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling: fairness, priorities, affinity, several CPUs.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

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

static void on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
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
	{"yields", yields, 0},
	{"many_sleepers", many_sleepers, 0},
};
GT_GROUP(sched);
