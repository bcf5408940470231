// SPDX-License-Identifier: GPL-2.0-only
/*
 * mm/vma.c: cutting, joining and placing mappings, compared with an array that
 * has one entry a page.
 */
#include <fs.h>
#include <string.h>
#include <user.h>

#include "../../guest-kernel/mm/internal.h"
#include "unit.h"
#include "stubs.h"

#define PAGES	200u
#define AT(page) (USER_MIN + (unsigned long)(page) * PAGE_SIZE)

static struct mm mm;

/* No mapping here has a file. */
void mutex_lock(struct mutex *m) { host_abort("mutex_lock"); }
void mutex_unlock(struct mutex *m) { host_abort("mutex_unlock"); }
void file_get(struct file *f) { host_abort("file_get"); }
void file_put(struct file *f) { host_abort("file_put"); }

static void begin(void)
{
	if (!vma_cache)
		vma_cache = kmem_cache_create("vma", sizeof(struct vma), 8, NULL);
	memset(&mm, 0, sizeof(mm));
	mm.user = &root_user;
	atomic64_set(&root_user.memory, 0);
	mm.mmap_base = AT(PAGES);
	mm.gap_hint = mm.mmap_base;
}

static void remove(unsigned long start, unsigned long end)
{
	LIST_HEAD(removed);
	struct vma *v;

	EXPECT_EQ(vma_isolate(&mm, start, end), 0);
	while ((v = vma_intersect(&mm, start, end)))
		vma_detach(v, &removed);
	vma_free_list(&removed);
	mm.gap_hint = max(mm.gap_hint, end);
}

static void map(unsigned long start, unsigned long end, u32 flags)
{
	struct vma *v = vma_alloc(&mm);

	v->start = start;
	v->end = end;
	v->flags = flags;
	vma_insert(&mm, v);
	vma_merge(v);
}

/* The mappings say what the model says, none touches an equal one, and the sums are right. */
static void check(const u32 *model)
{
	struct vma *v = vma_find(&mm, 0), *last = NULL;
	unsigned long pages = 0;
	u32 n = 0;

	for (u32 i = 0; i < PAGES; i++) {
		struct vma *at = vma_intersect(&mm, AT(i), AT(i + 1));

		EXPECT_EQ(at ? at->flags : 0, model[i]);
		pages += model[i] != 0;
	}
	for (; v; last = v, v = vma_next(v), n++) {
		EXPECT(v->start < v->end);
		EXPECT(vma_prev(v) == last);
		EXPECT(!last || last->end < v->start ||
		       (last->end == v->start && last->flags != v->flags));
	}
	EXPECT_EQ(n, mm.nr_vmas);
	EXPECT_EQ(atomic64_read(&root_user.memory), n * sizeof(struct vma));
	EXPECT_EQ(pages, mm.total_vm);
}

UNIT_TEST(vmas_cut_and_join)
{
	static const u32 kinds[] = { PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC };
	long live = unit_live_objects;
	u32 model[PAGES] = { 0 };

	begin();
	for (u32 round = 0; round < 4000; round++) {
		u32 from = unit_random() % PAGES,
		    to = from + 1 + unit_random() % min(PAGES - from, 20u);
		u32 flags = unit_random() % 3 ? kinds[unit_random() % 3] : 0;

		remove(AT(from), AT(to));
		if (flags)
			map(AT(from), AT(to), flags);
		for (u32 i = from; i < to; i++)
			model[i] = flags;
		check(model);
	}
	remove(0, USER_TOP);
	EXPECT_EQ(unit_live_objects, live);
}

static bool fits_anywhere(const u32 *model, u32 len)
{
	u32 run = 0;

	for (u32 i = 0; i < PAGES; i++) {
		run = model[i] ? 0 : run + 1;
		if (run >= len)
			return true;
	}
	return false;
}

UNIT_TEST(vma_find_gap_finds_room_if_there_is_any)
{
	u32 model[PAGES] = { 0 };

	begin();
	for (u32 round = 0; round < 4000; round++) {
		u32 len = 1 + unit_random() % 12;
		long at = vma_find_gap(&mm, len * PAGE_SIZE, USER_MIN, mm.mmap_base);

		EXPECT_EQ(at > 0, fits_anywhere(model, len));
		if (at > 0) {
			u32 first = (u32)(((unsigned long)at - USER_MIN) >> PAGE_SHIFT);

			EXPECT(first + len <= PAGES);
			for (u32 i = first; i < first + len; i++) {
				EXPECT_EQ(model[i], 0);
				model[i] = PROT_READ;
			}
			map((unsigned long)at, (unsigned long)at + len * PAGE_SIZE, PROT_READ);
		}
		while (at < 0 || unit_random() % 3 == 0) {
			u32 from = unit_random() % PAGES,
			    to = min(from + 1 + unit_random() % 10, PAGES);

			at = 0;
			remove(AT(from), AT(to));
			for (u32 i = from; i < to; i++)
				model[i] = 0;
		}
		check(model);
	}
	remove(0, USER_TOP);
}

UNIT_TEST(a_stack_keeps_its_distance)
{
	unsigned long stack = USER_MIN + 1000 * PAGE_SIZE;

	begin();
	mm.mmap_base = stack + 10 * PAGE_SIZE;
	mm.gap_hint = mm.mmap_base;
	map(stack, mm.mmap_base, PROT_READ | PROT_WRITE | VM_GROWSDOWN);
	EXPECT_EQ(vma_find_gap(&mm, PAGE_SIZE, USER_MIN, mm.mmap_base),
		  stack - STACK_GUARD_GAP - PAGE_SIZE);
	remove(0, USER_TOP);
}

UNIT_TEST(no_memory_leaves_a_mapping_as_it_was)
{
	begin();
	map(AT(0), AT(10), PROT_READ);
	unit_fail_allocations = 1;
	EXPECT_EQ(vma_isolate(&mm, AT(3), AT(5)), -ENOMEM);
	EXPECT_EQ(mm.nr_vmas, 1);
	EXPECT_EQ(vma_find(&mm, AT(0))->end, AT(10));
	remove(0, USER_TOP);
}
