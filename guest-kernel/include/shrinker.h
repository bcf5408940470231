/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that its owners can do without: what they register is asked when it runs short
 * (mm/alloc/reclaim.c).
 */
#ifndef _SHRINKER_H
#define _SHRINKER_H

#include <compiler.h>

/**
 * struct shrinker - a cache that can give memory back
 * @shrink: frees about @want pages, or as many objects, whose slabs are given back afterwards.
 *	Returns how many pages it has freed, 0 if objects only. May sleep; the caller waits for
 *	memory, and may hold a sleeping lock of its own
 * @next: registered after this one; never changes once it is set
 */
struct shrinker {
	unsigned long (*shrink)(unsigned long want);
	struct shrinker *next;
};

void shrinker_register(struct shrinker *s);

/*
 * What is done when nothing can be got back any more: @kill ends processes and returns true, or
 * false if there is none to be ended. May sleep.
 */
void oom_killer_register(bool (*kill)(void));

#endif
