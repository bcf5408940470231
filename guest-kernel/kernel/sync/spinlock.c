// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contended case of spinlocks. It waits by reading, so that the line stays shared until the
 * lock is free, and lets the platform give the time to the holder (a PV guest's holder may not be
 * running at all).
 */
#include <spinlock.h>

/*
 * Looks before the time is given away: most locks are held for less. (In an emulator giving it away
 * takes locks of the emulator's own, which the holder may be waiting for.)
 */
#define LOOKS 128

static u32 look(struct spinlock *l)
{
	u32 holder, n;

	for (n = 0; n < LOOKS; n++) {
		holder = READ_ONCE(l->holder);
		if (!holder)
			return 0;
	}
	return holder;
}

void spin_lock_slow(struct spinlock *l, u32 me)
{
	for (;;) {
		u32 holder = look(l);

		if (holder) {
			cpu_spin_yield(holder - 1);
			continue;
		}
		if (__atomic_compare_exchange_n(&l->holder, &holder, me, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
	}
}
