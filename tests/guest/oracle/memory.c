// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that only looks at its own memory: fresh pages are zero, written ones hold what was
 * written, however often they are dropped, protected, moved away and taken anew while others press.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>

#include "oracle.h"

struct zone {
	uint64_t *base;
	size_t pages, most;
	uint64_t generation;
	size_t words; /* of each page are written, the others zero */
	uint64_t rng;
};

static void look(const struct zone *z, const char *when)
{
	for (size_t p = 0; p < z->pages; p++) {
		const volatile uint64_t *page = z->base + p * WORDS;
		uint64_t want = stamp(z->generation, p);

		for (size_t w = 0; w < WORDS; w++) {
			uint64_t got = page[w];

			if (got == (w < z->words ? want : 0))
				continue;
			wrong("%s: page %zu word %zu at %p holds %s, not %s; read again: %s", when, p,
			      w, (const void *)(z->base + p * WORDS + w), whose(got),
			      w < z->words ? whose(want) : "0", whose(page[w]));
			z->base[p * WORDS + w] = w < z->words ? want : 0;
			break;
		}
	}
}

static void fill(struct zone *z)
{
	static const size_t many[] = {1, 1, 64, WORDS};

	z->generation++;
	z->words = many[rnd(&z->rng) % ARRAY_SIZE(many)];
	for (size_t p = 0; p < z->pages; p++)
		for (size_t w = 0; w < z->words; w++)
			z->base[p * WORDS + w] = stamp(z->generation, p);
}

static void drop(struct zone *z)
{
	size_t bytes = z->pages * PAGE;

	if (rnd(&z->rng) % 2) {
		MUST(madvise(z->base, bytes, MADV_DONTNEED) == 0);
	} else {
		MUST(munmap(z->base, bytes) == 0);
		z->pages = rnd(&z->rng) % 2 ? z->most : 32UL << rnd(&z->rng) % 7;
		if (z->pages > z->most)
			z->pages = z->most;
		z->base = map_pages(z->pages, MAP_PRIVATE);
	}
	z->words = 0;
}

static void disturb(struct zone *z)
{
	size_t bytes = z->pages * PAGE;
	void *moved;

	switch (rnd(&z->rng) % 4) {
	case 0:
		MUST(mprotect(z->base, bytes, PROT_READ) == 0);
		look(z, "read only");
		MUST(mprotect(z->base, bytes, PROT_READ | PROT_WRITE) == 0);
		break;
	case 1:
		moved = mremap(z->base, bytes, bytes * 2, MREMAP_MAYMOVE);
		MUST(moved != MAP_FAILED);
		z->base = moved;
		MUST(munmap(z->base + z->pages * WORDS, bytes) == 0);
		break;
	case 2:
		sched_yield();
		break;
	default:
		sleep_us(500);
	}
}

static void run(void)
{
	struct zone z = {.pages = 64, .rng = random_seed(0)};

	place(2);
	z.most = ((size_t)stage->megabytes << 20) / PAGE;
	z.base = map_pages(z.pages, MAP_PRIVATE);
	while (going()) {
		/* Most often written at once: what is read first is all one page of zeroes. */
		if (rnd(&z.rng) % 4 == 0)
			look(&z, "fresh");
		fill(&z);
		look(&z, "written");
		disturb(&z);
		look(&z, "at last");
		drop(&z);
		round_done();
	}
}

const struct actor actor_memory = {
	.name = "memory",
	.what = "its own private pages: fresh ones are zero, written ones stay",
	.run = run,
	.always = true,
};
