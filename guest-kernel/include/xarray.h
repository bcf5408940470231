/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sparse array of pointers by unsigned long index (lib/xarray.c): a radix tree of 64-way nodes.
 * Page caches, pid tables and inode tables use it. Not locked.
 */
#ifndef _XARRAY_H
#define _XARRAY_H

#include <compiler.h>

struct xa_node;
struct xarray {
	struct xa_node *root;
	u8 levels;
};

void xa_cache_init(void);	/* once, by slab_init() */

static inline void xa_init(struct xarray *xa) { xa->root = NULL; xa->levels = 0; }
/* Entry at @index, or NULL. */
void *xa_load(const struct xarray *xa, unsigned long index);
/*
 * Stores non-NULL @p at @index, replacing what was there. 0 or -ENOMEM. May be called with
 * spinlocks held (atomic allocation).
 */
int xa_store(struct xarray *xa, unsigned long index, void *p);
/* Removes and returns the entry at @index (NULL if none); frees nodes that became empty. */
void *xa_erase(struct xarray *xa, unsigned long index);
/* First entry with index >= *@index: returns it and sets *@index; NULL at the end. */
void *xa_find(const struct xarray *xa, unsigned long *index);
/* Frees all nodes (not the entries). */
void xa_destroy(struct xarray *xa);

#define xa_for_each(xa, index, p) \
	for ((index) = 0, (p) = xa_find(xa, &(index)); (p); (index)++, (p) = xa_find(xa, &(index)))

#endif
