// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of timers, clocks, the log and random numbers on the running machine.
 */
#include <ktest.h>

#include <atomic.h>
#include <mm.h>
#include <sched.h>
#include <string.h>
#include <time.h>

struct shot {
	struct timer timer;
	u64 fired_ns;
	u32 order, cpu;
	atomic_t count;
};
static u32 shots_fired;		/* changed by one CPU's timer interrupts only */

static void shot_fire(struct timer *t)
{
	struct shot *s = container_of(t, struct shot, timer);

	s->fired_ns = ktime_ns();
	s->order = shots_fired++;
	s->cpu = cpu_id();
	atomic_inc(&s->count);
}

static void timers_fire_in_order_and_not_early(struct ktest *test)
{
	static const u32 delay_ms[5] = { 15, 5, 10, 5, 1 };
	static struct shot shots[5];
	u64 start, before = current->cpus_allowed;
	unsigned long flags;
	u32 i;

	KTEST_ASSERT_TRUE(test, !sched_set_affinity(current, 1));
	shots_fired = 0;
	flags = irq_save(); /* a slow machine takes milliseconds: none fires before all are set */
	start = ktime_ns();
	for (i = 0; i < 5; i++) {
		timer_init(&shots[i].timer, shot_fire);
		timer_start(&shots[i].timer, start + delay_ms[i] * NSEC_PER_MSEC);
	}
	irq_restore(flags);
	msleep(40);
	KTEST_EXPECT_EQ(test, shots_fired, 5);
	for (i = 0; i < 5; i++) {
		KTEST_EXPECT_EQ(test, atomic_read(&shots[i].count), 1);
		KTEST_EXPECT_EQ(test, shots[i].cpu, 0);
		KTEST_EXPECT_TRUE(test, shots[i].fired_ns >= start + delay_ms[i] * NSEC_PER_MSEC);
	}
	KTEST_EXPECT_EQ(test, shots[4].order, 0);
	KTEST_EXPECT_EQ(test, shots[2].order, 3);
	KTEST_EXPECT_EQ(test, shots[0].order, 4);
	sched_set_affinity(current, before);
}

static void stopped_timers_stay_silent(struct ktest *test)
{
	struct shot s = { .order = 0 };

	timer_init(&s.timer, shot_fire);
	KTEST_EXPECT_TRUE(test, !timer_stop(&s.timer));
	timer_start(&s.timer, ktime_ns() + 5 * NSEC_PER_MSEC);
	KTEST_EXPECT_TRUE(test, timer_stop(&s.timer));
	timer_start(&s.timer, ktime_ns() + NSEC_PER_SEC);
	/* Starting again moves it. */
	timer_start(&s.timer, ktime_ns() + 2 * NSEC_PER_MSEC);
	msleep(20);
	timer_stop_sync(&s.timer);
	KTEST_EXPECT_EQ(test, atomic_read(&s.count), 1);
	/* A moment in the past is at once. */
	timer_start(&s.timer, 1);
	msleep(2);
	timer_stop_sync(&s.timer);
	KTEST_EXPECT_EQ(test, atomic_read(&s.count), 2);
}

#define NR_STORM 200

/* Many timers started and stopped from two CPUs: each fires or is stopped, never both. */
static void timers_stand_a_storm(struct ktest *test)
{
	struct shot *shots = kzalloc(NR_STORM * sizeof(*shots), GFP_KERNEL);
	u64 before = current->cpus_allowed;
	u32 i, stopped = 0, fired = 0;

	KTEST_ASSERT_TRUE(test, shots);
	for (i = 0; i < NR_STORM; i++) {
		sched_set_affinity(current, BIT(i % nr_cpus));
		timer_init(&shots[i].timer, shot_fire);
		timer_start(&shots[i].timer, ktime_ns() + (i * 7919 % 64) * 100 * NSEC_PER_USEC);
	}
	for (i = 0; i < NR_STORM; i += 2)
		stopped += timer_stop(&shots[i].timer);
	msleep(30);
	for (i = 0; i < NR_STORM; i++) {
		timer_stop_sync(&shots[i].timer);
		fired += (u32)atomic_read(&shots[i].count);
	}
	KTEST_EXPECT_EQ(test, stopped + fired, NR_STORM);
	kfree(shots);
	sched_set_affinity(current, before);
}

static void clocks_go_forward(struct ktest *test)
{
	u64 last = ktime_ns(), before = current->cpus_allowed, now;
	u32 i;

	for (i = 0; i < 2000; i++) {
		if (i % 100 == 0)
			sched_set_affinity(current, BIT(i / 100 % nr_cpus));
		now = ktime_ns();
		KTEST_ASSERT_TRUE(test, now >= last);
		last = now;
	}
	sched_set_affinity(current, before);
	/* After 2020 and before 2100. */
	KTEST_EXPECT_TRUE(test, realtime_ns() > 1577836800 * NSEC_PER_SEC &&
					realtime_ns() < 4102444800 * NSEC_PER_SEC);
}

static void time_of_day_can_be_set(struct ktest *test)
{
	u64 real = realtime_ns(), later = real + 3600 * NSEC_PER_SEC;

	KTEST_EXPECT_EQ(test, realtime_set(later), 0);
	KTEST_EXPECT_TRUE(test, realtime_ns() >= later);
	KTEST_EXPECT_EQ(test, realtime_set(ktime_ns() / 2), -EINVAL);
	KTEST_EXPECT_TRUE(test, realtime_ns() >= later);
	KTEST_EXPECT_EQ(test, realtime_set(real + (realtime_ns() - later)), 0);
}

static void log_can_be_read_back(struct ktest *test)
{
	char *buf = kmalloc(4096, GFP_KERNEL);
	u64 seq = log_next_seq();
	size_t n;

	KTEST_ASSERT_TRUE(test, buf);
	pr_debug("not formatted at this level\n");
	log_printf(LOG_DEBUG, "ktest: first\nktest: second");
	n = log_read(&seq, buf, 4095);
	buf[n] = '\0';
	KTEST_EXPECT_TRUE(test, strstr(buf, "<7>[") && strstr(buf, "] ktest: first\n") &&
					strstr(buf, "] ktest: second\n"));
	KTEST_EXPECT_EQ(test, log_read(&seq, buf, 4095), 0);
	/* A buffer that is too small loses nothing. */
	seq -= 1;
	KTEST_EXPECT_EQ(test, log_read(&seq, buf, 3), 0);
	KTEST_EXPECT_TRUE(test, log_read(&seq, buf, 4095) > 0);
	kfree(buf);
}

static void rate_limit_lets_some_pass(struct ktest *test)
{
	struct ratelimit rl = { .start_ns = 0 };
	u32 i, passed = 0;

	for (i = 0; i < 100; i++)
		passed += ratelimit_ok(&rl, "ktest");
	KTEST_EXPECT_EQ(test, passed, 10);
	KTEST_EXPECT_EQ(test, rl.missed, 90);
}

static void random_bytes_look_random(struct ktest *test)
{
	u8 *a = kmalloc(8192, GFP_KERNEL);
	u32 i, ones = 0;

	KTEST_ASSERT_TRUE(test, a);
	random_bytes(a, 4096);
	random_bytes(a + 4096, 4096);
	KTEST_EXPECT_TRUE(test, memcmp(a, a + 4096, 4096));
	for (i = 0; i < 8192 * 8; i++)
		ones += a[i / 8] >> (i % 8) & 1;
	/* 32768 expected, standard deviation 128. */
	KTEST_EXPECT_TRUE(test, ones > 32000 && ones < 33600);
	kfree(a);
}

static const struct ktest_case time_cases[] = {
	KTEST_CASE(timers_fire_in_order_and_not_early),
	KTEST_CASE(stopped_timers_stay_silent),
	KTEST_CASE(timers_stand_a_storm),
	KTEST_CASE(clocks_go_forward),
	KTEST_CASE(time_of_day_can_be_set),
	KTEST_CASE(log_can_be_read_back),
	KTEST_CASE(rate_limit_lets_some_pass),
	KTEST_CASE(random_bytes_look_random),
	{ },
};
static const struct ktest_suite time_suite = { .name = "time", .cases = time_cases };
ktest_suite_register(time_suite);
