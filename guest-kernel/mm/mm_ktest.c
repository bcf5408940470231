// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of memory management that need the real thing: page tables that are in
 * use, several CPUs' lists, copies on write between two address spaces.
 */
#include "internal.h"
#include <ktest.h>
#include <process.h>
#include <signal.h>
#include <string.h>

#define BASE	0x10000000UL
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

/* ---- page frames ---- */

static void blocks_are_aligned_and_whole(struct ktest *test)
{
	u32 order;

	for (order = 0; order <= 8; order++) {
		struct page *p = alloc_pages(order, GFP_KERNEL | GFP_ZERO);
		u64 *w;

		KTEST_ASSERT_TRUE(test, p);
		KTEST_EXPECT_EQ(test, page_to_pfn(p) & ((1UL << order) - 1), 0);
		w = page_address(p);
		KTEST_EXPECT_EQ(test, w[0] | w[(PAGE_SIZE << order) / 8 - 1], 0);
		memset(w, 0xff, PAGE_SIZE << order);
		free_pages(p, order);
	}
}

static void too_large_is_refused(struct ktest *test)
{
	KTEST_EXPECT_TRUE(test, !alloc_pages(MAX_ORDER + 1, GFP_KERNEL | GFP_NOWARN));
	KTEST_EXPECT_TRUE(test, !vmalloc(1UL << 45));
	KTEST_EXPECT_TRUE(test, !vmalloc(0));
}

static void all_pages_come_back(struct ktest *test)
{
	struct page *head = NULL, *p;
	u64 before, n = 0;

	pages_drain_all();
	before = mem_free_pages();
	while (n < 2000 && (p = alloc_page(GFP_KERNEL | GFP_NOWARN))) {
		p->private = (unsigned long)head;
		head = p;
		n++;
	}
	KTEST_EXPECT_EQ(test, n, 2000);
	KTEST_EXPECT_TRUE(test, mem_free_pages() <= before - n);
	while ((p = head)) {
		head = (struct page *)p->private;
		page_put(p);
	}
	pages_drain_all();
	KTEST_EXPECT_EQ(test, mem_free_pages(), before);
}

/* ---- objects ---- */

static void constructed(void *obj)
{
	memset(obj, 0x5a, 24);
}

static struct kmem_cache *test_cache;

static int make_test_cache(struct ktest *test)
{
	if (!test_cache)
		test_cache = kmem_cache_create("ktest", 24, 8, constructed);
	return test_cache ? 0 : -ENOMEM;
}

static void objects_do_not_overlap(struct ktest *test)
{
	enum { N = 500 };
	u64 **obj = kmalloc(N * sizeof(*obj), GFP_KERNEL);
	u32 i;

	KTEST_ASSERT_TRUE(test, obj);
	for (i = 0; i < N; i++) {
		obj[i] = kmem_cache_alloc(test_cache, GFP_KERNEL);
		KTEST_ASSERT_TRUE(test, obj[i]);
		KTEST_EXPECT_EQ(test, obj[i][0], 0x5a5a5a5a5a5a5a5aUL);
		obj[i][0] = obj[i][2] = i;
	}
	KTEST_EXPECT_EQ(test, slab_objects("ktest"), N);
	for (i = 0; i < N; i++) {
		KTEST_EXPECT_EQ(test, obj[i][0], i);
		KTEST_EXPECT_EQ(test, obj[i][2], i);
		constructed(obj[i]);
		kmem_cache_free(test_cache, obj[i]);
	}
	KTEST_EXPECT_EQ(test, slab_objects("ktest"), 0);
	kfree(obj);
}

static void kmalloc_of_every_size(struct ktest *test)
{
	size_t n;

	for (n = 1; n <= 1 << 20; n = n * 3 / 2 + 1) {
		u8 *p = kmalloc(n, GFP_KERNEL);

		KTEST_ASSERT_TRUE(test, p);
		KTEST_EXPECT_TRUE(test, ksize(p) >= n);
		memset(p, 0xa5, n);
		kfree(p);
	}
}

static void krealloc_keeps_contents(struct ktest *test)
{
	char *s = kstrdup("contents", GFP_KERNEL);

	KTEST_ASSERT_TRUE(test, s);
	s = krealloc(s, 5000, GFP_KERNEL);
	KTEST_ASSERT_TRUE(test, s);
	KTEST_EXPECT_EQ(test, strcmp(s, "contents"), 0);
	kfree(s);
}

/* ---- kernel mappings ---- */

static void vmalloc_is_mapped_and_guarded(struct ktest *test)
{
	u8 *a = vmalloc(5 * PAGE_SIZE + 1), *b = vmalloc(PAGE_SIZE);
	pte_t *pte;

	KTEST_ASSERT_TRUE(test, a && b);
	KTEST_EXPECT_EQ(test, a[0] | a[6 * PAGE_SIZE - 1], 0);
	a[0] = a[6 * PAGE_SIZE - 1] = 1;
	pte = pt_walk(kernel_mm.root, (unsigned long)a + 6 * PAGE_SIZE);
	KTEST_EXPECT_TRUE(test, !pte || !(*pte & PTE_P));
	pte = pt_walk(kernel_mm.root, (unsigned long)a - PAGE_SIZE);
	KTEST_EXPECT_TRUE(test, !pte || !(*pte & PTE_P));
	vfree(a);
	vfree(b);
}

static void stacks_are_aligned_and_guarded(struct ktest *test)
{
	unsigned long stack = kstack_alloc();
	pte_t *pte;

	KTEST_ASSERT_TRUE(test, stack);
	KTEST_EXPECT_EQ(test, stack & (KSTACK_SIZE - 1), 0);
	pte = pt_walk(kernel_mm.root, stack - PAGE_SIZE);
	KTEST_EXPECT_TRUE(test, !pte || !(*pte & PTE_P));
	*(volatile u64 *)stack = 1;
	kstack_free(stack);
}

/* ---- address spaces ---- */

static u64 peek(struct mm *mm, unsigned long addr)
{
	u64 v = ~0ULL;

	return mm_access(mm, addr, &v, sizeof(v), false) == sizeof(v) ? v : ~0ULL;
}

static bool poke(struct mm *mm, unsigned long addr, u64 v)
{
	return mm_access(mm, addr, &v, sizeof(v), true) == sizeof(v);
}

static void memory_is_zero_until_written(struct ktest *test)
{
	struct mm *mm = mm_create();

	KTEST_ASSERT_TRUE(test, mm);
	KTEST_EXPECT_EQ(test, mm_map(mm, BASE, 8 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0), BASE);
	KTEST_EXPECT_EQ(test, peek(mm, BASE + 8), 0);
	KTEST_EXPECT_EQ(test, mm_rss(mm), 0);
	KTEST_EXPECT_TRUE(test, poke(mm, BASE + PAGE_SIZE - 4, 0x1122334455667788UL));
	KTEST_EXPECT_EQ(test, peek(mm, BASE + PAGE_SIZE - 4), 0x1122334455667788UL);
	KTEST_EXPECT_EQ(test, mm_rss(mm), 2);
	mm_put(mm);
}

static void forked_pages_are_copied_on_write(struct ktest *test)
{
	struct mm *parent = mm_create(), *child;
	struct page *p, *c;

	KTEST_ASSERT_TRUE(test, parent);
	KTEST_EXPECT_EQ(test, mm_map(parent, BASE, 4 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0),
			BASE);
	KTEST_EXPECT_TRUE(test, poke(parent, BASE, 1) && poke(parent, BASE + PAGE_SIZE, 2));
	child = mm_fork(parent);
	KTEST_ASSERT_TRUE(test, !IS_ERR(child));
	p = mm_get_page(parent, BASE, false);
	c = mm_get_page(child, BASE, false);
	KTEST_EXPECT_TRUE(test, p == c);
	page_put(p);
	page_put(c);
	KTEST_EXPECT_TRUE(test, poke(child, BASE, 10));
	KTEST_EXPECT_EQ(test, peek(parent, BASE), 1);
	KTEST_EXPECT_TRUE(test, poke(parent, BASE + PAGE_SIZE, 20));
	KTEST_EXPECT_EQ(test, peek(child, BASE + PAGE_SIZE), 2);
	KTEST_EXPECT_EQ(test, peek(child, BASE), 10);
	mm_put(child);
	/* Alone again, the parent writes without a copy. */
	p = mm_get_page(parent, BASE, false);
	KTEST_EXPECT_TRUE(test, poke(parent, BASE, 3));
	page_put(p);
	mm_put(parent);
}

static void cuts_and_joins(struct ktest *test)
{
	struct mm *mm = mm_create();

	KTEST_ASSERT_TRUE(test, mm);
	mm_map(mm, BASE, 9 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0);
	KTEST_EXPECT_EQ(test, mm->nr_vmas, 1);
	KTEST_EXPECT_EQ(test, mm_unmap(mm, BASE + 3 * PAGE_SIZE, 3 * PAGE_SIZE), 0);
	KTEST_EXPECT_EQ(test, mm->nr_vmas, 2);
	KTEST_EXPECT_EQ(test, mm->total_vm, 6);
	mm_map(mm, BASE + 3 * PAGE_SIZE, 3 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0);
	KTEST_EXPECT_EQ(test, mm->nr_vmas, 1);
	mm_map(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ, ANON | MAP_FIXED, NULL, 0);
	KTEST_EXPECT_EQ(test, mm->nr_vmas, 3);
	KTEST_EXPECT_EQ(test, mm->total_vm, 9);
	KTEST_EXPECT_TRUE(test, !poke(mm, BASE + 4 * PAGE_SIZE, 1));
	mm_put(mm);
}

static void places_are_found_from_the_top(struct ktest *test)
{
	struct mm *mm = mm_create();
	long a, b, c;

	KTEST_ASSERT_TRUE(test, mm);
	a = mm_map(mm, 0, 4 * PAGE_SIZE, PROT_READ, ANON, NULL, 0);
	b = mm_map(mm, 0, 4 * PAGE_SIZE, RW, ANON, NULL, 0);
	c = mm_map(mm, 0, 4 * PAGE_SIZE, PROT_READ, ANON, NULL, 0);
	KTEST_EXPECT_EQ(test, a, mm->mmap_base - 4 * PAGE_SIZE);
	KTEST_EXPECT_EQ(test, b, a - 4 * PAGE_SIZE);
	KTEST_EXPECT_EQ(test, c, b - 4 * PAGE_SIZE);
	mm_unmap(mm, (unsigned long)b, 4 * PAGE_SIZE);
	KTEST_EXPECT_EQ(test, mm_map(mm, 0, 4 * PAGE_SIZE, RW, ANON, NULL, 0), b);
	KTEST_EXPECT_EQ(test, mm_map(mm, BASE + 1, PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0),
			-EINVAL);
	KTEST_EXPECT_EQ(test, mm_map(mm, 0, 0, RW, ANON, NULL, 0), -EINVAL);
	KTEST_EXPECT_EQ(test, mm_map(mm, 0, USER_TOP, PROT_READ, ANON, NULL, 0), -ENOMEM);
	KTEST_EXPECT_EQ(test,
			mm_map(mm, (unsigned long)a, PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE,
			       NULL, 0),
			-EEXIST);
	mm_put(mm);
}

static void nothing_is_left_of_an_address_space(struct ktest *test)
{
	struct mem_stats before, after;
	unsigned long i;
	struct mm *mm;

	mem_get_stats(&before);
	mm = mm_create();
	KTEST_ASSERT_TRUE(test, mm);
	for (i = 0; i < 20; i++) {
		unsigned long at = BASE + i * (1UL << 33);

		mm_map(mm, at, 4 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0);
		KTEST_EXPECT_TRUE(test, poke(mm, at + PAGE_SIZE, i));
	}
	for (i = 0; i < 10; i++)
		KTEST_EXPECT_EQ(test, mm_unmap(mm, BASE + i * (1UL << 33), 4 * PAGE_SIZE), 0);
	mm_put(mm);
	mem_get_stats(&after);
	KTEST_EXPECT_EQ(test, after.pagetables, before.pagetables);
	KTEST_EXPECT_EQ(test, after.anon, before.anon);
}

static void a_fault_says_what_is_wrong(struct ktest *test)
{
	struct mm *mm = mm_create();
	int code = 0;

	KTEST_ASSERT_TRUE(test, mm);
	mm_map(mm, BASE, PAGE_SIZE, PROT_READ, ANON | MAP_FIXED, NULL, 0);
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE, FAULT_WRITE, &code), -EFAULT);
	KTEST_EXPECT_EQ(test, code, SEGV_ACCERR);
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE + PAGE_SIZE, 0, &code), -EFAULT);
	KTEST_EXPECT_EQ(test, code, SEGV_MAPERR);
	KTEST_EXPECT_EQ(test, mm_fault(mm, ~0UL, 0, &code), -EFAULT);
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE, 0, &code), 0);
	mm_put(mm);
}

static const struct ktest_case pages_cases[] = {
	KTEST_CASE(blocks_are_aligned_and_whole),
	KTEST_CASE(too_large_is_refused),
	KTEST_CASE(all_pages_come_back),
	{},
};
static const struct ktest_suite pages_suite = { .name = "mm_pages", .cases = pages_cases };
ktest_suite_register(pages_suite);

static const struct ktest_case slab_cases[] = {
	KTEST_CASE(objects_do_not_overlap),
	KTEST_CASE(kmalloc_of_every_size),
	KTEST_CASE(krealloc_keeps_contents),
	{},
};
static const struct ktest_suite slab_suite = {
	.name = "mm_slab", .init = make_test_cache, .cases = slab_cases,
};
ktest_suite_register(slab_suite);

static const struct ktest_case vmalloc_cases[] = {
	KTEST_CASE(vmalloc_is_mapped_and_guarded),
	KTEST_CASE(stacks_are_aligned_and_guarded),
	{},
};
static const struct ktest_suite vmalloc_suite = { .name = "mm_vmalloc", .cases = vmalloc_cases };
ktest_suite_register(vmalloc_suite);

static const struct ktest_case space_cases[] = {
	KTEST_CASE(memory_is_zero_until_written),
	KTEST_CASE(forked_pages_are_copied_on_write),
	KTEST_CASE(cuts_and_joins),
	KTEST_CASE(places_are_found_from_the_top),
	KTEST_CASE(nothing_is_left_of_an_address_space),
	KTEST_CASE(a_fault_says_what_is_wrong),
	{},
};
static const struct ktest_suite space_suite = { .name = "mm_space", .cases = space_cases };
ktest_suite_register(space_suite);
