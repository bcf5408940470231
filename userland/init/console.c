// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interactive shell: a session of its own that has the console as its
 * controlling terminal, so that job control works.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

/* What a program that died with the terminal in raw mode left is undone. */
static void sane_terminal(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0)
		return;
	mode.c_iflag = ICRNL | IXON | BRKINT;
	mode.c_oflag = OPOST | ONLCR;
	mode.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	mode.c_cflag |= CREAD | HUPCL;
	tcsetattr(fd, TCSANOW, &mode);
}

static void become_session(void)
{
	int fd;

	setsid();
	fd = open_console();
	if (fd < 0)
		_exit(1);
	if (ioctl(fd, TIOCSCTTY, 1) < 0)
		complain("no job control: TIOCSCTTY");
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
	sane_terminal(STDIN_FILENO);
}

static void set_environment(void)
{
	setenv("HOME", "/root", 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "root", 1);
	setenv("TERM", "linux", 0);
	if (chdir("/root") < 0)
		complain("/root");
}

/* Return: the shell's pid, or -1. */
pid_t console_start_shell(void)
{
	pid_t pid = fork();

	if (pid < 0)
		complain("fork");
	if (pid != 0)
		return pid;
	events_reset_in_child();
	become_session();
	set_environment();
	execl("/bin/sh", "-sh", (char *)NULL);
	complain("/bin/sh");
	_exit(127);
}
