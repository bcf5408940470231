// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user takes all the kernel memory that it can get, in each of the ways that there are: it is
 * refused in time, and root goes on as before. Only where the machine is small and ours.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>

#include "gt.h"

#define PAGE 4096UL
#define NOBODY 65534
#define OPEN_MS 5000 /* of a machine that emulates, and is busy */

static uint64_t total_memory(void)
{
	struct sysinfo si;

	CHECK_EQ(sysinfo(&si), 0);
	return si.totalram * si.mem_unit;
}

static uint64_t free_memory(void)
{
	struct sysinfo si;

	CHECK_EQ(sysinfo(&si), 0);
	return si.freeram * si.mem_unit;
}

static void small_machine_of_root_only(void)
{
	if (!gt_on_twinix() || total_memory() > 600UL << 20)
		gt_skip("only on Twinix with less than 600 MiB");
	if (geteuid())
		gt_skip("needs root");
}

/* ---- the ways; each returns the errno that ended it ---- */

static int take_mappings(void)
{
	for (int i = 0;; i++)
		if (mmap(NULL, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			return errno;
}

static int take_timers(void)
{
	while (timerfd_create(CLOCK_MONOTONIC, 0) >= 0)
		;
	return errno;
}

static int take_shared_memory(void)
{
	static char data[64 * PAGE];
	int fd = memfd_create("users", 0);

	if (fd < 0)
		return errno;
	memset(data, 'x', sizeof(data));
	while (write(fd, data, sizeof(data)) > 0)
		;
	return errno;
}

static int take_descriptors(void)
{
	int fd = open("/dev/null", O_RDONLY);

	/* The table has room for all numbers below its largest. */
	return fcntl(fd, F_DUPFD, 4095) < 0 ? errno : 0;
}

/* One page each of a table each: ends by SIGKILL, since an access cannot say why it fails. */
static int take_tables(void)
{
	const size_t span = 1UL << 21;
	char *p = mmap(NULL, span << 16, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < 1UL << 16; i++)
		(void)*(volatile char *)(p + i * span);
	return 0;
}

static void say_done(int done)
{
	if (write(done, "", 1) != 1)
		_exit(1);
}

/* Takes what it gets, says that it is done, and keeps it. */
__attribute__((noreturn)) static void take(int (*way)(void), int done)
{
	struct rlimit files = {4096, 4096};

	setrlimit(RLIMIT_NOFILE, &files);
	way();
	say_done(done);
	for (;;)
		pause();
}

/* @n processes of one user. Each says that it is done; for one that is not or dies, this does. */
__attribute__((noreturn)) static void attack(int (*way)(void), int n, int done)
{
	/* Before the forks: an address space is charged to who makes it. */
	if (setpgid(0, 0) || setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			take(way, done);
		if (pid < 0)
			say_done(done);
	}
	while (wait(NULL) > 0)
		say_done(done);
	_exit(0);
}

/* What root does meanwhile. Returns how long it took, ms. */
static uint64_t work_as_root(void)
{
	uint64_t start = gt_now();
	int fd = open("probe", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "probe", 5), 5);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("probe"), 0);
	return (gt_now() - start) / 1000000;
}

/* Until all @n are done; root works in between. */
static void watch(int done, int n)
{
	struct pollfd pfd = {.fd = done, .events = POLLIN};
	char c[64];

	while (n > 0) {
		CHECK(work_as_root() < OPEN_MS);
		CHECK(EXITED(gt_run(gt_return_0, NULL), 0));
		if (poll(&pfd, 1, 20) > 0) {
			ssize_t got = read(done, c, sizeof(c));

			CHECK(got > 0);
			n -= (int)got;
		}
	}
}

static void resisted(int (*way)(void), int n)
{
	uint64_t total, before;
	int done[2];
	pid_t pid;

	small_machine_of_root_only();
	total = total_memory();
	before = free_memory();
	CHECK(before > total / 4 * 3);
	CHECK_EQ(pipe(done), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		attack(way, n, done[1]);
	watch(done[0], n);
	/* Half is the user's, half the others'. */
	CHECK(free_memory() > total / 4);
	CHECK_EQ(kill(-pid, SIGKILL), 0);
	gt_wait(pid);
	for (int i = 0; i < 200 && free_memory() < before / 4 * 3; i++)
		gt_sleep_ms(50);
	CHECK(free_memory() > before / 4 * 3);
}

static void mappings(void)
{
	resisted(take_mappings, 40);
}

static void timers(void)
{
	resisted(take_timers, 80);
}

static void shared_memory(void)
{
	resisted(take_shared_memory, 4);
}

static void descriptors(void)
{
	resisted(take_descriptors, 900);
}

static void tables(void)
{
	resisted(take_tables, 3);
}

/* Root has no limit; but who takes all is found, though hardly a page of it is mapped. */
static int take_files(void *arg)
{
	struct rlimit files = {1 << 20, 1 << 20};

	(void)arg;
	if (setrlimit(RLIMIT_NOFILE, &files))
		return 1;
	take_timers();
	return 2;
}

static void kernel_memory_counts(void)
{
	small_machine_of_root_only();
	CHECK(KILLED(gt_run(take_files, NULL), SIGKILL));
	CHECK(work_as_root() < OPEN_MS);
}

static const struct gt_test tests[] = {
	{"a_user_makes_mappings", mappings, 200},
	{"a_user_makes_timers", timers, 200},
	{"a_user_fills_shared_memory", shared_memory, 200},
	{"a_user_duplicates_descriptors", descriptors, 200},
	{"a_user_makes_page_tables", tables, 200},
	{"who_has_most_of_the_kernels_memory_is_killed", kernel_memory_counts, 200},
};

GT_GROUP(users);
