/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wait queues and sleeping locks (kernel/sync/wait.c, mutex.c, rwsem.c).
 */
#ifndef _WAIT_H
#define _WAIT_H

#include <spinlock.h>
#include <sched.h>
#include <errno.h>

struct wait_queue {
	struct spinlock lock;
	struct list_head waiters;	/* struct wait_entry; guarded by lock */
};

/**
 * struct wait_entry - one sleeper, on its stack
 * @wake: called under the queue's lock with interrupts off; returns true if it counts as a wake-up.
 * NULL: wake @thread
 * @exclusive: wake_up() wakes one of these
 */
struct wait_entry {
	struct thread *thread;
	bool (*wake)(struct wait_entry *e, u32 events);
	bool exclusive;
	struct list_head node;
};

#define WAIT_QUEUE_INIT(name) { SPINLOCK_INIT("wait_queue"), LIST_HEAD_INIT((name).waiters) }
#define DEFINE_WAIT_QUEUE(name) struct wait_queue name = WAIT_QUEUE_INIT(name)
void wait_queue_init(struct wait_queue *wq);
void wait_add(struct wait_queue *wq, struct wait_entry *e);
void wait_remove(struct wait_queue *wq, struct wait_entry *e);
/*
 * Wakes all non-exclusive waiters and one (all) exclusive. @events: POLL* mask handed to wake
 * callbacks (0: none in particular). Any context.
 */
void wake_up_events(struct wait_queue *wq, u32 events);
void wake_up_all_events(struct wait_queue *wq, u32 events);
/* As wake_up_events() from the wake callback of another queue: the caller sees to the order. */
void wake_up_nested_events(struct wait_queue *wq, u32 events);
/*
 * As wake_up_events() by a thread that will sleep very soon (pipes): keeps the woken one on this
 * CPU.
 */
void wake_up_sync_events(struct wait_queue *wq, u32 events);
static inline void wake_up(struct wait_queue *wq) { wake_up_events(wq, 0); }
static inline void wake_up_all(struct wait_queue *wq) { wake_up_all_events(wq, 0); }
static inline bool wait_active(struct wait_queue *wq)
{
	smp_mb();
	return !list_empty(&wq->waiters);
}

/* True if a signal wants the current thread (any for INTERRUPTIBLE, SIGKILL only for KILLABLE). */
bool signal_pending(void);
bool fatal_signal_pending(void);

/*
 * Sleeps in @_state until @cond; deadline absolute monotonic ns or 0. Result: 0, -ERESTARTSYS
 * (signal) or -ETIMEDOUT.
 *
 * A wake-up may choose an exclusive sleeper between its last look and wait_remove(). If it left
 * with an error then, the others would sleep on although there is something for one of them:
 * hence the look afterwards.
 */
#define __wait_event(wq, cond, _state, _deadline, _excl) ({ \
	int _ret = 0; \
	struct wait_entry _e = { .thread = current, .exclusive = (_excl) }; \
	might_sleep(); \
	if (!(cond)) { \
		wait_add(wq, &_e); \
		for (;;) { \
			set_current_state(_state); \
			if (cond) \
				break; \
			if (((_state) == THREAD_INTERRUPTIBLE && signal_pending()) || \
			    ((_state) == THREAD_KILLABLE && fatal_signal_pending())) { \
				_ret = -ERESTARTSYS; \
				break; \
			} \
			if (schedule_timeout(_deadline)) { \
				if (!(cond)) \
					_ret = -ETIMEDOUT; \
				break; \
			} \
		} \
		WRITE_ONCE(current->state, THREAD_RUNNING); \
		wait_remove(wq, &_e); \
		if ((_excl) && _ret && (cond)) \
			_ret = 0; \
	} \
	_ret; })
#define wait_event(wq, cond) ((void)__wait_event(wq, cond, THREAD_UNINTERRUPTIBLE, 0, false))
#define wait_event_interruptible(wq, cond) __wait_event(wq, cond, THREAD_INTERRUPTIBLE, 0, false)
#define wait_event_interruptible_exclusive(wq, cond) \
	__wait_event(wq, cond, THREAD_INTERRUPTIBLE, 0, true)
#define wait_event_killable(wq, cond) __wait_event(wq, cond, THREAD_KILLABLE, 0, false)
#define wait_event_interruptible_deadline(wq, cond, ns) \
	__wait_event(wq, cond, THREAD_INTERRUPTIBLE, ns, false)
#define wait_event_deadline(wq, cond, ns) __wait_event(wq, cond, THREAD_UNINTERRUPTIBLE, ns, false)

/* A mutex: sleeps, owner known, not recursive. Context: may sleep. */
struct mutex {
	struct thread *owner;		/* atomic */
	struct wait_queue wq;
#ifdef CONFIG_DEBUG_LOCKS
	struct lock_class *class;
#endif
};
#ifdef CONFIG_DEBUG_LOCKS
#define MUTEX_INIT(n) { NULL, WAIT_QUEUE_INIT((n).wq), &(struct lock_class){ .name = #n } }
#define mutex_init(m, n) do { \
	static struct lock_class _c = { .name = (n) }; \
	__mutex_init(m); \
	(m)->class = &_c; \
} while (0)
#else
#define MUTEX_INIT(n) { NULL, WAIT_QUEUE_INIT((n).wq) }
#define mutex_init(m, n) __mutex_init(m)
#endif
#define DEFINE_MUTEX(n) struct mutex n = MUTEX_INIT(n)
void __mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
/* While one of the same class is held, in an order that the caller sees to. */
void mutex_lock_nested(struct mutex *m);
int __must_check mutex_lock_interruptible(struct mutex *m);	/* 0 or -ERESTARTSYS */
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
static inline bool mutex_is_mine(const struct mutex *m) { return READ_ONCE(m->owner) == current; }

/* Readers-writer sleeping lock; writers are not starved. */
struct rwsem {
	struct spinlock lock;
	s32 count;			/* guarded by lock: readers, or -1 for a writer */
	u32 writers_waiting;		/* guarded by lock */
	struct wait_queue wq;
#ifdef CONFIG_DEBUG_LOCKS
	struct lock_class *class;
#endif
};
#ifdef CONFIG_DEBUG_LOCKS
#define rwsem_init(s, n) do { \
	static struct lock_class _c = { .name = (n) }; \
	__rwsem_init(s); \
	(s)->class = &_c; \
} while (0)
#else
#define rwsem_init(s, n) __rwsem_init(s)
#endif
void __rwsem_init(struct rwsem *s);
void down_read(struct rwsem *s);
void up_read(struct rwsem *s);
void down_write(struct rwsem *s);
/* While one of the same class is held, in an order that the caller sees to. */
void down_write_nested(struct rwsem *s);
int __must_check down_write_killable(struct rwsem *s);		/* 0 or -EINTR */
void up_write(struct rwsem *s);
bool down_read_trylock(struct rwsem *s);
/* For assertions: does anybody hold it for reading or writing, for writing? */
static inline bool rwsem_is_locked(const struct rwsem *s) { return READ_ONCE(s->count) != 0; }
static inline bool rwsem_is_locked_alone(const struct rwsem *s) { return READ_ONCE(s->count) < 0; }
bool down_write_trylock(struct rwsem *s);

/* One-shot event between two threads. */
struct completion {
	bool done;
	struct wait_queue wq;
};
static inline void completion_init(struct completion *c)
{
	c->done = false;
	wait_queue_init(&c->wq);
}
void complete(struct completion *c);
/*
 * A completion on the waiter's stack may go as soon as these return 0; after -ERESTARTSYS somebody
 * may still call complete().
 */
void wait_for_completion(struct completion *c);
int __must_check wait_for_completion_killable(struct completion *c);	/* 0 or -ERESTARTSYS */

#endif
