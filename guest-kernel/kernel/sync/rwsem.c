// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers-writer sleeping locks. Readers share, a writer is alone. Once a writer waits, new readers
 * wait behind it, so that a stream of readers cannot keep it out for ever; for the same reason a
 * thread must not take one for reading twice.
 */
#include <wait.h>
#include <panic.h>

void __rwsem_init(struct rwsem *s)
{
	spin_lock_init(&s->lock, "rwsem.lock");
	s->count = 0;
	s->writers_waiting = 0;
	wait_queue_init(&s->wq);
}

static bool read_take(struct rwsem *s)
{
	bool taken;

	spin_lock(&s->lock);
	taken = s->count >= 0 && !s->writers_waiting;
	if (taken)
		s->count++;
	spin_unlock(&s->lock);
	return taken;
}

/* @queued: the caller is one of the waiting writers, and stops being one if it gets the lock. */
static bool write_take(struct rwsem *s, bool queued)
{
	bool taken;

	spin_lock(&s->lock);
	taken = s->count == 0;
	if (taken) {
		s->count = -1;
		s->writers_waiting -= queued;
	}
	spin_unlock(&s->lock);
	return taken;
}

/* Adds @n to the number of writers that wait. */
static void write_wait(struct rwsem *s, int n)
{
	spin_lock(&s->lock);
	s->writers_waiting += n;
	spin_unlock(&s->lock);
}

/**
 * down_read - Take the lock shared.
 * @s: not held by the caller in any way
 *
 * Context: may sleep.
 */
void down_read(struct rwsem *s)
{
	might_sleep();
	lockdep_acquire(s->class, s, false, false);
	if (likely(read_take(s)))
		return;
	wait_event(&s->wq, read_take(s));
}

bool down_read_trylock(struct rwsem *s)
{
	if (!read_take(s))
		return false;
	lockdep_acquire(s->class, s, false, true);
	return true;
}

void up_read(struct rwsem *s)
{
	bool free;

	lockdep_release(s->class, s);
	spin_lock(&s->lock);
	DEBUG_ON(s->count <= 0);
	free = --s->count == 0;
	spin_unlock(&s->lock);
	if (free)
		wake_up_all(&s->wq);
}

/**
 * down_write - Take the lock alone.
 * @s: not held by the caller in any way
 *
 * Context: may sleep.
 */
void down_write(struct rwsem *s)
{
	might_sleep();
	lockdep_acquire(s->class, s, false, false);
	if (likely(write_take(s, false)))
		return;
	write_wait(s, 1);
	wait_event(&s->wq, write_take(s, true));
}

/**
 * down_write_nested - Take the lock alone while one of the same class is held.
 * @s: not held by the caller in any way
 *
 * The caller keeps to an order of its own among the locks of the class (directories: ancestors
 * first), which the lock checker does not know. Context: may sleep.
 */
void down_write_nested(struct rwsem *s)
{
	might_sleep();
	if (unlikely(!write_take(s, false))) {
		write_wait(s, 1);
		wait_event(&s->wq, write_take(s, true));
	}
	lockdep_acquire(s->class, s, false, true);
}

/**
 * down_write_killable - Take the lock alone unless the thread is killed first.
 * @s: not held by the caller in any way
 *
 * Context: may sleep.
 * Return: 0 with the lock held, or -EINTR without it.
 */
int down_write_killable(struct rwsem *s)
{
	might_sleep();
	lockdep_acquire(s->class, s, false, false);
	if (likely(write_take(s, false)))
		return 0;
	write_wait(s, 1);
	if (!wait_event_killable(&s->wq, write_take(s, true)))
		return 0;
	/* Readers may have been waiting for this writer only. */
	write_wait(s, -1);
	wake_up_all(&s->wq);
	lockdep_release(s->class, s);
	return -EINTR;
}

bool down_write_trylock(struct rwsem *s)
{
	if (!write_take(s, false))
		return false;
	lockdep_acquire(s->class, s, false, true);
	return true;
}

void up_write(struct rwsem *s)
{
	lockdep_release(s->class, s);
	spin_lock(&s->lock);
	DEBUG_ON(s->count != -1);
	s->count = 0;
	spin_unlock(&s->lock);
	wake_up_all(&s->wq);
}
