/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intrusive red-black tree (lib/rbtree.c). The user descends and compares; the library links and
 * balances.
 * Not locked: each tree says which lock guards it.
 */
#ifndef _RBTREE_H
#define _RBTREE_H

#include <compiler.h>

struct rb_node {
	struct rb_node *parent, *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *node;
};

#define RB_ROOT ((struct rb_root){NULL})
#define rb_entry(p, type, member) container_of(p, type, member)

/* Links @n below @parent at @link (a leaf place found by descent), then rebalances. */
void rb_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
	       struct rb_node **link);
void rb_erase(struct rb_root *root, struct rb_node *n);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#endif
