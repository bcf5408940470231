// SPDX-License-Identifier: GPL-2.0-only
/*
 * The narrow windows between truncate, fault and write, many times a second: a fault that began when
 * the file was long meets a write that comes after it was cut. What the write has taken stays, and
 * behind the end nothing is mapped. files.c looks at more, less often.
 *
 * The pages lie far behind the file's beginning, and the bytes that are written come out of a mapping
 * that has to be read in anew: both make the kernel slow in the middle.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle.h"

#define PAGES 2UL
#define START ((off_t)(PAGE << 28))
#define TOUCHERS 3
#define CYCLES 50 /* in a round */

static int fd;
static char *mapping;
static uint64_t *source;

/* Faults without the price of a signal: the kernel reads a path name there. */
static int touch_all(unsigned int number)
{
	uint64_t rng = random_seed(number);

	place(number);
	while (going())
		for (unsigned int i = 0; i < 200; i++) {
			char *at = mapping + rnd(&rng) % PAGES * PAGE + PAGE - 1;

			if (access(at, F_OK) == 0 || (errno != ENOENT && errno != EFAULT))
				wrong("access() of an empty name: errno %d", errno);
			MUST(madvise(mapping, PAGES * PAGE, MADV_DONTNEED) == 0);
		}
	return 0;
}

/* What is written: the last byte of each page stays zero, which is what the touchers read. */
static void make_source(void)
{
	static uint64_t page[WORDS];
	int file = scratch_file();

	for (size_t i = 0; i < WORDS - 1; i++)
		page[i] = stamp(1, i);
	for (size_t p = 0; p < PAGES; p++)
		MUST(pwrite(file, page, PAGE, (off_t)(p * PAGE)) == (ssize_t)PAGE);
	source = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	MUST(source != MAP_FAILED);
}

static void check(size_t pages)
{
	static uint64_t got[PAGES * WORDS];
	uint64_t word;

	MUST(pread(fd, got, sizeof(got), START) == (ssize_t)(pages * PAGE));
	for (size_t p = 0; p < pages; p++)
		for (size_t w = 0; w < WORDS - 1; w += 10)
			if (got[p * WORDS + w] != stamp(1, w)) {
				wrong("page %zu of %zu that were written holds %s, not %s", p, pages,
				      whose(got[p * WORDS + w]), whose(stamp(1, w)));
				return;
			}
	if (pages < PAGES && try_load((uint64_t *)(void *)(mapping + pages * PAGE), &word))
		wrong("page %zu can be read, the file has %zu", pages, pages);
}

static void cycle(uint64_t *rng, size_t pages)
{
	MUST(ftruncate(fd, START) == 0);
	MUST(ftruncate(fd, START + (off_t)(PAGES * PAGE)) == 0);
	for (volatile unsigned int i = rnd(rng) % 4096; i; i--)
		;
	MUST(ftruncate(fd, START) == 0);
	MUST(madvise(source, PAGES * PAGE, MADV_DONTNEED) == 0);
	MUST(pwrite(fd, source, pages * PAGE, START) == (ssize_t)(pages * PAGE));
	check(pages);
}

static void run(void)
{
	uint64_t rng = random_seed(0);
	pid_t pids[TOUCHERS];

	fd = scratch_file();
	make_source();
	mapping = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, START);
	MUST(mapping != MAP_FAILED);
	catch_faults();
	for (unsigned int i = 0; i < TOUCHERS; i++) {
		pids[i] = try_fork();
		if (pids[i] == 0)
			_exit(touch_all(i + 1));
	}
	place(0);
	while (going()) {
		for (unsigned int i = 0; i < CYCLES; i++)
			cycle(&rng, rnd(&rng) % 4 ? PAGES : 1);
		round_done();
	}
	for (unsigned int i = 0; i < TOUCHERS; i++)
		if (pids[i] > 0 && wait_for(pids[i]))
			wrong("a touching process failed");
}

const struct actor actor_truncate = {
	.name = "truncate",
	.what = "cut, fault, write: the narrow windows, many times",
	.run = run,
};
