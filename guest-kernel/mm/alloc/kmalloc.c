// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of any size: object caches of graded sizes, whole pages beyond them.
 */
#define pr_fmt(f) "mm: " f
#include "slab.h"
#include <panic.h>
#include <string.h>

#define SMALL_MAX	1024u	/* sizes up to here are looked up, larger ones searched */

static const struct {
	u32 size;
	const char *name;
} classes[] = {
	{ 16, "kmalloc-16" },	{ 32, "kmalloc-32" },	{ 64, "kmalloc-64" },
	{ 96, "kmalloc-96" },	{ 128, "kmalloc-128" }, { 192, "kmalloc-192" },
	{ 256, "kmalloc-256" }, { 384, "kmalloc-384" }, { 512, "kmalloc-512" },
	{ 768, "kmalloc-768" }, { 1024, "kmalloc-1k" }, { 1536, "kmalloc-1536" },
	{ 2048, "kmalloc-2k" }, { 4096, "kmalloc-4k" }, { 8192, "kmalloc-8k" },
};
static struct kmem_cache *caches[ARRAY_SIZE(classes)] __ro_after_init;
static u8 small_class[SMALL_MAX / 16 + 1] __ro_after_init; /* by size in units of 16, rounded up */

/**
 * kmalloc_init - make the caches
 *
 * Context: slab_init().
 */
void kmalloc_init(void)
{
	u32 i, k = 0;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		caches[i] = kmem_cache_create(classes[i].name, classes[i].size,
					      classes[i].size % 64 ? 16 : 64, NULL);
	for (i = 0; i < ARRAY_SIZE(small_class); i++) {
		while (classes[k].size < i * 16)
			k++;
		small_class[i] = (u8)k;
	}
}

static struct kmem_cache *cache_for(size_t n)
{
	u32 i;

	if (n <= SMALL_MAX)
		return caches[small_class[DIV_ROUND_UP(n, 16)]];
	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (n <= classes[i].size)
			return caches[i];
	return NULL;
}

static u32 order_for(size_t n)
{
	u32 order = 0;

	while (order <= MAX_ORDER && PAGE_SIZE << order < n)
		order++;
	return order;
}

/* The contracts of these stand in mm.h. */
void *kmalloc(size_t n, u32 gfp)
{
	struct kmem_cache *c = cache_for(n);
	struct page *p;

	if (likely(c))
		return kmem_cache_alloc(c, gfp);
	p = alloc_pages(order_for(n), gfp);
	return p ? page_address(p) : NULL;
}

void *kzalloc(size_t n, u32 gfp)
{
	return kmalloc(n, gfp | GFP_ZERO);
}

size_t ksize(const void *p)
{
	struct page *page;

	if (!p)
		return 0;
	page = virt_to_page(p);
	return test_bit(PG_slab, &page->flags) ? page->cache->size : PAGE_SIZE << page->order;
}

void kfree(const void *p)
{
	struct page *page;

	if (!p)
		return;
	page = virt_to_page(p);
	if (likely(page->flags & BIT(PG_slab))) {
		kmem_cache_free(page->cache, (void *)p);
		return;
	}
	BUG_ON((unsigned long)p & (PAGE_SIZE - 1));
	free_pages(page, page->order);
}

void *krealloc(void *p, size_t n, u32 gfp)
{
	size_t old = ksize(p);
	void *new;

	if (p && n <= old)
		return p;
	new = kmalloc(n, gfp);
	if (new && p) {
		memcpy(new, p, old);
		kfree(p);
	}
	return new;
}

char *kstrdup(const char *s, u32 gfp)
{
	size_t n = strlen(s) + 1;
	char *copy = kmalloc(n, gfp);

	return copy ? memcpy(copy, s, n) : NULL;
}

char *kasprintf(u32 gfp, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	s = kmalloc((size_t)n + 1, gfp);
	if (s)
		vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return s;
}

void *kvmalloc(size_t n, u32 gfp)
{
	void *p = n <= 8 * PAGE_SIZE ? kmalloc(n, gfp | GFP_NOWARN) : NULL;

	return p ? p : vmalloc(n);
}

void kvfree(void *p)
{
	unsigned long a = (unsigned long)p;

	if (a >= VMALLOC_START && a < VMALLOC_END)
		vfree(p);
	else
		kfree(p);
}
