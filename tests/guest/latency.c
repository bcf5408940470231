// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that is to run at once does, whatever another one has asked the kernel for: no system
 * call on a large mapping keeps the CPU to itself until it is done.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "gt.h"

#define PAGE 4096UL
#define LARGE (1UL << 30) /* 262,144 entries of page tables */
#define TICK_NS 200000L
#define RATE_NS 50000000ULL
#define TELLING 20 /* ticks that are to be expected; a shorter call tells nothing */
#define SHARE 10 /* at least a tenth of those must come */
#define ATTEMPTS 6 /* once at least: the machine itself may not have had a CPU */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

static volatile unsigned long *ticks;
static unsigned long usual; /* ticks in RATE_NS beside a program that computes */

/* Counts the times that it gets the CPU, which it is to get each TICK_NS. */
__attribute__((noreturn)) static int count_ticks(void *arg)
{
	const struct timespec tick = {0, TICK_NS};
	struct sched_param prio = {.sched_priority = 10};

	(void)arg;
	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &prio))
		_exit(errno);
	for (;;) {
		nanosleep(&tick, NULL);
		++*ticks;
	}
}

/* The page of zeros, everywhere; another part of the address space each time. */
static char *populated(void)
{
	char *p = mmap(NULL, LARGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	madvise(p, LARGE, MADV_NOHUGEPAGE);
	CHECK_EQ(madvise(p, LARGE, MADV_POPULATE_READ), 0);
	return p;
}

struct span {
	uint64_t ns;
	unsigned long ticks;
};

static struct span begin(void)
{
	return (struct span){gt_now(), *ticks};
}

/* What is known of a call. */
struct call {
	const char *name;
	bool good, bad;
	uint64_t us, expected;
	unsigned long ticks;
};

/* However fast the machine is: the other thread ran as beside a program that computes. */
static void end(struct span at, struct call *c)
{
	uint64_t ns = gt_now() - at.ns, expected = ns * usual / RATE_NS;
	unsigned long n = *ticks - at.ticks;

	if (expected < TELLING)
		return;
	if (n >= expected / SHARE) {
		c->good = true;
		return;
	}
	c->bad = true;
	c->us = ns / 1000;
	c->expected = expected;
	c->ticks = n;
}

static void find_usual_rate(void)
{
	struct span at = begin();

	while (gt_now() - at.ns < RATE_NS)
		;
	usual = *ticks - at.ticks;
}

enum { MPROTECT, MREMAP, FORK, MADVISE, MUNMAP, MPROTECT_EMPTY, MUNMAP_EMPTY, CALLS };
static struct call calls[CALLS] = {
	{.name = "mprotect"}, {.name = "mremap"}, {.name = "fork and exit"}, {.name = "madvise"},
	{.name = "munmap"}, {.name = "mprotect of empty tables"},
	{.name = "munmap of empty tables"},
};

static void large_mappings(void)
{
	char *p = populated(), *q;
	struct span at = begin();

	CHECK_EQ(mprotect(p, LARGE, PROT_READ | PROT_EXEC), 0);
	end(at, &calls[MPROTECT]);
	at = begin();
	q = mremap(p, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 2 * LARGE);
	CHECK(q == p + 2 * LARGE);
	end(at, &calls[MREMAP]);
	at = begin();
	CHECK(EXITED(gt_run(gt_return_0, NULL), 0));
	end(at, &calls[FORK]);
	at = begin();
	CHECK_EQ(madvise(q, LARGE / 2, MADV_DONTNEED), 0);
	end(at, &calls[MADVISE]);
	at = begin();
	CHECK_EQ(munmap(q, LARGE), 0);
	end(at, &calls[MUNMAP]);
}

/* One entry a table: tables alone. */
static void sparse_mappings(void)
{
	const size_t span = 2UL << 20, n = 16384;
	char *p = mmap(NULL, n * span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		       0);
	struct span at;

	CHECK(p != MAP_FAILED);
	madvise(p, n * span, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i++)
		(void)*(volatile char *)(p + i * span);
	CHECK_EQ(madvise(p, n * span, MADV_DONTNEED), 0);
	at = begin();
	CHECK_EQ(mprotect(p, n * span, PROT_READ | PROT_EXEC), 0);
	end(at, &calls[MPROTECT_EMPTY]);
	at = begin();
	CHECK_EQ(munmap(p, n * span), 0);
	end(at, &calls[MUNMAP_EMPTY]);
}

static bool doubtful(void)
{
	bool doubt = false;

	for (int i = 0; i < CALLS; i++)
		doubt |= calls[i].bad && !calls[i].good;
	return doubt;
}

static void judge(void (*fn)(void))
{
	int attempt = 0;

	do {
		find_usual_rate();
		fn();
	} while (++attempt < ATTEMPTS && doubtful());
	for (int i = 0; i < CALLS; i++)
		if (calls[i].bad && !calls[i].good)
			gt_fail(__FILE__, __LINE__,
				"%s: in %llu us another thread ran %lu times, not some %llu",
				calls[i].name, (unsigned long long)calls[i].us, calls[i].ticks,
				(unsigned long long)calls[i].expected);
}

/* Runs @fn beside the other thread, both on one CPU. */
static void beside_ticks(void (*fn)(void))
{
	cpu_set_t set;
	pid_t pid;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
	ticks = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(ticks != MAP_FAILED);
	pid = gt_child(count_ticks, NULL);
	gt_sleep_ms(20);
	if (waitpid(pid, NULL, WNOHANG) == pid)
		gt_skip("may not have a thread of real time");
	judge(fn);
	kill(pid, SIGKILL);
	gt_wait(pid);
}

static void large(void)
{
	beside_ticks(large_mappings);
}

static void sparse(void)
{
	beside_ticks(sparse_mappings);
}

static const struct gt_test tests[] = {
	{"calls_on_a_large_mapping_can_be_interrupted", large, 300},
	{"calls_on_many_tables_can_be_interrupted", sparse, 300},
};

GT_GROUP(latency);
