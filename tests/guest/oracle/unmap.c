// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that write into memory which one of them drops, unmaps, protects and moves all the time:
 * when the call has returned, no CPU may still write to a page that is somebody else's by then.
 */
#include <errno.h>
#include <sys/mman.h>

#include "oracle.h"

#define HOT 256UL /* pages that the writers touch */

static uint64_t *region;
static size_t most, pages; /* what there are addresses for, and what is used of it this time */
static _Atomic uint64_t generation;

static void write_all(uint64_t *rng)
{
	uint64_t now = atomic_load(&generation), got;
	size_t word = rnd(rng) % WORDS;
	bool look = rnd(rng) % 8 == 0;

	for (size_t p = 0; p < HOT; p++) {
		volatile uint64_t *at = region + p * WORDS + word;

		try_store(at, stamp(now, p));
		/* Another thread's stamp, or zero if the page went away meanwhile. */
		if (look && try_load(at, &got) && got && (got ^ stamp(now, p)) & 0xff00000000ffffffUL)
			wrong("page %zu holds %s", p, whose(got));
	}
}

static void *writer(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number);

	place(number);
	while (going())
		for (unsigned int i = 0; i < 8; i++)
			write_all(&rng);
	return NULL;
}

/* What the writers do not touch is fresh. */
static void must_be_fresh(const char *after)
{
	for (size_t p = HOT; p < pages; p += 16) {
		uint64_t got;

		if (try_load(region + p * WORDS, &got) && got)
			wrong("after %s page %zu holds %s", after, p, whose(got));
	}
}

static void touch(size_t n)
{
	uint64_t now = atomic_load(&generation);

	pages = n;
	for (size_t p = 0; p < pages; p++)
		region[p * WORDS] = stamp(now, p);
}

static void anew(size_t n, int flags)
{
	void *p = mmap(region, n * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0);

	if (p != region)
		give_up("mmap over the region: errno %d", errno);
}

/*
 * One call gives pages back and takes others, which may be the same in another order: each holds
 * zeroes, and what the writers write there.
 */
static void change_over(void)
{
	touch(2 * HOT);
	anew(pages, MAP_POPULATE);
	for (size_t p = 0; p < pages; p++)
		for (size_t w = 0; w < WORDS; w++) {
			uint64_t got = ((volatile uint64_t *)region)[p * WORDS + w];

			if (!got || (p < HOT && !((got ^ stamp(0, p)) & 0xff00000000ffffffUL)))
				continue;
			wrong("new page %zu word %zu holds %s", p, w, whose(got));
			break;
		}
}

static void move_away_and_drop(void)
{
	uint64_t *away = region + most * WORDS;

	MUST(mremap(region, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, away) == away);
	MUST(munmap(away, pages * PAGE) == 0);
	anew(pages, 0);
	/* Holds the addresses for the next time. */
	MUST(mmap(away, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == away);
}

static void drop(uint64_t *rng)
{
	size_t some = HOT << rnd(rng) % 3;

	atomic_fetch_add(&generation, 1);
	switch (rnd(rng) % 8) {
	case 0:
		touch(some);
		MUST(munmap(region, pages * PAGE) == 0);
		anew(pages, 0);
		must_be_fresh("munmap");
		break;
	case 1:
		touch(some);
		MUST(mprotect(region, pages * PAGE, PROT_NONE) == 0);
		MUST(madvise(region, pages * PAGE, MADV_DONTNEED) == 0);
		MUST(mprotect(region, pages * PAGE, PROT_READ | PROT_WRITE) == 0);
		must_be_fresh("mprotect");
		break;
	case 2:
		touch(some);
		move_away_and_drop();
		must_be_fresh("mremap");
		break;
	case 3:
	case 4: /* takes long: others get the first pages before it returns */
		touch(most);
		MUST(madvise(region, pages * PAGE, MADV_DONTNEED) == 0);
		break;
	default:
		change_over();
	}
}

static void run(void)
{
	unsigned int nr = stage->cpus > 3 ? 2 : 1; /* of four CPUs one is for those who look */
	uint64_t rng = random_seed(0);
	pthread_t threads[2];

	most = 2 * ((size_t)stage->megabytes << 20) / PAGE;
	region = map_pages(2 * most, MAP_PRIVATE);
	catch_faults();
	place(0);
	for (unsigned int i = 0; i < nr; i++)
		start_thread(&threads[i], writer, i + 1);
	while (going()) {
		drop(&rng);
		round_done();
	}
	for (unsigned int i = 0; i < nr; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

const struct actor actor_unmap = {
	.name = "unmap",
	.what = "threads write into memory that is dropped, unmapped, protected, moved",
	.run = run,
	.killable = true,
};
