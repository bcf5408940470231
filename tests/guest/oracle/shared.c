// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory and a file shared by processes, each of which owns some of the words: all of them stay what
 * their owner wrote last, while mappings are dropped, protected, and taken over by children.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle.h"

#define PAGES 96UL
#define OWNERS 3U

static int fd; /* -1: anonymous */

static void *map_shared(uint64_t *old)
{
	void *p;

	if (fd < 0)
		return old;
	MUST(munmap(old, PAGES * PAGE) == 0);
	p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(p != MAP_FAILED);
	return p;
}

static void check(const uint64_t *base, unsigned int owner, uint64_t generation)
{
	for (size_t i = owner; i < PAGES * WORDS; i += OWNERS * 7) {
		uint64_t want = generation ? stamp(generation, i) : 0;

		if (base[i] != want) {
			wrong("owner %u: word %zu of page %zu holds %s, not %s", owner, i % WORDS,
			      i / WORDS, whose(base[i]), whose(want));
			return;
		}
	}
}

static uint64_t *disturb(uint64_t *base, uint64_t *rng)
{
	switch (rnd(rng) % 4) {
	case 0:
		MUST(madvise(base, PAGES * PAGE, MADV_DONTNEED) == 0);
		return base;
	case 1:
		MUST(mprotect(base, PAGES * PAGE, PROT_READ) == 0);
		MUST(mprotect(base, PAGES * PAGE, PROT_READ | PROT_WRITE) == 0);
		return base;
	case 2:
		return map_shared(base);
	default:
		return base;
	}
}

static void own(uint64_t *base, unsigned int owner)
{
	uint64_t rng = random_seed(owner), generation = 0;

	place(owner);
	while (going()) {
		pid_t pid;

		check(base, owner, generation);
		generation++;
		for (size_t i = owner; i < PAGES * WORDS; i += OWNERS * 7)
			base[i] = stamp(generation, i);
		base = disturb(base, &rng);
		check(base, owner, generation);
		if (rnd(&rng) % 8 == 0) {
			pid = try_fork();
			if (pid == 0) {
				check(base, owner, generation);
				_exit(0);
			}
			if (pid > 0 && wait_for(pid))
				wrong("a child that looks failed");
		}
		if (owner == 0)
			round_done();
	}
}

static void run(void)
{
	uint64_t rng = random_seed(99);
	uint64_t *base;
	pid_t pids[OWNERS] = {0};

	fd = -1;
	if (rnd(&rng) % 2) {
		fd = scratch_file();
		MUST(ftruncate(fd, PAGES * PAGE) == 0);
		base = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		MUST(base != MAP_FAILED);
	} else {
		base = map_pages(PAGES, MAP_SHARED);
	}
	for (unsigned int i = 1; i < OWNERS; i++) {
		pids[i] = try_fork();
		if (pids[i] == 0) {
			own(base, i);
			_exit(0);
		}
	}
	own(base, 0);
	for (unsigned int i = 1; i < OWNERS; i++)
		if (pids[i] > 0 && wait_for(pids[i]))
			wrong("owner %u failed", i);
}

const struct actor actor_shared = {
	.name = "shared",
	.what = "shared memory and a mapped file: each word is its owner's",
	.run = run,
};
