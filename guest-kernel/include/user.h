/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users: what all threads of one real user number use together, and may (kernel/user.c).
 */
#ifndef _USER_H
#define _USER_H

#include <atomic.h>
#include <list.h>

/**
 * struct user - a user of whom there are threads, or things that they left
 * @uid: number; immutable
 * @refs: credentials, and what has been charged to it
 * @node: in the table of users
 * @memory: kernel memory that it holds, bytes
 * @limit: how much of that it may hold; immutable
 * @threads: zombies included: RLIMIT_NPROC
 */
struct user {
	uid_t uid;
	atomic_t refs;
	struct list_head node;
	atomic64_t memory;
	s64 limit;
	atomic_t threads;
};

extern struct user root_user;		/* number 0, never freed */

struct user *user_find(uid_t uid);	/* referenced; made if it is new; NULL: no memory. May sleep */
void user_put_last(struct user *u);

/* Gives a reference back; @u may be NULL. Context: any but interrupts. */
static inline void user_put(struct user *u)
{
	if (u && unlikely(!atomic_dec_unless_one(&u->refs)))
		user_put_last(u);
}

/* One more reference on a user of whom the caller has one. Returns it. */
static inline struct user *user_get(struct user *u)
{
	atomic_inc(&u->refs);
	return u;
}

/*
 * Kernel memory that lasts, in bytes. The caller keeps @u referenced as long as it is charged.
 * Context: any. user_charge(): false, and nothing charged, if it would become more than the user may
 * have; user_charge_anyway() does not ask.
 */
static inline void user_charge_anyway(struct user *u, u64 bytes)
{
	atomic64_add(&u->memory, (s64)bytes);
}
static inline void user_uncharge(struct user *u, u64 bytes)
{
	atomic64_add(&u->memory, -(s64)bytes);
}
static inline bool user_charge(struct user *u, u64 bytes)
{
	if (likely(atomic64_add_return(&u->memory, (s64)bytes) <= u->limit))
		return true;
	user_uncharge(u, bytes);
	return false;
}

#endif
