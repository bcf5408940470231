// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the scheduler with real threads: who runs when, and on which CPU. Figures of shares are
 * loose, since the machine below may be busy.
 */
#include <ktest.h>

#include <mm.h>
#include <sched.h>
#include <time.h>
#include <wait.h>

/* A thread that computes until it is told to stop. */
struct spinner {
	struct thread *thread;
	struct completion done;
	bool stop;
	u64 ran_ns;		/* time on the CPU */
	u64 cpus;		/* those it has been seen on */
	bool kept;		/* dozers: the state was as they had left it */
};

static void spinner_main(void *arg)
{
	struct spinner *s = arg;
	u64 utime, stime;

	while (!READ_ONCE(s->stop))
		s->cpus |= BIT(cpu_id());
	sched_thread_times(current, &utime, &stime);
	s->ran_ns = utime + stime;
	complete(&s->done);
	thread_exit_final();
}

/* A thread with a reference of the test's own, not yet running. */
static struct thread *make_thread(void (*fn)(void *arg), void *arg, u64 cpus)
{
	struct thread *t = thread_alloc(fn, arg);

	if (IS_ERR(t))
		return NULL;
	thread_get(t);
	t->flags = THREAD_F_KERNEL;
	t->cpus_allowed = cpus;
	thread_set_name(t, "ktest");
	return t;
}

static bool spinner_start(struct spinner *s, u64 cpus, int nice)
{
	*s = (struct spinner){ .stop = false };
	completion_init(&s->done);
	s->thread = make_thread(spinner_main, s, cpus);
	if (!s->thread)
		return false;
	s->thread->nice = (s8)nice;
	thread_start(s->thread);
	return true;
}

static void spinner_stop(struct spinner *s)
{
	WRITE_ONCE(s->stop, true);
	wait_for_completion(&s->done);
	thread_put(s->thread);
}

static void equals_share_a_cpu(struct ktest *test)
{
	struct spinner a, b;
	u64 sum;

	KTEST_ASSERT_TRUE(test, spinner_start(&a, 1, 0));
	KTEST_ASSERT_TRUE(test, spinner_start(&b, 1, 0));
	msleep(200);
	spinner_stop(&a);
	spinner_stop(&b);
	sum = a.ran_ns + b.ran_ns;
	KTEST_EXPECT_TRUE(test, sum > 50 * NSEC_PER_MSEC);
	KTEST_EXPECT_TRUE(test, a.ran_ns > sum / 4 && b.ran_ns > sum / 4);
}

/*
 * 1024 to 110. On a busy machine a slice may last much longer than it should: it evens out over
 * several rounds.
 */
static void nice_threads_get_less(struct ktest *test)
{
	struct spinner a, b;
	u64 a_ns = 0, b_ns = 0;
	u32 round;

	for (round = 0; round < 10 && (!b_ns || a_ns <= 4 * b_ns); round++) {
		KTEST_ASSERT_TRUE(test, spinner_start(&a, 1, 0));
		KTEST_ASSERT_TRUE(test, spinner_start(&b, 1, 10));
		msleep(300);
		WRITE_ONCE(b.stop, true);	/* not to run alone until this one has the CPU again */
		spinner_stop(&a);
		spinner_stop(&b);
		a_ns += a.ran_ns;
		b_ns += b.ran_ns;
	}
	KTEST_EXPECT_TRUE(test, a_ns > 4 * b_ns);
	KTEST_EXPECT_TRUE(test, b_ns > 0);
}

static void threads_spread_over_cpus(struct ktest *test)
{
	struct spinner a, b;

	if (nr_cpus < 2)
		KTEST_SKIP(test, "one CPU");
	KTEST_ASSERT_TRUE(test, spinner_start(&a, ~0ULL, 0));
	KTEST_ASSERT_TRUE(test, spinner_start(&b, ~0ULL, 0));
	msleep(300);
	spinner_stop(&a);
	spinner_stop(&b);
	KTEST_EXPECT_TRUE(test, a.ran_ns + b.ran_ns > 350 * NSEC_PER_MSEC);
}

static void affinity_holds_and_moves(struct ktest *test)
{
	struct spinner s;

	if (nr_cpus < 2)
		KTEST_SKIP(test, "one CPU");
	KTEST_ASSERT_TRUE(test, spinner_start(&s, 1, 0));
	msleep(20);
	KTEST_EXPECT_EQ(test, READ_ONCE(s.cpus), 1);
	KTEST_EXPECT_EQ(test, sched_set_affinity(s.thread, 2), 0);
	msleep(20);
	KTEST_EXPECT_EQ(test, READ_ONCE(s.cpus), 3);
	KTEST_EXPECT_EQ(test, READ_ONCE(s.thread->cpu), 1);
	KTEST_EXPECT_EQ(test, sched_set_affinity(s.thread, 0), -EINVAL);
	KTEST_EXPECT_EQ(test, sched_set_affinity(s.thread, BIT(63)), -EINVAL);
	spinner_stop(&s);
}

static void own_affinity_moves_at_once(struct ktest *test)
{
	u64 before = current->cpus_allowed;
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		KTEST_EXPECT_EQ(test, sched_set_affinity(current, BIT(cpu)), 0);
		KTEST_EXPECT_EQ(test, cpu_id(), cpu);
	}
	KTEST_EXPECT_EQ(test, sched_set_affinity(current, before), 0);
}

/* Each adds itself to the order when it first runs. */
struct runner {
	struct thread *thread;
	u32 *next, place;
	struct completion done;
};

static void runner_main(void *arg)
{
	struct runner *r = arg;

	r->place = (*r->next)++;
	complete(&r->done);
	thread_exit_final();
}

/*
 * While this CPU is kept by a thread of highest priority, three others line up; then they must run
 * by priority, not by arrival.
 */
static void realtime_goes_by_priority(struct ktest *test)
{
	static const u8 prio[3] = { 10, 30, 20 };
	struct runner r[3];
	u64 before = current->cpus_allowed;
	u32 i, next = 0;

	KTEST_ASSERT_TRUE(test, !sched_set_affinity(current, 1));
	KTEST_EXPECT_EQ(test, sched_set_policy(current, SCHED_FIFO, 99), 0);
	for (i = 0; i < 3; i++) {
		r[i] = (struct runner){ .next = &next,
					.thread = make_thread(runner_main, &r[i], 1) };
		completion_init(&r[i].done);
		KTEST_ASSERT_TRUE(test, r[i].thread);
		r[i].thread->policy = SCHED_FIFO;
		r[i].thread->rt_prio = prio[i];
		thread_start(r[i].thread);
	}
	udelay(2000);
	KTEST_EXPECT_EQ(test, next, 0);
	for (i = 0; i < 3; i++) {
		wait_for_completion(&r[i].done);
		thread_put(r[i].thread);
	}
	KTEST_EXPECT_EQ(test, r[0].place, 2);
	KTEST_EXPECT_EQ(test, r[1].place, 0);
	KTEST_EXPECT_EQ(test, r[2].place, 1);
	KTEST_EXPECT_EQ(test, sched_set_policy(current, SCHED_OTHER, 0), 0);
	KTEST_EXPECT_EQ(test, sched_set_affinity(current, before), 0);
	KTEST_EXPECT_EQ(test, sched_set_policy(current, SCHED_FIFO, 0), -EINVAL);
	KTEST_EXPECT_EQ(test, sched_set_policy(current, 77, 0), -EINVAL);
}

static void a_woken_sleeper_preempts(struct ktest *test)
{
	struct spinner s;
	u64 before = current->cpus_allowed, start, late;
	u32 i, soon = 0;

	KTEST_ASSERT_TRUE(test, !sched_set_affinity(current, 1));
	KTEST_ASSERT_TRUE(test, spinner_start(&s, 1, 0));
	for (i = 0; i < 20; i++) {
		start = ktime_ns();
		msleep(2);
		late = ktime_ns() - start - 2 * NSEC_PER_MSEC;
		soon += late < 3 * NSEC_PER_MSEC;
	}
	spinner_stop(&s);
	sched_set_affinity(current, before);
	/*
	 * Without preemption it would be the rest of the other's slice each time, at least 4 ms. A
	 * busy host may stop the machine for as long, but not always.
	 */
	KTEST_EXPECT_TRUE(test, soon >= 3);
}

/* Computes between writing its state and going to sleep, for as long as it is told. */
static void dozer_main(void *arg)
{
	struct spinner *s = arg;

	set_current_state(THREAD_UNINTERRUPTIBLE);
	while (!READ_ONCE(s->stop))
		s->cpus |= BIT(cpu_id());
	s->kept = READ_ONCE(current->state) == THREAD_UNINTERRUPTIBLE;
	WRITE_ONCE(current->state, THREAD_RUNNING);
	complete(&s->done);
	thread_exit_final();
}

/* Preempted and given to another CPU, a thread that is about to sleep still is. */
static void a_moved_thread_still_goes_to_sleep(struct ktest *test)
{
	struct spinner hog[3], dozer[3];
	u32 i, moved = 0;

	if (nr_cpus < 2)
		KTEST_SKIP(test, "one CPU");
	for (i = 0; i < ARRAY_SIZE(hog); i++)
		KTEST_ASSERT_TRUE(test, spinner_start(&hog[i], 1, 0));
	for (i = 0; i < ARRAY_SIZE(dozer); i++) {
		dozer[i] = (struct spinner){ .stop = false };
		completion_init(&dozer[i].done);
		dozer[i].thread = make_thread(dozer_main, &dozer[i], 3);
		KTEST_ASSERT_TRUE(test, dozer[i].thread);
		thread_start(dozer[i].thread);
	}
	/* They have gathered on CPU 1, and some go back. */
	msleep(100);
	for (i = 0; i < ARRAY_SIZE(hog); i++)
		spinner_stop(&hog[i]);
	msleep(100);
	for (i = 0; i < ARRAY_SIZE(dozer); i++) {
		WRITE_ONCE(dozer[i].stop, true);
		wait_for_completion(&dozer[i].done);
		thread_put(dozer[i].thread);
		KTEST_EXPECT_TRUE(test, dozer[i].kept);
		moved += (dozer[i].cpus & (dozer[i].cpus - 1)) != 0;
	}
	KTEST_EXPECT_TRUE(test, moved > 0);
}

static void dead_threads_are_freed(struct ktest *test)
{
	u32 i, next = 0;

	for (i = 0; i < 500; i++) {
		struct runner r = { .next = &next };

		completion_init(&r.done);
		r.thread = make_thread(runner_main, &r, ~0ULL);
		KTEST_ASSERT_TRUE(test, r.thread);
		thread_start(r.thread);
		wait_for_completion(&r.done);
		thread_put(r.thread);
	}
	KTEST_EXPECT_EQ(test, next, 500);
	/* The last ones are freed when their CPUs next have nothing to do. */
	for (i = 0; i < 100 && slab_objects("thread") > 100; i++)
		msleep(1);
	KTEST_EXPECT_TRUE(test, slab_objects("thread") <= 100);
}

static void cpu_times_add_up(struct ktest *test)
{
	struct cpu_times a, b;
	u64 start = ktime_ns(), sum, passed;

	sched_cpu_times(0, &a);
	msleep(50);
	sched_cpu_times(0, &b);
	passed = ktime_ns() - start;
	sum = b.user - a.user + b.nice - a.nice + b.system - a.system + b.idle - a.idle +
	      b.steal - a.steal;
	KTEST_EXPECT_TRUE(test, sum <= passed + NSEC_PER_MSEC);
	KTEST_EXPECT_TRUE(test, sum >= 40 * NSEC_PER_MSEC);
}

static const struct ktest_case sched_cases[] = {
	KTEST_CASE(equals_share_a_cpu),
	KTEST_CASE(nice_threads_get_less),
	KTEST_CASE(threads_spread_over_cpus),
	KTEST_CASE(affinity_holds_and_moves),
	KTEST_CASE(own_affinity_moves_at_once),
	KTEST_CASE(realtime_goes_by_priority),
	KTEST_CASE(a_woken_sleeper_preempts),
	KTEST_CASE(a_moved_thread_still_goes_to_sleep),
	KTEST_CASE(dead_threads_are_freed),
	KTEST_CASE(cpu_times_add_up),
	{ },
};
static const struct ktest_suite sched_suite = { .name = "sched", .cases = sched_cases };
ktest_suite_register(sched_suite);
