/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time (kernel/time/time.c, timer.c). All internal times are u64 nanoseconds; monotonic time starts at
 * boot.
 */
#ifndef _TIME_H
#define _TIME_H

#include <rbtree.h>
#include <list.h>
#include <random.h>

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_USEC	1000ULL

u64 ktime_ns(void);			/* monotonic, any context */
u64 realtime_ns(void);			/* since 1970 */
/* Real time minus monotonic time, ns; changes when the time is set. */
s64 realtime_offset(void);
int realtime_set(u64 ns);
struct wait_queue;
extern struct wait_queue realtime_changed;	/* woken when the time of day was set */
void time_init(void);			/* takes the time of day from the battery clock */

/**
 * struct rtc - a clock that goes on while the machine is off, or the host's
 * @read: ns since 1970, UTC; 0: it does not know. Any context
 * @write: sets it to ns since 1970. 0 or errno. Any context. NULL: it cannot be set
 */
struct rtc {
	u64 (*read)(void);
	int (*write)(u64 ns);
};
void rtc_register(const struct rtc *rtc);	/* by an early initcall; a machine has one at most */
u64 rtc_read(void);				/* 0: there is none, or it does not know */

/**
 * struct timer - calls @fn in interrupt context (interrupts off) on the CPU that started it, at or
 * after @expires
 *
 * Guarded by the timer queue's lock of @cpu. A fixed CPU's queue is an rb tree; the platform's
 * one-shot timer is set to its first.
 */
struct timer {
	struct rb_node node;
	u64 expires;			/* monotonic ns */
	void (*fn)(struct timer *t);
	u32 cpu;
	bool active;
};
void timer_init(struct timer *t, void (*fn)(struct timer *t));
void timer_start(struct timer *t, u64 expires_ns);	/* (re)starts; any context */
void timer_start_on(struct timer *t, u64 expires_ns, bool realtime);
/* True if it was pending; the callback may still run on another CPU. */
bool timer_stop(struct timer *t);
/* Stops it and waits for a running callback; not from the callback. */
void timer_stop_sync(struct timer *t);
/* Platform one-shot timer fired on this CPU; interrupts off. */
void timer_interrupt(void);
void timer_init_cpu(u32 cpu);

/* Sleeps, may be woken only by time. */
void msleep(u64 ms);
/* Busy wait, any context, after the clock is calibrated. */
void udelay(u64 us);

/* Deferred work: runs in a kernel thread, may sleep. */
struct work {
	void (*fn)(struct work *w);
	struct list_head node;		/* guarded by the work queue's lock */
	bool queued;
};
static inline void work_init(struct work *w, void (*fn)(struct work *w))
{
	w->fn = fn;
	list_init(&w->node);
	w->queued = false;
}
bool work_queue(struct work *w);	/* false if it was queued already; any context */
void work_flush(void);			/* waits for all queued before; may sleep */
void workqueue_init(void);

struct timespec64 { s64 tv_sec; s64 tv_nsec; };		/* struct __kernel_timespec of the ABI */
struct timeval64 { s64 tv_sec; s64 tv_usec; };
static inline bool timespec_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}
/* Saturates instead of overflowing. */
static inline u64 timespec_to_ns(const struct timespec64 *ts)
{
	if ((u64)ts->tv_sec >= 9000000000ULL)
		return ~0ULL >> 1;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}
static inline struct timespec64 ns_to_timespec(u64 ns)
{
	return (struct timespec64){ (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC) };
}

#endif
