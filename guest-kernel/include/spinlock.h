/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks. A lock word is 0 or the holder's CPU number + 1, so that a waiter knows whom it waits
 * for (a PV guest yields to a holder that the host has preempted). Holding one disables preemption.
 * Lock order is written in Documentation/locking.md and, with CONFIG_DEBUG_LOCKS, checked at run
 * time by lock class (kernel/sync/lockdep.c): the class is the place where the lock is initialised.
 */
#ifndef _SPINLOCK_H
#define _SPINLOCK_H

#include <atomic.h>
#include <preempt.h>
#include <platform/cpu.h>

/* One per SPINLOCK_INIT/spin_lock_init place; the checker's node. */
struct lock_class {
	const char *name;
	u16 id;		/* 0 until first use; guarded by the checker's own lock */
};

struct spinlock {
	u32 holder;	/* 0: free, else CPU number + 1 */
#ifdef CONFIG_DEBUG_LOCKS
	struct lock_class *class;
#endif
};

#ifdef CONFIG_DEBUG_LOCKS
#define SPINLOCK_INIT(lockname) { 0, &(struct lock_class){ .name = (lockname) } }
#define spin_lock_init(l, lockname) do { \
	static struct lock_class _class = { .name = (lockname) }; \
	(l)->holder = 0; \
	(l)->class = &_class; \
} while (0)
/*
 * kernel/sync/lockdep.c: order violations, recursion, IRQ-unsafe use and sleeping with a lock held
 * end in panic().
 */
void lockdep_acquire(struct lock_class *class, const void *lock, bool irqs_off, bool try);
void lockdep_release(struct lock_class *class, const void *lock);
/* Around interrupt handlers: a lock taken there must never be taken with interrupts on. */
void lockdep_irq_enter(void);
void lockdep_irq_exit(void);
/*
 * Before waiting for other CPUs to take an interrupt: a lock that is held must never be waited for
 * with interrupts off, or the waiter never takes it.
 */
void lockdep_cpus_wait(void);
/* Called where the caller may sleep: panics if preemption or interrupts are off. */
void might_sleep_check(const char *file, int line);
#define might_sleep() might_sleep_check(__FILE__, __LINE__)
#else
#define SPINLOCK_INIT(lockname) { 0 }
#define spin_lock_init(l, lockname) ((l)->holder = 0)
#define might_sleep() do { } while (0)
#define lockdep_acquire(c, l, i, t) do { } while (0)
#define lockdep_release(c, l) do { } while (0)
static inline void lockdep_irq_enter(void) { }
static inline void lockdep_irq_exit(void) { }
static inline void lockdep_cpus_wait(void) { }
#endif
#define DEFINE_SPINLOCK(n) struct spinlock n = SPINLOCK_INIT(#n)

/* kernel/sync/spinlock.c: the contended case. */
void spin_lock_slow(struct spinlock *l, u32 me);

static inline void __spin_acquire(struct spinlock *l)
{
	u32 free = 0, me = cpu_id() + 1;

	if (unlikely(!__atomic_compare_exchange_n(&l->holder, &free, me, false, __ATOMIC_ACQUIRE,
						  __ATOMIC_RELAXED)))
		spin_lock_slow(l, me);
}

static inline void spin_lock(struct spinlock *l)
{
	preempt_disable();
	lockdep_acquire(l->class, l, irqs_disabled(), false);
	__spin_acquire(l);
}

/* While one of the same class is held, in an order that the caller sees to. */
static inline void spin_lock_nested(struct spinlock *l)
{
	preempt_disable();
	__spin_acquire(l);
	lockdep_acquire(l->class, l, irqs_disabled(), true);
}

static inline void spin_unlock(struct spinlock *l)
{
	lockdep_release(l->class, l);
	smp_store_release(&l->holder, 0);
	preempt_enable();
}

static inline bool spin_trylock(struct spinlock *l)
{
	u32 free = 0;

	preempt_disable();
	if (__atomic_compare_exchange_n(&l->holder, &free, cpu_id() + 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		lockdep_acquire(l->class, l, irqs_disabled(), true);
		return true;
	}
	preempt_enable();
	return false;
}

static inline void spin_lock_irq(struct spinlock *l)
{
	irq_disable();
	spin_lock(l);
}

static inline void spin_unlock_irq(struct spinlock *l)
{
	lockdep_release(l->class, l);
	smp_store_release(&l->holder, 0);
	irq_enable();
	preempt_enable();
}

static inline unsigned long __spin_lock_irqsave(struct spinlock *l)
{
	unsigned long flags = irq_save();

	spin_lock(l);
	return flags;
}
#define spin_lock_irqsave(l, flags) ((flags) = __spin_lock_irqsave(l))

static inline void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
	lockdep_release(l->class, l);
	smp_store_release(&l->holder, 0);
	irq_restore(flags);
	preempt_enable();
}

static inline bool spin_is_locked(const struct spinlock *l) { return READ_ONCE(l->holder) != 0; }
/* True if this CPU holds the lock. */
static inline bool spin_is_mine(const struct spinlock *l)
{
	return READ_ONCE(l->holder) == cpu_id() + 1;
}

#endif
