// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPUs remember of page tables, and waiting for them: no program reads or writes a page that it
 * has given back, a child never sees what its parent's threads write after the fork, and CPUs that
 * wait for each other go on. Most need several CPUs: tests/guest/run runs this group with four, too.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "gt.h"

#define PAGE 4096UL
#define SECOND 1000000000ULL

static long cpus; /* those that this test may use: sysconf() tells a thread only its own */

/* With fewer CPUs it cannot go wrong, and would only take time. */
static void need_cpus(long n)
{
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus < n)
		gt_skip("needs %ld CPUs", n);
}

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % (unsigned int)cpus, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static volatile bool stop;

/* ---- a page given back belongs to somebody else ---- */

#define GIVEN (16UL << 20)
#define WATCHED (6UL << 20)
#define MARK 0xbad0bad0bad0bad0ULL

static void *write_given(void *arg)
{
	char *p = arg;

	pin(1);
	while (!stop)
		for (unsigned long i = 0; i < 400 * PAGE; i += PAGE)
			*(volatile uint64_t *)(p + i + 8) = MARK;
	return NULL;
}

/* Takes fresh pages and finds whether anything but zeros ever stands where it writes nothing. */
static int watch(void *arg)
{
	uint64_t end = gt_now() + 2 * SECOND;
	char *p = map(WATCHED);
	int bad = 0;

	(void)arg;
	pin(2);
	CHECK_EQ(setuid(65534), 0);
	while (gt_now() < end && !bad) {
		for (unsigned long i = 0; i < WATCHED; i += PAGE)
			*(volatile uint64_t *)(p + i) = i;
		for (int round = 0; round < 3; round++)
			for (unsigned long i = 0; i < WATCHED; i += PAGE)
				bad |= *(volatile uint64_t *)(p + i + 8) != 0;
		CHECK_EQ(madvise(p, WATCHED, MADV_DONTNEED), 0);
	}
	return bad;
}

static void foreign_writes(void)
{
	char *p = map(GIVEN);
	pid_t watcher;
	pthread_t t;
	int status;

	need_cpus(3);
	watcher = gt_child(watch, NULL);
	pin(0);
	CHECK_EQ(pthread_create(&t, NULL, write_given, p), 0);
	while (waitpid(watcher, &status, WNOHANG) == 0) {
		for (unsigned long i = 0; i < GIVEN; i += PAGE)
			p[i] = 1;
		CHECK_EQ(madvise(p, GIVEN, MADV_DONTNEED), 0);
	}
	stop = true;
	pthread_join(t, NULL);
	CHECK(EXITED(status, 0));
}

/*
 * One call that gives pages back and takes others, which are the same ones in another order, while
 * a thread writes to the last, which is given back last and so taken first. What it writes must
 * stand there and nowhere else.
 */
#define AGAIN 64UL /* so few that they stay with the CPU */
#define ROUNDS 40

static volatile uint64_t written;

static void *write_last(void *arg)
{
	pin(1);
	while (!stop) {
		*(volatile uint64_t *)arg = MARK;
		written++;
	}
	return NULL;
}

/* Until the thread has written since the call: it has a translation again. */
static void wait_for_writer(void)
{
	uint64_t seen = written;

	while (written < seen + 2)
		;
}

static void reused_at_once(void)
{
	char *p = map(AGAIN * PAGE);
	pthread_t t;

	need_cpus(2);
	pin(0);
	CHECK_EQ(pthread_create(&t, NULL, write_last, p + AGAIN * PAGE - 8), 0);
	for (int round = 0; round < ROUNDS; round++) {
		memset(p, 1, (AGAIN - 1) * PAGE);
		wait_for_writer();
		CHECK(mmap(p, AGAIN * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == p);
		for (unsigned long i = 1; i < AGAIN; i++)
			CHECK_EQ(*(volatile uint64_t *)(p + i * PAGE - 8), 0);
	}
	stop = true;
	pthread_join(t, NULL);
}

/* ---- a child of a threaded process ---- */

#define COUNTERS 64

static void *count(void *arg)
{
	char *p = arg;

	pin(1);
	for (uint64_t n = 1; !stop; n++)
		for (unsigned long i = 0; i < COUNTERS; i++)
			*(volatile uint64_t *)(p + i * PAGE) = n;
	return NULL;
}

/* Nobody writes to this process's counters. */
static int counters_change(void *arg)
{
	char *p = arg;
	uint64_t first[COUNTERS];

	for (int round = 0; round < 200; round++)
		for (unsigned long i = 0; i < COUNTERS; i++) {
			uint64_t now = *(volatile uint64_t *)(p + i * PAGE);

			if (!round)
				first[i] = now;
			else if (now != first[i])
				return 1;
		}
	return 0;
}

static void fork_beside_writer(void)
{
	char *p = map(COUNTERS * PAGE);
	uint64_t end;
	pthread_t t;

	need_cpus(2);
	CHECK_EQ(pthread_create(&t, NULL, count, p), 0);
	for (end = gt_now() + SECOND; gt_now() < end;)
		CHECK(EXITED(gt_run(counters_change, p), 0));
	stop = true;
	pthread_join(t, NULL);
}

/* The same where the second thread comes after the fork has made the pages read-only. */
static void *touch(void *arg)
{
	*(volatile uint64_t *)arg = MARK;
	return NULL;
}

static int sees_mark(void *arg)
{
	gt_sleep_ms(20);
	return *(volatile uint64_t *)arg == MARK;
}

static void fork_then_thread(void)
{
	char *p = map(PAGE);

	need_cpus(2);
	for (int i = 0; i < 20; i++) {
		pthread_t t;
		pid_t pid;

		*(volatile uint64_t *)p = 0;
		pid = gt_child(sees_mark, p);
		CHECK_EQ(pthread_create(&t, NULL, touch, p), 0);
		pthread_join(t, NULL);
		CHECK(EXITED(gt_wait(pid), 0));
	}
}

/* ---- CPUs that wait for each other ---- */

#define MEMBARRIER_GLOBAL_EXPEDITED 2
#define MEMBARRIER_REGISTER_GLOBAL_EXPEDITED 4

static int barriers(void *arg)
{
	uint64_t end = *(uint64_t *)arg;

	if (syscall(SYS_membarrier, MEMBARRIER_REGISTER_GLOBAL_EXPEDITED, 0, 0))
		return 1;
	while (gt_now() < end)
		if (syscall(SYS_membarrier, MEMBARRIER_GLOBAL_EXPEDITED, 0, 0))
			return 1;
	return 0;
}

/* Ends on one CPU while the idle thread of another still has its tables. */
static int wander(void *arg)
{
	unsigned int *cpu = arg;

	pin(*cpu);
	pin(*cpu + 1);
	return 0;
}

static int forks(void *arg)
{
	uint64_t end = *(uint64_t *)arg;
	unsigned int cpu = (unsigned int)getpid();

	for (; gt_now() < end; cpu++)
		if (gt_run(wander, &cpu))
			return 1;
	return 0;
}

static void barriers_beside_exit(void)
{
	uint64_t end = gt_now() + 3 * SECOND;
	pid_t pids[4];

	need_cpus(3);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = gt_child(i ? forks : barriers, &end);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static const struct gt_test tests[] = {
	{"foreign_writes", foreign_writes, 0},
	{"reused_at_once", reused_at_once, 0},
	{"fork_beside_writer", fork_beside_writer, 0},
	{"fork_then_thread", fork_then_thread, 0},
	{"barriers_beside_exit", barriers_beside_exit, 0},
};
GT_GROUP(flush);
