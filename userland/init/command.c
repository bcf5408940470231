// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs one command whose output and status go, framed, to scripts/run on the
 * other side of the console. Input is asked for piece by piece: init sends
 * FRAME_WANT when the command's pipe has room, and the answer is a length of
 * two bytes (big endian; 0: end of file) and that many bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

#define INPUT_MAX 1024	/* fits a pipe and a terminal's input buffer */

/* What "command" is doing. A closed stream has fd -1, which poll() ignores. */
struct run {
	int console;
	pid_t pid;
	int in;			/* the command's standard input, for writing */
	int out[2];		/* its standard output and error, for reading */
	bool asked;		/* input was asked for and has not come */
	bool ended;
	int status;
};

static int raw_console(void)
{
	int fd = open_console();
	struct termios mode;

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (tcgetattr(fd, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(fd, TCSANOW, &mode);
	}
	return fd;
}

static void close_stream(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child: the three streams, a session without a terminal, the shell. */
static void exec_command(const char *command, int in, int out, int err) __attribute__((noreturn));
static void exec_command(const char *command, int in, int out, int err)
{
	events_reset_in_child();
	setsid();
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	setenv("HOME", "/root", 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("USER", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("TERM", "dumb", 1);
	if (chdir("/root") < 0)
		complain("/root");
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	complain("/bin/sh");
	_exit(127);
}

static int make_pipe(int fds[2])
{
	if (pipe(fds) < 0)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static int start(struct run *run, const char *command)
{
	bool piped_input = access(STDIN_FILE, F_OK) == 0;
	int in[2] = { -1, -1 }, out[2], err[2];

	if (make_pipe(out) < 0 || make_pipe(err) < 0 || (piped_input && make_pipe(in) < 0))
		return -1;
	if (!piped_input)
		in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	run->pid = fork();
	if (run->pid < 0)
		return -1;
	if (run->pid == 0)
		exec_command(command, in[0], out[1], err[1]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	run->in = in[1];
	run->out[0] = out[0];
	run->out[1] = err[0];
	if (run->in >= 0)
		fcntl(run->in, F_SETFL, O_NONBLOCK);
	return 0;
}

static bool read_exactly(int fd, uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t n = read(fd, bytes, length);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0) {
			bytes += n;
			length -= n;
		}
	}
	return true;
}

/* Takes one answer to FRAME_WANT and passes it on. */
static void take_input(struct run *run)
{
	uint8_t header[2], data[INPUT_MAX];
	size_t length = 0;

	run->asked = false;
	if (read_exactly(run->console, header, sizeof(header)))
		length = header[0] << 8 | header[1];
	if (!length || length > sizeof(data) || !read_exactly(run->console, data, length))
		close_stream(&run->in);
	else if (run->in >= 0 && write(run->in, data, length) < 0)
		close_stream(&run->in);
}

static void pass_output(struct run *run, int which)
{
	char data[FRAME_MAX];
	ssize_t n = read(run->out[which], data, sizeof(data));

	if (n > 0)
		frame_send(run->console, which ? FRAME_STDERR : FRAME_STDOUT, data, n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_stream(&run->out[which]);
}

static void reap_children(struct run *run)
{
	int status;
	pid_t pid;

	events_drain();
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != run->pid)
			continue;
		run->ended = true;
		run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

/* True while there is something to wait for or to pass on. */
static bool step(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = events_fd(), .events = POLLIN },
		{ .fd = run->out[0], .events = POLLIN },
		{ .fd = run->out[1], .events = POLLIN },
		{ .fd = run->asked ? run->console : -1, .events = POLLIN },
		{ .fd = run->asked ? -1 : run->in, .events = POLLOUT },
	};
	/* Once the command has ended, only what is in the pipes already is waited for: a background job may hold them open for ever. */
	int ready = poll(fds, sizeof(fds) / sizeof(fds[0]), run->ended ? 0 : -1);

	if (run->ended && !(fds[1].revents | fds[2].revents))
		return false;
	if (ready < 0)
		return errno == EINTR;
	for (int which = 0; which < 2; which++) {
		if (fds[1 + which].revents)
			pass_output(run, which);
	}
	if (fds[3].revents)
		take_input(run);
	if (fds[4].revents & POLLERR) {
		close_stream(&run->in);
	} else if (fds[4].revents & POLLOUT) {
		frame_send(run->console, FRAME_WANT, "", 0);
		run->asked = true;
	}
	if (fds[0].revents)
		reap_children(run);
	return true;
}

/* The kernel's messages, for whoever wants to know why the command failed. */
static void send_log(int console)
{
	enum { READ_ALL = 3, SIZE_BUFFER = 10 };
	int size = klogctl(SIZE_BUFFER, NULL, 0);
	char *log = size > 0 ? malloc(size) : NULL;
	int length = log ? klogctl(READ_ALL, log, size) : 0;

	for (int at = 0; at < length; at += FRAME_MAX)
		frame_send(console, FRAME_LOG, log + at, length - at < FRAME_MAX ? length - at : FRAME_MAX);
	free(log);
}

/**
 * command_run - run a command to its end
 * @command: what /bin/sh -c gets
 *
 * Return: the command's status, which has been sent too.
 */
int command_run(const char *command)
{
	struct run run = { .console = raw_console(), .in = -1, .out = { -1, -1 } };
	char status[16];

	if (start(&run, command) < 0) {
		complain("cannot start the command");
		run.status = 127;
	} else {
		while (step(&run))
			;
	}
	send_log(run.console);
	frame_send(run.console, FRAME_STATUS, status, snprintf(status, sizeof(status), "%d", run.status));
	tcdrain(run.console);
	return run.status;
}
