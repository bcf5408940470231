// SPDX-License-Identifier: GPL-2.0-only
/*
 * futex(2) itself, without a libc's locks above it: counts, requeueing, time-outs and signals,
 * robust lists. The words lie in memory that processes share.
 */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "gt.h"

/* musl has no header for these. */
enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAKE_OP = 5,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_CLOCK_REALTIME = 256,
	FUTEX_OP_ADD = 1,
	FUTEX_OP_CMP_EQ = 0,
};
#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U

struct robust_list {
	struct robust_list *next;
};
struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list *pending;
};

static uint32_t *words, *read_only; /* a page that children share, twice */

static long futex(uint32_t *word, int op, uint32_t val, const void *timeout, uint32_t *word2,
		  uint32_t val3)
{
	return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}

static void make_words(void)
{
	int fd = (int)syscall(SYS_memfd_create, "words", 0);

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, 4096), 0);
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	read_only = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(words != MAP_FAILED && read_only != MAP_FAILED);
	close(fd);
}

static int wait_on_first(void *arg)
{
	(void)arg;
	return futex(words, FUTEX_WAIT, 0, NULL, NULL, 0) ? errno : 0;
}

/* How many sleep on a word: requeued to the same word they are only counted. */
static long sleepers(uint32_t *word)
{
	return futex(word, FUTEX_REQUEUE, 0, (void *)(long)INT_MAX, word, 0);
}

static void start_waiters(pid_t *pids, int n)
{
	uint64_t end = gt_now() + 5000000000ULL;

	for (int i = 0; i < n; i++)
		pids[i] = gt_child(wait_on_first, NULL);
	while (sleepers(words) < n && gt_now() < end)
		usleep(1000);
	CHECK_EQ(sleepers(words), n);
}

static void end_waiters(pid_t *pids, int n)
{
	for (int i = 0; i < n; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static void wakes_as_many_as_asked(void)
{
	pid_t pids[5];

	make_words();
	CHECK_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	start_waiters(pids, 5);
	CHECK_EQ(futex(words, FUTEX_WAKE, 2, NULL, NULL, 0), 2);
	CHECK_EQ(futex(words, FUTEX_WAKE, INT_MAX, NULL, NULL, 0), 3);
	end_waiters(pids, 5);
}

/* Whatever the manual says, Linux counts those moved for both kinds of requeueing. */
static void requeueing_counts_all(void)
{
	pid_t pids[4];

	make_words();
	start_waiters(pids, 4);
	CHECK_EQ(futex(words, FUTEX_REQUEUE, 1, (void *)2L, words + 1, 0), 3);
	CHECK_EQ(sleepers(words), 1);
	CHECK_EQ(sleepers(words + 1), 2);
	CHECK_EQ(futex(words, FUTEX_CMP_REQUEUE, 0, (void *)9L, words + 1, 0), 1);
	CHECK_EQ(futex(words + 1, FUTEX_WAKE, 9, NULL, NULL, 0), 3);
	end_waiters(pids, 4);
}

static void *wait_on_stray(void *error)
{
	*(int *)error = futex(words, FUTEX_WAIT, 0, NULL, NULL, 0) ? errno : 0;
	return NULL;
}

static void on_signal(int sig)
{
	(void)sig;
}

/* A waiter is not found by the word of another file, whatever became of its own. */
static void file_ends_before_waiter(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	pthread_t thread;
	long woken = 0;
	int error = -1;

	CHECK_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
	make_words();
	CHECK_EQ(pthread_create(&thread, NULL, wait_on_stray, &error), 0);
	while (!sleepers(words))
		usleep(1000);
	munmap(words, 4096);
	munmap(read_only, 4096);
	for (int i = 0; i < 40; i++) {
		make_words();
		woken += futex(words, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	CHECK_EQ(woken, 0);
	CHECK_EQ(pthread_kill(thread, SIGUSR1), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(error, EINTR);
}

static void requeueing_compares(void)
{
	pid_t pid;

	make_words();
	start_waiters(&pid, 1);
	CHECK_ERR(futex(words, FUTEX_CMP_REQUEUE, 1, (void *)1L, words + 1, 77), EAGAIN);
	/* The word need not be writable. */
	CHECK_ERR(futex(read_only, FUTEX_CMP_REQUEUE, 1, (void *)1L, words + 1, 77), EAGAIN);
	CHECK_EQ(futex(read_only, FUTEX_CMP_REQUEUE, 1, (void *)1L, words + 1, 0), 1);
	end_waiters(&pid, 1);
}

static uint32_t *cow; /* private memory */
static bool stop;

/* Counts the waiters that are found although the word is not 1 when they wait. */
static void *requeue_ones(void *found)
{
	while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
		*(long *)found +=
			futex(cow, FUTEX_CMP_REQUEUE, 0, (void *)(long)INT_MAX, cow + 1, 1) > 0;
	return NULL;
}

/* The word gets a page of its own by being written, and somebody sleeps on the new value. */
static void wait_on_a_copy(void)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	__atomic_store_n(cow, 2, __ATOMIC_SEQ_CST);
	CHECK_ERR(futex(cow, FUTEX_WAIT, 2, &moment, NULL, 0), ETIMEDOUT);
	__atomic_store_n(cow, 1, __ATOMIC_SEQ_CST);
	CHECK(pid > 0);
	kill(pid, SIGKILL);
	gt_wait(pid);
}

/*
 * The word is compared as it is when the waiters are moved. On one CPU a thread of higher priority
 * comes between again and again.
 */
static void requeueing_compares_the_copy(void)
{
	struct sched_param first = { .sched_priority = 1 };
	pthread_t thread;
	cpu_set_t one;
	long found = 0;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	cow = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(cow != MAP_FAILED);
	*cow = 1;
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	CHECK_EQ(pthread_create(&thread, NULL, requeue_ones, &found), 0);
	CHECK_EQ(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first), 0);
	for (useconds_t i = 0; i < 60; i++) {
		usleep(200 + i * 7 % 100);
		wait_on_a_copy();
	}
	__atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(found, 0);
}

static void wake_op(void)
{
	uint32_t op = FUTEX_OP_ADD << 28 | FUTEX_OP_CMP_EQ << 24 | 5 << 12 | 10;
	pid_t pid;

	make_words();
	words[1] = 10;
	start_waiters(&pid, 1);
	CHECK_EQ(futex(words + 2, FUTEX_WAKE_OP, 1, (void *)1L, words + 1, op), 0);
	CHECK_EQ(words[1], 15);
	CHECK_EQ(futex(words, FUTEX_WAKE_OP, 1, (void *)1L, words + 1, op), 1);
	CHECK_EQ(words[1], 20);
	end_waiters(&pid, 1);
}

static void bad_arguments(void)
{
	struct timespec bad = {0, 1000000000}, zero = {0, 0};

	make_words();
	CHECK_ERR(futex(words, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
	CHECK_ERR(futex(words, FUTEX_WAIT, 0, &zero, NULL, 0), ETIMEDOUT);
	CHECK_ERR(futex(words, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	CHECK_ERR(futex(words, FUTEX_WAIT, 0, BAD_PTR, NULL, 0), EFAULT);
	CHECK_ERR(futex((uint32_t *)((char *)words + 1), FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(BAD_PTR, FUTEX_WAIT, 0, &zero, NULL, 0), EFAULT);
	CHECK_ERR(futex(words, FUTEX_WAIT_BITSET, 0, &zero, NULL, 0), EINVAL);
	CHECK_ERR(futex(words, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(words, FUTEX_REQUEUE, 1, (void *)-1L, words + 1, 0), EINVAL);
	CHECK_ERR(futex(words, 99, 0, NULL, NULL, 0), ENOSYS);
}

static void on_alarm(int sig)
{
	(void)sig;
	if (words)
		words[8]++;
}

static void alarm_in(long us)
{
	struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval it = {{0, 0}, {0, us}};

	CHECK_EQ(sigaction(SIGALRM, &sa, NULL), 0);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
}

static int wake_first_later(void *arg)
{
	(void)arg;
	gt_sleep_ms(120);
	return futex(words, FUTEX_WAKE, 1, NULL, NULL, 0) == 1 ? 0 : 1;
}

/* signal(7): with a time-out a handler ends the wait, SA_RESTART or not; without one it goes on. */
static void handlers_and_time_outs(void)
{
	struct timespec ts = {5, 0}, end;
	pid_t pid;

	make_words();
	alarm_in(30000);
	CHECK_ERR(futex(words, FUTEX_WAIT, 0, &ts, NULL, 0), EINTR);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 5;
	alarm_in(30000);
	CHECK_ERR(futex(words, FUTEX_WAIT_BITSET, 0, &end, NULL, 1), EINTR);
	CHECK_EQ(words[8], 2);
	pid = gt_child(wake_first_later, NULL);
	alarm_in(30000);
	CHECK_EQ(futex(words, FUTEX_WAIT, 0, NULL, NULL, 0), 0);
	CHECK_EQ(words[8], 3);
	CHECK(EXITED(gt_wait(pid), 0));
}

static void set_clock_by(long seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += seconds;
	if (clock_settime(CLOCK_REALTIME, &ts))
		gt_skip("the clock cannot be set (errno %d)", errno);
}

static int advance_clock(void *arg)
{
	(void)arg;
	gt_sleep_ms(100);
	set_clock_by(3600);
	return 0;
}

/* A wait until a time of day ends when that time comes, also because somebody sets the clock. */
static void clock_set_meanwhile(void)
{
	struct timespec end;
	uint64_t start;
	pid_t pid;

	make_words();
	set_clock_by(0);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 1800;
	start = gt_now();
	pid = gt_child(advance_clock, NULL);
	CHECK_ERR(futex(words, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &end, NULL, 1),
		  ETIMEDOUT);
	CHECK(gt_now() - start < 10000000000ULL);
	CHECK(EXITED(gt_wait(pid), 0));
	set_clock_by(-3600);
}

static int die_with_lock(void *arg)
{
	static struct robust_list_head head;
	struct {
		struct robust_list list;
		uint32_t *word;
	} entry = {{&head.list}, words};

	(void)arg;
	head.list.next = &entry.list;
	head.futex_offset = (char *)words - (char *)&entry.list;
	words[0] = (uint32_t)syscall(SYS_gettid) | FUTEX_WAITERS;
	if (syscall(SYS_set_robust_list, &head, sizeof(head)))
		return 1;
	words[1] = 1;
	gt_sleep_ms(50);
	return 0;
}

/* Whoever waits for a robust lock hears of its owner's death. */
static void robust_owner_dies(void)
{
	uint32_t held;
	pid_t pid;

	make_words();
	pid = gt_child(die_with_lock, NULL);
	while (!__atomic_load_n(&words[1], __ATOMIC_SEQ_CST))
		usleep(1000);
	held = words[0];
	CHECK_EQ(held, (uint32_t)pid | FUTEX_WAITERS);
	if (futex(words, FUTEX_WAIT, held, NULL, NULL, 0))
		CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(words[0], FUTEX_WAITERS | FUTEX_OWNER_DIED);
	CHECK(EXITED(gt_wait(pid), 0));
}

static const struct gt_test tests[] = {
	{"wakes_as_many_as_asked", wakes_as_many_as_asked, 0},
	{"requeueing_counts_all", requeueing_counts_all, 0},
	{"requeueing_compares", requeueing_compares, 0},
	{"requeueing_compares_the_copy", requeueing_compares_the_copy, 0},
	{"file_ends_before_waiter", file_ends_before_waiter, 0},
	{"wake_op", wake_op, 0},
	{"bad_arguments", bad_arguments, 0},
	{"handlers_and_time_outs", handlers_and_time_outs, 0},
	{"clock_set_meanwhile", clock_set_meanwhile, 0},
	{"robust_owner_dies", robust_owner_dies, 0},
};

GT_GROUP(futex);
