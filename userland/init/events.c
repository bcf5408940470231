// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals become readable bytes of a pipe: what poll() waits for cannot be lost
 * between a check and a sleep.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "init.h"

static int pipe_fds[2];
static volatile sig_atomic_t shutdown_request;

/* The signals by which BusyBox's poweroff, reboot and halt, and the kernel, call process 1. */
static const struct {
	int signal;
	enum shutdown_action action;
} requests[] = {
	{ SIGUSR2, SHUTDOWN_POWEROFF },
	{ SIGPWR, SHUTDOWN_POWEROFF },	/* the kernel: whoever runs the machine wants it to end */
	{ SIGTERM, SHUTDOWN_REBOOT },
	{ SIGINT, SHUTDOWN_REBOOT },	/* the kernel's answer to Ctrl-Alt-Del */
	{ SIGUSR1, SHUTDOWN_HALT },
};
#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

static void wake(int signal)
{
	int saved = errno;

	for (size_t i = 0; i < REQUESTS; i++) {
		if (requests[i].signal == signal)
			shutdown_request = requests[i].action;
	}
	/* A full pipe wakes just as well. */
	if (write(pipe_fds[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

static void set_handlers(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(SIGCHLD, &action, NULL);
	for (size_t i = 0; i < REQUESTS; i++)
		sigaction(requests[i].signal, &action, NULL);
}

/* Called once, before any child is started. */
void events_init(void)
{
	if (pipe(pipe_fds) < 0) {
		complain("pipe");
		exit(1);
	}
	for (int i = 0; i < 2; i++) {
		fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
		fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
	}
	set_handlers(wake);
}

/* Readable when a child has ended or a shutdown was requested. */
int events_fd(void)
{
	return pipe_fds[0];
}

void events_drain(void)
{
	char bytes[64];

	while (read(pipe_fds[0], bytes, sizeof(bytes)) > 0)
		;
}

enum shutdown_action events_shutdown_request(void)
{
	return shutdown_request;
}

/* A child must not inherit handlers that write to init's pipe before it execs. */
void events_reset_in_child(void)
{
	set_handlers(SIG_DFL);
}
