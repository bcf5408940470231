// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds what was lost. Caches are dropped first, and what is freed later (kernel threads at work)
 * is waited for. Linux keeps per-CPU and other caches that make its free memory jump, so there only
 * processes and files are compared.
 */
#include <dirent.h>
#include <fcntl.h>

#include "gt.h"
#include "leak.h"

#define MEMORY_SLACK_KIB 512 /* per-CPU page and object caches of a few CPUs */

static long number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? strtol(p + strlen(key), NULL, 10) : -1;
}

static long count_processes(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long n = 0;

	if (!d)
		return -1;
	while ((e = readdir(d)))
		n += e->d_name[0] >= '1' && e->d_name[0] <= '9';
	closedir(d);
	return n;
}

/* Objects in use of one cache: second column of /proc/slabinfo. */
static long slab_objects(const char *slabinfo, const char *cache)
{
	char key[64];
	const char *p;

	snprintf(key, sizeof(key), "\n%s ", cache);
	p = strstr(slabinfo, key);
	return p ? strtol(p + strlen(key), NULL, 10) : -1;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, "3\n", 2) != 2)
		fprintf(stderr, "guest-tests: cannot drop caches\n");
	close(fd);
}

void leak_measure(struct leak_counts *c)
{
	const char *slab;

	sync();
	drop_caches();
	c->processes = count_processes();
	c->files = strtol(gt_slurp("/proc/sys/fs/file-nr"), NULL, 10);
	c->free_kib = number_after(gt_slurp("/proc/meminfo"), "MemFree:");
	c->process_objects = c->thread_objects = c->mm_objects = c->vma_objects = c->pipe_objects =
		-1;
	if (!gt_on_twinix())
		return;
	slab = gt_slurp("/proc/slabinfo");
	c->process_objects = slab_objects(slab, "process");
	c->thread_objects = slab_objects(slab, "thread");
	c->mm_objects = slab_objects(slab, "mm");
	c->vma_objects = slab_objects(slab, "vma");
	c->pipe_objects = slab_objects(slab, "pipe");
}

static bool lost(const char *what, long before, long after, long slack, char *why, size_t size)
{
	if (after <= before + slack)
		return false;
	snprintf(why, size, "%s: %ld before, %ld after", what, before, after);
	return true;
}

static bool any_lost(const struct leak_counts *a, const struct leak_counts *b, char *why,
		     size_t size)
{
	bool ours = gt_on_twinix();

	return lost("processes", a->processes, b->processes, ours ? 0 : 8, why, size) ||
	       lost("open files", a->files, b->files, ours ? 0 : 512, why, size) ||
	       (ours &&
		(lost("process objects", a->process_objects, b->process_objects, 0, why, size) ||
		 lost("thread objects", a->thread_objects, b->thread_objects, 0, why, size) ||
		 lost("mm objects", a->mm_objects, b->mm_objects, 0, why, size) ||
		 lost("vma objects", a->vma_objects, b->vma_objects, 0, why, size) ||
		 lost("pipe objects", a->pipe_objects, b->pipe_objects, 0, why, size) ||
		 lost("memory in use, KiB", -a->free_kib, -b->free_kib, MEMORY_SLACK_KIB, why,
		      size)));
}

int leak_compare(const struct leak_counts *before, char *why, size_t size)
{
	struct leak_counts now;

	for (int tries = 0; tries < 10; tries++) {
		leak_measure(&now);
		if (!any_lost(before, &now, why, size))
			return 0;
		gt_sleep_ms(200);
	}
	return 1;
}
