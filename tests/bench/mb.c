// SPDX-License-Identifier: GPL-2.0-only
/*
 * Micro benchmarks of a kernel: one small static program, the same file on every
 * system that is compared. It counts ticks of the time-stamp counter, which under
 * QEMU's "-icount shift=0" are executed instructions, whatever the load of the
 * machine; elsewhere --time counts nanoseconds.
 *
 * Each operation is repeated in rounds; the cheapest round counts, since all
 * disturbance only adds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5
#define PAGE 4096
#define FAULT_PAGES 256

static const char *self;
static bool count_time;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;
	uint32_t low, high;

	if (count_time) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		return t.tv_sec * 1000000000ULL + t.tv_nsec;
	}
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void null_call(long n)
{
	while (n--)
		syscall(SYS_getppid);
}

static void clock_call(long n)
{
	struct timespec t;

	while (n--)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
}

static void on_signal(int signal)
{
}

static void signal_self(long n)
{
	pid_t pid = getpid();

	signal(SIGUSR1, on_signal);
	while (n--)
		kill(pid, SIGUSR1);
}

static void must_write(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		die("write");
}

static void must_read(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		die("read");
}

static void must_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a child failed");
}

/* A byte to a child and another one back. */
static void pipe_round_trip(long n)
{
	int there[2], back[2];
	pid_t pid;

	if (pipe(there) || pipe(back))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		while (n--) {
			must_read(there[0]);
			must_write(back[1], 'x');
		}
		_exit(0);
	}
	while (n--) {
		must_write(there[1], 'x');
		must_read(back[0]);
	}
	must_wait(pid);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
}

/* Two processes that hand the one CPU to each other. */
static void yield_pair(long n)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	for (long i = 0; i < n; i++)
		sched_yield();
	if (pid == 0)
		_exit(0);
	must_wait(pid);
}

static void fork_wait(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			_exit(0);
		must_wait(pid);
	}
}

static void fork_exec_wait(long n)
{
	char *arguments[] = { (char *)self, "--nothing", NULL }, *environment[] = { NULL };

	while (n--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			execve(self, arguments, environment);
			_exit(127);
		}
		must_wait(pid);
	}
}

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* The first touch of a page, with its share of mapping and unmapping 256 of them. */
static void page_fault(long n)
{
	for (; n > 0; n -= FAULT_PAGES) {
		volatile char *p = map(FAULT_PAGES * PAGE);

		for (long i = 0; i < FAULT_PAGES; i++)
			p[i * PAGE] = 1;
		munmap((char *)p, FAULT_PAGES * PAGE);
	}
}

static void map_touch_unmap(long n)
{
	while (n--) {
		volatile char *p = map(PAGE);

		*p = 1;
		munmap((char *)p, PAGE);
	}
}

static void file_read(long n)
{
	static char buffer[PAGE];
	int fd = open(self, O_RDONLY);

	if (fd < 0)
		die(self);
	while (n--) {
		if (pread(fd, buffer, PAGE, 0) != PAGE)
			die("pread");
	}
	close(fd);
}

static const struct {
	const char *name;
	void (*run)(long n);
	long n;
} benchmarks[] = {
	{ "null_call", null_call, 2000 },
	{ "clock_gettime", clock_call, 2000 },
	{ "signal_self", signal_self, 500 },
	{ "pipe_round_trip", pipe_round_trip, 500 },
	{ "yield_pair", yield_pair, 500 },
	{ "fork_wait", fork_wait, 30 },
	{ "fork_exec_wait", fork_exec_wait, 20 },
	{ "page_fault", page_fault, 4 * FAULT_PAGES },
	{ "map_touch_unmap", map_touch_unmap, 500 },
	{ "file_read_4k", file_read, 500 },
};

static double cheapest_round(void (*run)(long n), long n)
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = now(), took;

		run(n);
		took = now() - start;
		if (took < best)
			best = took;
	}
	return (double)best / n;
}

int main(int count, char **arguments)
{
	cpu_set_t first;

	self = arguments[0];
	if (count > 1 && strcmp(arguments[1], "--nothing") == 0)
		return 0;
	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--time") != 0) {
			fprintf(stderr, "usage: mb [--time]    (with its full path)\n");
			return 2;
		}
		count_time = true;
	}
	/* Both ends of a pipe on one CPU: what is measured is the kernel, not its balancing. */
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	for (size_t i = 0; i < sizeof(benchmarks) / sizeof(benchmarks[0]); i++) {
		printf("%s %.1f\n", benchmarks[i].name, cheapest_round(benchmarks[i].run, benchmarks[i].n));
		fflush(stdout);
	}
	return 0;
}
