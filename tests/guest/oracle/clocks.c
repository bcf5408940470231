// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks go forward, for all CPUs together: a time that one thread has read and shown to the others
 * is not later than what they read then. Sleeps are not too short.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

static const struct {
	clockid_t id;
	const char *name;
} clocks[] = {
	{CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
	{CLOCK_MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW"},
	{CLOCK_BOOTTIME, "CLOCK_BOOTTIME"},
	{CLOCK_MONOTONIC_COARSE, "CLOCK_MONOTONIC_COARSE"},
	{CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID"},
};

static _Atomic uint64_t latest[ARRAY_SIZE(clocks)];

static void show(_Atomic uint64_t *shown, uint64_t t)
{
	uint64_t old = atomic_load(shown);

	while (old < t && !atomic_compare_exchange_weak(shown, &old, t))
		;
}

static void read_clock(size_t i, unsigned int number)
{
	uint64_t shown = atomic_load(&latest[i]), t;
	struct timespec ts;

	MUST(clock_gettime(clocks[i].id, &ts) == 0);
	t = (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
	if (ts.tv_nsec < 0 || ts.tv_nsec >= 1000000000)
		wrong("%s: %ld ns", clocks[i].name, ts.tv_nsec);
	/* Linux's own CPU time may go back by the time between two looks at other threads. */
	if (t < shown && (clocks[i].id != CLOCK_PROCESS_CPUTIME_ID || shown - t > 20000000))
		wrong("%s: thread %u reads %llu ns less than was shown", clocks[i].name, number,
		      (unsigned long long)(shown - t));
	show(&latest[i], t);
}

static void nap(uint64_t *rng)
{
	uint64_t ns = rnd(rng) % 2000000, before = now_ns(), slept;
	struct timespec ts = {0, (long)ns};

	MUST(nanosleep(&ts, NULL) == 0);
	slept = now_ns() - before;
	if (slept < ns)
		wrong("a sleep of %llu ns ended after %llu", (unsigned long long)ns,
		      (unsigned long long)slept);
}

static void *reader(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number);

	pin(number);
	while (going()) {
		for (unsigned int i = 0; i < 100; i++)
			read_clock(i % ARRAY_SIZE(clocks), number);
		nap(&rng);
		round_done();
	}
	return NULL;
}

static void run(void)
{
	pthread_t threads[MAX_CPUS];
	unsigned int nr = stage->cpus;

	for (unsigned int i = 0; i < nr; i++)
		start_thread(&threads[i], reader, i);
	for (unsigned int i = 0; i < nr; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

const struct actor actor_clocks = {
	.name = "clocks",
	.what = "clocks go forward across CPUs, sleeps are not too short",
	.run = run,
	.always = true,
};
