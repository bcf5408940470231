// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX timers: timer_create(2) and what follows. What they promise is "not earlier", so late is
 * never wrong here, unless it is later than anything sane.
 */
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#include "gt.h"

#define MS 1000000L

static volatile sig_atomic_t hits, most_overruns;
static siginfo_t last;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	(void)sig;
	hits++;
	last = *info;
	if (info->si_overrun > most_overruns)
		most_overruns = info->si_overrun;
}

static void catch (int sig)
{
	struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
	hits = 0;
}

static timer_t make(clockid_t clock, int notify, int sig, int value)
{
	struct sigevent ev = {
		.sigev_notify = notify, .sigev_signo = sig, .sigev_value.sival_int = value};
	timer_t t;

	CHECK_EQ(timer_create(clock, &ev, &t), 0);
	return t;
}

static void set(timer_t t, int flags, long first_ns, long period_ns)
{
	struct itimerspec it = {{period_ns / 1000000000, period_ns % 1000000000},
				{first_ns / 1000000000, first_ns % 1000000000}};

	CHECK_EQ(timer_settime(t, flags, &it, NULL), 0);
}

static void wait_for_hit(void)
{
	uint64_t end = gt_now() + 5000000000ULL;

	while (!hits && gt_now() < end)
		usleep(1000);
	CHECK(hits);
}

static void fires_once(void)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 77);
	uint64_t start = gt_now();

	catch (SIGUSR1);
	set(t, 0, 30 * MS, 0);
	wait_for_hit();
	CHECK(gt_now() - start >= 30 * MS);
	CHECK_EQ(last.si_code, SI_TIMER);
	CHECK_EQ(last.si_value.sival_int, 77);
	gt_sleep_ms(80);
	CHECK_EQ(hits, 1);
	CHECK_EQ(timer_delete(t), 0);
	CHECK(timer_delete(t) != 0);
}

static void counts_overruns(void)
{
	timer_t t = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
	sigset_t set_usr1;

	catch (SIGUSR1);
	sigemptyset(&set_usr1);
	sigaddset(&set_usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set_usr1, NULL);
	set(t, 0, 5 * MS, 5 * MS);
	gt_sleep_ms(100);
	sigprocmask(SIG_UNBLOCK, &set_usr1, NULL);
	CHECK(hits >= 1);
	/* More may have come by now, without any. */
	CHECK(most_overruns >= 10);
	CHECK(timer_getoverrun(t) >= 0);
}

static void absolute(void)
{
	static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};

	catch (SIGUSR2);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		timer_t t = make(clocks[i], SIGEV_SIGNAL, SIGUSR2, 1);
		struct timespec now;

		hits = 0;
		CHECK_EQ(clock_gettime(clocks[i], &now), 0);
		set(t, TIMER_ABSTIME, now.tv_sec * 1000000000 + now.tv_nsec + 20 * MS, 0);
		wait_for_hit();
		hits = 0;
		set(t, TIMER_ABSTIME, 1, 0); /* long past: at once */
		wait_for_hit();
		CHECK_EQ(timer_delete(t), 0);
	}
}

static void reads_back(void)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	struct itimerspec it, off = {{0, 0}, {0, 0}};

	CHECK_EQ(timer_gettime(t, &it), 0);
	CHECK_EQ(it.it_value.tv_sec + it.it_value.tv_nsec, 0);
	set(t, 0, 10000000000L, 3000000000L);
	CHECK_EQ(timer_settime(t, 0, &off, &it), 0);
	CHECK(it.it_value.tv_sec == 9 || it.it_value.tv_sec == 10);
	CHECK_EQ(it.it_interval.tv_sec, 3);
	CHECK_EQ(timer_gettime(t, &it), 0);
	CHECK_EQ(it.it_value.tv_sec + it.it_value.tv_nsec, 0);
}

/* What a deleted timer has queued is not delivered any more. */
static void deleted_while_pending(void)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	sigset_t one, pending;

	catch (SIGUSR1);
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	sigprocmask(SIG_BLOCK, &one, NULL);
	set(t, 0, 1 * MS, 0);
	gt_sleep_ms(30);
	CHECK_EQ(sigpending(&pending), 0);
	CHECK(sigismember(&pending, SIGUSR1));
	CHECK_EQ(timer_delete(t), 0);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	/* Linux 6.12 still delivers it; both are allowed. It must not come twice, and nothing may
	 * break. */
	CHECK(hits <= 1);
}

static void many_short_ones(void)
{
	enum { N = 20 };
	timer_t t[N];

	catch (SIGRTMIN + 3);
	for (int i = 0; i < N; i++) {
		t[i] = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 3, i);
		set(t[i], 0, 1000 + i, 2 * MS + i);
	}
	gt_sleep_ms(100);
	CHECK(hits > N);
	for (int i = 0; i < N; i++)
		CHECK_EQ(timer_delete(t[i]), 0);
	/* Left armed: the end of the process has to cope. */
	set(make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 3, 0), 0, 100000, 100000);
}

static int has_no_timer(void *arg)
{
	struct itimerspec it;

	return timer_gettime(*(timer_t *)arg, &it) == 0 || errno != EINVAL;
}

static void not_inherited(void)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	CHECK_EQ(gt_run(has_no_timer, &t), 0);
}

/* musl calls the kernel's clocks and events as they are, but for SIGEV_THREAD. */
static void bad_arguments(void)
{
	struct sigevent bad_signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
	struct sigevent bad_notify = {.sigev_notify = 77, .sigev_signo = SIGUSR1};
	struct itimerspec it = {{0, 0}, {0, 1000000000}};
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	int id;

	CHECK_ERR(timer_create(CLOCK_MONOTONIC, &bad_signal, &t), EINVAL);
	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, &bad_notify, &id), EINVAL);
	CHECK_ERR(timer_create(12345, NULL, &t), EINVAL);
	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, BAD_PTR), EFAULT);
	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, BAD_PTR, &id), EFAULT);
	CHECK_ERR(syscall(SYS_timer_settime, 0, 0, &it, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_timer_settime, 0, 0, BAD_PTR, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_timer_gettime, 4711, &it), EINVAL);
	CHECK_ERR(syscall(SYS_timer_getoverrun, -1), EINVAL);
}

static void set_clock_by(long seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += seconds;
	CHECK_EQ(clock_settime(CLOCK_REALTIME, &ts), 0);
}

static void need_to_set_the_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (clock_settime(CLOCK_REALTIME, &ts))
		gt_skip("the clock cannot be set (errno %d)", errno);
}

/* A timer that tells nobody stays silent, whatever happens to its clock. */
static void silent_when_clock_is_set(void)
{
	timer_t t = make(CLOCK_REALTIME, SIGEV_NONE, SIGUSR1, 0);
	struct itimerspec it;

	need_to_set_the_clock();
	catch (SIGUSR1);
	set(t, TIMER_ABSTIME, 1, 0);
	set_clock_by(0);
	set(t, 0, 1 * MS, 0);
	gt_sleep_ms(5);
	set_clock_by(0);
	gt_sleep_ms(20);
	CHECK_EQ(hits, 0);
	CHECK_EQ(timer_gettime(t, &it), 0);
	CHECK(!it.it_value.tv_sec && !it.it_value.tv_nsec);
}

/* Setting the clock moves moments, not lengths (POSIX, timer_settime()). */
static void clock_set_moves_absolute_only(void)
{
	timer_t t = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
	struct itimerspec it = {{0, 0}, {0, 0}};

	need_to_set_the_clock();
	catch (SIGUSR1);
	set(t, 0, 600 * MS, 0);
	set_clock_by(3600);
	gt_sleep_ms(50);
	CHECK_EQ(hits, 0);
	set_clock_by(-3600);
	wait_for_hit();
	clock_gettime(CLOCK_REALTIME, &it.it_value);
	it.it_value.tv_sec += 1800;
	hits = 0;
	CHECK_EQ(timer_settime(t, TIMER_ABSTIME, &it, NULL), 0);
	set_clock_by(3600);
	wait_for_hit();
	set_clock_by(-3600);
}

/* timerfd_create(2): a file's absolute time of day moves with the clock, and may end with it. */
static void timer_file_follows_clock(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct itimerspec it = {0};
	uint64_t n;

	need_to_set_the_clock();
	clock_gettime(CLOCK_REALTIME, &it.it_value);
	it.it_value.tv_sec += 1800;
	CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &it, NULL), 0);
	set_clock_by(3600);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	set_clock_by(-3600);
	CHECK_EQ(read(fd, &n, sizeof(n)), sizeof(n));
	CHECK_EQ(n, 1);
	it.it_value.tv_sec = 1800;
	CHECK_EQ(timerfd_settime(fd, 0, &it, NULL), 0);
	set_clock_by(3600);
	CHECK_EQ(poll(&p, 1, 50), 0);
	set_clock_by(-3600);
}

static void timer_file_canceled(void)
{
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	struct pollfd p = {.events = POLLIN};
	struct itimerspec it = {0};
	uint64_t n;
	int fd;

	need_to_set_the_clock();
	fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	p.fd = fd;
	clock_gettime(CLOCK_REALTIME, &it.it_value);
	it.it_value.tv_sec += 7200;
	CHECK_EQ(timerfd_settime(fd, flags, &it, NULL), 0);
	CHECK_ERR(read(fd, &n, sizeof(n)), EAGAIN);
	set_clock_by(3600);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_ERR(read(fd, &n, sizeof(n)), ECANCELED);
	CHECK_ERR(read(fd, &n, sizeof(n)), EAGAIN);
	set_clock_by(-3600);
	CHECK_ERR(timerfd_settime(fd, flags, &it, NULL), ECANCELED);
	CHECK_EQ(timerfd_settime(fd, flags, &it, NULL), 0);
	CHECK_ERR(timerfd_settime(fd, 4, &it, NULL), EINVAL);
}

/* What lies further ahead than a clock can count is far away, not in the past. */
static void far_intervals(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	struct itimerspec it = {.it_interval = {9000000000, 0}};
	uint64_t n;

	CHECK(fd >= 0);
	CHECK_EQ(clock_gettime(CLOCK_REALTIME, &it.it_value), 0);
	CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &it, NULL), 0);
	CHECK_EQ(read(fd, &n, sizeof(n)), sizeof(n));
	CHECK_EQ(n, 1);
	gt_sleep_ms(20);
	CHECK_EQ(timerfd_gettime(fd, &it), 0);
	CHECK(it.it_value.tv_sec > 1000000000);
}

static void go_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set); /* with one CPU there is no other */
}

/* It runs out on one CPU while it is set anew and closed on another. */
static void closed_while_it_fires(void)
{
	struct itimerspec soon = {.it_value = {0, 20000}}, late = {.it_value = {1000, 0}};

	for (int i = 0; i < 300; i++) {
		int fd = timerfd_create(CLOCK_MONOTONIC, 0);
		uint64_t end;

		CHECK(fd >= 0);
		go_to(1);
		CHECK_EQ(timerfd_settime(fd, 0, &soon, NULL), 0);
		go_to(0);
		for (end = gt_now() + (uint64_t)i % 40 * 1000; gt_now() < end;)
			;
		CHECK_EQ(timerfd_settime(fd, 0, &late, NULL), 0);
		CHECK_EQ(close(fd), 0);
	}
}

static const struct gt_test tests[] = {
	{"far_intervals", far_intervals, 0},
	{"closed_while_it_fires", closed_while_it_fires, 0},
	{"fires_once", fires_once, 0},
	{"counts_overruns", counts_overruns, 0},
	{"absolute", absolute, 0},
	{"reads_back", reads_back, 0},
	{"deleted_while_pending", deleted_while_pending, 0},
	{"many_short_ones", many_short_ones, 0},
	{"not_inherited", not_inherited, 0},
	{"silent_when_clock_is_set", silent_when_clock_is_set, 0},
	{"clock_set_moves_absolute_only", clock_set_moves_absolute_only, 0},
	{"timer_file_follows_clock", timer_file_follows_clock, 0},
	{"timer_file_canceled", timer_file_canceled, 0},
	{"bad_arguments", bad_arguments, 0},
};

GT_GROUP(timers);
