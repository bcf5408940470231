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
#define LARGE (512UL << 20) /* 131,072 entries of page tables */
#define TICK_NS 200000L
#define TOLD_MS 5 /* what is shorter tells nothing */
#define MIN_TICKS 5

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

static volatile unsigned long *ticks;

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

/* However fast the machine is: a call of some length has been interrupted by the other thread. */
static void end(struct span at, const char *what)
{
	uint64_t ms = (gt_now() - at.ns) / 1000000;
	unsigned long n = *ticks - at.ticks;

	if (ms >= TOLD_MS && n < MIN_TICKS)
		gt_fail(__FILE__, __LINE__, "%s: in %llu ms another thread ran %lu times", what,
			(unsigned long long)ms, n);
}

static void large_mappings(void)
{
	char *p = populated(), *q;
	struct span at = begin();

	CHECK_EQ(mprotect(p, LARGE, PROT_READ | PROT_EXEC), 0);
	end(at, "mprotect");
	at = begin();
	q = mremap(p, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 2 * LARGE);
	CHECK(q == p + 2 * LARGE);
	end(at, "mremap");
	at = begin();
	CHECK(EXITED(gt_run(gt_return_0, NULL), 0));
	end(at, "fork and exit");
	at = begin();
	CHECK_EQ(madvise(q, LARGE / 2, MADV_DONTNEED), 0);
	end(at, "madvise");
	at = begin();
	CHECK_EQ(munmap(q, LARGE), 0);
	end(at, "munmap");
}

/* One entry a table: tables alone. */
static void sparse_mappings(void)
{
	const size_t span = 2UL << 20, n = 16384;
	char *p = mmap(NULL, n * span, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct span at;

	CHECK(p != MAP_FAILED);
	madvise(p, n * span, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i++)
		(void)*(volatile char *)(p + i * span);
	at = begin();
	CHECK_EQ(mprotect(p, n * span, PROT_READ | PROT_EXEC), 0);
	end(at, "mprotect");
	at = begin();
	CHECK_EQ(madvise(p, n * span, MADV_DONTNEED), 0);
	CHECK_EQ(mprotect(p, n * span, PROT_READ), 0);
	end(at, "mprotect of empty tables");
	at = begin();
	CHECK_EQ(munmap(p, n * span), 0);
	end(at, "munmap of empty tables");
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
	fn();
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
	{"calls on a large mapping can be interrupted", large, 120},
	{"calls on many tables can be interrupted", sparse, 120},
};

GT_GROUP(latency);
