// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces where it gets narrow: absurd lengths, limits, locked memory, barriers.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "gt.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t n, int prot)
{
	char *p = mmap(NULL, n, prot, ANON, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static bool resident(void *p)
{
	unsigned char v;

	CHECK_EQ(mincore(p, PAGE, &v), 0);
	return v & 1;
}

/* Old lengths that reach beyond the address space, or round to its beginning. */
static void remap_absurd_lengths(void)
{
	static const unsigned long lengths[] = {-PAGE, -2 * PAGE, 1UL << 63, 1UL << 47};
	char *p = map(8 * PAGE, RW), *target = map(PAGE, RW);

	memset(p, 'x', 8 * PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		CHECK_ERR(syscall(SYS_mremap, p + 4 * PAGE, lengths[i], PAGE, 0, 0), EINVAL);
		CHECK_ERR(syscall(SYS_mremap, p + 4 * PAGE, lengths[i], PAGE,
				  MREMAP_MAYMOVE | MREMAP_FIXED, target),
			  EINVAL);
	}
	for (size_t i = 0; i < 8; i++)
		CHECK_EQ(p[i * PAGE], 'x');
}

/* The entries of several page tables move, to a place that is aligned differently. */
static void remap_far_and_wide(void)
{
	size_t n = 5UL << 20;
	char *p = map(n, RW), *q = map(n + (1UL << 21), RW);

	for (size_t i = 0; i < n; i += 97 * PAGE)
		p[i] = (char)(i / PAGE % 251);
	q += 3 * PAGE;
	CHECK(mremap(p, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	for (size_t i = 0; i < n; i += PAGE)
		CHECK_EQ((unsigned char)q[i], i % (97 * PAGE) ? 0 : i / PAGE % 251);
}

static void lock_overlapping(void)
{
	char *p = map(4 * PAGE, RW);

	CHECK_EQ(mlock(p + PAGE, PAGE), 0);
	CHECK_EQ(mlock(p, 3 * PAGE), 0);
	CHECK_EQ(mlock(p, 4 * PAGE), 0);
	CHECK(resident(p + 3 * PAGE));
	CHECK_EQ(munlock(p + 2 * PAGE, PAGE), 0);
	CHECK_EQ(munlock(p, 4 * PAGE), 0);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
	CHECK_ERR(mlock(p, 4 * PAGE), ENOMEM);
	munmap(p + 2 * PAGE, PAGE);
	CHECK_ERR(mlock(p, 4 * PAGE), ENOMEM);
}

static void lock_beyond_the_end(void)
{
	int fd = memfd_create("x", 0);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	CHECK_ERR(mlock(p, 2 * PAGE), ENOMEM);
}

/* One mapping that cannot be touched does not keep the others from being locked. */
static void lock_all(void)
{
	char *above = map(2 * PAGE, RW), *none = map(PAGE, PROT_NONE), *below = map(PAGE, RW);

	CHECK_EQ(mlockall(MCL_CURRENT), 0);
	CHECK(resident(above) && resident(above + PAGE) && resident(below));
	CHECK(!resident(none));
	CHECK_EQ(munlockall(), 0);
}

static void data_limit(void)
{
	struct rlimit rl = {16UL << 20, 16UL << 20};
	char *p = map(64UL << 20, PROT_READ);

	CHECK_EQ(setrlimit(RLIMIT_DATA, &rl), 0);
	CHECK_ERR((long)mmap(NULL, 64UL << 20, RW, ANON, -1, 0), ENOMEM);
	CHECK_ERR(mprotect(p, 64UL << 20, RW), ENOMEM);
	CHECK_EQ(mprotect(p, 1UL << 20, RW), 0);
	p[0] = 1;
	CHECK_EQ(mprotect(p, 1UL << 20, PROT_READ), 0);
}

/* A mapping that the limits forbid leaves alone what it would have replaced. */
static void fixed_beyond_the_limit(void)
{
	struct rlimit rl = {64UL << 20, 64UL << 20};
	char *p = map(4 * PAGE, RW);

	p[0] = 'x';
	CHECK_EQ(setrlimit(RLIMIT_AS, &rl), 0);
	CHECK_ERR((long)mmap(p, 128UL << 20, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
	CHECK_EQ(p[0], 'x');
	CHECK(mmap(p, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p);
	CHECK_EQ(p[0], 0);
}

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static void remap_twice_within_the_limit(void)
{
	struct rlimit rl = {64UL << 20, 64UL << 20};
	size_t n = 40UL << 20;
	char *p = map(n, RW), *q;

	p[0] = 'x';
	CHECK_EQ(setrlimit(RLIMIT_AS, &rl), 0);
	CHECK_ERR((long)mremap(p, n, n, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), ENOMEM);
	CHECK_EQ(p[0], 'x');
	q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	CHECK(q != MAP_FAILED);
	CHECK_EQ(q[0], 'x');
	CHECK_EQ(p[0], 0);
}

#define MEMBARRIER_PRIVATE_EXPEDITED 8
#define MEMBARRIER_REGISTER_PRIVATE_EXPEDITED 16

static int barrier_in_child(void *arg)
{
	(void)arg;
	return syscall(SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0) ? 1 : 0;
}

static void barriers(void)
{
	CHECK(syscall(SYS_membarrier, 0, 0, 0) & MEMBARRIER_PRIVATE_EXPEDITED);
	CHECK_ERR(syscall(SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0), EPERM);
	CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
	CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0), 0);
	CHECK(EXITED(gt_run(barrier_in_child, NULL), 0));
	CHECK_ERR(syscall(SYS_membarrier, 1 << 30, 0, 0), EINVAL);
}

/* One process cuts, joins and moves mappings of a file while another truncates and extends it. */
static void truncate_against_remap(void)
{
	int fd = memfd_create("x", 0);
	char *p = mmap(NULL, 8 * PAGE, RW, MAP_SHARED, fd, 0), *q = map(8 * PAGE, RW);
	uint64_t rnd = 5, end = gt_now() + 1000000000ULL;
	pid_t pid;

	CHECK(p != MAP_FAILED);
	CHECK_EQ(ftruncate(fd, 8 * PAGE), 0);
	pid = fork();
	if (pid == 0) {
		while (!ftruncate(fd, 0) && !ftruncate(fd, 8 * PAGE))
			if (pwrite(fd, "x", 1, 3 * PAGE) != 1)
				_exit(1);
		_exit(2);
	}
	while (gt_now() < end) {
		size_t at = gt_random(&rnd) % 8 * PAGE;
		ssize_t ignored;

		CHECK_EQ(mprotect(p + at, PAGE, PROT_READ), 0);
		ignored = write(-1, p, 8 * PAGE);
		ignored = pread(fd, p + at / 2, PAGE, 3 * PAGE);
		(void)ignored;
		CHECK_EQ(mprotect(p, 8 * PAGE, RW), 0);
		CHECK(mremap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
		CHECK(mremap(q, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) == p);
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(ftruncate(fd, 8 * PAGE), 0);
	for (size_t i = 0; i < 8 * PAGE; i++)
		CHECK_EQ(p[i], 0);
}

static const struct gt_test tests[] = {
	{"remap_absurd_lengths", remap_absurd_lengths, 0},
	{"remap_far_and_wide", remap_far_and_wide, 0},
	{"lock_overlapping", lock_overlapping, 0},
	{"lock_beyond_the_end", lock_beyond_the_end, 0},
	{"lock_all", lock_all, 0},
	{"data_limit", data_limit, 0},
	{"fixed_beyond_the_limit", fixed_beyond_the_limit, 0},
	{"remap_twice_within_the_limit", remap_twice_within_the_limit, 0},
	{"barriers", barriers, 0},
	{"truncate_against_remap", truncate_against_remap, 0},
};
GT_GROUP(mappings);
