// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking the machine down: everybody is asked to end, then made to, then what
 * is in memory goes to the disks.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define STEP_MILLISECONDS 20
#define PATIENCE_MILLISECONDS 2000

/* Reaps for up to @milliseconds; true if no child is left. */
static bool all_gone(int milliseconds)
{
	struct timespec step = { .tv_nsec = STEP_MILLISECONDS * 1000000L };

	for (;;) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return true;
		if (milliseconds <= 0)
			return false;
		nanosleep(&step, NULL);
		milliseconds -= STEP_MILLISECONDS;
	}
}

static void stop_processes(bool patient)
{
	if (patient) {
		/* An interactive shell ignores SIGTERM but not SIGHUP; a stopped program acts on neither. */
		kill(-1, SIGTERM);
		kill(-1, SIGHUP);
		kill(-1, SIGCONT);
		if (all_gone(PATIENCE_MILLISECONDS))
			return;
	}
	kill(-1, SIGKILL);
	all_gone(PATIENCE_MILLISECONDS);
}

/**
 * shutdown_system - end everything and switch the machine off or reset it
 * @action: what is to become of the machine
 * @patient: whether programs are given time to end by themselves
 */
void shutdown_system(enum shutdown_action action, bool patient)
{
	static const struct {
		int command;
		const char *message;
	} ways[] = {
		[SHUTDOWN_POWEROFF] = { RB_POWER_OFF, "power off" },
		[SHUTDOWN_REBOOT] = { RB_AUTOBOOT, "reboot" },
		[SHUTDOWN_HALT] = { RB_HALT_SYSTEM, "halt" },
	};

	if (patient)
		dprintf(STDERR_FILENO, "\ninit: %s\n", ways[action].message);
	stop_processes(patient);
	sync();
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	reboot(ways[action].command);
	complain(ways[action].message);
	for (;;)
		pause();
}
