/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init, the first program: what its files offer each other. It has one thread,
 * and everything happens in the event loop of main.c.
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files by which the builder of the root tells init what it is for. */
#define COMMAND_FILE	"/etc/twinix/command"	/* run this, then power off */
#define STDIN_FILE	"/etc/twinix/stdin"	/* its standard input comes over the console */
#define WINSIZE_FILE	"/etc/twinix/winsize"	/* "ROWS COLUMNS" of the console */

enum shutdown_action { SHUTDOWN_NONE, SHUTDOWN_POWEROFF, SHUTDOWN_REBOOT, SHUTDOWN_HALT };

/* events.c: signals as bytes in a pipe, so that poll() waits for everything. */
void events_init(void);
int events_fd(void);
void events_drain(void);
enum shutdown_action events_shutdown_request(void);
void events_reset_in_child(void);

/* system.c: what has to be there before any other program runs. */
void system_setup(void);
int open_console(void);
char *read_file(const char *path, size_t limit);
void complain(const char *what);

/* console.c: an interactive shell on the console. */
pid_t console_start_shell(void);

/* command.c: one command, its streams framed on the console. */
int command_run(const char *command);

/* frame.c: how streams share the console. */
enum frame_type {
	FRAME_STDOUT = 1,	/* bytes that the command wrote */
	FRAME_STDERR,
	FRAME_WANT,		/* init can take input */
	FRAME_LOG,		/* a piece of the kernel log */
	FRAME_STATUS,		/* text: the exit status; the last frame */
};
#define FRAME_MAX	4096
void frame_send(int fd, enum frame_type type, const void *data, size_t length);

/* shutdown.c */
void shutdown_system(enum shutdown_action action, bool patient) __attribute__((noreturn));

#endif
