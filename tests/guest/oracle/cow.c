// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork(2) while threads write: the child's memory is what it was at one moment and stays so, and
 * neither sees what the other writes. Written by the CPU, and by the kernel for a read(2).
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define PAGES 192UL
#define WRITERS 3

static uint64_t *region;

/* The word that thread @number writes in a page. */
static volatile uint64_t *slot(size_t page, unsigned int number)
{
	return region + page * WORDS + number * 16;
}

/* Adds one, and sees that nobody else has written there. */
static void write_next(const int *fds, uint64_t *rng, size_t page, unsigned int number, uint64_t old)
{
	volatile uint64_t *word = slot(page, number);
	uint64_t next = stamp(old + 1, page), got = *word;

	if (got != (old ? stamp(old, page) : 0)) {
		wrong("page %zu holds %s, last written was %llu", page, whose(got),
		      (unsigned long long)old);
		*word = stamp(old, page);
	}
	if (rnd(rng) % 8) {
		*word = next;
		return;
	}
	MUST(write(fds[1], &next, sizeof(next)) == sizeof(next));
	MUST(read(fds[0], (void *)(uintptr_t)word, sizeof(next)) == sizeof(next));
	if (*word != next)
		wrong("read() wrote %s to page %zu, there is %s", whose(next), page, whose(*word));
}

static void *writer(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number);
	int fds[2];

	MUST(pipe(fds) == 0);
	place(number);
	for (uint64_t turn = 0; going(); turn++)
		for (size_t page = 0; page < PAGES; page++)
			write_next(fds, &rng, page, number, turn);
	return NULL;
}

/* The child's view: unchanged from first to last look; returns its status. */
static int look_twice(uint64_t *rng)
{
	static uint64_t seen[PAGES][WRITERS + 1];

	for (size_t page = 0; page < PAGES; page++)
		for (unsigned int n = 1; n <= WRITERS; n++)
			seen[page][n] = *slot(page, n);
	if (rnd(rng) % 2)
		sched_yield();
	else
		sleep_us((unsigned int)(rnd(rng) % 3000));
	for (size_t page = 0; page < PAGES; page++)
		for (unsigned int n = 1; n <= WRITERS; n++)
			if (*slot(page, n) != seen[page][n]) {
				wrong("a child's page %zu changed from %s to %s", page,
				      whose(seen[page][n]), whose(*slot(page, n)));
				return 1;
			}
	for (size_t page = 0; page < PAGES; page++)
		for (unsigned int n = 0; n <= WRITERS; n++)
			*slot(page, n) = ~0UL;
	return 0;
}

static void fork_and_look(uint64_t *rng)
{
	pid_t pids[2];

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = try_fork();
		if (pids[i] == 0)
			_exit(look_twice(rng));
		rnd(rng);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		if (pids[i] > 0) {
			int status = wait_for(pids[i]);

			if (status && status != 1 << 8)
				wrong("a child ended with status %#x", status);
		}
	for (size_t page = 0; page < PAGES; page++)
		if (*slot(page, 0))
			wrong("page %zu holds %s, which a child may have written", page,
			      whose(*slot(page, 0)));
}

static void run(void)
{
	unsigned int nr = stage->cpus < WRITERS ? stage->cpus : WRITERS;
	uint64_t rng = random_seed(0);
	pthread_t threads[WRITERS];

	region = map_pages(PAGES, MAP_PRIVATE);
	place(0);
	for (unsigned int i = 0; i < nr; i++)
		start_thread(&threads[i], writer, i + 1);
	while (going()) {
		fork_and_look(&rng);
		round_done();
	}
	for (unsigned int i = 0; i < nr; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

const struct actor actor_cow = {
	.name = "cow",
	.what = "fork while threads write: a child's memory stands still",
	.run = run,
	.killable = true,
};
