/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one list of the kernel: doubly linked, circular, intrusive. Not locked: each list says which
 * lock guards it.
 */
#ifndef _LIST_H
#define _LIST_H

#include <compiler.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)                                                                       \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *h)
{
	h->next = h->prev = h;
}
static inline bool list_empty(const struct list_head *h)
{
	return READ_ONCE(h->next) == h;
}

static inline void __list_insert(struct list_head *e, struct list_head *prev,
				 struct list_head *next)
{
	next->prev = e;
	e->next = next;
	e->prev = prev;
	WRITE_ONCE(prev->next, e);
}

/* Inserts @e after @h (a stack) or before it (a queue). */
static inline void list_add(struct list_head *e, struct list_head *h)
{
	__list_insert(e, h, h->next);
}

static inline void list_add_tail(struct list_head *e, struct list_head *h)
{
	__list_insert(e, h->prev, h);
}

/* Removes @e and leaves it as an empty list, so that it may be removed again. */
static inline void list_del(struct list_head *e)
{
	e->next->prev = e->prev;
	WRITE_ONCE(e->prev->next, e->next);
	list_init(e);
}

static inline void list_move_tail(struct list_head *e, struct list_head *h)
{
	list_del(e);
	list_add_tail(e, h);
}

/* Appends all entries of @from to @to and leaves @from empty. */
static inline void list_splice_tail(struct list_head *from, struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#define list_entry(p, type, member) container_of(p, type, member)
#define list_first_entry(h, type, member) list_entry((h)->next, type, member)
#define list_last_entry(h, type, member) list_entry((h)->prev, type, member)
#define list_next_entry(e, member) list_entry((e)->member.next, __typeof__(*(e)), member)
#define list_for_each_entry(e, h, member)                                                          \
	for (e = list_first_entry(h, __typeof__(*e), member); &e->member != (h);                   \
	     e = list_next_entry(e, member))
/* The _safe form allows the body to remove @e. */
#define list_for_each_entry_safe(e, n, h, member)                                                  \
	for (e = list_first_entry(h, __typeof__(*e), member), n = list_next_entry(e, member);      \
	     &e->member != (h); e = n, n = list_next_entry(n, member))

#endif
