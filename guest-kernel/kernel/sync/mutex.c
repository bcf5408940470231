// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutexes. The owner word alone decides who holds one: it is taken with one atomic instruction when
 * free, and waiters, woken one at a time, compete for it like newcomers. So a busy mutex goes to
 * whoever runs, which costs strict fairness and saves a switch each time.
 */
#include <wait.h>
#include <panic.h>

void __mutex_init(struct mutex *m)
{
	m->owner = NULL;
	wait_queue_init(&m->wq);
}

static bool mutex_take(struct mutex *m)
{
	struct thread *none = NULL;

	return __atomic_compare_exchange_n(&m->owner, &none, current, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/**
 * mutex_lock - Take a mutex, sleeping until it is free.
 * @m: not held by the caller
 *
 * Context: may sleep.
 */
void mutex_lock(struct mutex *m)
{
	might_sleep();
	lockdep_acquire(m->class, m, false, false);
	if (likely(mutex_take(m)))
		return;
	(void)__wait_event(&m->wq, mutex_take(m), THREAD_UNINTERRUPTIBLE, 0, true);
}

/**
 * mutex_lock_nested - Take a mutex while one of the same class is held.
 * @m: not held by the caller
 *
 * The caller keeps to an order of its own among the mutexes of the class, which the lock checker
 * does not know. Context: may sleep.
 */
void mutex_lock_nested(struct mutex *m)
{
	might_sleep();
	if (unlikely(!mutex_take(m)))
		(void)__wait_event(&m->wq, mutex_take(m), THREAD_UNINTERRUPTIBLE, 0, true);
	lockdep_acquire(m->class, m, false, true);
}

/**
 * mutex_lock_interruptible - Take a mutex unless a signal arrives first.
 * @m: not held by the caller
 *
 * Context: may sleep.
 * Return: 0 with the mutex held, or -ERESTARTSYS without it.
 */
int mutex_lock_interruptible(struct mutex *m)
{
	int ret;

	might_sleep();
	lockdep_acquire(m->class, m, false, false);
	if (likely(mutex_take(m)))
		return 0;
	ret = __wait_event(&m->wq, mutex_take(m), THREAD_INTERRUPTIBLE, 0, true);
	if (ret)
		lockdep_release(m->class, m);
	return ret;
}

/**
 * mutex_trylock - Take a mutex if it is free.
 * @m: the mutex
 *
 * Context: any but interrupts.
 * Return: whether it is now held.
 */
bool mutex_trylock(struct mutex *m)
{
	if (!mutex_take(m))
		return false;
	lockdep_acquire(m->class, m, false, true);
	return true;
}

/**
 * mutex_unlock - Give up a mutex and wake one waiter.
 * @m: held by the caller
 *
 * Context: any but interrupts.
 */
void mutex_unlock(struct mutex *m)
{
	DEBUG_ON(!mutex_is_mine(m));
	lockdep_release(m->class, m);
	smp_store_release(&m->owner, NULL);
	/* wake_up() has the barrier between this store and its look at the waiters. */
	wake_up(&m->wq);
}
