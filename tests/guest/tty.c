// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals, through a pseudo-terminal: line editing, echo, raw mode, signals from keys.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "gt.h"

static int master, slave;

static void open_pair(void)
{
	int zero = 0, nr;
	char name[32];

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (master < 0 && (errno == ENOENT || errno == ENODEV))
		gt_skip("no /dev/ptmx");
	CHECK(master >= 0);
	CHECK_EQ(ioctl(master, TIOCSPTLCK, &zero), 0);
	CHECK_EQ(ioctl(master, TIOCGPTN, &nr), 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	slave = open(name, O_RDWR | O_NOCTTY);
	CHECK(slave >= 0);
}

static void set_flags(tcflag_t lflag, tcflag_t oflag)
{
	struct termios t;

	CHECK_EQ(tcgetattr(slave, &t), 0);
	t.c_lflag = lflag;
	t.c_oflag = oflag;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
}

static void type(const char *s)
{
	CHECK_EQ(write(master, s, strlen(s)), strlen(s));
}

/* What the program sees must be this. */
static void expect(int fd, const char *want)
{
	char buf[256];
	size_t n = 0;

	while (n < strlen(want)) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t r;

		CHECK_EQ(poll(&p, 1, 5000), 1);
		r = read(fd, buf + n, sizeof(buf) - n);
		CHECK(r > 0);
		n += (size_t)r;
	}
	CHECK_EQ(n, strlen(want));
	CHECK(!memcmp(buf, want, n));
}

static void expect_nothing(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	CHECK_EQ(poll(&p, 1, 30), 0);
}

static void canonical_lines(void)
{
	open_pair();
	set_flags(ICANON, 0);
	type("one\ntwo");
	expect(slave, "one\n");
	expect_nothing(slave);
	type("\n");
	expect(slave, "two\n");
}

static void erase_and_kill(void)
{
	open_pair();
	set_flags(ICANON | IEXTEN, 0);
	type("ab\177c\n");
	expect(slave, "ac\n");
	type("wrong\025right\n");
	expect(slave, "right\n");
	type("two words\027one\n");
	expect(slave, "two one\n");
}

static void echo(void)
{
	open_pair();
	set_flags(ICANON | ECHO | ECHOE | ECHOK, OPOST | ONLCR);
	type("hi\177o\n");
	expect(master, "hi\b \bo\r\n");
	expect(slave, "ho\n");
}

static void end_of_file(void)
{
	char c;

	open_pair();
	set_flags(ICANON, 0);
	type("\004");
	CHECK_EQ(read(slave, &c, 1), 0);
	type("x\004");
	expect(slave, "x");
}

static void raw_mode(void)
{
	open_pair();
	set_flags(0, 0);
	type("\003a\177");
	expect(slave, "\003a\177");
}

static void raw_time_out(void)
{
	struct termios t;
	uint64_t start;
	char c;

	open_pair();
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	start = gt_now();
	CHECK_EQ(read(slave, &c, 1), 0);
	CHECK(gt_now() - start >= 90000000);
}

static void output_processing(void)
{
	open_pair();
	set_flags(0, OPOST | ONLCR);
	CHECK_EQ(write(slave, "a\nb\n", 4), 4);
	expect(master, "a\r\nb\r\n");
	set_flags(0, 0);
	CHECK_EQ(write(slave, "a\n", 2), 2);
	expect(master, "a\n");
}

static void window_size(void)
{
	struct winsize ws = { 33, 99, 0, 0 }, got;

	open_pair();
	CHECK_EQ(ioctl(master, TIOCSWINSZ, &ws), 0);
	CHECK_EQ(ioctl(slave, TIOCGWINSZ, &got), 0);
	CHECK(got.ws_row == 33 && got.ws_col == 99);
}

static int key_victim(void *arg)
{
	int sig = (int)(intptr_t)arg;

	(void)sig;
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0))
		return 1;
	if (tcgetpgrp(slave) != getpgrp())
		return 2;
	if (write(slave, "R", 1) != 1)
		return 3;
	for (;;)
		pause();
}

static void key_kills(const char *key, int sig)
{
	pid_t pid;

	open_pair();
	set_flags(ICANON | ISIG, 0);
	pid = gt_child(key_victim, NULL);
	expect(master, "R");
	type(key);
	CHECK(KILLED(gt_wait(pid), sig));
	close(master);
	close(slave);
}

static void signal_keys(void)
{
	key_kills("\003", SIGINT);
	key_kills("\034", SIGQUIT);
}

static int hangup_victim(void *arg)
{
	close(master);
	return key_victim(arg);
}

static void hang_up(void)
{
	char c;
	pid_t pid;

	open_pair();
	pid = gt_child(hangup_victim, NULL);
	expect(master, "R");
	close(master);
	CHECK(KILLED(gt_wait(pid), SIGHUP));
	CHECK_EQ(read(slave, &c, 1), 0);
	CHECK_ERR(write(slave, "x", 1), EIO);
	CHECK_ERR(tcsetpgrp(slave, getpgrp()), ENOTTY);
	CHECK_ERR(tcflush(slave, TCIFLUSH), EIO);
}

static void not_a_terminal(void)
{
	struct termios t;
	int fd = open("/dev/null", O_RDWR);

	CHECK_ERR(tcgetattr(fd, &t), ENOTTY);
	CHECK_EQ(isatty(fd), 0);
	open_pair();
	CHECK_EQ(isatty(slave), 1);
}

static int type_long_lines(void *arg)
{
	static char line[3000];

	(void)arg;
	memset(line, 'x', sizeof(line));
	line[1500] = '\n';
	/* The second line has no end when it fills the buffer. */
	type("short\n");
	for (size_t at = 0; at < sizeof(line); at += 100)
		CHECK_EQ(write(master, line + at, 100), 100);
	for (int i = 0; i < 30; i++)
		CHECK_EQ(write(master, line, 100), 100);
	type("\n");
	return 0;
}

/* A line that is longer than the terminal's memory is cut; nobody waits for ever. */
static void line_too_long(void)
{
	char buf[8192];
	pid_t pid;

	open_pair();
	set_flags(ICANON, 0);
	pid = gt_child(type_long_lines, NULL);
	/* Nothing is read until the writer cannot go on. */
	gt_sleep_ms(100);
	CHECK_EQ(read(slave, buf, sizeof(buf)), 6);
	CHECK_EQ(read(slave, buf, sizeof(buf)), 1501);
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK(read(slave, buf, sizeof(buf)) > 1000);
}

/* With VMIN and VTIME 0 a read never waits: no data is no error, O_NONBLOCK or not. */
static void raw_read_without_waiting(void)
{
	struct termios t;
	char c;

	open_pair();
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	CHECK_EQ(read(slave, &c, 1), 0);
	CHECK_EQ(fcntl(slave, F_SETFL, O_NONBLOCK), 0);
	CHECK_EQ(read(slave, &c, 1), 0);
	t.c_cc[VMIN] = 1;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	CHECK_ERR(read(slave, &c, 1), EAGAIN);
}

static int fill_output(void *arg)
{
	char block[1024] = {0};

	(void)arg;
	for (;;)
		if (write(slave, block, sizeof(block)) < 0)
			return 1;
}

/* A writer that is stuck does not hold up one that will not wait. */
static void nonblocking_beside_stuck_writer(void)
{
	char name[64];
	pid_t pid;
	int fd;

	open_pair();
	set_flags(0, 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", slave);
	fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK);
	CHECK(fd >= 0);
	pid = gt_child(fill_output, NULL);
	gt_sleep_ms(100);
	CHECK_ERR(write(fd, "x", 1), EAGAIN);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

/* In a new session: opens the terminal in one way, and looks whether it is the session's now. */
static int open_in_session(void *arg)
{
	int flags = (int)(intptr_t)arg, nr, fd;
	char name[32];

	if (setsid() < 0 || ioctl(master, TIOCGPTN, &nr))
		return 1;
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	if (open(name, flags) < 0)
		return 2;
	fd = open("/dev/tty", O_RDWR);
	return fd >= 0 ? 10 : errno == ENXIO ? 11 : 3;
}

static void controlling_terminal(void)
{
	open_pair();
	CHECK(EXITED(gt_run(open_in_session, (void *)(intptr_t)(O_RDWR | O_NOCTTY)), 11));
	/* Whoever may only write gets no terminal to type into by TIOCSTI. */
	CHECK(EXITED(gt_run(open_in_session, (void *)(intptr_t)O_WRONLY), 11));
	CHECK(EXITED(gt_run(open_in_session, (void *)(intptr_t)O_RDWR), 10));
}

/* System V's modes (ioctl_tty(2)), which are the low halves of the newer ones. */
static void old_modes(void)
{
	struct {
		unsigned short iflag, oflag, cflag, lflag;
		unsigned char line, cc[8];
	} old;
	enum { GET = 0x5405, SET, SET_DRAINED, SET_FLUSHED };
	struct termios t;

	open_pair();
	CHECK_EQ(ioctl(slave, GET, &old), 0);
	CHECK_EQ(tcgetattr(slave, &t), 0);
	CHECK_EQ(old.lflag, t.c_lflag);
	CHECK_EQ(old.cc[VERASE], t.c_cc[VERASE]);
	old.lflag &= (unsigned short)~ECHO;
	old.cc[VERASE] = 'z';
	t.c_cc[VSUSP] = 'y';
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	CHECK_EQ(ioctl(slave, SET_DRAINED, &old), 0);
	CHECK_EQ(tcgetattr(slave, &t), 0);
	CHECK_EQ(t.c_lflag & ECHO, 0);
	CHECK_EQ(t.c_cc[VERASE], 'z');
	CHECK_EQ(t.c_cc[VSUSP], 'y');
	type("lost\n");
	CHECK_EQ(ioctl(slave, SET_FLUSHED, &old), 0);
	type("abz\n");
	expect(slave, "a\n");
	CHECK_ERR(ioctl(slave, SET, BAD_PTR), EFAULT);
}

static const struct gt_test tests[] = {
	{ "canonical_lines", canonical_lines, 0 },
	{ "erase_and_kill", erase_and_kill, 0 },
	{ "echo", echo, 0 },
	{ "end_of_file", end_of_file, 0 },
	{ "raw_mode", raw_mode, 0 },
	{ "raw_time_out", raw_time_out, 0 },
	{ "line_too_long", line_too_long, 0 },
	{ "raw_read_without_waiting", raw_read_without_waiting, 0 },
	{ "nonblocking_beside_stuck_writer", nonblocking_beside_stuck_writer, 0 },
	{ "output_processing", output_processing, 0 },
	{ "window_size", window_size, 0 },
	{ "signal_keys", signal_keys, 0 },
	{ "hang_up", hang_up, 0 },
	{ "controlling_terminal", controlling_terminal, 0 },
	{ "not_a_terminal", not_a_terminal, 0 },
	{ "old_modes", old_modes, 0 },
};
GT_GROUP(tty);
