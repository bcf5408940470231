// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the page cache on a file whose backing store is a few counters.
 */
#include "../internal.h"
#include <fs.h>
#include <ktest.h>
#include <string.h>

static struct mapping map;
static u32 nr_reads, nr_writes, fail_index;

static int fake_read(struct mapping *m, struct page *p)
{
	u64 *w = page_address(p);

	nr_reads++;
	if (p->index == fail_index)
		return -EIO;
	memset(w, 0, PAGE_SIZE);
	w[0] = p->index + 1;
	return 0;
}

static int fake_write(struct mapping *m, struct page *p)
{
	nr_writes++;
	return p->index == fail_index ? -EIO : 0;
}

static const struct mapping_ops fake_ops = { .readpage = fake_read, .writepage = fake_write };

static int make_mapping(struct ktest *test)
{
	nr_reads = nr_writes = 0;
	fail_index = ~0U;
	mapping_init(&map, NULL, &fake_ops);
	return 0;
}

static void drop_mapping(struct ktest *test)
{
	mapping_release(&map);
}

static bool read_one(unsigned long index)
{
	struct page *p = mapping_get_page(&map, index, 0);
	bool ok = !IS_ERR(p) && *(u64 *)page_address(p) == index + 1;

	if (!IS_ERR(p))
		page_put(p);
	return ok;
}

static void pages_are_read_once(struct ktest *test)
{
	u32 i;

	for (i = 0; i < 100; i++)
		KTEST_EXPECT_TRUE(test, read_one(i * 1000));
	KTEST_EXPECT_EQ(test, nr_reads, 100);
	for (i = 0; i < 100; i++)
		KTEST_EXPECT_TRUE(test, read_one(i * 1000));
	KTEST_EXPECT_EQ(test, nr_reads, 100);
	KTEST_EXPECT_EQ(test, map.nr_pages, 100);
	KTEST_EXPECT_TRUE(test, !mapping_find_page(&map, 1));
}

static void a_failed_read_leaves_nothing(struct ktest *test)
{
	fail_index = 7;
	KTEST_EXPECT_EQ(test, PTR_ERR(mapping_get_page(&map, 7, 0)), -EIO);
	KTEST_EXPECT_EQ(test, map.nr_pages, 0);
	fail_index = ~0U;
	KTEST_EXPECT_TRUE(test, read_one(7));
}

static void dirty_pages_are_written_once(struct ktest *test)
{
	u32 i;

	for (i = 0; i < 10; i++) {
		struct page *p = mapping_get_page(&map, i, 0);

		KTEST_ASSERT_TRUE(test, !IS_ERR(p));
		if (i % 2)
			page_set_dirty(p);
		page_put(p);
	}
	KTEST_EXPECT_EQ(test, mapping_sync(&map, 0, 4), 0);
	KTEST_EXPECT_EQ(test, nr_writes, 2);
	KTEST_EXPECT_EQ(test, mapping_sync(&map, 0, ~0UL), 0);
	KTEST_EXPECT_EQ(test, nr_writes, 5);
	KTEST_EXPECT_EQ(test, mapping_sync(&map, 0, ~0UL), 0);
	KTEST_EXPECT_EQ(test, nr_writes, 5);
}

static void a_failed_write_stays_dirty(struct ktest *test)
{
	struct page *p = mapping_get_page(&map, 5, 0);

	KTEST_ASSERT_TRUE(test, !IS_ERR(p));
	page_set_dirty(p);
	fail_index = 5;
	KTEST_EXPECT_EQ(test, mapping_sync(&map, 0, ~0UL), -EIO);
	KTEST_EXPECT_TRUE(test, test_bit(PG_dirty, &p->flags));
	fail_index = ~0U;
	KTEST_EXPECT_EQ(test, mapping_sync(&map, 0, ~0UL), 0);
	KTEST_EXPECT_TRUE(test, !test_bit(PG_dirty, &p->flags));
	page_put(p);
}

static void reclaim_takes_only_clean_unused_pages(struct ktest *test)
{
	struct page *dirty, *held;
	u32 i;

	for (i = 0; i < 200; i++)
		KTEST_EXPECT_TRUE(test, read_one(i));
	dirty = mapping_find_page(&map, 10);
	held = mapping_find_page(&map, 20);
	KTEST_ASSERT_TRUE(test, dirty && held);
	page_set_dirty(dirty);
	page_put(dirty);
	for (i = 0; i < 10 && map.nr_pages > 2; i++)
		reclaim_pages(1000);
	KTEST_EXPECT_EQ(test, map.nr_pages, 2);
	KTEST_EXPECT_TRUE(test, held->mapping == &map);
	page_put(held);
	KTEST_EXPECT_TRUE(test, read_one(30));
	KTEST_EXPECT_EQ(test, nr_reads, 201);
}

/* Thousands of pages that cannot be taken may be older than those that can. */
static void reclaim_looks_behind_what_it_cannot_take(struct ktest *test)
{
	const u32 nr = 3000, spare = 100;
	u32 i;

	for (i = 0; i < nr; i++) {
		struct page *p = mapping_get_page(&map, i, 0);

		KTEST_ASSERT_TRUE(test, !IS_ERR(p));
		if (i < nr - spare)
			page_set_dirty(p);
		page_put(p);
	}
	reclaim_pages(~0UL);
	KTEST_EXPECT_EQ(test, map.nr_pages, nr - spare);
}

/* ---- a file on that store, mapped ---- */

#define BASE	0x10000000UL
#define RW	(PROT_READ | PROT_WRITE)

static struct inode disk;
static const struct file_ops disk_fops = { .mmap = generic_file_mmap };
static struct file disk_file = { .inode = &disk, .ops = &disk_fops,
				 .mode = FMODE_READ | FMODE_WRITE };

static int make_disk(struct ktest *test)
{
	nr_reads = nr_writes = 0;
	fail_index = ~0U;
	disk.size = 4 * PAGE_SIZE;
	mapping_init(&disk.mapping, &disk, &fake_ops);
	rwsem_init(&disk.lock, "ktest disk.lock");
	down_write(&disk.lock);
	atomic_set(&disk_file.refs, 1);
	return 0;
}

static void drop_disk(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, atomic_read(&disk_file.refs), 1);
	KTEST_EXPECT_TRUE(test, list_empty(&disk.mapping.vmas));
	mapping_release(&disk.mapping);
	up_write(&disk.lock);
}

static struct mm *map_disk(int flags)
{
	struct mm *mm = mm_create();

	if (mm && mm_map(mm, BASE, 4 * PAGE_SIZE, RW, flags | MAP_FIXED, &disk_file, 0) != BASE) {
		mm_put(mm);
		return NULL;
	}
	return mm;
}

static u64 peek(struct mm *mm, unsigned long addr)
{
	u64 v = ~0ULL;

	return mm_access(mm, addr, &v, sizeof(v), false) == sizeof(v) ? v : ~0ULL;
}

static bool poke(struct mm *mm, unsigned long addr, u64 v)
{
	return mm_access(mm, addr, &v, sizeof(v), true) == sizeof(v);
}

static void write_back_spares_private_copies(struct ktest *test)
{
	struct mm *mm = map_disk(MAP_PRIVATE);
	struct page *p;

	KTEST_ASSERT_TRUE(test, mm);
	KTEST_EXPECT_TRUE(test, poke(mm, BASE, 77));
	p = mapping_find_page(&disk.mapping, 0);
	KTEST_ASSERT_TRUE(test, p);
	page_set_dirty(p);
	page_put(p);
	KTEST_EXPECT_EQ(test, mapping_sync(&disk.mapping, 0, ~0UL), 0);
	KTEST_EXPECT_EQ(test, nr_writes, 1);
	KTEST_EXPECT_EQ(test, peek(mm, BASE), 77);
	mapping_resize(&disk.mapping, 0);
	KTEST_EXPECT_EQ(test, mm_rss(mm), 0);
	mm_put(mm);
}

static void shared_writes_are_noted_again(struct ktest *test)
{
	struct mm *mm = map_disk(MAP_SHARED);
	u32 i;

	KTEST_ASSERT_TRUE(test, mm);
	for (i = 1; i <= 3; i++) {
		KTEST_EXPECT_TRUE(test, poke(mm, BASE + PAGE_SIZE, i));
		KTEST_EXPECT_EQ(test, mapping_sync(&disk.mapping, 0, ~0UL), 0);
		KTEST_EXPECT_EQ(test, nr_writes, i);
		KTEST_EXPECT_EQ(test, peek(mm, BASE + PAGE_SIZE), i);
	}
	mm_put(mm);
}

static bool read_disk(unsigned long index)
{
	struct page *p = mapping_get_page(&disk.mapping, index, 0);
	bool ok = !IS_ERR(p) && *(u64 *)page_address(p) == index + 1;

	if (!IS_ERR(p))
		page_put(p);
	return ok;
}

static void truncation_drops_what_lies_behind(struct ktest *test)
{
	struct page *held;
	u32 i;

	for (i = 0; i < 4; i++)
		KTEST_EXPECT_TRUE(test, read_disk(i));
	held = mapping_find_page(&disk.mapping, 3);
	KTEST_ASSERT_TRUE(test, held);
	mapping_resize(&disk.mapping, 2 * PAGE_SIZE + 4);
	KTEST_EXPECT_EQ(test, disk.size, 2 * PAGE_SIZE + 4);
	KTEST_EXPECT_EQ(test, disk.mapping.nr_pages, 3);
	KTEST_EXPECT_TRUE(test, !held->mapping);
	page_put(held);
	held = mapping_find_page(&disk.mapping, 2);
	KTEST_ASSERT_TRUE(test, held);
	KTEST_EXPECT_EQ(test, *(u64 *)page_address(held), 3);
	page_put(held);
}

static void a_longer_file_continues_with_zeros(struct ktest *test)
{
	struct page *last;
	u32 *w;

	mapping_resize(&disk.mapping, 2 * PAGE_SIZE + 8);
	KTEST_EXPECT_TRUE(test, read_disk(2));
	last = mapping_find_page(&disk.mapping, 2);
	KTEST_ASSERT_TRUE(test, last);
	w = page_address(last);
	w[1] = w[2] = w[3] = 7;
	mapping_resize(&disk.mapping, 5 * PAGE_SIZE);
	KTEST_EXPECT_EQ(test, w[1], 7);
	KTEST_EXPECT_EQ(test, w[2], 0);
	KTEST_EXPECT_EQ(test, w[3], 0);
	page_put(last);
}

static bool truncation_waits;

static int read_while_truncated(struct mapping *m, struct page *p)
{
	/* Truncation on another CPU would want this now. */
	truncation_waits = !down_write_trylock(&m->invalidate_lock);
	if (!truncation_waits)
		up_write(&m->invalidate_lock);
	return 0;
}

static void a_fault_keeps_truncation_out(struct ktest *test)
{
	static const struct mapping_ops ops = { .readpage = read_while_truncated };
	struct mm *mm = map_disk(MAP_SHARED);
	int code;

	KTEST_ASSERT_TRUE(test, mm);
	disk.mapping.ops = &ops;
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE + PAGE_SIZE, 0, &code), 0);
	KTEST_EXPECT_TRUE(test, truncation_waits);
	mapping_resize(&disk.mapping, PAGE_SIZE);
	KTEST_EXPECT_EQ(test, mm_rss(mm), 0);
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE + PAGE_SIZE, 0, &code), -EIO);
	KTEST_EXPECT_EQ(test, disk.mapping.nr_pages, 0);
	mm_put(mm);
}

/* Pages that are in the cache beyond the end are not mapped along with one below it. */
static void nothing_beyond_the_end_is_mapped(struct ktest *test)
{
	struct mm *mm = map_disk(MAP_SHARED);
	u32 i;
	int code;

	KTEST_ASSERT_TRUE(test, mm);
	for (i = 0; i < 4; i++)
		KTEST_EXPECT_TRUE(test, read_disk(i));
	WRITE_ONCE(disk.size, 2 * PAGE_SIZE);
	KTEST_EXPECT_EQ(test, peek(mm, BASE), 1);
	KTEST_EXPECT_EQ(test, mm_rss(mm), 2);
	KTEST_EXPECT_EQ(test, mm_fault(mm, BASE + 2 * PAGE_SIZE, 0, &code), -EIO);
	mm_put(mm);
}

static void a_hole_is_punched_page_by_page(struct ktest *test)
{
	struct mm *mm = map_disk(MAP_SHARED);
	unsigned long i;

	KTEST_ASSERT_TRUE(test, mm);
	for (i = 0; i < 4; i++)
		KTEST_EXPECT_EQ(test, peek(mm, BASE + i * PAGE_SIZE), i + 1);
	mapping_punch(&disk.mapping, 4, 8);
	KTEST_EXPECT_EQ(test, peek(mm, BASE), 1);
	KTEST_EXPECT_EQ(test, disk.mapping.nr_pages, 4);
	mapping_punch(&disk.mapping, 8, 3 * PAGE_SIZE + 4);
	KTEST_EXPECT_EQ(test, disk.mapping.nr_pages, 2);
	KTEST_EXPECT_EQ(test, peek(mm, BASE), 1);
	KTEST_EXPECT_EQ(test, peek(mm, BASE + 3 * PAGE_SIZE), 0);
	nr_reads = 0;
	KTEST_EXPECT_EQ(test, peek(mm, BASE + PAGE_SIZE), 2);
	KTEST_EXPECT_EQ(test, nr_reads, 1);
	mm_put(mm);
}

static const struct ktest_case filemap_cases[] = {
	KTEST_CASE(pages_are_read_once),
	KTEST_CASE(a_failed_read_leaves_nothing),
	KTEST_CASE(dirty_pages_are_written_once),
	KTEST_CASE(a_failed_write_stays_dirty),
	KTEST_CASE(reclaim_takes_only_clean_unused_pages),
	KTEST_CASE(reclaim_looks_behind_what_it_cannot_take),
	{},
};
static const struct ktest_suite filemap_suite = {
	.name = "mm_filemap", .init = make_mapping, .exit = drop_mapping, .cases = filemap_cases,
};
ktest_suite_register(filemap_suite);

static const struct ktest_case mapped_cases[] = {
	KTEST_CASE(write_back_spares_private_copies),
	KTEST_CASE(shared_writes_are_noted_again),
	KTEST_CASE(truncation_drops_what_lies_behind),
	KTEST_CASE(a_longer_file_continues_with_zeros),
	KTEST_CASE(a_fault_keeps_truncation_out),
	KTEST_CASE(nothing_beyond_the_end_is_mapped),
	KTEST_CASE(a_hole_is_punched_page_by_page),
	{},
};
static const struct ktest_suite mapped_suite = {
	.name = "mm_mapped_file", .init = make_disk, .exit = drop_disk, .cases = mapped_cases,
};
ktest_suite_register(mapped_suite);
