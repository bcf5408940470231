// SPDX-License-Identifier: GPL-2.0-only
/*
 * What time it is. Monotonic time is the platform's clock; real time is that plus an offset, read
 * from the battery clock while booting and moved when somebody sets the time. Absolute sleeps on
 * CLOCK_REALTIME wait on realtime_changed, because setting the time moves their end.
 */
#define pr_fmt(f) "time: " f

#include <time.h>

#include <atomic.h>
#include <errno.h>
#include <log.h>
#include <panic.h>
#include <wait.h>
#include <platform/platform.h>

static atomic64_t offset;	/* real time minus monotonic time, ns */
static const struct rtc *the_rtc __ro_after_init;
struct wait_queue realtime_changed = WAIT_QUEUE_INIT(realtime_changed);

u64 ktime_ns(void)
{
	return platform_clock_ns();
}

u64 realtime_ns(void)
{
	return platform_clock_ns() + (u64)atomic64_read(&offset);
}

s64 realtime_offset(void)
{
	return atomic64_read(&offset);
}

/**
 * rtc_register - Say that there is a battery clock.
 * @rtc: stays; from now on it may be read in any context
 *
 * Context: early initcall.
 */
void rtc_register(const struct rtc *rtc)
{
	DEBUG_ON(the_rtc);
	the_rtc = rtc;
}

u64 rtc_read(void)
{
	return the_rtc ? the_rtc->read() : 0;
}

/**
 * realtime_set - Set the time of day.
 * @ns: since 1970
 *
 * The battery clock follows where there is one. Context: may sleep.
 * Return: 0, or -EINVAL for a time before the machine was started, as settimeofday(2) has it.
 */
int realtime_set(u64 ns)
{
	u64 now = ktime_ns();

	if (ns < now || (s64)ns < 0)
		return -EINVAL;
	atomic64_set(&offset, (s64)(ns - now));
	wake_up_all(&realtime_changed);
	if (!the_rtc || !the_rtc->write || the_rtc->write(ns))
		pr_debug("no battery clock to set\n");
	return 0;
}

void time_init(void)
{
	atomic64_set(&offset, (s64)(rtc_read() - ktime_ns()));
}
