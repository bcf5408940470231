// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a machine, or a program, with a pipe for its console, which is read here: what is
 * measured is the same for all, and cheap. Passes on all lines but those of the console
 * benchmark. Prints when the first process's word came, and ends the machine at its last.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "mb.h"

#define LINE_MAX 512

static pid_t machine;
static struct timespec started;
static int end_status = -1;

static void end_machine(int signal)
{
	kill(-machine, SIGKILL);
	if (signal)
		_exit(128 + signal);
}

static void take_line(const char *line)
{
	struct timespec now;

	if (line[0] == '.' || line[0] == 0)
		return;
	printf("%s\n", line);
	fflush(stdout);
	if (strncmp(line, "@up ", 4) == 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		printf("@boot_ns %lld\n", (now.tv_sec - started.tv_sec) * 1000000000LL +
					  now.tv_nsec - started.tv_nsec);
		fflush(stdout);
	} else if (strncmp(line, "@end ", 5) == 0) {
		end_status = atoi(line + 5);
		end_machine(0);
	}
}

/* A line longer than the buffer is cut; no figure is. */
static void take(const char *data, ssize_t size)
{
	static char line[LINE_MAX];
	static size_t length;

	for (ssize_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			line[length] = 0;
			take_line(line);
			length = 0;
		} else if (data[i] != '\r' && length < LINE_MAX - 1) {
			line[length++] = data[i];
		}
	}
}

static void start(char **arguments, int output)
{
	int nothing = open("/dev/null", O_RDONLY);

	setsid();
	dup2(nothing, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	close(output);
	execvp(arguments[0], arguments);
	die(arguments[0]);
}

int watch_main(char **arguments)
{
	static char buffer[65536];
	int console[2], status;
	ssize_t size;

	if (pipe2(console, O_CLOEXEC))
		die("pipe");
	clock_gettime(CLOCK_MONOTONIC, &started);
	MARK(3);
	machine = must_fork();
	if (machine == 0)
		start(arguments, console[1]);
	signal(SIGTERM, end_machine);
	close(console[1]);
	while ((size = read(console[0], buffer, sizeof(buffer))) > 0)
		take(buffer, size);
	if (waitpid(machine, &status, 0) != machine)
		die("waitpid");
	if (end_status >= 0)
		return end_status;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
