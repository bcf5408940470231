// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users. Pages of programs are given back by the OOM killer, which ends the program that has most.
 * Kernel memory is spread over many programs and objects: so each user's sum of it is limited, and
 * the rest of the machine goes on. Number 0 has no limit.
 */
#include <user.h>
#include <mm.h>
#include <panic.h>
#include <string.h>

#define BUCKETS 64u
#define SHARE 2		/* of memory: 1/2 */

/* Guards the lists and the last reference of each user but root's. */
static DEFINE_SPINLOCK(users_lock);
static struct list_head users[BUCKETS];

struct user root_user = { .refs = ATOMIC_INIT(1), .limit = INT64_MAX };

static struct list_head *bucket_of(uid_t uid)
{
	struct list_head *b = &users[hash_bytes(&uid, sizeof(uid), 0) % BUCKETS];

	if (unlikely(!b->next))
		list_init(b);
	return b;
}

/* users_lock held. */
static struct user *lookup(uid_t uid)
{
	struct user *u;

	list_for_each_entry(u, bucket_of(uid), node)
		if (u->uid == uid)
			return user_get(u);
	return NULL;
}

/* Enters @new unless somebody else was faster; the one that is in the table, referenced. */
static struct user *enter(struct user *new)
{
	struct user *u;

	spin_lock(&users_lock);
	u = lookup(new->uid);
	if (!u) {
		list_add_tail(&new->node, bucket_of(new->uid));
		u = new;
	}
	spin_unlock(&users_lock);
	return u;
}

/**
 * user_find - The user of a number.
 * @uid: number
 *
 * Context: may sleep. Return: referenced, made if it is new; NULL: no memory.
 */
struct user *user_find(uid_t uid)
{
	struct user *u, *new;

	if (uid == root_user.uid)
		return user_get(&root_user);
	spin_lock(&users_lock);
	u = lookup(uid);
	spin_unlock(&users_lock);
	if (u)
		return u;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	new->uid = uid;
	new->limit = (s64)(mem_total_bytes() / SHARE);
	atomic_set(&new->refs, 1);
	u = enter(new);
	if (u != new)
		kfree(new);
	return u;
}

/**
 * user_put_last - Give back a reference that seems to be the last one.
 * @u: user
 *
 * For user_put(). Context: any but interrupts.
 */
void user_put_last(struct user *u)
{
	bool last;

	DEBUG_ON(u == &root_user);
	spin_lock(&users_lock);
	last = atomic_dec_and_test(&u->refs);
	if (last)
		list_del(&u->node);
	spin_unlock(&users_lock);
	if (!last)
		return;
	DEBUG_ON(atomic64_read(&u->memory) || atomic_read(&u->threads));
	kfree(u);
}
