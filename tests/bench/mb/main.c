// SPDX-License-Identifier: GPL-2.0-only
/*
 * Micro benchmarks of a kernel: one small static program, the same file on every
 * system that is compared, as a program and as the first process. It counts ticks of
 * the time-stamp counter, which under QEMU's "-icount shift=0" are executed
 * instructions, whatever the load of the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mb.h"

const char *self;

void die(const char *what)
{
	fprintf(stderr, "mb: %s: %s\n", what, strerror(errno));
	exit(1);
}

pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

void must_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "mb: a child failed\n");
		exit(1);
	}
}

static int usage(void)
{
	fputs("usage: mb run|time|quick [OPERATION]...   measure operations, all by default\n"
	      "       mb output run|time|quick           measure standard output\n"
	      "       mb clock                           ticks in a nanosecond\n"
	      "       mb profile OPERATION N             repeat one for a profiler\n"
	      "       mb watch COMMAND...                run a machine, say when it is up\n"
	      "(with its full path; as process 1 it runs the words of its command line)\n", stderr);
	return 2;
}

static const struct effort *find_effort(const char *name)
{
	const struct effort *e = efforts;

	while (e->name && strcmp(name, e->name) != 0)
		e++;
	return e->name ? e : NULL;
}

int main(int count, char **arguments)
{
	const char *command = count > 1 ? arguments[1] : "";
	const struct effort *effort;

	self = arguments[0];
	if (getpid() == 1)
		return init_main(arguments + 1);
	if (strcmp(command, "nothing") == 0)
		return 0;
	effort = find_effort(command);
	if (effort)
		return measure(arguments + 2, effort);
	effort = count == 3 ? find_effort(arguments[2]) : NULL;
	if (strcmp(command, "output") == 0 && effort)
		return measure_console(effort);
	if (strcmp(command, "clock") == 0)
		return measure_clock();
	if (strcmp(command, "profile") == 0 && count == 4)
		return profile(arguments[2], atol(arguments[3]));
	if (strcmp(command, "watch") == 0 && count > 2)
		return watch_main(arguments + 2);
	return usage();
}
