// SPDX-License-Identifier: GPL-2.0-only
/* Operations on memory. */
#include <stddef.h>
#include <sys/mman.h>
#include "mb.h"

#define FAULT_PAGES 256

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* The first touch of a page, with its share of mapping and unmapping 256 of them. */
static long page_fault(long n)
{
	long done;

	for (done = 0; done < n; done += FAULT_PAGES) {
		volatile char *p = map(FAULT_PAGES * PAGE);

		for (long i = 0; i < FAULT_PAGES; i++)
			p[i * PAGE] = 1;
		munmap((char *)p, FAULT_PAGES * PAGE);
	}
	return done;
}

static long map_touch_unmap(long n)
{
	for (long i = 0; i < n; i++) {
		volatile char *p = map(PAGE);

		*p = 1;
		munmap((char *)p, PAGE);
	}
	return n;
}

const struct operation memory_operations[] = {
	{ "page_fault", NULL, page_fault, NULL, 4 * FAULT_PAGES },
	{ "map_touch_unmap", NULL, map_touch_unmap, NULL, 500 },
	{ NULL, NULL, NULL, NULL, 0 },
};
