// SPDX-License-Identifier: GPL-2.0-only
/*
 * As the first process of a machine whose root holds nothing else: says at once that it
 * is there, runs the commands of its command line, which "+" separates, and switches the
 * machine off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "mb.h"

/* One write(), so that the watcher gets it whole; the guest's clock is for comparison. */
static void say_up(void)
{
	struct timespec t;
	char line[64];

	MARK(4);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	write(STDOUT_FILENO, line, snprintf(line, sizeof(line), "\n@up %lld\n",
					    t.tv_sec * 1000000000LL + t.tv_nsec));
}

static void say_memory(void)
{
	struct sysinfo info;

	if (sysinfo(&info))
		die("sysinfo");
	printf("@memory_free_kib %llu\n",
	       (unsigned long long)info.freeram * info.mem_unit / 1024);
	fflush(stdout);
}

static void idle(void)
{
	printf("@idle 0\n");
	fflush(stdout);
	for (;;)
		pause();
}

static int run_command(char **words)
{
	char *arguments[16] = { (char *)self };
	int status;
	pid_t pid;

	if (strcmp(words[0], "idle") == 0)
		idle();
	for (int i = 0; i < 14 && words[i]; i++)
		arguments[i + 1] = words[i];
	pid = must_fork();
	if (pid == 0) {
		execv(self, arguments);
		die(self);
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What has a "=" is the kernel's: User-Mode Linux puts a console behind all that it is given. */
static void drop_options(char **words)
{
	char **kept = words;

	for (; *words; words++)
		if (!strchr(*words, '='))
			*kept++ = *words;
	*kept = NULL;
}

int init_main(char **words)
{
	int status = 0;

	drop_options(words);
	say_up();
	say_memory();
	while (*words && !status) {
		char **command = words;

		while (*words && strcmp(*words, "+") != 0)
			words++;
		if (*words)
			*words++ = NULL;
		if (*command)
			status = run_command(command);
	}
	printf("@end %d\n", status);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
