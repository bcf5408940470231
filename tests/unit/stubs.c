// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the code under test calls in the rest of the kernel: memory, the log,
 * panic. unit_fail_allocations makes the next allocations fail.
 */
#include <mm.h>
#include <log.h>
#include <panic.h>
#include <string.h>
#include <user.h>

#include "unit.h"
#include "stubs.h"

struct kmem_cache {
	size_t size;
};

unsigned int unit_fail_allocations;
long unit_live_objects;

struct user root_user = { .limit = INT64_MAX };

static void *allocate(size_t size)
{
	void *p;

	if (unit_fail_allocations) {
		unit_fail_allocations--;
		return NULL;
	}
	p = host_alloc(size);
	unit_live_objects++;
	return p;
}

static void release(void *p)
{
	if (p)
		unit_live_objects--;
	host_free(p);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, void (*ctor)(void *))
{
	struct kmem_cache *cache = host_alloc(sizeof(*cache));

	cache->size = size;
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, u32 gfp)
{
	void *p = allocate(cache->size);

	if (p && (gfp & GFP_ZERO))
		memset(p, 0, cache->size);
	return p;
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	release(p);
}

void *kvmalloc(size_t size, u32 gfp)
{
	void *p = allocate(size);

	if (p && (gfp & GFP_ZERO))
		memset(p, 0, size);
	return p;
}

void kvfree(void *p)
{
	release(p);
}

void panic(const char *fmt, ...)
{
	host_abort(fmt);
}

unsigned long __stack_chk_guard;

void log_printf(int level, const char *fmt, ...)
{
	/* What the code under test has to say is not looked at. */
	(void)level;
	(void)fmt;
}
