// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread truncates, extends, punches and writes a file and knows what is in it; others have it
 * mapped and touch it. What write(2) has taken is there, what was cut off is gone, and behind the end
 * there is SIGBUS, whatever faults were under way.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle.h"

#define PAGES 24UL
#define MARK_WORD (WORDS - 1)	/* which the touching threads write */
#define MARK 0x6d61726bUL
#define TOUCHERS 2

static int fd;
static uint64_t *mapping; /* the owner's */

/* The owner's shadow copy. Of page p the first @valid words hold stamp(generation, p), others are zero. */
static struct {
	uint64_t size; /* bytes, whole words */
	uint64_t clock;
	uint64_t generation[PAGES];
	size_t valid[PAGES];
} shadow;

static uint64_t expected(size_t page, size_t word)
{
	return word < shadow.valid[page] ? stamp(shadow.generation[page], page) : 0;
}

static bool right(size_t page, size_t word, uint64_t got)
{
	return got == expected(page, word) || (word == MARK_WORD && (got == MARK || got == 0));
}

static void check_page(size_t page, const volatile uint64_t *data, const char *how)
{
	size_t in_file = shadow.size / 8 > page * WORDS ? shadow.size / 8 - page * WORDS : 0;

	for (size_t w = 0; w < WORDS && w < in_file; w++) {
		uint64_t got = data[w];

		if (right(page, w, got))
			continue;
		wrong("%s: page %zu word %zu of %llu bytes holds %s, not %s", how, page, w,
		      (unsigned long long)shadow.size, whose(got), whose(expected(page, w)));
		return;
	}
}

static void check_by_read(void)
{
	static uint64_t data[PAGES * WORDS];
	ssize_t n = pread(fd, data, sizeof(data), 0);

	if (n != (ssize_t)shadow.size)
		wrong("pread() of %llu bytes gives %zd", (unsigned long long)shadow.size, n);
	for (size_t p = 0; p < PAGES && n > 0; p++)
		check_page(p, data + p * WORDS, "read");
}

static void check_by_mapping(void)
{
	size_t in_file = (shadow.size + PAGE - 1) / PAGE;
	uint64_t got;

	for (size_t p = 0; p < PAGES; p++) {
		bool there = try_load(mapping + p * WORDS, &got);

		if (there && p >= in_file)
			wrong("page %zu of %llu bytes can be read, and holds %s", p,
			      (unsigned long long)shadow.size, whose(got));
		else if (!there && p < in_file)
			wrong("page %zu of %llu bytes: signal %d", p,
			      (unsigned long long)shadow.size, fault_signal);
		else if (there)
			check_page(p, mapping + p * WORDS, "mapped");
	}
}

static void shadow_cut(uint64_t from, uint64_t to)
{
	for (size_t p = 0; p < PAGES; p++) {
		uint64_t start = p * PAGE;

		if (from <= start && to >= start + PAGE)
			shadow.valid[p] = 0;
		else if (from > start && from < start + shadow.valid[p] * 8)
			shadow.valid[p] = (from - start) / 8;
	}
}

static void resize(uint64_t size)
{
	MUST(ftruncate(fd, (off_t)size) == 0);
	shadow_cut(size, PAGES * PAGE);
	shadow.size = size;
}

static void write_pages(size_t first, size_t n)
{
	static uint64_t data[PAGES * WORDS];

	shadow.clock++;
	for (size_t p = first; p < first + n; p++) {
		shadow.generation[p] = shadow.clock;
		shadow.valid[p] = WORDS;
		for (size_t w = 0; w < WORDS; w++)
			data[(p - first) * WORDS + w] = stamp(shadow.clock, p);
	}
	MUST(pwrite(fd, data, n * PAGE, (off_t)(first * PAGE)) == (ssize_t)(n * PAGE));
	if (shadow.size < (first + n) * PAGE)
		shadow.size = (first + n) * PAGE;
}

static void store_page(size_t page)
{
	shadow.generation[page] = ++shadow.clock;
	shadow.valid[page] = WORDS;
	for (size_t w = 0; w < WORDS; w++)
		if (!try_store(mapping + page * WORDS + w, stamp(shadow.clock, page))) {
			wrong("a store to page %zu of %llu bytes: signal %d", page,
			      (unsigned long long)shadow.size, fault_signal);
			return;
		}
}

static void punch(size_t first, size_t n)
{
	MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(first * PAGE),
		       (off_t)(n * PAGE)) == 0);
	shadow_cut(first * PAGE, (first + n) * PAGE);
}

/* Pages that are there, behind the end or not. */
static void reserve(size_t first, size_t n, bool keep_size)
{
	MUST(fallocate(fd, keep_size ? FALLOC_FL_KEEP_SIZE : 0, (off_t)(first * PAGE), (off_t)(n * PAGE)) == 0);
	if (!keep_size && shadow.size < (first + n) * PAGE)
		shadow.size = (first + n) * PAGE;
}

static void change(uint64_t *rng)
{
	size_t first = rnd(rng) % PAGES, n = 1 + rnd(rng) % (PAGES - first);

	switch (rnd(rng) % 8) {
	case 0:
		resize(first * PAGE);
		break;
	case 1:
		resize(rnd(rng) % (PAGES * WORDS) * 8);
		break;
	case 2:
		write_pages(first, n);
		break;
	case 3:
		if (shadow.size >= (first + 1) * PAGE)
			store_page(first);
		break;
	case 4:
		punch(first, n);
		break;
	case 5:
		reserve(first, n, rnd(rng) % 2);
		break;
	default: /* most often, and all of it: a fault began before, the write comes after */
		resize(0);
		write_pages(0, 1 + rnd(rng) % PAGES);
	}
}

/* What a thread with the file mapped may see: something that was written there, or nothing yet. */
static void touch(volatile uint64_t *map, uint64_t *rng)
{
	size_t page = rnd(rng) % PAGES, word = rnd(rng) % WORDS;
	uint64_t got;

	if (rnd(rng) % 4 == 0) {
		try_store(map + page * WORDS + MARK_WORD, MARK);
		return;
	}
	if (!try_load(map + page * WORDS + word, &got) || !got || (word == MARK_WORD && got == MARK))
		return;
	if ((got ^ stamp(0, page)) & 0xff00000000ffffffUL)
		wrong("page %zu word %zu holds %s", page, word, whose(got));
}

static void touch_all(unsigned int number)
{
	uint64_t rng = random_seed(number);

	place(number);
	while (going()) {
		bool shared = rnd(&rng) % 4;
		void *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE, fd, 0);

		MUST(p != MAP_FAILED);
		for (unsigned int i = 0; i < 200; i++)
			touch(p, &rng);
		MUST(munmap(p, PAGES * PAGE) == 0);
	}
}

static void *toucher(void *arg)
{
	touch_all((unsigned int)(uintptr_t)arg);
	return NULL;
}

static void run(void)
{
	uint64_t rng = random_seed(0);
	pthread_t threads[TOUCHERS];
	pid_t pid;

	fd = scratch_file();
	mapping = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(mapping != MAP_FAILED);
	catch_faults();
	pid = try_fork();
	if (pid == 0) {
		touch_all(TOUCHERS + 1);
		_exit(0);
	}
	for (unsigned int i = 0; i < TOUCHERS; i++)
		start_thread(&threads[i], toucher, i + 1);
	place(0);
	while (going()) {
		change(&rng);
		check_by_read();
		if (rnd(&rng) % 2)
			check_by_mapping();
		round_done();
	}
	for (unsigned int i = 0; i < TOUCHERS; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
	if (pid > 0 && wait_for(pid))
		wrong("the touching process failed");
}

const struct actor actor_files = {
	.name = "files",
	.what = "truncate, punch, write beside faults, against a shadow copy",
	.run = run,
};
