// SPDX-License-Identifier: GPL-2.0-only
/* Operations that need a second process. */
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mb.h"

static int there[2], back[2];
static pid_t partner;
static volatile pid_t *last_to_run;

static bool move_byte(int from, int to)
{
	char c;

	return read(from, &c, 1) == 1 && write(to, &c, 1) == 1;
}

static void start_echo(void)
{
	if (pipe(there) || pipe(back))
		die("pipe");
	partner = must_fork();
	if (partner == 0) {
		close(there[1]);
		close(back[0]);
		while (move_byte(there[0], back[1]))
			;
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
}

/* A byte to the partner and another one back. */
static long pipe_round_trip(long n)
{
	char c = 'x';

	for (long i = 0; i < n; i++)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			die("pipe");
	return n;
}

static void end_echo(void)
{
	close(there[1]);
	close(back[0]);
	must_wait(partner);
}

/* Hands the CPU over; true if the other process ran since the last time. */
static bool hand_over(pid_t me)
{
	bool switched = *last_to_run != me;

	*last_to_run = me;
	sched_yield();
	return switched;
}

static void start_yielding(void)
{
	last_to_run = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (last_to_run == MAP_FAILED)
		die("mmap");
	partner = must_fork();
	if (partner == 0)
		for (;;)
			hand_over(2);
}

/*
 * Two processes that yield the one CPU. A scheduler need not switch at each yield, so
 * the switches are counted: there and back are two.
 */
static long yield_pair(long n)
{
	long switches = 0;

	for (long i = 0; i < n; i++)
		if (hand_over(1))
			switches += 2;
	return switches;
}

static void end_yielding(void)
{
	kill(partner, SIGKILL);
	waitpid(partner, NULL, 0);
	munmap((void *)last_to_run, PAGE);
}

static long fork_wait(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = must_fork();

		if (pid == 0)
			_exit(0);
		must_wait(pid);
	}
	return n;
}

static long fork_exec_wait(long n)
{
	char *arguments[] = { (char *)self, "nothing", NULL }, *environment[] = { NULL };

	for (long i = 0; i < n; i++) {
		pid_t pid = must_fork();

		if (pid == 0) {
			execve(self, arguments, environment);
			_exit(127);
		}
		must_wait(pid);
	}
	return n;
}

const struct operation processes[] = {
	{ "pipe_round_trip", start_echo, pipe_round_trip, end_echo, 500 },
	{ "context_switch", start_yielding, yield_pair, end_yielding, 500 },
	{ "fork_wait", NULL, fork_wait, NULL, 30 },
	{ "fork_exec_wait", NULL, fork_exec_wait, NULL, 20 },
	{ NULL, NULL, NULL, NULL, 0 },
};
