/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed bitmaps (not atomic: the owner's lock guards them; for atomic bits see atomic.h).
 */
#ifndef _BITMAP_H
#define _BITMAP_H

#include <compiler.h>

#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, 64)

/* Index of the first set (zero) bit at or after @from, @n if there is none. */
unsigned int bitmap_find_set(const unsigned long *map, unsigned int n, unsigned int from);
unsigned int bitmap_find_zero(const unsigned long *map, unsigned int n, unsigned int from);
unsigned int bitmap_weight(const unsigned long *map, unsigned int n);

static inline bool bitmap_test(const unsigned long *map, unsigned int b)
{
	return map[b / 64] >> (b % 64) & 1;
}

static inline void bitmap_set(unsigned long *map, unsigned int b) { map[b / 64] |= BIT(b % 64); }
static inline void bitmap_clear(unsigned long *map, unsigned int b) { map[b / 64] &= ~BIT(b % 64); }

/* Number of the lowest (highest) set bit; @w must not be 0. */
static inline unsigned int bit_lowest(unsigned long w) { return (unsigned int)__builtin_ctzl(w); }
static inline unsigned int bit_highest(unsigned long w)
{
	return 63 - (unsigned int)__builtin_clzl(w);
}

#endif
