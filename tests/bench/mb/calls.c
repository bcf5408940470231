// SPDX-License-Identifier: GPL-2.0-only
/* Operations that are one or two system calls. */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "mb.h"

static int file;

static long null_call(long n)
{
	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	return n;
}

/* As programs call it: where the kernel offers a vDSO, no system call. */
static long clock_by_library(long n)
{
	struct timespec t;

	for (long i = 0; i < n; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	return n;
}

static long clock_by_call(long n)
{
	struct timespec t;

	for (long i = 0; i < n; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return n;
}

static void on_signal(int signal)
{
}

static void take_signals(void)
{
	if (signal(SIGUSR1, on_signal) == SIG_ERR)
		die("signal");
}

static long signal_self(long n)
{
	pid_t pid = getpid();

	for (long i = 0; i < n; i++)
		kill(pid, SIGUSR1);
	return n;
}

static void open_file(void)
{
	file = open(self, O_RDONLY);
	if (file < 0)
		die(self);
}

static long read_file(long n)
{
	static char buffer[PAGE];

	for (long i = 0; i < n; i++)
		if (pread(file, buffer, PAGE, 0) != PAGE)
			die("pread");
	return n;
}

static void close_file(void)
{
	close(file);
}

const struct operation calls[] = {
	{ "null_call", NULL, null_call, NULL, 2000 },
	{ "clock_gettime", NULL, clock_by_library, NULL, 2000 },
	{ "clock_gettime_call", NULL, clock_by_call, NULL, 2000 },
	{ "signal_self", take_signals, signal_self, NULL, 500 },
	{ "file_read_4k", open_file, read_file, close_file, 500 },
	{ NULL, NULL, NULL, NULL, 0 },
};
