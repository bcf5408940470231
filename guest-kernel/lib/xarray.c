// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sparse array of pointers: a radix tree of 64-way nodes, 6 bits of the index a
 * level, only as high as the largest index needs. Not locked.
 */
#include <xarray.h>
#include <mm.h>
#include <errno.h>

#define XA_BITS		6
#define XA_SLOTS	(1u << XA_BITS)
#define XA_MAX_LEVELS	DIV_ROUND_UP(64, XA_BITS)

struct xa_node {
	u32 count;		/* slots in use */
	void *slots[XA_SLOTS];	/* entries at the lowest level, nodes above */
};

static struct kmem_cache *node_cache __ro_after_init;

/**
 * xa_cache_init - make the cache that nodes come from
 *
 * Context: boot, when the slab allocator works.
 */
void xa_cache_init(void)
{
	node_cache = kmem_cache_create("xa_node", sizeof(struct xa_node), 8, NULL);
}

static inline unsigned int slot_of(unsigned long index, unsigned int level)
{
	return index >> (level * XA_BITS) & (XA_SLOTS - 1);
}

/* True if @index needs more than @levels levels. */
static inline bool beyond(unsigned long index, unsigned int levels)
{
	return levels < XA_MAX_LEVELS && index >> (levels * XA_BITS);
}

static struct xa_node *new_node(void)
{
	return kmem_cache_alloc(node_cache, GFP_ATOMIC | GFP_ZERO | GFP_NOWARN);
}

/**
 * xa_load - look an entry up
 * @xa: array
 * @index: where
 *
 * Return: the entry, or NULL if there is none.
 */
void *xa_load(const struct xarray *xa, unsigned long index)
{
	const struct xa_node *n = xa->root;
	unsigned int level = xa->levels;

	if (beyond(index, level))
		return NULL;
	while (n && level)
		n = n->slots[slot_of(index, --level)];
	return (void *)n;
}

/* Adds levels on top until @index fits. */
static int grow(struct xarray *xa, unsigned long index)
{
	do {
		if (xa->root) {
			struct xa_node *n = new_node();

			if (!n)
				return -ENOMEM;
			n->slots[0] = xa->root;
			n->count = 1;
			xa->root = n;
		}
		xa->levels++;
	} while (beyond(index, xa->levels));
	return 0;
}

/*
 * Takes nodes without entries off the path to @index, and levels that
 * have become needless off the top.
 */
static void shrink(struct xarray *xa, unsigned long index)
{
	struct xa_node *path[XA_MAX_LEVELS], *n = xa->root;
	unsigned int level = xa->levels, depth = 0;

	while (n && level) {
		path[depth++] = n;
		n = n->slots[slot_of(index, --level)];
	}
	while (depth && path[depth - 1]->count == 0) {
		kmem_cache_free(node_cache, path[--depth]);
		if (depth) {
			path[depth - 1]->slots[slot_of(index, xa->levels - depth)] = NULL;
			path[depth - 1]->count--;
		} else {
			xa_init(xa);
		}
	}
	while (xa->levels > 1 && xa->root->count == 1 && xa->root->slots[0]) {
		n = xa->root;
		xa->root = n->slots[0];
		xa->levels--;
		kmem_cache_free(node_cache, n);
	}
}

/**
 * xa_store - put an entry into the array
 * @xa: array
 * @index: where
 * @p: the entry, not NULL; replaces what was there
 *
 * Context: any; allocates atomically. Return: 0 or -ENOMEM, the array is then as before.
 */
int xa_store(struct xarray *xa, unsigned long index, void *p)
{
	struct xa_node *n, **link = &xa->root;
	void **slot;
	unsigned int level;

	if ((!xa->levels || beyond(index, xa->levels)) && grow(xa, index))
		goto fail;
	n = NULL;
	for (level = xa->levels; level; level--) {
		if (!*link) {
			*link = new_node();
			if (!*link)
				goto fail;
			if (n)
				n->count++;
		}
		n = *link;
		link = (struct xa_node **)&n->slots[slot_of(index, level - 1)];
	}
	slot = (void **)link;
	if (!*slot)
		n->count++;
	*slot = p;
	return 0;
fail:
	if (xa->root)
		shrink(xa, index);
	else
		xa_init(xa);
	return -ENOMEM;
}

/**
 * xa_erase - take an entry out
 * @xa: array
 * @index: where
 *
 * Return: the entry that was there, or NULL.
 */
void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct xa_node *n = xa->root;
	unsigned int level = xa->levels;
	void *old;

	if (!n || beyond(index, level))
		return NULL;
	while (n && level > 1)
		n = n->slots[slot_of(index, --level)];
	if (!n)
		return NULL;
	old = n->slots[slot_of(index, 0)];
	if (!old)
		return NULL;
	n->slots[slot_of(index, 0)] = NULL;
	n->count--;
	if (n->count == 0 || n == xa->root)
		shrink(xa, index);
	return old;
}

/* The lowest slot in use at or after @slot, XA_SLOTS if none. */
static unsigned int next_used(const struct xa_node *n, unsigned int slot)
{
	while (slot < XA_SLOTS && !n->slots[slot])
		slot++;
	return slot;
}

/*
 * First entry at or after *@index below @n, whose slots span @level levels. *@index
 * is undefined if there is none.
 */
static void *find_below(const struct xa_node *n, unsigned int level, unsigned long *index)
{
	unsigned int shift = (level - 1) * XA_BITS;
	unsigned int start = slot_of(*index, level - 1), slot;
	unsigned long first = (*index >> shift) - start;
	void *found;

	for (slot = next_used(n, start); slot < XA_SLOTS; slot = next_used(n, slot + 1)) {
		if (slot != start)
			*index = (first + slot) << shift;
		if (level == 1)
			return n->slots[slot];
		found = find_below(n->slots[slot], level - 1, index);
		if (found)
			return found;
	}
	return NULL;
}

/**
 * xa_find - first entry at or after an index
 * @xa: array
 * @index: where to begin; set to where the entry was found
 *
 * Return: the entry, or NULL if there is none (@index is then undefined).
 */
void *xa_find(const struct xarray *xa, unsigned long *index)
{
	if (!xa->root || beyond(*index, xa->levels))
		return NULL;
	return find_below(xa->root, xa->levels, index);
}

static void free_nodes(struct xa_node *n, unsigned int level)
{
	unsigned int i;

	if (level > 1)
		for (i = next_used(n, 0); i < XA_SLOTS; i = next_used(n, i + 1))
			free_nodes(n->slots[i], level - 1);
	kmem_cache_free(node_cache, n);
}

/**
 * xa_destroy - free all nodes
 * @xa: array; empty afterwards. The entries are the caller's.
 */
void xa_destroy(struct xarray *xa)
{
	if (xa->root)
		free_nodes(xa->root, xa->levels);
	xa_init(xa);
}
