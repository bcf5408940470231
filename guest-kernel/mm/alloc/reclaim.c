// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting memory back: from the caches that have registered, in that order, then from empty slabs.
 * When nothing is left to be got, from a process.
 */
#include "../internal.h"
#include <panic.h>
#include <shrinker.h>

static DEFINE_SPINLOCK(shrinkers_lock);		/* registering; those who read take none */
static struct shrinker *shrinkers, **shrinkers_end = &shrinkers;
static bool (*oom_killer)(void);

/**
 * shrinker_register - A cache can give memory back from now on.
 * @s: the cache; stays for ever
 *
 * It is asked after those that are registered already. Context: any that may take a spinlock.
 */
void shrinker_register(struct shrinker *s)
{
	DEBUG_ON(s->next);
	spin_lock(&shrinkers_lock);
	smp_store_release(shrinkers_end, s);
	shrinkers_end = &s->next;
	spin_unlock(&shrinkers_lock);
}

/* The contract stands in mm.h. */
unsigned long reclaim_pages(unsigned long want)
{
	struct shrinker *s = smp_load_acquire(&shrinkers);
	unsigned long freed = 0;

	for (; s && freed < want; s = smp_load_acquire(&s->next))
		freed += s->shrink(want - freed);
	if (freed < want)
		freed += slab_reclaim();
	return freed;
}

/**
 * oom_killer_register - Say who ends processes when memory has run out.
 * @kill: see shrinker.h
 *
 * Context: boot, once. Without one allocations fail.
 */
void oom_killer_register(bool (*kill)(void))
{
	DEBUG_ON(oom_killer);
	smp_store_release(&oom_killer, kill);
}

bool oom_kill(void)
{
	bool (*kill)(void) = smp_load_acquire(&oom_killer);

	return kill && kill();
}
