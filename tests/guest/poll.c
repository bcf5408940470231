// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll, select, epoll, eventfd.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/select.h>
#include <sys/time.h>

#include "gt.h"

static void pipe_readiness(void)
{
	struct pollfd p[2];
	int fds[2];
	char c;

	CHECK_EQ(pipe(fds), 0);
	p[0] = (struct pollfd){fds[0], POLLIN, 0};
	p[1] = (struct pollfd){fds[1], POLLOUT, 0};
	CHECK_EQ(poll(p, 2, 0), 1);
	CHECK_EQ(p[0].revents, 0);
	CHECK_EQ(p[1].revents, POLLOUT);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK_EQ(poll(p, 2, -1), 2);
	CHECK_EQ(p[0].revents, POLLIN);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	close(fds[1]);
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK_EQ(p[0].revents, POLLHUP);
}

static void bad_descriptors(void)
{
	struct pollfd p[2] = {{99, POLLIN, 0}, {-1, POLLIN, 7}};

	CHECK_EQ(poll(p, 2, 0), 1);
	CHECK_EQ(p[0].revents, POLLNVAL);
	CHECK_EQ(p[1].revents, 0);
	CHECK_ERR(poll(BAD_PTR, 1, 0), EFAULT);
}

static void time_out(void)
{
	uint64_t start = gt_now();
	struct pollfd p;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	p = (struct pollfd){fds[0], POLLIN, 0};
	CHECK_EQ(poll(&p, 1, 60), 0);
	CHECK(gt_now() - start >= 60000000);
	CHECK_EQ(poll(NULL, 0, 10), 0);
}

static void wake_from_poll(void)
{
	struct pollfd p;
	int fds[2];
	pid_t pid;

	CHECK_EQ(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		gt_sleep_ms(40);
		_exit(write(fds[1], "x", 1) != 1);
	}
	p = (struct pollfd){fds[0], POLLIN, 0};
	CHECK_EQ(poll(&p, 1, 10000), 1);
	CHECK(EXITED(gt_wait(pid), 0));
}

static void handler(int sig)
{
	(void)sig;
}

static void interrupted(void)
{
	struct itimerval it = {.it_value = {0, 30000}};
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct pollfd p;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	p = (struct pollfd){fds[0], POLLIN, 0};
	CHECK_ERR(poll(&p, 1, 10000), EINTR);
}

static void ppoll_mask(void)
{
	struct timespec ts = {5, 0};
	struct sigaction sa = {.sa_handler = handler};
	sigset_t block, none;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	CHECK_ERR(ppoll(NULL, 0, &ts, &none), EINTR);
	sigprocmask(SIG_BLOCK, NULL, &none);
	CHECK_EQ(sigismember(&none, SIGUSR1), 1);
}

static void selecting(void)
{
	struct timeval tv = {0, 20000};
	fd_set r, w;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fds[0], &r);
	FD_SET(fds[1], &w);
	CHECK_EQ(select(fds[1] + 1, &r, &w, NULL, &tv), 1);
	CHECK(!FD_ISSET(fds[0], &r) && FD_ISSET(fds[1], &w));
	FD_ZERO(&r);
	FD_SET(fds[0], &r);
	CHECK_EQ(select(fds[0] + 1, &r, NULL, NULL, &tv), 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	FD_SET(fds[0], &r);
	CHECK_EQ(select(fds[0] + 1, &r, NULL, NULL, NULL), 1);
	FD_ZERO(&r);
	FD_SET(60, &r); /* Linux does not look at those that its table has no room for, as 70 */
	CHECK_ERR(select(61, &r, NULL, NULL, &tv), EBADF);
	CHECK_ERR(select(-1, NULL, NULL, NULL, &tv), EINVAL);
}

static void epolling(void)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 77}, out[4];
	int ep = epoll_create1(EPOLL_CLOEXEC), fds[2];
	char c;

	CHECK(ep >= 0);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev), 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev), EEXIST);
	CHECK_EQ(epoll_wait(ep, out, 4, 0), 0);
	CHECK_EQ(write(fds[1], "xy", 2), 2);
	CHECK_EQ(epoll_wait(ep, out, 4, -1), 1);
	CHECK_EQ(out[0].data.u64, 77);
	CHECK_EQ(epoll_wait(ep, out, 4, 0), 1); /* level */
	ev.events = EPOLLIN | EPOLLET;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &ev), 0);
	CHECK_EQ(epoll_wait(ep, out, 4, 0), 1);
	CHECK_EQ(epoll_wait(ep, out, 4, 0), 0); /* edge */
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), ENOENT);
	CHECK_ERR(epoll_wait(ep, out, 0, 0), EINVAL);
}

static void event_fds(void)
{
	int fd = eventfd(3, EFD_NONBLOCK);
	uint64_t v;

	CHECK(fd >= 0);
	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 3);
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
	v = 5;
	CHECK_EQ(write(fd, &v, 8), 8);
	CHECK_EQ(write(fd, &v, 8), 8);
	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 10);
	v = ~0ULL;
	CHECK_ERR(write(fd, &v, 8), EINVAL);
	CHECK_ERR(read(fd, &v, 4), EINVAL);
}

static int epoll_ready(int ep, int timeout_ms)
{
	struct epoll_event out[4];

	return epoll_wait(ep, out, 4, timeout_ms);
}

static void epoll_modes(void)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(0), outer = epoll_create1(0), p[2];
	char c;

	CHECK(ep >= 0 && outer >= 0 && pipe(p) == 0);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), 0);
	CHECK_EQ(write(p[1], "ab", 2), 2);
	CHECK_EQ(epoll_ready(ep, 1000), 1);
	CHECK_EQ(epoll_ready(ep, 0), 0); /* the edge has been reported */
	CHECK_EQ(write(p[1], "c", 1), 1);
	CHECK_EQ(epoll_ready(ep, 1000), 1);
	ev.events = EPOLLIN | EPOLLONESHOT;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), 0);
	CHECK_EQ(epoll_ready(ep, 1000), 1);
	CHECK_EQ(epoll_ready(ep, 0), 0); /* until it is armed again */
	ev.events = EPOLLIN;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), 0);
	CHECK_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &ev), 0);
	CHECK_EQ(epoll_ready(outer, 1000), 1);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, outer, &ev), ELOOP);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(epoll_ready(outer, 0), 0);
	CHECK_EQ(close(p[0]), 0); /* leaves the set by itself */
	CHECK_EQ(epoll_ready(ep, 0), 0);
}

static void timer_fds(void)
{
	struct itimerspec it = {.it_value.tv_nsec = 200000000, .it_interval.tv_nsec = 10000000};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	uint64_t n;

	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	CHECK_EQ(poll(&pfd, 1, 0), 0);
	CHECK_EQ(poll(&pfd, 1, 5000), 1);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 1);
	usleep(50000);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 4);
	CHECK_EQ(timerfd_gettime(fd, &it), 0);
	CHECK_EQ(it.it_interval.tv_nsec, 10000000);
	CHECK(it.it_value.tv_sec == 0 && it.it_value.tv_nsec > 0 &&
	      it.it_value.tv_nsec <= 10000000);
	memset(&it, 0, sizeof(it));
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	CHECK_EQ(poll(&pfd, 1, 30), 0);
	it.it_value.tv_nsec = 1000000000;
	CHECK_ERR(timerfd_settime(fd, 0, &it, NULL), EINVAL);
	CHECK_ERR(timerfd_settime(1, 0, &(struct itimerspec){0}, NULL), EINVAL);
}

static void signal_fds(void)
{
	struct signalfd_siginfo si;
	struct pollfd pfd = {.events = POLLIN};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	pfd.fd = signalfd(-1, &set, SFD_NONBLOCK);
	CHECK(pfd.fd >= 0);
	CHECK_ERR(read(pfd.fd, &si, sizeof(si)), EAGAIN);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(poll(&pfd, 1, 1000), 1);
	CHECK_EQ(read(pfd.fd, &si, sizeof(si)), (long)sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGUSR1);
	CHECK_EQ(si.ssi_pid, getpid());
	CHECK_EQ(poll(&pfd, 1, 0), 0);
	if (fork() == 0)
		_exit(7);
	CHECK_EQ(poll(&pfd, 1, 5000), 1);
	CHECK_EQ(read(pfd.fd, &si, sizeof(si)), (long)sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGCHLD);
	CHECK_EQ(si.ssi_status, 7);
	CHECK_ERR(read(pfd.fd, &si, sizeof(si) - 1), EINVAL);
	CHECK(wait(NULL) > 0);
}

static const struct gt_test tests[] = {
	{"pipe_readiness", pipe_readiness, 0},
	{"bad_descriptors", bad_descriptors, 0},
	{"time_out", time_out, 0},
	{"wake_from_poll", wake_from_poll, 0},
	{"interrupted", interrupted, 0},
	{"ppoll_mask", ppoll_mask, 0},
	{"selecting", selecting, 0},
	{"epolling", epolling, 0},
	{"event_fds", event_fds, 0},
	{"epoll_modes", epoll_modes, 0},
	{"timer_fds", timer_fds, 0},
	{"signal_fds", signal_fds, 0},
};
GT_GROUP(poll);
