// SPDX-License-Identifier: GPL-2.0-only
/* Operations that need a second process. */
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mb.h"

/* musl has no header for these. */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

static int there[2], back[2];
static pid_t partner;
/* Whose turn it is. */
enum { PARENT, PARTNER, NOBODY };
static volatile int *turn;

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

/* Lets the process whose turn it is run; returns when it is the turn of @me, or nobody's. */
static void hand_over(int me, int next)
{
	*turn = next;
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (*turn == PARTNER - me)
		syscall(SYS_futex, turn, FUTEX_WAIT, PARTNER - me, NULL, NULL, 0);
}

static void start_partner(void)
{
	turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turn == MAP_FAILED)
		die("mmap");
	partner = must_fork();
	if (partner == 0) {
		do
			hand_over(PARTNER, PARENT);
		while (*turn != NOBODY);
		_exit(0);
	}
}

/* By futex, since a scheduler need not switch when somebody yields. There and back: two. */
static long switch_pair(long n)
{
	for (long i = 0; i < n; i++)
		hand_over(PARENT, PARTNER);
	return 2 * n;
}

static void end_partner(void)
{
	*turn = NOBODY;
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	must_wait(partner);
	munmap((void *)turn, PAGE);
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
	{ "context_switch", start_partner, switch_pair, end_partner, 500 },
	{ "fork_wait", NULL, fork_wait, NULL, 30 },
	{ "fork_exec_wait", NULL, fork_exec_wait, NULL, 20 },
	{ NULL, NULL, NULL, NULL, 0 },
};
