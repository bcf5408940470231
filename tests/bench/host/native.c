// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same machine without a guest: what Linux itself takes for comparable things.
 * Prints lines "NAME TICKS OPERATIONS", as the guest does. "native start PROGRAM..."
 * measures how long it takes to run a program to its end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ROUNDS	20000
#define BLOCK	100
#define PAGES	512

static void report(const char *name, unsigned long ticks, unsigned long operations)
{
	printf("%s %lu %lu\n", name, ticks, operations);
	fflush(stdout);
}

static unsigned long getppid_ticks(int rounds)
{
	unsigned long start = ticks_now();

	for (int i = 0; i < rounds; i++)
		syscall(SYS_getppid);
	return ticks_now() - start;
}

static void measure_getppid(const char *name)
{
	getppid_ticks(BLOCK);
	report(name, getppid_ticks(ROUNDS), ROUNDS);
}

/* Of many short turns the best: no interrupt came into it. */
static void measure_getppid_alone(const char *name)
{
	unsigned long least = getppid_ticks(BLOCK);

	for (int i = 0; i < ROUNDS / BLOCK; i++) {
		unsigned long ticks = getppid_ticks(BLOCK);

		least = ticks < least ? ticks : least;
	}
	report(name, least, BLOCK);
}

/* Page faults in a mapping of fd, or of no file. */
static void measure_faults(const char *name, int flags, int fd)
{
	unsigned long ticks = 0;

	for (int round = 0; round < 9; round++) {
		char *at = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, flags, fd, 0);
		unsigned long start;

		if (at == MAP_FAILED)
			exit(1);
		madvise(at, PAGES * 4096, MADV_NOHUGEPAGE);
		start = ticks_now();
		for (int page = 0; page < PAGES; page++)
			((volatile char *)at)[page * 4096] = 1;
		if (round)
			ticks += ticks_now() - start;
		munmap(at, PAGES * 4096);
	}
	report(name, ticks, 8 * PAGES);
}

static void on_signal(int number)
{
	(void)number;
}

static void measure_signal(void)
{
	unsigned long start;

	signal(SIGUSR1, on_signal);
	start = ticks_now();
	for (int i = 0; i < ROUNDS / 10; i++)
		kill(getpid(), SIGUSR1);
	report("native-signal", ticks_now() - start, ROUNDS / 10);
}

/* There and back between two processes, on CPUs of their own if there are two. */
static void measure_pipe(void)
{
	unsigned long start;
	int there[2], back[2];
	char byte = 0;
	pid_t child;

	if (pipe(there) || pipe(back) || (child = fork()) < 0)
		exit(1);
	if (!child) {
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	start = ticks_now();
	for (int i = 0; i < ROUNDS / 10; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			exit(1);
	report("native-pipe", ticks_now() - start, ROUNDS / 10);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int measure_start(const char *name, char **argv, int rounds)
{
	unsigned long start = 0;

	for (int i = -1; i < rounds; i++) {	/* the first one only warms the page cache */
		pid_t child;
		int status;

		if (!i)
			start = ticks_now();
		child = fork();
		if (!child) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, STDOUT_FILENO);
			execv(argv[0], argv);
			_exit(127);
		}
		if (waitpid(child, &status, 0) != child || status)
			return 1;
	}
	report(name, ticks_now() - start, rounds);
	return 0;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc > 3 && !strcmp(argv[1], "start"))
		return measure_start(argv[2], argv + 3, 10);
	measure_getppid("native-getppid");
	measure_getppid_alone("native-getppid-alone");
	fd = memfd_create("pages", 0);
	if (fd < 0 || ftruncate(fd, PAGES * 4096))
		return 1;
	measure_faults("native-fault-shared", MAP_SHARED, fd);
	measure_faults("native-fault-anonymous", MAP_PRIVATE | MAP_ANONYMOUS, -1);
	measure_signal();
	measure_pipe();
	measure_getppid("native-getppid-after");
	return 0;
}
