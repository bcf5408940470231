// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks, sleeping, interval timers.
 */
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "gt.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	CHECK_EQ(clock_gettime(id, &ts), 0);
	CHECK(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void monotonic(void)
{
	uint64_t last = clock_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < 20000; i++) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		CHECK(now >= last);
		last = now;
	}
}

static void real_time(void)
{
	struct timeval tv;
	time_t t = time(NULL);

	CHECK(t > 1577836800);	/* 2020: the machine's clock was read */
	CHECK_EQ(gettimeofday(&tv, NULL), 0);
	CHECK(tv.tv_sec - t <= 1);
	CHECK(clock_ns(CLOCK_REALTIME) / 1000000000u - (uint64_t)t <= 1);
}

static void clock_errors(void)
{
	struct timespec ts;

	CHECK_ERR(clock_gettime(99, &ts), EINVAL);
	CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &ts), 0);
	CHECK(ts.tv_sec == 0 && ts.tv_nsec > 0);
	CHECK_ERR(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL), EINVAL);
	CHECK_ERR(nanosleep(&(struct timespec){ -1, 0 }, NULL), EINVAL);
}

/* Who may set what to what; nothing here changes the time. */
static void setting_errors(void)
{
	struct { int west, dst; } zone = { 10000, 0 };
	struct timespec ts = { 1, 0 };
	struct timeval tv = { 0, 1000000 };

	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &ts), EINVAL);
	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_BOOTTIME, &ts), EINVAL);
	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &ts), EINVAL);
	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_REALTIME, BAD_PTR), EFAULT);
	ts.tv_sec = 9000000000; /* later than 64 bits of ns can say */
	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EINVAL);
	CHECK_ERR(syscall(SYS_settimeofday, &tv, NULL), EINVAL);
	if (geteuid() == 0) {
		CHECK_ERR(syscall(SYS_settimeofday, NULL, &zone), EINVAL);
		CHECK_EQ(setresuid(1000, 1000, 1000), 0);
	}
	ts.tv_sec = time(NULL);
	CHECK_ERR(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts), EPERM);
	CHECK_ERR(syscall(SYS_settimeofday, &tv, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &ts, NULL), EOPNOTSUPP);
}

static clockid_t cpu_clock(pid_t pid, int kind)
{
	return (clockid_t)(~(unsigned int)pid << 3 | (unsigned int)kind);
}

/* The numbers of clock_getcpuclockid(3): user time alone, all of it, a thread's. */
static void cpu_clocks_by_number(void)
{
	enum { PROF, VIRT, SCHED, NONE, THREAD };
	pid_t me = getpid(), other = gt_child(gt_pause, NULL);
	struct timespec ts;
	uint64_t user;

	for (int i = 0; i < 2000; i++)
		getppid();
	user = clock_ns(cpu_clock(me, VIRT));
	CHECK(user <= clock_ns(cpu_clock(me, PROF)));
	CHECK(clock_ns(cpu_clock(me, SCHED)) <= clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	CHECK_ERR(clock_gettime(cpu_clock(me, NONE), &ts), EINVAL);
	CHECK_EQ(clock_gettime(cpu_clock(other, SCHED), &ts), 0);
	CHECK_EQ(clock_gettime(cpu_clock(me, SCHED | THREAD), &ts), 0);
	CHECK_ERR(clock_gettime(cpu_clock(other, SCHED | THREAD), &ts), EINVAL);
	CHECK_EQ(kill(other, SIGKILL), 0);
	CHECK(KILLED(gt_wait(other), SIGKILL));
}

static void sleeping(void)
{
	for (unsigned int ms = 1; ms < 60; ms *= 3) {
		uint64_t start = gt_now();

		gt_sleep_ms(ms);
		CHECK(gt_now() - start >= ms * 1000000ULL);
	}
}

static void absolute_sleep(void)
{
	struct timespec ts;
	uint64_t until = gt_now() + 30000000;

	ts.tv_sec = (time_t)(until / 1000000000u);
	ts.tv_nsec = (long)(until % 1000000000u);
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK(gt_now() >= until);
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);	/* past */
}

static volatile sig_atomic_t ticks;

static void on_alarm(int sig)
{
	(void)sig;
	ticks++;
}

static void interrupted_sleep(void)
{
	struct itimerval it = { .it_value = { 0, 30000 } };
	struct timespec want = { 5, 0 }, left = { 0, 0 };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_ERR(nanosleep(&want, &left), EINTR);
	CHECK(left.tv_sec == 4 && left.tv_nsec > 0);
}

static void interval_timer(void)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, old;
	uint64_t start = gt_now();

	signal(SIGALRM, on_alarm);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	while (ticks < 5)
		pause();
	CHECK(gt_now() - start >= 48000000);
	memset(&it, 0, sizeof(it));
	CHECK_EQ(setitimer(ITIMER_REAL, &it, &old), 0);
	CHECK_EQ(old.it_interval.tv_usec, 10000);
	it.it_value.tv_usec = 1000000;
	CHECK_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	CHECK_ERR(setitimer(9, &it, NULL), EINVAL);
}

static void alarms(void)
{
	signal(SIGALRM, on_alarm);
	CHECK_EQ(alarm(100), 0);
	CHECK(alarm(1) >= 99);
	pause();
	CHECK_EQ(ticks, 1);
	CHECK_EQ(alarm(0), 0);
}

static void virtual_timer(void)
{
	struct itimerval it = { { 0, 0 }, { 0, 30000 } };

	signal(SIGVTALRM, on_alarm);
	CHECK_EQ(setitimer(ITIMER_VIRTUAL, &it, NULL), 0);
	gt_sleep_ms(60);
	CHECK_EQ(ticks, 0);	/* sleeping costs no user time */
	for (uint64_t end = gt_now() + 10000000000u; !ticks && gt_now() < end;)
		;
	CHECK_EQ(ticks, 1);
}

static void cpu_time(void)
{
	uint64_t a = clock_ns(CLOCK_PROCESS_CPUTIME_ID), b, end = gt_now() + 50000000;
	struct tms t;

	gt_sleep_ms(50);
	b = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	CHECK(b - a < 45000000);
	while (gt_now() < end)
		;
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - b < 20000000)
		;
	CHECK(times(&t) != (clock_t)-1);
	CHECK(t.tms_utime + t.tms_stime >= 1);
}

static const struct gt_test tests[] = {
	{ "monotonic", monotonic, 0 },
	{ "real_time", real_time, 0 },
	{ "clock_errors", clock_errors, 0 },
	{ "setting_errors", setting_errors, 0 },
	{ "cpu_clocks_by_number", cpu_clocks_by_number, 0 },
	{ "sleeping", sleeping, 0 },
	{ "absolute_sleep", absolute_sleep, 0 },
	{ "interrupted_sleep", interrupted_sleep, 0 },
	{ "interval_timer", interval_timer, 0 },
	{ "alarms", alarms, 0 },
	{ "virtual_timer", virtual_timer, 30 },
	{ "cpu_time", cpu_time, 0 },
};
GT_GROUP(time);
