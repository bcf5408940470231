// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for events when several do it at once or in odd ways: no wake-up may be lost, and no
 * nesting, however deep, may hurt the kernel.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

#include "gt.h"

static void ignore(int sig)
{
	(void)sig;
}

/* Tells that it is about to wait, and waits for a signal that it lets in only there. */
static int wait_for_signals(void *arg)
{
	struct sigaction sa = {.sa_handler = ignore};
	int *fds = arg;
	sigset_t block, none;

	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	while (write(fds[1], "x", 1) == 1 && ppoll(NULL, 0, NULL, &none) == -1 && errno == EINTR)
		;
	return 1;
}

static void signal_just_before_sleep(void)
{
	uint64_t rnd = 3, end = gt_now() + 2000000000ULL;
	volatile int spin;
	int fds[2];
	pid_t pid;
	char c;

	CHECK_EQ(pipe(fds), 0);
	pid = gt_child(wait_for_signals, fds);
	CHECK_EQ(close(fds[1]), 0);
	while (gt_now() < end) {
		CHECK_EQ(read(fds[0], &c, 1), 1);
		for (spin = (int)(gt_random(&rnd) % 3000); spin > 0; spin--)
			;
		CHECK_EQ(kill(pid, SIGUSR1), 0);
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static int shared_set;
static pthread_barrier_t turn;

static volatile bool enough;

static void *wait_in_turn(void *arg)
{
	struct epoll_event ev;

	(void)arg;
	while (!enough) {
		CHECK_EQ(epoll_wait(shared_set, &ev, 1, -1), 1);
		pthread_barrier_wait(&turn); /* both have got theirs */
		pthread_barrier_wait(&turn); /* and may go on, or not */
	}
	return NULL;
}

static void arm(int fd, int op)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};

	CHECK_EQ(epoll_ctl(shared_set, op, fd, &ev), 0);
}

/* Two events at once for two threads, each of which takes one. */
static void two_wait_on_one_set(void)
{
	int a = eventfd(0, 0), b = dup(a);
	uint64_t n = 1, end = gt_now() + 2000000000ULL;
	pthread_t t[2];

	shared_set = epoll_create1(0);
	arm(a, EPOLL_CTL_ADD);
	arm(b, EPOLL_CTL_ADD);
	CHECK_EQ(pthread_barrier_init(&turn, NULL, 3), 0);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, wait_in_turn, NULL), 0);
	while (!enough) {
		CHECK_EQ(write(a, &n, 8), 8);
		pthread_barrier_wait(&turn);
		CHECK_EQ(read(a, &n, 8), 8);
		arm(a, EPOLL_CTL_MOD);
		arm(b, EPOLL_CTL_MOD);
		enough = gt_now() > end;
		pthread_barrier_wait(&turn);
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
}

/* Sets in sets, built from the outermost inwards: the way up counts as well as the way down. */
static void nesting_has_an_end(void)
{
	struct epoll_event ev = {.events = EPOLLIN};
	int outer = epoll_create1(0), inner, efd = eventfd(0, 0);

	for (int i = 0; i < 4; i++) {
		inner = epoll_create1(0);
		CHECK(outer >= 0 && inner >= 0);
		CHECK_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, inner, &ev), 0);
		outer = inner;
	}
	CHECK_ERR(epoll_ctl(outer, EPOLL_CTL_ADD, epoll_create1(0), &ev), ELOOP);
	CHECK_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, efd, &ev), 0);
	CHECK_EQ(write(efd, &(uint64_t){1}, 8), 8);
	CHECK_EQ(epoll_wait(outer, &ev, 1, 1000), 1);
}

/* A file leaves its sets, and sets their files, on two CPUs at the same time. */
static void *close_set(void *arg)
{
	int *fds = arg;

	pthread_barrier_wait(&turn);
	close(fds[0]);
	return NULL;
}

static void set_and_file_go_together(void)
{
	struct epoll_event ev = {.events = EPOLLIN};
	uint64_t end = gt_now() + 3000000000ULL;
	int fds[2];
	pthread_t t;

	CHECK_EQ(pthread_barrier_init(&turn, NULL, 2), 0);
	for (int i = 0; i < 500 && gt_now() < end; i++) {
		fds[0] = epoll_create1(0);
		fds[1] = eventfd(1, 0);
		CHECK_EQ(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &ev), 0);
		CHECK_EQ(pthread_create(&t, NULL, close_set, fds), 0);
		pthread_barrier_wait(&turn);
		CHECK_EQ(close(fds[1]), 0);
		CHECK_EQ(pthread_join(t, NULL), 0);
	}
}

/* No period is too short: expirations are counted, not served one by one. */
static void timer_with_the_shortest_period(void)
{
	struct itimerspec it = {.it_value.tv_nsec = 1, .it_interval.tv_nsec = 1};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	uint64_t n;

	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	for (int i = 0; i < 3; i++) {
		gt_sleep_ms(10);
		CHECK_EQ(poll(&pfd, 1, 1000), 1);
		CHECK_EQ(read(fd, &n, 8), 8);
		CHECK(n >= 10000000);
	}
	it.it_value.tv_nsec = 0;
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	CHECK_EQ(poll(&pfd, 1, 20), 0);
}

/* Edge-triggered: one event for each time the timer runs out after it was read. */
static void timer_in_a_set(void)
{
	struct itimerspec it = {.it_value.tv_nsec = 10000000, .it_interval.tv_nsec = 10000000};
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(0), fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t n;

	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(epoll_wait(ep, &ev, 1, 5000), 1);
		CHECK_EQ(read(fd, &n, 8), 8);
		CHECK(n >= 1);
	}
}

/* What nobody has open any more holds nothing. */
static void fifo_forgets(void)
{
	char c;
	int fd;

	CHECK_EQ(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDWR | O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "xyz", 3), 3);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(close(fd), 0);
	fd = open("fifo", O_RDWR | O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &c, 1), EAGAIN);
	CHECK_EQ(write(fd, "a", 1), 1);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'a');
}

static const struct gt_test tests[] = {
	{"signal_just_before_sleep", signal_just_before_sleep, 0},
	{"two_wait_on_one_set", two_wait_on_one_set, 0},
	{"nesting_has_an_end", nesting_has_an_end, 0},
	{"set_and_file_go_together", set_and_file_go_together, 0},
	{"timer_with_the_shortest_period", timer_with_the_shortest_period, 0},
	{"timer_in_a_set", timer_in_a_set, 0},
	{"fifo_forgets", fifo_forgets, 0},
};
GT_GROUP(waiting);
