/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the object caches: mm/alloc/slab.c, slab_debug.c, kmalloc.c.
 */
#ifndef _MM_SLAB_H
#define _MM_SLAB_H

#include "../internal.h"

#define MAGAZINE_MAX 32

/* Free objects of one CPU, which has its interrupts off. */
struct magazine {
	u32 count, cap;
	void *objs[MAGAZINE_MAX];
};

struct kmem_cache {
	const char *name;
	u32 size;		/* of an object, as asked for */
	u32 align;
	u32 stride;		/* from one object to the next */
	u32 link_offset;	/* of the list pointer in a free object */
	u32 order, per_slab;
	u32 mag_size;
	void (*ctor)(void *);
	struct list_head node;
	struct spinlock lock;	/* guards the rest; interrupts off */
	struct list_head partial;	/* slabs with free objects, empty ones last */
	u64 nr_slabs, nr_empty;
	struct magazine *mag[CONFIG_NR_CPUS];	/* each its CPU's; never NULL */
};

void kmalloc_init(void);

#ifdef CONFIG_DEBUG_SLAB
size_t slab_debug_size(void);
void slab_debug_init(struct kmem_cache *c, void *obj);
void slab_debug_alloc(struct kmem_cache *c, void *obj, unsigned long caller);
void slab_debug_free(struct kmem_cache *c, void *obj, unsigned long caller);
#else
static inline size_t slab_debug_size(void) { return 0; }
static inline void slab_debug_init(struct kmem_cache *c, void *obj) { }
static inline void slab_debug_alloc(struct kmem_cache *c, void *obj, unsigned long caller) { }
static inline void slab_debug_free(struct kmem_cache *c, void *obj, unsigned long caller) { }
#endif

#endif
