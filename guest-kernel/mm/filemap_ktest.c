// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the page cache on a file whose backing store is a few counters.
 */
#include "internal.h"
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

static void truncation_drops_what_lies_behind(struct ktest *test)
{
	struct page *held;
	u32 i;

	for (i = 0; i < 10; i++)
		KTEST_EXPECT_TRUE(test, read_one(i));
	held = mapping_find_page(&map, 8);
	KTEST_ASSERT_TRUE(test, held);
	mapping_truncate(&map, 3 * PAGE_SIZE + 4);
	KTEST_EXPECT_EQ(test, map.nr_pages, 4);
	KTEST_EXPECT_TRUE(test, !held->mapping);
	page_put(held);
	held = mapping_find_page(&map, 3);
	KTEST_ASSERT_TRUE(test, held);
	KTEST_EXPECT_EQ(test, *(u64 *)page_address(held), 4);
	page_put(held);
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

static const struct ktest_case filemap_cases[] = {
	KTEST_CASE(pages_are_read_once),
	KTEST_CASE(a_failed_read_leaves_nothing),
	KTEST_CASE(truncation_drops_what_lies_behind),
	KTEST_CASE(dirty_pages_are_written_once),
	KTEST_CASE(a_failed_write_stays_dirty),
	KTEST_CASE(reclaim_takes_only_clean_unused_pages),
	{},
};
static const struct ktest_suite filemap_suite = {
	.name = "mm_filemap", .init = make_mapping, .exit = drop_mapping, .cases = filemap_cases,
};
ktest_suite_register(filemap_suite);
