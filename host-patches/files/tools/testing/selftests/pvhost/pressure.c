// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storms on a host that is short of memory, or tidies it up: reclaim, swap, a limited
 * cgroup, KSM, split and collapsed huge pages, compaction. What this kernel cannot do is
 * skipped: pressure [-s SEED] [-t SECONDS].
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "storm_lib.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif
#define CGROUP "/sys/fs/cgroup"
#define CGROUP_TEST CGROUP "/pvhost-pressure"
#define BYTES (STORM_PAGES * 4096UL)
#define LIMIT (64UL << 20)
#define SWAP "/dev/zram0"
#define SPLIT "/sys/kernel/debug/split_huge_pages"

static struct storm_options options = {
	.program = STORM_RANDOM, .seed = 1, .seconds = 3, .vcpus = 3, .fast = 3, .change = true};

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* ---- what can be done to a host; each is called again and again ---- */

static void take_back(void)
{
	put_text("/proc/sys/vm/drop_caches", "3");
	put_text(CGROUP_TEST "/memory.reclaim", "16M");
	madvise(arena, BYTES, MADV_COLD);
	usleep(20000);
}

static void swap_out(void)
{
	madvise(arena, BYTES, MADV_PAGEOUT);
	usleep(2000);
	madvise(arena, BYTES, MADV_WILLNEED);
	usleep(2000);
}

/* Somebody beside us takes more than the limit leaves, until he is killed for it. */
static void fill_cgroup(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		put_text("/proc/self/oom_score_adj", "1000");
		mmap(NULL, LIMIT, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	usleep(20000);
}

static void merge(void)
{
	madvise(arena, BYTES, MADV_MERGEABLE);
	usleep(10000);
}

static void split_and_collapse(void)
{
	char text[100];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx", getpid(), (unsigned long)arena,
		 (unsigned long)arena + BYTES);
	put_text(SPLIT, text);
	usleep(2000);
	madvise(arena, BYTES, MADV_COLLAPSE);
	usleep(2000);
}

static void compact(void)
{
	put_text("/proc/sys/vm/compact_memory", "1");
	usleep(5000);
}

static void migrate(void)
{
	for (unsigned long i = 0; i < STORM_PAGES && !storm_over; i++) {
		void *page = arena + i * 4096;
		int node = i & 1, status;

		syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, 0);
	}
}

/* ---- whether it can ---- */

static const char *enter_cgroup(void)
{
	put_text(CGROUP "/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP_TEST, 0755) && errno != EEXIST)
		return "there is no memory cgroup";
	if (!put_text(CGROUP_TEST "/cgroup.procs", "0"))
		return "the memory cgroup cannot be entered";
	return NULL;
}

static void leave_cgroup(void)
{
	put_text(CGROUP "/cgroup.procs", "0");
	rmdir(CGROUP_TEST);
}

static const char *limit_cgroup(void)
{
	const char *why = enter_cgroup();
	char limit[20];

	snprintf(limit, sizeof(limit), "%lu", LIMIT);
	if (!why && !put_text(CGROUP_TEST "/memory.max", limit))
		why = "the memory cgroup has no limit";
	return why;
}

static const char *begin_swap(void)
{
	if (!exists(SWAP))
		return "this kernel has no zram to swap to";
	if (!put_text("/sys/block/zram0/disksize", "64M") || system("mkswap " SWAP " >/dev/null") ||
	    swapon(SWAP, 0))
		return "it cannot swap to zram";
	return NULL;
}

static void end_swap(void)
{
	if (exists(SWAP) && !swapoff(SWAP))
		put_text("/sys/block/zram0/reset", "1");
}

static const char *begin_merging(void)
{
	if (!put_text("/sys/kernel/mm/ksm/run", "1"))
		return "this kernel has no KSM";
	put_text("/sys/kernel/mm/ksm/pages_to_scan", "10000");
	put_text("/sys/kernel/mm/ksm/sleep_millisecs", "2");
	/* Guest memory is shared, and never merged; ours beside it is. */
	prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0);
	return NULL;
}

static void end_merging(void)
{
	prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0);
	put_text("/sys/kernel/mm/ksm/run", "2");
}

static const char *can_split(void)
{
	mount("none", "/sys/kernel/debug", "debugfs", 0, NULL);
	return exists(SPLIT) ? NULL : "this kernel does not split huge pages on request";
}

static const char *can_compact(void)
{
	return exists("/proc/sys/vm/compact_memory") ? NULL : "this kernel does not compact memory";
}

static const char *can_migrate(void)
{
	return exists("/sys/devices/system/node/node1") ? NULL : "this host has one node of memory";
}

static const struct {
	const char *name;
	enum backing backing;
	const char *(*begin)(void);
	void (*press)(void);
	void (*end)(void);
} cases[] = {
	{"reclaim", BACKING_4K, enter_cgroup, take_back, leave_cgroup},
	{"swap", BACKING_4K, begin_swap, swap_out, end_swap},
	{"swap of huge pages", BACKING_THP, begin_swap, swap_out, end_swap},
	{"memory cgroup's limit", BACKING_4K, limit_cgroup, fill_cgroup, leave_cgroup},
	{"KSM", BACKING_4K, begin_merging, merge, end_merging},
	{"huge pages split and collapsed", BACKING_THP, can_split, split_and_collapse, NULL},
	{"compaction", BACKING_4K, can_compact, compact, NULL},
	{"compaction of huge pages", BACKING_THP, can_compact, compact, NULL},
	{"migration between nodes", BACKING_4K, can_migrate, migrate, NULL},
};

static void run(unsigned int i)
{
	const char *why = cases[i].begin();
	enum storm_result_kind kind = STORM_SKIPPED;

	options.backing = cases[i].backing;
	options.press = cases[i].press;
	if (!why)
		kind = storm_run(&options);
	if (cases[i].end)
		cases[i].end();
	if (!why && kind == STORM_SKIPPED)
		why = "there is no such memory";
	if (why)
		ksft_test_result_skip("%s: %s\n", cases[i].name, why);
	else
		ksft_test_result(kind == STORM_OK, "%s\n", cases[i].name);
}

int main(int argc, char **argv)
{
	int c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "s:t:")) != -1) {
		if (c == 's')
			options.seed = strtoull(optarg, NULL, 0);
		else if (c == 't')
			options.seconds = strtoul(optarg, NULL, 0);
		else
			return 2;
	}
	ksft_print_header();
	close(open_device());
	ksft_print_msg("seed %llu, %u seconds each\n", (unsigned long long)options.seed,
		       options.seconds);
	ksft_set_plan(ARRAY_SIZE(cases));
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		run(i);
	ksft_finished();
}
