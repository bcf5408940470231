// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of objects (CONFIG_DEBUG_SLAB). Behind each object stand a guard word,
 * which tells whether it is in use, and who allocated and freed it last; free
 * objects are filled with a pattern. That finds writes beyond the end, double
 * frees, frees of what was never an object, and writes after a free.
 */
#define pr_fmt(f) "slab: " f
#include "slab.h"
#include <kallsyms.h>
#include <panic.h>
#include <string.h>

#define GUARD_USED	0xcc1122334455cccdULL
#define GUARD_FREE	0xbb5544332211bbbcULL
#define PATTERN		0x6b

struct trailer {
	u64 guard;
	unsigned long allocated_by, freed_by;
};

size_t slab_debug_size(void)
{
	return sizeof(struct trailer);
}

static struct trailer *trailer_of(const struct kmem_cache *c, void *obj)
{
	return (struct trailer *)((char *)obj + ALIGN_UP(c->size, 8));
}

static __noreturn void report(struct kmem_cache *c, void *obj, const char *what)
{
	struct trailer *t = trailer_of(c, obj);
	unsigned long off;
	const char *by = kallsyms_lookup(t->allocated_by, &off, NULL),
		   *freed = kallsyms_lookup(t->freed_by, &off, NULL);

	panic("slab %s: object %p: %s (guard %#llx, allocated by %s %#lx, freed by %s %#lx)",
	      c->name, obj, what, (unsigned long long)t->guard, by ?: "?", t->allocated_by,
	      freed ?: "?", t->freed_by);
}

void slab_debug_init(struct kmem_cache *c, void *obj)
{
	struct trailer *t = trailer_of(c, obj);

	*t = (struct trailer){ .guard = GUARD_FREE };
	if (!c->ctor)
		memset(obj, PATTERN, ALIGN_UP(c->size, 8));
}

void slab_debug_alloc(struct kmem_cache *c, void *obj, unsigned long caller)
{
	struct trailer *t = trailer_of(c, obj);
	const u64 *w = obj;
	u32 i;

	if (t->guard != GUARD_FREE)
		report(c, obj, "its guard was overwritten while it was free");
	for (i = 0; !c->ctor && i < ALIGN_UP(c->size, 8) / 8; i++)
		if (w[i] != 0x0101010101010101ULL * PATTERN)
			report(c, obj, "written after it was freed");
	t->guard = GUARD_USED;
	t->allocated_by = caller;
}

void slab_debug_free(struct kmem_cache *c, void *obj, unsigned long caller)
{
	struct trailer *t = trailer_of(c, obj);
	struct page *p = virt_to_page(obj);
	unsigned long base = (unsigned long)obj & ~((PAGE_SIZE << c->order) - 1);

	if (!test_bit(PG_slab, &p->flags) || p->cache != c ||
	    ((unsigned long)obj - base) % c->stride)
		panic("slab %s: %p is not one of its objects", c->name, obj);
	if (t->guard == GUARD_FREE)
		report(c, obj, "freed twice");
	if (t->guard != GUARD_USED)
		report(c, obj, "written beyond its end");
	t->guard = GUARD_FREE;
	t->freed_by = caller;
	if (!c->ctor)
		memset(obj, PATTERN, ALIGN_UP(c->size, 8));
}
