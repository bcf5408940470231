// SPDX-License-Identifier: GPL-2.0-only
/*
 * Red-black trees (Guibas and Sedgewick 1978; the case analysis follows Cormen
 * et al., "Introduction to Algorithms", chapter 13): no red node has a red
 * child, and every path from a node to a leaf place has as many black nodes.
 * Leaf places are NULL and count as black.
 */
#include <rbtree.h>

static inline bool is_red(const struct rb_node *n)
{
	return n && n->red;
}

/* Puts @new where @old hangs below its parent. */
static void replace_child(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
			  struct rb_node *new)
{
	if (!parent)
		root->node = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
}

static void rotate_left(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *up = n->right;

	n->right = up->left;
	if (up->left)
		up->left->parent = n;
	up->parent = n->parent;
	replace_child(root, n->parent, n, up);
	up->left = n;
	n->parent = up;
}

static void rotate_right(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *up = n->left;

	n->left = up->right;
	if (up->right)
		up->right->parent = n;
	up->parent = n->parent;
	replace_child(root, n->parent, n, up);
	up->right = n;
	n->parent = up;
}

/* @n and its parent are red, the parent is a left child and the uncle is black. */
static void fix_left_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
			    struct rb_node *grand)
{
	if (n == parent->right) {
		rotate_left(root, parent);
		parent = n;
	}
	parent->red = false;
	grand->red = true;
	rotate_right(root, grand);
}

static void fix_right_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
			     struct rb_node *grand)
{
	if (n == parent->left) {
		rotate_right(root, parent);
		parent = n;
	}
	parent->red = false;
	grand->red = true;
	rotate_left(root, grand);
}

/**
 * rb_insert - link a node and rebalance
 * @root: tree
 * @n: the new node
 * @parent: node below which it goes, NULL in an empty tree
 * @link: the parent's left or right pointer (or root->node), which is NULL
 *
 * Context: any, with the tree's lock held.
 */
void rb_insert(struct rb_root *root, struct rb_node *n, struct rb_node *parent,
	       struct rb_node **link)
{
	*n = (struct rb_node){ .parent = parent, .red = true };
	*link = n;

	while (is_red(parent = n->parent)) {
		struct rb_node *grand = parent->parent;
		bool left = parent == grand->left;
		struct rb_node *uncle = left ? grand->right : grand->left;

		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grand->red = true;
			n = grand;
			continue;
		}
		if (left)
			fix_left_insert(root, n, parent, grand);
		else
			fix_right_insert(root, n, parent, grand);
		break;
	}
	root->node->red = false;
}

/*
 * The paths through @n (the left child of @parent) lack a black node. Returns
 * true if the tree is balanced again, false if the lack moved up to @parent.
 */
static bool fix_left_erase(struct rb_root *root, struct rb_node *parent)
{
	struct rb_node *sibling = parent->right;

	if (sibling->red) {
		sibling->red = false;
		parent->red = true;
		rotate_left(root, parent);
		sibling = parent->right;
	}
	if (!is_red(sibling->left) && !is_red(sibling->right)) {
		sibling->red = true;
		return false;
	}
	if (!is_red(sibling->right)) {
		sibling->left->red = false;
		sibling->red = true;
		rotate_right(root, sibling);
		sibling = parent->right;
	}
	sibling->red = parent->red;
	parent->red = false;
	sibling->right->red = false;
	rotate_left(root, parent);
	return true;
}

static bool fix_right_erase(struct rb_root *root, struct rb_node *parent)
{
	struct rb_node *sibling = parent->left;

	if (sibling->red) {
		sibling->red = false;
		parent->red = true;
		rotate_right(root, parent);
		sibling = parent->left;
	}
	if (!is_red(sibling->left) && !is_red(sibling->right)) {
		sibling->red = true;
		return false;
	}
	if (!is_red(sibling->left)) {
		sibling->right->red = false;
		sibling->red = true;
		rotate_left(root, sibling);
		sibling = parent->left;
	}
	sibling->red = parent->red;
	parent->red = false;
	sibling->left->red = false;
	rotate_right(root, parent);
	return true;
}

/* A black node above @n (which may be NULL) below @parent is gone. */
static void fix_erase(struct rb_root *root, struct rb_node *n, struct rb_node *parent)
{
	while (parent && !is_red(n)) {
		bool left = n == parent->left;

		if (left ? fix_left_erase(root, parent) : fix_right_erase(root, parent))
			return;
		n = parent;
		parent = n->parent;
	}
	if (n)
		n->red = false;
}

/*
 * Puts the successor of @n, which has two children, in its place. Returns
 * its old child, parent and colour.
 */
static struct rb_node *replace_by_next(struct rb_root *root, struct rb_node *n,
				       struct rb_node **parent, bool *red)
{
	struct rb_node *next = rb_next(n);
	struct rb_node *child = next->right;

	*red = next->red;
	*parent = next->parent == n ? next : next->parent;
	if (next->parent != n) {
		next->parent->left = child;
		if (child)
			child->parent = next->parent;
		next->right = n->right;
		next->right->parent = next;
	}
	next->left = n->left;
	next->left->parent = next;
	next->parent = n->parent;
	next->red = n->red;
	replace_child(root, n->parent, n, next);
	return child;
}

/**
 * rb_erase - unlink a node and rebalance
 * @root: tree
 * @n: node that is in it; its fields are undefined afterwards
 *
 * Context: any, with the tree's lock held.
 */
void rb_erase(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *child, *parent = n->parent;
	bool red = n->red;

	if (n->left && n->right) {
		child = replace_by_next(root, n, &parent, &red);
	} else {
		child = n->left ? n->left : n->right;
		if (child)
			child->parent = parent;
		replace_child(root, parent, n, child);
	}
	if (!red)
		fix_erase(root, child, parent);
}

/**
 * rb_first - leftmost node
 * @root: tree
 *
 * Return: it, or NULL if the tree is empty.
 */
struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->left)
		n = n->left;
	return n;
}

/**
 * rb_last - rightmost node
 * @root: tree
 *
 * Return: it, or NULL if the tree is empty.
 */
struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n && n->right)
		n = n->right;
	return n;
}

/**
 * rb_next - node after another in order
 * @n: a node in a tree
 *
 * Return: it, or NULL if @n is the last.
 */
struct rb_node *rb_next(const struct rb_node *n)
{
	if (n->right) {
		n = n->right;
		while (n->left)
			n = n->left;
		return (struct rb_node *)n;
	}
	while (n->parent && n == n->parent->right)
		n = n->parent;
	return n->parent;
}

/**
 * rb_prev - node before another in order
 * @n: a node in a tree
 *
 * Return: it, or NULL if @n is the first.
 */
struct rb_node *rb_prev(const struct rb_node *n)
{
	if (n->left) {
		n = n->left;
		while (n->right)
			n = n->right;
		return (struct rb_node *)n;
	}
	while (n->parent && n == n->parent->left)
		n = n->parent;
	return n->parent;
}
