// SPDX-License-Identifier: GPL-2.0-only
/*
 * init: prepares the system, then keeps a shell on the console for as long as
 * the machine runs, or runs the one command that scripts/run -c put into the
 * root. It reaps orphans and takes the machine down when asked by the signals
 * that BusyBox's poweroff, reboot and halt send.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define RESPAWN_PAUSE_SECONDS 1

/* Reaps every child that has ended; true if @child was among them. */
static bool reap(pid_t child)
{
	bool found = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		found |= pid == child;
	return found;
}

/* A shell that cannot be started must not make init spin. */
static pid_t start_shell(bool again)
{
	static time_t last;
	time_t now = time(NULL);

	if (again && now - last < RESPAWN_PAUSE_SECONDS)
		sleep(RESPAWN_PAUSE_SECONDS);
	last = time(NULL);
	return console_start_shell();
}

static void run_interactive(void) __attribute__((noreturn));
static void run_interactive(void)
{
	pid_t shell = start_shell(false);

	for (;;) {
		struct pollfd wait_for = { .fd = events_fd(), .events = POLLIN };
		enum shutdown_action action;

		/* Without memory for a shell: try again in a while. */
		if (poll(&wait_for, 1, shell < 0 ? RESPAWN_PAUSE_SECONDS * 1000 : -1) < 0 && errno != EINTR)
			complain("poll");
		events_drain();
		action = events_shutdown_request();
		if (action != SHUTDOWN_NONE)
			shutdown_system(action, true);
		if (reap(shell) || shell < 0)
			shell = start_shell(true);
	}
}

int main(void)
{
	char *command;

	if (getpid() != 1) {
		fputs("init: the kernel starts this program as process 1; it does nothing otherwise\n", stderr);
		return 1;
	}
	system_setup();
	/* Ctrl-Alt-Del comes as SIGINT from here on (events.c). */
	reboot(RB_DISABLE_CAD);
	events_init();
	command = read_file(COMMAND_FILE, 1 << 20);
	if (!command)
		run_interactive();
	command_run(command);
	shutdown_system(SHUTDOWN_POWEROFF, false);
}
