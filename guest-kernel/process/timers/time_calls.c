// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls that tell the time and sleep (clock_gettime(2), nanosleep(2), adjtimex(2)).
 * Interval timers are process/timers/itimer.c's.
 */
#include <time.h>

#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <wait.h>

#include "clock.h"

#define TIMER_ABSTIME	1
#define USER_HZ		100

/*
 * Process and thread CPU clocks of others: the number's complement above three bits
 * (clock_getcpuclockid(3)). The low two tell what counts; PROF and SCHED are the same here.
 */
#define CPU_CLOCK_PID(id)	((pid_t)~((id) >> 3))
#define CPU_CLOCK_THREAD	4
enum { CPU_CLOCK_KIND_PROF, CPU_CLOCK_KIND_VIRT, CPU_CLOCK_KIND_SCHED, CPU_CLOCK_KINDS };

/* Threads of other processes have no clock to us, as in Linux. */
static int thread_cpu_clock(pid_t tid, int kind, u64 *ns)
{
	struct thread *t = current;
	u64 utime, stime;
	bool ours;

	if (tid) {
		t = thread_find(tid);
		if (!t)
			return -EINVAL;
	}
	ours = t->process == current->process;
	sched_thread_times(t, &utime, &stime);
	if (tid)
		thread_put(t);
	*ns = kind == CPU_CLOCK_KIND_VIRT ? utime : utime + stime;
	return ours ? 0 : -EINVAL;
}

static int process_cpu_clock(pid_t pid, int kind, u64 *ns)
{
	struct process *p = current->process;
	struct proc_times times;

	if (pid) {
		p = process_find(pid);
		if (!p)
			return -EINVAL;
	}
	process_times(p, &times);
	if (pid)
		process_put(p);
	*ns = kind == CPU_CLOCK_KIND_VIRT ? times.utime : times.utime + times.stime;
	return 0;
}

int clock_read(int id, u64 *ns)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*ns = realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = ktime_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return process_cpu_clock(0, CPU_CLOCK_KIND_SCHED, ns);
	case CLOCK_THREAD_CPUTIME_ID:
		return thread_cpu_clock(0, CPU_CLOCK_KIND_SCHED, ns);
	default:
		break;
	}
	if (id >= 0 || (id & 3) >= CPU_CLOCK_KINDS)
		return -EINVAL;
	return id & CPU_CLOCK_THREAD ? thread_cpu_clock(CPU_CLOCK_PID(id), id & 3, ns)
				     : process_cpu_clock(CPU_CLOCK_PID(id), id & 3, ns);
}

static int put_time(u64 ns, unsigned long user)
{
	struct timespec64 ts = ns_to_timespec(ns);

	return put_user(ts, (struct timespec64 __user *)user);
}

long sys_clock_gettime(unsigned long id, unsigned long user)
{
	u64 ns;
	int err = clock_read((int)id, &ns);

	return err ? err : put_time(ns, user);
}

long sys_clock_getres(unsigned long id, unsigned long user)
{
	u64 ns;
	int err = clock_read((int)id, &ns);

	if (err || !user)
		return err;
	return put_time(1, user);
}

/* Linux's limit: 30 years before the end of what 64 bits of ns can say. */
#define SETTIME_MAX_SEC	(~0ULL / 2 / NSEC_PER_SEC - 30ULL * 365 * 24 * 3600)

static int check_settime(const struct timespec64 *ts)
{
	if (!timespec_valid(ts) || (u64)ts->tv_sec >= SETTIME_MAX_SEC)
		return -EINVAL;
	return capable(CAP_SYS_TIME) ? 0 : -EPERM;
}

/* No other clock can be set; those of a process's CPU time say so in their own way, as in Linux. */
static int refuse_settime(int id)
{
	u64 ns;

	return id >= 0 || clock_read(id, &ns) ? -EINVAL : -EPERM;
}

long sys_clock_settime(unsigned long id, unsigned long user)
{
	struct timespec64 ts;
	int err;

	if ((int)id != CLOCK_REALTIME)
		return refuse_settime((int)id);
	if (get_user(ts, (const struct timespec64 __user *)user))
		return -EFAULT;
	err = check_settime(&ts);
	return err ? err : realtime_set(timespec_to_ns(&ts));
}

struct timezone {
	s32 minutes_west, dst;
};
/*
 * Kept for those who ask; the kernel's time is UTC. Two words that are set together once while
 * booting, if ever: no lock.
 */
static struct timezone timezone;
#define TIMEZONE_MAX_MINUTES (15 * 60)

long sys_gettimeofday(unsigned long utv, unsigned long utz)
{
	u64 ns = realtime_ns();
	struct timeval64 tv = { (s64)(ns / NSEC_PER_SEC),
				(s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };

	if (utv && put_user(tv, (struct timeval64 __user *)utv))
		return -EFAULT;
	if (utz && put_user(timezone, (struct timezone __user *)utz))
		return -EFAULT;
	return 0;
}

long sys_settimeofday(unsigned long utv, unsigned long utz)
{
	struct timespec64 ts = { 0, 0 };
	struct timeval64 tv;
	struct timezone tz;
	int err;

	if (utv) {
		if (get_user(tv, (const struct timeval64 __user *)utv))
			return -EFAULT;
		if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
			return -EINVAL;
		ts = (struct timespec64){ tv.tv_sec, tv.tv_usec * (s64)NSEC_PER_USEC };
	}
	if (utz && get_user(tz, (const struct timezone __user *)utz))
		return -EFAULT;
	err = check_settime(&ts);
	if (err)
		return err;
	if (utz && (tz.minutes_west > TIMEZONE_MAX_MINUTES ||
		    tz.minutes_west < -TIMEZONE_MAX_MINUTES))
		return -EINVAL;
	err = utv ? realtime_set(timespec_to_ns(&ts)) : 0;
	if (!err && utz)
		timezone = tz;
	return err;
}

long sys_time(unsigned long user)
{
	s64 seconds = (s64)(realtime_ns() / NSEC_PER_SEC);

	if (user && put_user(seconds, (s64 __user *)user))
		return -EFAULT;
	return seconds;
}

/* ---- sleeping ---- */

/* By time or by a signal. 0, or -ERESTARTSYS. */
static int sleep_until(u64 deadline)
{
	do {
		set_current_state(THREAD_INTERRUPTIBLE);
		if (signal_pending()) {
			WRITE_ONCE(current->state, THREAD_RUNNING);
			return -ERESTARTSYS;
		}
	} while (!schedule_timeout(deadline));
	return 0;
}

/* Until @id shows @ns. Setting the time of day moves the end of a sleep on it. */
static int sleep_until_clock(int id, u64 ns)
{
	s64 offset;
	int ret;

	if (id != CLOCK_REALTIME && id != CLOCK_TAI)
		return sleep_until(max(ns, 1ULL));
	do {
		offset = realtime_offset();
		ret = wait_event_interruptible_deadline(&realtime_changed,
							realtime_offset() != offset,
							max((s64)ns - offset, 1LL));
	} while (!ret);
	return ret == -ETIMEDOUT ? 0 : ret;
}

/*
 * What is left of an interrupted sleep, for the caller; then the call is to be continued unless a
 * handler runs.
 */
static long interrupted(struct restart_block *rb);

static long sleep_relative(u64 deadline, unsigned long remaining)
{
	int ret = sleep_until(deadline);
	u64 now;

	if (!ret)
		return 0;
	now = ktime_ns();
	if (now >= deadline)
		return 0;
	if (remaining && put_time(deadline - now, remaining))
		return -EFAULT;
	current->restart =
		(struct restart_block){ .fn = interrupted, .arg = { deadline, remaining } };
	return -ERESTART_RESTARTBLOCK;
}

static long interrupted(struct restart_block *rb)
{
	return sleep_relative(rb->arg[0], rb->arg[1]);
}

/* A moment so far away that it does not overflow. */
static u64 deadline_after(u64 ns)
{
	u64 now = ktime_ns();

	return ns > ~0ULL / 2 - now ? ~0ULL / 2 : now + ns;
}

long sys_nanosleep(unsigned long request, unsigned long remaining)
{
	struct timespec64 ts;

	if (get_user(ts, (const struct timespec64 __user *)request))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	return sleep_relative(deadline_after(timespec_to_ns(&ts)), remaining);
}

static bool can_sleep_on(int id)
{
	return id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME ||
	       id == CLOCK_TAI;
}

long sys_clock_nanosleep(unsigned long id, unsigned long flags, unsigned long request,
			 unsigned long remaining)
{
	struct timespec64 ts;
	u64 ns;
	long ret;

	if (!can_sleep_on((int)id))
		return clock_read((int)id, &ns) ? -EINVAL : -EOPNOTSUPP;
	if (get_user(ts, (const struct timespec64 __user *)request))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	ns = timespec_to_ns(&ts);
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(deadline_after(ns), remaining);
	ret = sleep_until_clock((int)id, ns);
	return ret ? -ERESTARTNOHAND : 0;
}

/* ---- the state of a clock that nobody steers ---- */

struct timex {
	u32 modes, pad1;
	s64 offset, freq, maxerror, esterror;
	s32 status, pad2;
	s64 constant, precision, tolerance;
	struct timeval64 time;
	s64 tick, ppsfreq, jitter;
	s32 shift, pad3;
	s64 stabil, jitcnt, calcnt, errcnt, stbcnt;
	s32 tai, reserved[11];
};
static_assert(sizeof(struct timex) == 208, "struct timex of the ABI");

#define STA_UNSYNC	0x40
#define TIME_ERROR	5
#define MAX_ERROR_US	16000000

static long read_timex(unsigned long user)
{
	u64 ns = realtime_ns();
	struct timex tx;

	if (copy_from_user(&tx, (const void __user *)user, sizeof(tx)))
		return -EFAULT;
	if (tx.modes)
		return capable(CAP_SYS_TIME) ? -EOPNOTSUPP : -EPERM;
	memset(&tx, 0, sizeof(tx));
	tx.maxerror = MAX_ERROR_US;
	tx.esterror = MAX_ERROR_US;
	tx.status = STA_UNSYNC;
	tx.constant = 2;
	tx.precision = 1;
	tx.tolerance = 32768000;
	tx.tick = 1000000 / USER_HZ;
	tx.time = (struct timeval64){ (s64)(ns / NSEC_PER_SEC),
				      (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
	return copy_to_user((void __user *)user, &tx, sizeof(tx)) ? -EFAULT : TIME_ERROR;
}

long sys_adjtimex(unsigned long user)
{
	return read_timex(user);
}

long sys_clock_adjtime(unsigned long id, unsigned long user)
{
	u64 ns;

	if ((int)id != CLOCK_REALTIME)
		return clock_read((int)id, &ns) ? -EINVAL : -EOPNOTSUPP;
	return read_timex(user);
}
