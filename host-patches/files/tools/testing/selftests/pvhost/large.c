// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow entries of 2 MiB: filled, split, flushed, taken away; and what they must not
 * reach. Each case on each kind of memory; in small pages, no such entry is made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kselftest.h"
#include "storm_lib.h"

#define BYTES (STORM_PAGES * 4096UL)
#define ROUNDS 8

static struct vm vm;

static const struct {
	const char *name;
	enum guest_case number;
	int least; /* entries of 2 MiB that it must have made, in huge pages */
	int most; /* that it may have made; -1: any number */
	unsigned int shift; /* pages of the file that are left out */
	unsigned int flags;
} cases[] = {
	{"filled at the first touch", CASE_LARGE_FILL, 2, 3, 0, 0},
	{"split and joined", CASE_LARGE_SPLIT, 1, -1, 0, 0},
	{"flushed in parts", CASE_LARGE_FLUSH, 8, -1, 0, 0},
	{"rights, accessed and dirty", CASE_LARGE_RIGHTS, 2, -1, 0, 0},
	{"the edges of the address space, kernel", CASE_LARGE_EDGES, 2, 2, 0, 0},
	{"the edges of the address space, user", CASE_LARGE_USER_EDGES, 2, 2, 0, 0},
	{"SYSCALL as the last instruction", CASE_LARGE_LAST_CODE, 1, -1, 0, 0},
	{"discarded in parts", CASE_LARGE_DISCARD, 1, -1, 0, 0},
	{"1 GiB, partly memory", CASE_LARGE_GIANT, STORM_BLOCKS, -1, 0, 0},
	{"read-only memory", CASE_LARGE_READ_ONLY, 1, -1, 0, PVHOST_MEM_READONLY},
	{"memory that is not aligned", CASE_LARGE_SHIFTED, 0, 0, 1, 0},
};

static void write_tags(unsigned int gen)
{
	for (unsigned long i = 0; i < STORM_PAGES; i++)
		*(volatile unsigned long *)(arena + i * 4096) = TAG(i, gen);
}

static uint64_t large_fills(void)
{
	struct pvhost_stats stats = {.size = sizeof(stats)};

	if (ioctl(vm.vcpu[0], PVHOST_GET_STATS, &stats))
		ksft_print_msg("GET_STATS: %s\n", strerror(errno));
	return stats.fills_2m;
}

static bool make(enum guest_case number, unsigned int shift, unsigned int flags)
{
	struct pvhost_memory m = {.size = sizeof(m), .slot = 1, .gpa = STORM_GPA, .flags = flags};

	if (vm_create(&vm, 1, number))
		return false;
	vm.param->seed = shift;
	m.hva = (uint64_t)arena + shift * 4096UL;
	m.bytes = BYTES - shift * 4096UL;
	return !ioctl(vm.fd, PVHOST_SET_MEMORY, &m);
}

/* Each on fresh memory: what one does to a huge page may split it for good. */
static void run(unsigned int i, enum backing backing)
{
	int least = backing == BACKING_4K ? 0 : cases[i].least;
	int most = backing == BACKING_4K ? 0 : cases[i].most;
	const char *name = backing_names[backing], *why = arena_open(backing);
	uint64_t n;
	bool ok;

	if (why) {
		ksft_test_result_skip("%s, %s: %s\n", cases[i].name, name, why);
		arena_close();
		return;
	}
	write_tags(1);
	ok = make(cases[i].number, cases[i].shift, cases[i].flags) && vm_finish(&vm);
	n = large_fills();
	vm_destroy(&vm);
	if (n < (uint64_t)least || (most >= 0 && n > (uint64_t)most)) {
		ksft_print_msg("%llu entries of 2 MiB\n", (unsigned long long)n);
		ok = false;
	}
	ok &= arena_close();
	ksft_test_result(ok, "%s, %s\n", cases[i].name, name);
}

/* What a launcher may do to the memory below one entry; it has its own way to each. */
static void take_away(unsigned int round, enum backing backing)
{
	unsigned long part = backing == BACKING_HUGETLB ? 2UL << 20 : 4096;
	unsigned long at = part * 5 % (2UL << 20);

	switch (round % 4) {
	case 0:
		madvise(arena + at, part, MADV_REMOVE);
		break;
	case 1:
		madvise(arena, 2UL << 20, MADV_DONTNEED);
		break;
	case 2:
		mprotect(arena + at, part, PROT_NONE);
		mprotect(arena + at, part, PROT_READ | PROT_WRITE);
		break;
	default:
		madvise(arena, 2UL << 20, MADV_REMOVE);
	}
}

static bool taken_away(enum backing backing)
{
	/* A huge page of shared memory may stay split. */
	uint64_t least = backing == BACKING_HUGETLB ? 2 : backing == BACKING_THP;
	bool ok;

	write_tags(1);
	if (!make(CASE_LARGE_TAKEN, 0, 0))
		return false;
	vm.param->count = ROUNDS;
	vm_start(&vm);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		if (!vm_wait_flag(&vm, round))
			break;
		take_away(round, backing);
		write_tags(round + 1);
		__atomic_store_n(&vm.param->flag, 0, __ATOMIC_SEQ_CST);
	}
	for (int i = 0; i < 20000 && !vm.ended; i++)
		usleep(1000);
	vm_stop(&vm);
	ok = vm.reason == PVHOST_EXIT_SHUTDOWN && vm.status == 0 && large_fills() >= least;
	vm_destroy(&vm);
	return ok;
}

static void run_all(enum backing backing)
{
	const char *name = backing_names[backing], *why;
	bool ok;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		run(i, backing);
	why = arena_open(backing);
	ok = !why && taken_away(backing);
	ok &= arena_close();
	if (why)
		ksft_test_result_skip("taken away in parts, %s: %s\n", name, why);
	else
		ksft_test_result(ok, "taken away in parts, %s\n", name);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	close(open_device());
	ksft_set_plan(BACKINGS * (ARRAY_SIZE(cases) + 1));
	for (int backing = 0; backing < BACKINGS; backing++)
		run_all(backing);
	ksft_finished();
}
