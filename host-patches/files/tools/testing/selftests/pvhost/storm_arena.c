// SPDX-License-Identifier: GPL-2.0-only
/*
 * The storm's memory, and what a launcher can do to it while the guest uses it.
 *
 * Whatever changes the content of a page locks its entry of the oracle first, as the guest
 * does. Nothing is waited for while a part of it is not mapped: the guest may hold a lock
 * and wait for the memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kselftest.h"
#include "storm_lib.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define PAGE 4096UL
#define HUGE (2UL << 20)
#define BYTES (STORM_PAGES * PAGE)
#define CANARIES 32
#define CANARY_BYTES (16 * PAGE)
#define HUGE_CANARIES 4
/*
 * Huge pages for the arena, and for ours; and for what has left the arena while a vCPU was
 * pinning it, which is free a moment later. With none left, an access to the arena is SIGBUS.
 */
#define HUGE_PAGES (STORM_BLOCKS + HUGE_CANARIES + 2 * STORM_VCPUS)

char *arena;
struct storm *oracle;
static char *arena_room;
static int arena_fd = -1;
static enum backing arena_backing;
static unsigned long grain; /* bytes: what can be mapped or unmapped */
static unsigned long changes[8];
/* Held while there is a hole in our address space that must stay one. */
static pthread_mutex_t holes = PTHREAD_MUTEX_INITIALIZER;

bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static char *map_arena(char *where, unsigned long offset, unsigned long bytes)
{
	return mmap(where, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, arena_fd, offset);
}

/* Are so many bytes of shared memory mapped as huge pages? Nobody else has any. */
static bool mapped_huge(void)
{
	char line[200];
	unsigned long kb, found = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "ShmemPmdMapped: %lu", &kb) == 1)
			found = kb;
	if (f)
		fclose(f);
	return found * 1024 >= BYTES;
}

static int free_huge_pages(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	int n = 0;

	if (f && fscanf(f, "%d", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

/* All of them, or some may be missing when they are used. */
static bool reserve_huge_pages(void)
{
	char text[20];

	snprintf(text, sizeof(text), "%d", HUGE_PAGES);
	return put_text("/proc/sys/vm/nr_hugepages", text) && free_huge_pages() >= HUGE_PAGES;
}

static const char *open_memory(enum backing backing)
{
	if (backing == BACKING_HUGETLB) {
		if (!reserve_huge_pages())
			return "no huge pages can be reserved";
		arena_fd = memfd_create("arena", MFD_CLOEXEC | MFD_HUGETLB);
	} else {
		if (backing == BACKING_THP &&
		    !put_text("/sys/kernel/mm/transparent_hugepage/shmem_enabled", "advise"))
			return "this kernel has no huge pages of shared memory";
		arena_fd = memfd_create("arena", MFD_CLOEXEC);
	}
	if (arena_fd < 0 || ftruncate(arena_fd, BYTES))
		return "no such memory";
	return NULL;
}

const char *arena_open(enum backing backing)
{
	const char *why = open_memory(backing);

	arena_backing = backing;
	grain = backing == BACKING_HUGETLB ? HUGE : PAGE;
	memset(changes, 0, sizeof(changes));
	if (why)
		return why;
	arena_room = mmap(NULL, BYTES + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	arena = (char *)(((unsigned long)arena_room + HUGE - 1) & ~(HUGE - 1));
	if (arena_room == MAP_FAILED || map_arena(arena, 0, BYTES) == MAP_FAILED)
		return "it cannot be mapped";
	if (backing == BACKING_THP)
		madvise(arena, BYTES, MADV_HUGEPAGE);
	if (backing == BACKING_HUGETLB && fallocate(arena_fd, 0, 0, BYTES))
		return "there are too few huge pages";
	memset(arena, 0, BYTES);
	if (backing == BACKING_THP && !mapped_huge())
		return "the kernel found no huge pages";
	return NULL;
}

bool arena_close(void)
{
	bool all = true;

	if (arena)
		munmap(arena_room, BYTES + HUGE);
	if (arena_fd >= 0)
		close(arena_fd);
	if (arena && arena_backing == BACKING_HUGETLB) {
		/* A machine ends by a work item, which may come to its pages a little later. */
		for (int i = 0; i < 500 && free_huge_pages() < HUGE_PAGES; i++)
			usleep(10000);
		all = free_huge_pages() >= HUGE_PAGES;
		if (!all)
			ksft_print_msg("of %d huge pages %d are free\n", HUGE_PAGES,
				       free_huge_pages());
	}
	arena = NULL;
	arena_fd = -1;
	if (arena_backing == BACKING_HUGETLB)
		put_text("/proc/sys/vm/nr_hugepages", "0");
	return all;
}

/* ---- changes ---- */

static void unlock_pages(unsigned long first, unsigned long n)
{
	while (n--)
		storm_unlock(&oracle->page[first + n].seq);
}

static bool lock_pages(unsigned long first, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		if (!storm_try_lock(&oracle->page[first + i].seq)) {
			unlock_pages(first, i);
			return false;
		}
	return true;
}

/* They have been emptied: written anew by us, or left so. */
static void renew(unsigned long first, unsigned long n, bool write)
{
	for (unsigned long i = first; i < first + n; i++) {
		unsigned int gen = storm_next(oracle->page[i].gen);
		unsigned long *p = (unsigned long *)(arena + i * PAGE);

		if (write) {
			p[0] = TAG(i, gen);
			p[TAG_LAST / 8] = TAG(i, gen);
		}
		oracle->page[i].gen = gen | (write ? 0 : GEN_ZERO);
	}
}

/* A part of the arena, of at most 64 grains or all of it. */
static unsigned long part(unsigned int *seed, unsigned long *bytes)
{
	unsigned long all = BYTES / grain, n = 1 + rand_r(seed) % (grain == PAGE ? 64 : 2), first;

	if (rand_r(seed) % 16 == 0)
		n = all;
	first = rand_r(seed) % (all - n + 1);
	*bytes = n * grain;
	return first * grain;
}

/* The file again where it was. */
static void map_back(unsigned long start, unsigned long bytes)
{
	if (map_arena(arena + start, start, bytes) == MAP_FAILED)
		ksft_exit_fail_msg("the arena cannot be mapped: %s\n", strerror(errno));
	if (arena_backing == BACKING_THP)
		madvise(arena + start, bytes, MADV_HUGEPAGE);
}

static void unmap(unsigned int *seed)
{
	unsigned long bytes, start = part(seed, &bytes);

	pthread_mutex_lock(&holes);
	munmap(arena + start, bytes);
	if (rand_r(seed) & 1)
		usleep(rand_r(seed) % 200);
	map_back(start, bytes);
	pthread_mutex_unlock(&holes);
}

static void map_over(unsigned int *seed)
{
	unsigned long bytes, start = part(seed, &bytes);

	map_back(start, bytes);
}

static void punch(unsigned int *seed)
{
	unsigned long first = rand_r(seed) % (STORM_PAGES - 32), n = 1 + rand_r(seed) % 32;

	/* All of a huge page, now and then: else it is only cleared. */
	if (grain == HUGE || rand_r(seed) % 8 == 0) {
		first = rand_r(seed) % STORM_BLOCKS * 512;
		n = 512;
	}
	if (!lock_pages(first, n))
		return;
	if (fallocate(arena_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * PAGE, n * PAGE))
		ksft_print_msg("a hole cannot be punched\n");
	else
		renew(first, n, rand_r(seed) & 1);
	unlock_pages(first, n);
}

static void truncate_and_grow(unsigned int *seed)
{
	unsigned long n = (1 + rand_r(seed) % (grain == PAGE ? 300 : 2)) * grain / PAGE;
	unsigned long first = STORM_PAGES - n;

	if (!lock_pages(first, n))
		return;
	if (ftruncate(arena_fd, first * PAGE))
		ksft_print_msg("the file cannot be cut\n");
	if (rand_r(seed) & 1)
		usleep(rand_r(seed) % 200);
	if (ftruncate(arena_fd, BYTES))
		ksft_print_msg("the file cannot grow\n");
	renew(first, n, rand_r(seed) & 1);
	unlock_pages(first, n);
}

/* Away and back again. */
static void move(unsigned int *seed)
{
	unsigned long bytes, start = part(seed, &bytes);
	char *room, *aside;

	room = mmap(NULL, bytes + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return;
	aside = (char *)(((unsigned long)room + HUGE - 1) & ~(HUGE - 1));
	aside += start % HUGE;
	if (aside + bytes > room + bytes + HUGE)
		aside -= HUGE;
	pthread_mutex_lock(&holes);
	/* Several mappings do not move as one: then it is only mapped anew. */
	if (mremap(arena + start, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, aside) == aside)
		mremap(aside, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, arena + start);
	map_back(start, bytes);
	/* It has a hole, too, where it has been. */
	munmap(room, bytes + HUGE);
	pthread_mutex_unlock(&holes);
}

static void protect(unsigned int *seed)
{
	unsigned long bytes, start = part(seed, &bytes);

	mprotect(arena + start, bytes, rand_r(seed) & 1 ? PROT_READ : PROT_NONE);
	if (rand_r(seed) & 1)
		usleep(rand_r(seed) % 200);
	mprotect(arena + start, bytes, PROT_READ | PROT_WRITE);
}

static void advise(unsigned int *seed)
{
	static const int advice[] = {MADV_DONTNEED, MADV_PAGEOUT,    MADV_COLD,
				     MADV_COLLAPSE, MADV_NOHUGEPAGE, MADV_HUGEPAGE};
	unsigned long bytes, start = part(seed, &bytes);

	madvise(arena + start, bytes, advice[rand_r(seed) % ARRAY_SIZE(advice)]);
}

static const struct {
	const char *name;
	void (*run)(unsigned int *seed);
} kinds[] = {
	{"unmapped", unmap},	     {"mapped over", map_over}, {"punched", punch},
	{"cut", truncate_and_grow},  {"moved", move},		{"protected", protect},
	{"advised", advise},
};

void arena_change(unsigned int *seed)
{
	unsigned int i = rand_r(seed) % ARRAY_SIZE(kinds);

	kinds[i].run(seed);
	changes[i]++;
}

void arena_report(void)
{
	char line[200];
	int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%s %lu", i ? ", " : "", kinds[i].name,
			      changes[i]);
	ksft_print_msg("the arena: %s\n", line);
}

/* ---- our own memory ---- */

static struct canary {
	unsigned long *p;
	unsigned long words;
} canaries[CANARIES];

static void canary_hatch(struct canary *c, bool huge)
{
	unsigned long bytes = huge ? HUGE : CANARY_BYTES;

	c->p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | (huge ? MAP_HUGETLB : 0), -1, 0);
	if (c->p == MAP_FAILED) {
		c->p = NULL;
		return;
	}
	c->words = bytes / sizeof(c->p[0]);
	for (unsigned long i = 0; i < c->words; i++)
		c->p[i] = FOREIGN;
}

/* Nobody but us has written there. */
static bool canary_release(struct canary *c)
{
	bool ok = true;

	for (unsigned long i = 0; c->p && i < c->words && ok; i++) {
		if (c->p[i] == FOREIGN)
			continue;
		ok = false;
		ksft_print_msg("memory of ours holds 0x%lx at %lu of %lu\n", c->p[i],
			       i * sizeof(c->p[0]), c->words * sizeof(c->p[0]));
	}
	if (c->p)
		munmap(c->p, c->words * sizeof(c->p[0]));
	c->p = NULL;
	return ok;
}

bool canary_turn(unsigned int *seed)
{
	struct canary *c = &canaries[rand_r(seed) % CANARIES];
	bool ok = canary_release(c);

	pthread_mutex_lock(&holes);
	/* The pool of huge pages is what the arena gives back to. */
	canary_hatch(c, arena_backing == BACKING_HUGETLB && c < canaries + HUGE_CANARIES);
	pthread_mutex_unlock(&holes);
	return ok;
}

bool canary_end(void)
{
	bool ok = true;

	for (int i = 0; i < CANARIES; i++)
		ok &= canary_release(&canaries[i]);
	return ok;
}
