// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pipes and FIFOs.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "gt.h"

static void pair(int fds[2])
{
	CHECK_EQ(pipe(fds), 0);
}

static void bytes_in_order(void)
{
	static unsigned char buf[5000];
	int fds[2], sum = 0;
	pid_t pid;
	ssize_t n;

	pair(fds);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		for (int i = 0; i < 200; i++) {
			memset(buf, i, 1033);
			if (write(fds[1], buf, 1033) != 1033)
				_exit(1);
		}
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++, sum++)
			CHECK_EQ(buf[i], sum / 1033 % 256);
	CHECK_EQ(n, 0);
	CHECK_EQ(sum, 200 * 1033);
	CHECK(EXITED(gt_wait(pid), 0));
}

static int write_alone(void *arg)
{
	int *fds = arg;

	close(fds[0]);
	return write(fds[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1;
}

static int write_alone_ignoring(void *arg)
{
	signal(SIGPIPE, SIG_IGN);
	return write_alone(arg);
}

static void no_reader(void)
{
	int fds[2];

	pair(fds);
	close(fds[0]);
	CHECK(KILLED(gt_run(write_alone, fds), SIGPIPE));
	CHECK(EXITED(gt_run(write_alone_ignoring, fds), 0));
}

static void nonblocking(void)
{
	static char buf[4096];
	long total = 0;
	int fds[2];
	ssize_t n;

	CHECK_EQ(pipe2(fds, O_NONBLOCK), 0);
	CHECK_ERR(read(fds[0], buf, 1), EAGAIN);
	while ((n = write(fds[1], buf, sizeof(buf))) > 0)
		total += n;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(total, 65536);
	CHECK_EQ(ioctl(fds[0], FIONREAD, &n), 0);
	CHECK_EQ((int)n, 65536);
	CHECK_EQ(read(fds[0], buf, 100), 100);
	CHECK_ERR(write(fds[1], buf, 4096), EAGAIN);	/* PIPE_BUF bytes: all or none */
	close(fds[1]);
	CHECK_EQ(fcntl(fds[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

static void size_change(void)
{
	int fds[2];

	pair(fds);
	CHECK_EQ(fcntl(fds[0], F_GETPIPE_SZ), 65536);
	CHECK(fcntl(fds[0], F_SETPIPE_SZ, 131072) >= 131072);
	CHECK_EQ(fcntl(fds[1], F_GETPIPE_SZ), 131072);
}

static void wrong_ends(void)
{
	int fds[2];
	char c;

	pair(fds);
	CHECK_ERR(write(fds[0], "x", 1), EBADF);
	CHECK_ERR(read(fds[1], &c, 1), EBADF);
	CHECK_ERR(lseek(fds[0], 0, SEEK_SET), ESPIPE);
	CHECK_ERR(pread(fds[0], &c, 1, 0), ESPIPE);
	CHECK_ERR(pipe2(fds, 0x12345), EINVAL);
	CHECK_ERR(pipe(BAD_PTR), EFAULT);
}

/* Writes of up to PIPE_BUF bytes by several processes do not mix. */
static void atomic_writes(void)
{
	enum { WRITERS = 4, ROUNDS = 200, LEN = 1000 };
	static char buf[LEN];
	int fds[2], status;

	pair(fds);
	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0) {
			memset(buf, 'a' + w, LEN);
			for (int i = 0; i < ROUNDS; i++)
				if (write(fds[1], buf, LEN) != LEN)
					_exit(1);
			_exit(0);
		}
	close(fds[1]);
	for (int i = 0; i < WRITERS * ROUNDS; i++) {
		size_t got = 0;

		while (got < LEN) {
			ssize_t n = read(fds[0], buf + got, LEN - got);

			CHECK(n > 0);
			got += (size_t)n;
		}
		for (int k = 1; k < LEN; k++)
			CHECK_EQ(buf[k], buf[0]);
	}
	for (int w = 0; w < WRITERS; w++)
		CHECK(waitpid(-1, &status, 0) > 0 && EXITED(status, 0));
}

static void ping_pong(void)
{
	int a[2], b[2];
	pid_t pid;
	int v = 0;

	pair(a);
	pair(b);
	pid = fork();
	if (pid == 0) {
		while (read(a[0], &v, sizeof(v)) == sizeof(v)) {
			v++;
			if (write(b[1], &v, sizeof(v)) != sizeof(v) || v >= 4000)
				break;
		}
		_exit(0);
	}
	while (v < 4000) {
		CHECK_EQ(write(a[1], &v, sizeof(v)), sizeof(v));
		CHECK_EQ(read(b[0], &v, sizeof(v)), sizeof(v));
	}
	CHECK(EXITED(gt_wait(pid), 0));
}

static int chain(void *arg)
{
	int in = (int)(intptr_t)arg;
	char buf[300];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		for (ssize_t off = 0; off < n;) {
			ssize_t w = write(1, buf + off, (size_t)(n - off));

			if (w <= 0)
				return 1;
			off += w;
		}
	return n != 0;
}

/* Ten stages that each copy their input on. */
static void pipeline(void)
{
	int in, fds[2], first[2];
	pid_t writer, pids[10];
	char buf[1000];
	long sum = 0;
	ssize_t n;

	pair(first);
	in = first[0];
	for (int i = 0; i < 10; i++) {
		pair(fds);
		pids[i] = fork();
		if (pids[i] == 0) {
			close(first[1]);
			close(fds[0]);
			dup2(fds[1], 1);
			close(fds[1]);
			_exit(chain((void *)(intptr_t)in));
		}
		close(in);
		close(fds[1]);
		in = fds[0];
	}
	writer = fork();
	if (writer == 0) {
		memset(buf, 'x', sizeof(buf));
		for (int i = 0; i < 100; i++)
			if (write(first[1], buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
		_exit(0);
	}
	close(first[1]);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		sum += n;
	CHECK_EQ(sum, 100000);
	CHECK(EXITED(gt_wait(writer), 0));
	for (int i = 0; i < 10; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static void fifos(void)
{
	char c;
	int fd;
	pid_t pid;

	CHECK_EQ(mkfifo("p", 0600), 0);
	CHECK_ERR(open("p", O_WRONLY | O_NONBLOCK), ENXIO);
	fd = open("p", O_RDONLY | O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_EQ(read(fd, &c, 1), 0);
	close(fd);
	pid = fork();
	if (pid == 0) {
		fd = open("p", O_WRONLY);
		_exit(write(fd, "q", 1) != 1);
	}
	fd = open("p", O_RDONLY);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'q');
	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK(EXITED(gt_wait(pid), 0));
}

/* A writer that waited for the reader may be gone again before the reader looks. */
static void fifo_partners_meet(void)
{
	char c;

	CHECK_EQ(mkfifo("p", 0600), 0);
	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();
		int fd;

		if (pid == 0)
			_exit(open("p", O_WRONLY) < 0);
		fd = open("p", O_RDONLY);
		CHECK(fd >= 0);
		CHECK_EQ(read(fd, &c, 1), 0);
		close(fd);
		CHECK(EXITED(gt_wait(pid), 0));
	}
}

/* Opens an end of a pipe anew, as shells do for <(command). */
static int open_again(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

/* A pipe has no partner to wait for: who opens an end of it finds whoever is left. */
static void ends_open_again(void)
{
	struct pollfd poll_fd = { .events = POLLIN };
	int fds[2], fd;
	char c;

	pair(fds);
	CHECK_EQ(write(fds[1], "q", 1), 1);
	close(fds[1]);
	fd = open_again(fds[0], O_RDONLY);
	CHECK(fd >= 0);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'q');
	CHECK_EQ(read(fd, &c, 1), 0);
	close(fd);
	poll_fd.fd = open_again(fds[0], O_RDONLY | O_NONBLOCK);
	CHECK_EQ(poll(&poll_fd, 1, 0), 1);
	CHECK_EQ(poll_fd.revents, POLLHUP);
	close(poll_fd.fd);
	fd = open_again(fds[0], O_WRONLY);
	CHECK_EQ(write(fd, "r", 1), 1);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(c, 'r');
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(fd, "s", 1), EPIPE);
	CHECK(open_again(fd, O_WRONLY) >= 0);
	CHECK(open_again(fd, O_WRONLY | O_NONBLOCK) >= 0);
}

/* Nobody must wait for a SIGIO that does not come. */
static void async_is_refused(void)
{
	int fds[2], on = 1, off = 0, file = open("f", O_CREAT | O_RDWR, 0600);

	pair(fds);
	CHECK_ERR(fcntl(fds[0], F_SETFL, O_ASYNC), ENOSYS);
	CHECK_ERR(ioctl(fds[0], FIOASYNC, &on), ENOSYS);
	CHECK_EQ(ioctl(fds[0], FIOASYNC, &off), 0);
	CHECK_EQ(fcntl(file, F_SETFL, O_ASYNC), 0);
	CHECK_ERR(ioctl(file, FIOASYNC, &on), ENOTTY);
}

static void blocked_writer_wakes(void)
{
	static char buf[100000];
	int fds[2];
	pid_t pid;
	long sum = 0;
	ssize_t n;

	pair(fds);
	pid = fork();
	if (pid == 0)
		_exit(write(fds[1], buf, sizeof(buf)) == sizeof(buf) ? 0 : 1);
	close(fds[1]);
	gt_sleep_ms(30);
	while ((n = read(fds[0], buf, 777)) > 0)
		sum += n;
	CHECK_EQ(sum, 100000);
	CHECK(EXITED(gt_wait(pid), 0));
}

static const struct gt_test tests[] = {
	{ "bytes_in_order", bytes_in_order, 0 },
	{ "no_reader", no_reader, 0 },
	{ "nonblocking", nonblocking, 0 },
	{ "size_change", size_change, 0 },
	{ "wrong_ends", wrong_ends, 0 },
	{ "atomic_writes", atomic_writes, 0 },
	{ "ping_pong", ping_pong, 0 },
	{ "pipeline", pipeline, 0 },
	{ "fifos", fifos, 0 },
	{ "fifo_partners_meet", fifo_partners_meet, 0 },
	{ "ends_open_again", ends_open_again, 0 },
	{ "async_is_refused", async_is_refused, 0 },
	{ "blocked_writer_wakes", blocked_writer_wakes, 0 },
};
GT_GROUP(pipe);
