// SPDX-License-Identifier: GPL-2.0-only
/*
 * lib/rbtree.c and lib/xarray.c under random insertion and removal, compared
 * with a plain array after every step.
 */
#include <rbtree.h>
#include <xarray.h>
#include <bitmap.h>
#include <errno.h>

#include "unit.h"
#include "stubs.h"

#define KEYS 200

struct item {
	struct rb_node node;
	int key;
	bool in;
};

static void insert(struct rb_root *root, struct item *item)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < rb_entry(parent, struct item, node)->key ? &parent->left : &parent->right;
	}
	rb_insert(root, &item->node, parent, link);
}

/* Black height of a subtree; checks order of colours and links to parents. */
static int black_height(const struct rb_node *n, const struct rb_node *parent)
{
	int left, right;

	if (!n)
		return 1;
	EXPECT(n->parent == parent);
	EXPECT(!n->red || !parent || !parent->red);
	left = black_height(n->left, n);
	right = black_height(n->right, n);
	EXPECT_EQ(left, right);
	return left + !n->red;
}

static void check(const struct rb_root *root, const struct item *items)
{
	const struct rb_node *n = rb_first(root);
	const struct rb_node *last = NULL;

	EXPECT(!root->node || !root->node->red);
	black_height(root->node, NULL);
	for (int i = 0; i < KEYS; i++) {
		if (!items[i].in)
			continue;
		EXPECT(n == &items[i].node);
		EXPECT(rb_prev(n) == last);
		last = n;
		n = rb_next(n);
	}
	EXPECT(n == NULL);
	EXPECT(rb_last(root) == last);
}

UNIT_TEST(rbtree_stays_ordered_and_balanced)
{
	static struct item items[KEYS];
	struct rb_root root = RB_ROOT;

	for (int i = 0; i < KEYS; i++)
		items[i].key = i;
	for (int round = 0; round < 4000; round++) {
		struct item *item = &items[unit_random() % KEYS];

		if (item->in)
			rb_erase(&root, &item->node);
		else
			insert(&root, item);
		item->in = !item->in;
		check(&root, items);
	}
}

/* Indexes close together and far apart, so that the tree grows and shrinks. */
static unsigned long index_of(int key)
{
	static const unsigned int shifts[] = { 0, 6, 13, 40, 58 };

	return (unsigned long)(key / 5) << shifts[key % 5];
}

/* The kernel calls xa_cache_init() once. */
static void prepare(struct xarray *xa)
{
	static bool ready;

	if (!ready)
		xa_cache_init();
	ready = true;
	xa_init(xa);
}

UNIT_TEST(xarray_keeps_what_was_stored)
{
	static bool in[KEYS];
	static int values[KEYS];
	long live = unit_live_objects;
	unsigned long index;
	struct xarray xa;
	void *p;

	prepare(&xa);
	for (int round = 0; round < 20000; round++) {
		int key = (int)(unit_random() % (KEYS - 5)) + 5;

		EXPECT(xa_load(&xa, index_of(key)) == (in[key] ? &values[key] : NULL));
		if (in[key])
			EXPECT(xa_erase(&xa, index_of(key)) == &values[key]);
		else
			EXPECT_EQ(xa_store(&xa, index_of(key), &values[key]), 0);
		in[key] = !in[key];
	}
	xa_for_each(&xa, index, p) {
		int key = (int)((int *)p - values);

		EXPECT_EQ(index_of(key), index);
		EXPECT(in[key]);
		in[key] = false;
	}
	for (int key = 0; key < KEYS; key++)
		EXPECT(!in[key]);
	xa_destroy(&xa);
	EXPECT_EQ(unit_live_objects, live);
}

/*
 * A search that begins in a node without anything behind it, which is its parent's last: it must
 * not pass over the node's cousins.
 */
UNIT_TEST(xarray_search_leaves_the_last_node)
{
	static const unsigned long used[] = { 4040, 4096, 5000, 262143, 262144 };
	unsigned long from, index;
	struct xarray xa;
	unsigned int i = 0;
	int values[ARRAY_SIZE(used)];

	prepare(&xa);
	for (i = 0; i < ARRAY_SIZE(used); i++)
		EXPECT_EQ(xa_store(&xa, used[i], &values[i]), 0);
	for (i = 0, from = 0; from < 262200; from++) {
		if (i < ARRAY_SIZE(used) && from > used[i])
			i++;
		index = from;
		if (i == ARRAY_SIZE(used)) {
			EXPECT(xa_find(&xa, &index) == NULL);
			continue;
		}
		EXPECT(xa_find(&xa, &index) == &values[i]);
		EXPECT_EQ(index, used[i]);
	}
	xa_destroy(&xa);
}

UNIT_TEST(xarray_survives_a_failed_store)
{
	long live = unit_live_objects;
	struct xarray xa;
	int value;

	prepare(&xa);
	EXPECT_EQ(xa_store(&xa, 3, &value), 0);
	for (unsigned int n = 1; n < 4; n++) {
		unit_fail_allocations = n;
		EXPECT_EQ(xa_store(&xa, 1UL << 60, &value), -ENOMEM);
		unit_fail_allocations = 0;
		EXPECT(xa_load(&xa, 3) == &value);
		EXPECT(xa_load(&xa, 1UL << 60) == NULL);
	}
	EXPECT(xa_erase(&xa, 3) == &value);
	EXPECT(xa_erase(&xa, 3) == NULL);
	xa_destroy(&xa);
	EXPECT_EQ(unit_live_objects, live);
}

UNIT_TEST(bitmap_finds_across_words)
{
	unsigned long map[3] = { 0 };

	EXPECT_EQ(bitmap_find_set(map, 130, 0), 130);
	bitmap_set(map, 63);
	bitmap_set(map, 64);
	bitmap_set(map, 129);
	EXPECT_EQ(bitmap_find_set(map, 130, 0), 63);
	EXPECT_EQ(bitmap_find_set(map, 130, 64), 64);
	EXPECT_EQ(bitmap_find_set(map, 130, 65), 129);
	EXPECT_EQ(bitmap_find_set(map, 129, 65), 129);
	EXPECT_EQ(bitmap_find_zero(map, 130, 63), 65);
	EXPECT_EQ(bitmap_weight(map, 130), 3);
	map[0] = map[1] = map[2] = ~0UL;
	EXPECT_EQ(bitmap_find_zero(map, 130, 0), 130);
	bitmap_clear(map, 100);
	EXPECT_EQ(bitmap_find_zero(map, 130, 0), 100);
}
