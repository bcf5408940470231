// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of locks, wait queues and deferred work with several threads at once: nothing is counted
 * twice or lost, nobody waits for ever.
 */
#include <ktest.h>

#include <sched.h>
#include <time.h>
#include <wait.h>

#define NR_WORKERS	4
#define ROUNDS		2000

/* Shared by the workers of one test. */
static struct {
	struct spinlock spin;
	struct mutex mutex;
	struct rwsem sem;
	u64 counter;		/* guarded by whichever lock the test is about */
	s32 readers;		/* atomic; who is inside */
	bool overlap;		/* a writer was not alone */
	struct wait_queue wq;
	u32 tokens;		/* atomic */
	atomic_t running;
	struct completion all_done;
} shared;

static void shared_init(void)
{
	spin_lock_init(&shared.spin, "ktest_spin");
	mutex_init(&shared.mutex, "ktest_mutex");
	rwsem_init(&shared.sem, "ktest_rwsem");
	wait_queue_init(&shared.wq);
	completion_init(&shared.all_done);
	shared.counter = 0;
	shared.readers = 0;
	shared.overlap = false;
	shared.tokens = 0;
}

static int worker_done(void)
{
	if (atomic_dec_and_test(&shared.running))
		complete(&shared.all_done);
	return 0;
}

/* Runs @fn in NR_WORKERS threads and waits for them. */
static bool run_workers(int (*fn)(void *arg))
{
	u32 i;

	atomic_set(&shared.running, NR_WORKERS);
	for (i = 0; i < NR_WORKERS; i++)
		if (IS_ERR(kthread_run(fn, (void *)(unsigned long)i, "ktest/%u", i)))
			return false;
	wait_for_completion(&shared.all_done);
	return true;
}

static int spin_worker(void *arg)
{
	u32 i;

	for (i = 0; i < ROUNDS; i++) {
		unsigned long flags;

		if (i % 2) {
			spin_lock_irqsave(&shared.spin, flags);
			shared.counter++;
			spin_unlock_irqrestore(&shared.spin, flags);
			continue;
		}
		while (!spin_trylock(&shared.spin))
			cpu_relax();
		shared.counter++;
		spin_unlock(&shared.spin);
	}
	return worker_done();
}

static void spinlock_excludes(struct ktest *test)
{
	shared_init();
	KTEST_ASSERT_TRUE(test, run_workers(spin_worker));
	KTEST_EXPECT_EQ(test, shared.counter, NR_WORKERS * ROUNDS);
	KTEST_EXPECT_TRUE(test, !spin_is_locked(&shared.spin));
}

static int mutex_worker(void *arg)
{
	u32 i;
	u64 seen;

	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&shared.mutex);
		seen = shared.counter;
		if (i % 16 == 0)
			sched_yield();
		shared.counter = seen + 1;
		mutex_unlock(&shared.mutex);
	}
	return worker_done();
}

static void mutex_excludes(struct ktest *test)
{
	shared_init();
	KTEST_ASSERT_TRUE(test, run_workers(mutex_worker));
	KTEST_EXPECT_EQ(test, shared.counter, NR_WORKERS * ROUNDS);
	KTEST_EXPECT_TRUE(test, mutex_trylock(&shared.mutex));
	KTEST_EXPECT_TRUE(test, mutex_is_mine(&shared.mutex));
	mutex_unlock(&shared.mutex);
}

static void read_inside(void)
{
	__atomic_add_fetch(&shared.readers, 1, __ATOMIC_SEQ_CST);
	if (shared.counter == ~0ULL)
		shared.overlap = true;
	sched_yield();
	__atomic_sub_fetch(&shared.readers, 1, __ATOMIC_SEQ_CST);
}

static void write_inside(void)
{
	u64 seen = shared.counter;

	shared.counter = ~0ULL;
	if (__atomic_load_n(&shared.readers, __ATOMIC_SEQ_CST))
		shared.overlap = true;
	sched_yield();
	shared.counter = seen + 1;
}

static int rwsem_worker(void *arg)
{
	u32 i;

	for (i = 0; i < ROUNDS / 4; i++) {
		if (((unsigned long)arg + i) % 4) {
			down_read(&shared.sem);
			read_inside();
			up_read(&shared.sem);
		} else {
			down_write(&shared.sem);
			write_inside();
			up_write(&shared.sem);
		}
	}
	return worker_done();
}

static void rwsem_keeps_writers_alone(struct ktest *test)
{
	shared_init();
	KTEST_ASSERT_TRUE(test, run_workers(rwsem_worker));
	KTEST_EXPECT_TRUE(test, !shared.overlap);
	KTEST_EXPECT_EQ(test, shared.counter, ROUNDS / 4);
	KTEST_EXPECT_TRUE(test, down_read_trylock(&shared.sem));
	KTEST_EXPECT_TRUE(test, !down_write_trylock(&shared.sem));
	up_read(&shared.sem);
	KTEST_EXPECT_TRUE(test, down_write_trylock(&shared.sem));
	KTEST_EXPECT_TRUE(test, !down_read_trylock(&shared.sem));
	up_write(&shared.sem);
}

static bool take_token(void)
{
	u32 n = READ_ONCE(shared.tokens);

	return n && __atomic_compare_exchange_n(&shared.tokens, &n, n - 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED);
}

static int token_worker(void *arg)
{
	u32 i;

	for (i = 0; i < ROUNDS; i++)
		__wait_event(&shared.wq, take_token(), THREAD_UNINTERRUPTIBLE, 0,
			     (unsigned long)arg % 2);
	return worker_done();
}

/* Each token wakes one taker; if a wake-up were lost, the last ones would wait for ever. */
static void no_wake_up_is_lost(struct ktest *test)
{
	u32 i;

	shared_init();
	atomic_set(&shared.running, NR_WORKERS);
	for (i = 0; i < NR_WORKERS; i++)
		KTEST_ASSERT_TRUE(test, !IS_ERR(kthread_run(token_worker, (void *)(unsigned long)i,
							    "ktest/%u", i)));
	for (i = 0; i < NR_WORKERS * ROUNDS; i++) {
		__atomic_add_fetch(&shared.tokens, 1, __ATOMIC_SEQ_CST);
		wake_up(&shared.wq);
		if (i % 64 == 0)
			sched_yield();
	}
	wait_for_completion(&shared.all_done);
	KTEST_EXPECT_EQ(test, shared.tokens, 0);
	KTEST_EXPECT_TRUE(test, !wait_active(&shared.wq));
}

static void waiting_ends_in_time(struct ktest *test)
{
	u64 start = ktime_ns(), took;

	shared_init();
	KTEST_EXPECT_EQ(test, wait_event_deadline(&shared.wq, false, start + 20 * NSEC_PER_MSEC),
			-ETIMEDOUT);
	took = ktime_ns() - start;
	KTEST_EXPECT_TRUE(test, took >= 20 * NSEC_PER_MSEC && took < NSEC_PER_SEC);
	KTEST_EXPECT_EQ(test, wait_event_deadline(&shared.wq, true, start), 0);
	KTEST_EXPECT_EQ(test, wait_event_deadline(&shared.wq, false, start), -ETIMEDOUT);
}

/* What an exclusive sleeper may find when it looks for the last time before it gives up. */
static struct {
	u32 looks;
	bool there;
} thing;

/* At the second look it is not there yet, but is put there and somebody woken right afterwards. */
static bool take_thing(void)
{
	if (++thing.looks == 2) {
		thing.there = true;
		wake_up(&shared.wq);
		return false;
	}
	return thing.there;
}

/* The one that was chosen must take it, signal or not: nobody else has been woken. */
static void exclusive_wake_up_is_not_thrown_away(struct ktest *test)
{
	int ret;

	shared_init();
	thing.looks = 0;
	thing.there = false;
	current->sigpending = 1;
	ret = __wait_event(&shared.wq, take_thing(), THREAD_INTERRUPTIBLE, 0, true);
	KTEST_EXPECT_EQ(test, ret, 0);
	thing.looks = 2;
	thing.there = false;
	ret = __wait_event(&shared.wq, take_thing(), THREAD_INTERRUPTIBLE, 0, true);
	KTEST_EXPECT_EQ(test, ret, -ERESTARTSYS);
	current->sigpending = 0;
}

struct counted_work {
	struct work work;
	u32 ran;
};

static void count_work(struct work *w)
{
	container_of(w, struct counted_work, work)->ran++;
	might_sleep();
}

static void work_runs_once_a_queueing(struct ktest *test)
{
	struct counted_work w = { .ran = 0 };

	work_init(&w.work, count_work);
	KTEST_EXPECT_TRUE(test, work_queue(&w.work));
	work_flush();
	KTEST_EXPECT_EQ(test, w.ran, 1);
	work_queue(&w.work);
	work_flush();
	KTEST_EXPECT_EQ(test, w.ran, 2);
}

static const struct ktest_case lock_cases[] = {
	KTEST_CASE(spinlock_excludes),
	KTEST_CASE(mutex_excludes),
	KTEST_CASE(rwsem_keeps_writers_alone),
	KTEST_CASE(no_wake_up_is_lost),
	KTEST_CASE(waiting_ends_in_time),
	KTEST_CASE(exclusive_wake_up_is_not_thrown_away),
	KTEST_CASE(work_runs_once_a_queueing),
	{ },
};
static const struct ktest_suite lock_suite = { .name = "locks", .cases = lock_cases };
ktest_suite_register(lock_suite);
