// SPDX-License-Identifier: GPL-2.0-only
/* kernel/sched/sched_fair.c: order by virtual time, weights, sleepers, slices. */
#include <string.h>

#include "../../guest-kernel/kernel/sched/rq.h"
#include "unit.h"

static struct rq rq;
static struct thread threads[8];

static void start(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(threads, 0, sizeof(threads));
}

static void waits(u32 n, u64 vruntime)
{
	threads[n].vruntime = vruntime;
	fair_enqueue(&rq, &threads[n]);
}

UNIT_TEST(fair_serves_the_one_furthest_behind)
{
	start();
	EXPECT(!fair_first(&rq));
	waits(0, 300);
	waits(1, 100);
	waits(2, 200);
	waits(3, 100);
	EXPECT(fair_first(&rq) == &threads[1]);
	fair_dequeue(&rq, &threads[1]);
	EXPECT(fair_first(&rq) == &threads[3]);
	fair_dequeue(&rq, &threads[3]);
	fair_dequeue(&rq, &threads[0]);
	EXPECT(fair_first(&rq) == &threads[2]);
	fair_dequeue(&rq, &threads[2]);
	EXPECT(!fair_first(&rq));
	EXPECT_EQ(rq.nr_fair, 0);
}

/* Virtual time is compared modulo 2^64. */
UNIT_TEST(fair_stands_wrap_around)
{
	start();
	waits(0, 5);
	waits(1, ~0ULL - 5);
	EXPECT(fair_first(&rq) == &threads[1]);
}

/* Runs two threads against each other for @slices of 1 ms; returns how often the second ran. */
static u32 compete(s8 nice, u8 policy, u32 slices)
{
	u32 i, second = 0;

	start();
	threads[1].nice = nice;
	threads[1].policy = policy;
	waits(0, 0);
	waits(1, 0);
	for (i = 0; i < slices; i++) {
		struct thread *t = fair_first(&rq);

		fair_dequeue(&rq, t);
		second += t == &threads[1];
		fair_charge(&rq, t, NSEC_PER_MSEC);
		fair_enqueue(&rq, t);
	}
	return second;
}

UNIT_TEST(fair_divides_by_weight)
{
	u32 n;

	EXPECT_EQ(compete(0, SCHED_OTHER, 1000), 500);
	/* 335 to 1024. */
	n = compete(5, SCHED_OTHER, 10000);
	EXPECT(n > 2400 && n < 2530);
	n = compete(-20, SCHED_OTHER, 100000);
	EXPECT(n > 98700 && n < 99000);
	n = compete(0, SCHED_IDLE, 100000);
	EXPECT(n > 200 && n < 400);
}

UNIT_TEST(fair_sleepers_save_up_little)
{
	struct thread sleeper = { .vruntime = 0 };

	start();
	rq.min_vruntime = 1000 * NSEC_PER_MSEC;
	fair_place(&rq, &sleeper, true);
	EXPECT(sleeper.vruntime < rq.min_vruntime);
	EXPECT(rq.min_vruntime - sleeper.vruntime <= 20 * NSEC_PER_MSEC);
	/* A new thread gets nothing in advance, and one that is ahead stays where it is. */
	sleeper.vruntime = 0;
	fair_place(&rq, &sleeper, false);
	EXPECT_EQ(sleeper.vruntime, rq.min_vruntime);
	sleeper.vruntime = rq.min_vruntime + 7;
	fair_place(&rq, &sleeper, true);
	EXPECT_EQ(sleeper.vruntime, rq.min_vruntime + 7);
}

UNIT_TEST(fair_minimum_never_goes_back)
{
	struct thread runs = { .vruntime = 500 };

	start();
	fair_charge(&rq, &runs, 500);
	EXPECT_EQ(rq.min_vruntime, 1000);
	waits(0, 10);
	fair_charge(&rq, &runs, 500);
	EXPECT_EQ(rq.min_vruntime, 1000);
}

UNIT_TEST(fair_preemption_wants_a_lead)
{
	struct thread curr = { .vruntime = 10 * NSEC_PER_MSEC }, t = { .vruntime = 10 * NSEC_PER_MSEC - 1000 };

	start();
	EXPECT(!fair_preempts(&rq, &t, &curr));
	t.vruntime = 0;
	EXPECT(fair_preempts(&rq, &t, &curr));
	t.policy = SCHED_BATCH;
	EXPECT(!fair_preempts(&rq, &t, &curr));
	curr.policy = SCHED_IDLE;
	curr.vruntime = 0;
	EXPECT(fair_preempts(&rq, &t, &curr));
}

UNIT_TEST(fair_slice_ends_only_for_somebody)
{
	struct thread curr = { .vruntime = 100 * NSEC_PER_MSEC, .sum_exec = 100 * NSEC_PER_MSEC };

	start();
	EXPECT(!fair_slice_over(&rq, &curr));
	waits(0, 50 * NSEC_PER_MSEC);
	EXPECT(fair_slice_over(&rq, &curr));
	curr.slice_start = curr.sum_exec - 1000;
	EXPECT(!fair_slice_over(&rq, &curr));
}
