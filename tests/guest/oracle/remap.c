// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap(2) moves, grows and shrinks stamped memory while threads read it: the data goes along, and at
 * no address is there ever anything else.
 */
#include <errno.h>
#include <sys/mman.h>

#include "oracle.h"

#define PAGES 256UL
#define PLACES 3UL

static uint64_t *arena; /* PLACES times PAGES addresses */
static uint64_t generation;

static uint64_t *place_nr(size_t i)
{
	return arena + i * PAGES * WORDS;
}

static void *reader(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number), got;

	place(number);
	while (going())
		for (unsigned int i = 0; i < 2000; i++) {
			size_t page = rnd(&rng) % PAGES, word = rnd(&rng) % WORDS;

			if (!try_load(place_nr(rnd(&rng) % PLACES) + page * WORDS + word, &got))
				continue;
			if (got && (got ^ stamp(0, page)) & 0xff00000000ffffffUL)
				wrong("page %zu word %zu reads as %s", page, word, whose(got));
		}
	return NULL;
}

static void check(const uint64_t *base, size_t pages, const char *after)
{
	for (size_t p = 0; p < pages; p++)
		for (size_t w = 0; w < WORDS; w += 73)
			if (base[p * WORDS + w] != stamp(generation, p)) {
				wrong("after %s page %zu word %zu holds %s, not %s", after, p, w,
				      whose(base[p * WORDS + w]), whose(stamp(generation, p)));
				return;
			}
}

static void fill(uint64_t *base, size_t first, size_t end)
{
	for (size_t p = first; p < end; p++)
		for (size_t w = 0; w < WORDS; w++)
			base[p * WORDS + w] = stamp(generation, p);
}

/* Leaves nothing mapped at a place, so that others do not get its addresses. */
static void reserve(uint64_t *at, size_t pages)
{
	void *p = mmap(at, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	MUST(p == at);
}

static size_t move(size_t from, uint64_t *rng)
{
	size_t to = (from + 1 + rnd(rng) % (PLACES - 1)) % PLACES, half = PAGES / 2;
	void *p;

	if (rnd(rng) % 2) {
		p = mremap(place_nr(from), PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place_nr(to));
		MUST(p == place_nr(to));
	} else { /* in two pieces */
		for (size_t i = 0; i < 2; i++) {
			uint64_t *old = place_nr(from) + i * half * WORDS, *new = place_nr(to) + i * half * WORDS;

			p = mremap(old, half * PAGE, half * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, new);
			MUST(p == new);
		}
	}
	reserve(place_nr(from), PAGES);
	check(place_nr(to), PAGES, "a move");
	return to;
}

/* Only half of it, and back: the second half is new memory. */
static void shrink_and_grow(uint64_t *base)
{
	size_t half = PAGES / 2;

	MUST(mremap(base, PAGES * PAGE, half * PAGE, 0) == base);
	check(base, half, "shrinking");
	MUST(mremap(base, half * PAGE, PAGES * PAGE, 0) == base);
	for (size_t p = half; p < PAGES; p++)
		for (size_t w = 0; w < WORDS; w++)
			if (base[p * WORDS + w]) {
				wrong("a grown mapping's page %zu word %zu holds %s", p, w,
				      whose(base[p * WORDS + w]));
				p = PAGES - 1;
				break;
			}
	fill(base, half, PAGES);
}

static void run(void)
{
	uint64_t rng = random_seed(0);
	size_t at = 0, nr = stage->cpus > 2 ? 2 : 1;
	pthread_t threads[2];

	arena = mmap(NULL, PLACES * PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(arena != MAP_FAILED);
	MUST(mmap(arena, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == arena);
	fill(arena, 0, PAGES);
	catch_faults();
	place(0);
	for (unsigned int i = 0; i < nr; i++)
		start_thread(&threads[i], reader, i + 1);
	while (going()) {
		if (rnd(&rng) % 4) {
			at = move(at, &rng);
		} else if (rnd(&rng) % 2) {
			shrink_and_grow(place_nr(at));
		} else {
			generation++;
			fill(place_nr(at), 0, PAGES);
		}
		round_done();
	}
	for (unsigned int i = 0; i < nr; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

const struct actor actor_remap = {
	.name = "remap",
	.what = "mremap moves, grows, shrinks memory that others read",
	.run = run,
	.killable = true,
};
