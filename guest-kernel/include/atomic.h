/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic counters and bits. All read-modify-write operations are full barriers (x86 LOCK
 * semantics).
 */
#ifndef _ATOMIC_H
#define _ATOMIC_H

#include <compiler.h>

#define ATOMIC_INIT(n)                                                                             \
	{                                                                                          \
		(n)                                                                                \
	}

static inline int atomic_read(const atomic_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_RELAXED);
}

static inline void atomic_set(atomic_t *a, int n)
{
	__atomic_store_n(&a->v, n, __ATOMIC_RELAXED);
}
static inline void atomic_inc(atomic_t *a)
{
	__atomic_fetch_add(&a->v, 1, __ATOMIC_SEQ_CST);
}
static inline void atomic_dec(atomic_t *a)
{
	__atomic_fetch_sub(&a->v, 1, __ATOMIC_SEQ_CST);
}
static inline void atomic_add(atomic_t *a, int n)
{
	__atomic_fetch_add(&a->v, n, __ATOMIC_SEQ_CST);
}

static inline int atomic_add_return(atomic_t *a, int n)
{
	return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

static inline int atomic_xchg(atomic_t *a, int n)
{
	return __atomic_exchange_n(&a->v, n, __ATOMIC_SEQ_CST);
}

/* True if the counter has become zero. */
static inline bool atomic_dec_and_test(atomic_t *a)
{
	return __atomic_sub_fetch(&a->v, 1, __ATOMIC_SEQ_CST) == 0;
}

/* Stores @new if the value is @old; returns whether it did. */
static inline bool atomic_cmpxchg(atomic_t *a, int old, int new)
{
	return __atomic_compare_exchange_n(&a->v, &old, new, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

/*
 * Increments unless the counter is zero (a reference that may be on its last way); returns whether
 * it did.
 */
/* False, and nothing done, if it is 1. */
static inline bool atomic_dec_unless_one(atomic_t *a)
{
	int n = __atomic_load_n(&a->v, __ATOMIC_RELAXED);

	while (n != 1)
		if (__atomic_compare_exchange_n(&a->v, &n, n - 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

static inline bool atomic_inc_not_zero(atomic_t *a)
{
	int old = atomic_read(a);

	while (old)
		if (__atomic_compare_exchange_n(&a->v, &old, old + 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

static inline s64 atomic64_read(const atomic64_t *a)
{
	return __atomic_load_n(&a->v, __ATOMIC_RELAXED);
}

static inline void atomic64_set(atomic64_t *a, s64 n)
{
	__atomic_store_n(&a->v, n, __ATOMIC_RELAXED);
}

static inline void atomic64_add(atomic64_t *a, s64 n)
{
	__atomic_fetch_add(&a->v, n, __ATOMIC_SEQ_CST);
}

static inline s64 atomic64_add_return(atomic64_t *a, s64 n)
{
	return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST);
}

/* As atomic_cmpxchg(). */
static inline bool atomic64_cmpxchg(atomic64_t *a, s64 old, s64 new)
{
	return __atomic_compare_exchange_n(&a->v, &old, new, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

/* Atomic bits of an array of unsigned long. The test_and_ forms return the old value. */
static inline bool test_bit(unsigned int nr, const unsigned long *w)
{
	return __atomic_load_n(&w[nr / 64], __ATOMIC_RELAXED) >> (nr % 64) & 1;
}
static inline void set_bit(unsigned int nr, unsigned long *w)
{
	__atomic_fetch_or(&w[nr / 64], BIT(nr % 64), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned int nr, unsigned long *w)
{
	__atomic_fetch_and(&w[nr / 64], ~BIT(nr % 64), __ATOMIC_SEQ_CST);
}

static inline bool test_and_set_bit(unsigned int nr, unsigned long *w)
{
	return __atomic_fetch_or(&w[nr / 64], BIT(nr % 64), __ATOMIC_SEQ_CST) >> (nr % 64) & 1;
}
static inline bool test_and_clear_bit(unsigned int nr, unsigned long *w)
{
	return __atomic_fetch_and(&w[nr / 64], ~BIT(nr % 64), __ATOMIC_SEQ_CST) >> (nr % 64) & 1;
}

#endif
