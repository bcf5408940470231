// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test of the lockup detector: CPUs that are stuck on purpose, for a second, are found, and their
 * traces show where they are.
 */
#include <ktest.h>

#include <lockup.h>
#include <mm.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <wait.h>

#include "lockup.h"

#define TURN_NS	 (20 * NSEC_PER_MSEC)
#define TURNS	 10U /* a CPU of a busy host may be late by many of them */
#define PATIENCE 60U
#define STUCK_US 1000000ULL

static u64 found_soft, found_hard; /* bit per CPU; atomic */
static struct completion stuck_done;

/* Once is enough. */
static void note(enum lockup_kind kind, u32 cpu)
{
	lockup.limit = ~0U;
	__atomic_fetch_or(kind == LOCKUP_SOFT ? &found_soft : &found_hard, BIT(cpu),
			  __ATOMIC_SEQ_CST);
}

/* Turns take as long as before until the timer has run once more. */
static void watch_closely(u32 limit)
{
	found_soft = 0;
	found_hard = 0;
	lockup.limit = ~0U;
	lockup.found = note;
	lockup.interval_ns = TURN_NS;
	msleep(1100);
	lockup.limit = limit;
}

static void watch_as_usual(u32 limit)
{
	lockup.limit = limit;
	lockup.interval_ns = NSEC_PER_SEC;
	lockup.found = NULL;
}

/* Has @name stood in the log since record @seq? */
static bool logged(u64 seq, const char *name)
{
	char *text = kmalloc(PAGE_SIZE, GFP_KERNEL | GFP_ZERO);
	bool found = false;

	while (text && !found && log_read(&seq, text, PAGE_SIZE - 1)) {
		found = strstr(text, name);
		memset(text, 0, PAGE_SIZE);
	}
	kfree(text);
	return found;
}

static __noinline void stuck_softly(void)
{
	preempt_disable();
	udelay(STUCK_US);
	preempt_enable();
}

static __noinline void stuck_hard(void)
{
	unsigned long flags = irq_save();

	udelay(STUCK_US);
	irq_restore(flags);
}

static void preemption_off(struct ktest *test)
{
	u32 limit = lockup.limit;
	u64 seq;

	if (!limit)
		KTEST_SKIP(test, "lockup=0");
	watch_closely(TURNS);
	seq = log_next_seq();
	stuck_softly();
	watch_as_usual(limit);
	KTEST_EXPECT_TRUE(test, found_soft);
	KTEST_EXPECT_TRUE(test, logged(seq, "stuck_softly"));
}

static int hard_thread(void *arg)
{
	(void)arg;
	sched_set_affinity(current, BIT(1));
	stuck_hard();
	complete(&stuck_done);
	return 0;
}

static void interrupts_off(struct ktest *test)
{
	u32 limit = lockup.limit;
	u64 seq;

	if (!limit || nr_cpus < 2)
		KTEST_SKIP(test, "needs another CPU to look");
	completion_init(&stuck_done);
	watch_closely(TURNS);
	seq = log_next_seq();
	KTEST_ASSERT_TRUE(test, !IS_ERR(kthread_run(hard_thread, NULL, "stuck")));
	wait_for_completion(&stuck_done);
	watch_as_usual(limit);
	KTEST_EXPECT_TRUE(test, found_hard & BIT(1));
	KTEST_EXPECT_TRUE(test, logged(seq, "stuck_hard"));
}

static void working_is_not_stuck(struct ktest *test)
{
	u32 limit = lockup.limit;
	u64 end;

	if (!limit)
		KTEST_SKIP(test, "lockup=0");
	watch_closely(PATIENCE);
	/* Without a sleep, but it may be preempted. */
	for (end = ktime_ns() + 2 * PATIENCE * TURN_NS; ktime_ns() < end;)
		cpu_relax();
	watch_as_usual(limit);
	KTEST_EXPECT_EQ(test, found_soft, 0);
	KTEST_EXPECT_EQ(test, found_hard, 0);
}

static const struct ktest_case lockup_cases[] = {
	KTEST_CASE(working_is_not_stuck),
	KTEST_CASE(preemption_off),
	KTEST_CASE(interrupts_off),
	{ },
};
static const struct ktest_suite lockup_suite = { .name = "lockup", .cases = lockup_cases };
ktest_suite_register(lockup_suite);
