// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hashing of byte strings for tables: multiply-and-fold of 8 bytes at a time.
 * Not for secrets, and not a stable format.
 */
#include <string.h>

#define MULTIPLIER 0x9e3779b97f4a7c15ULL	/* 2^64 divided by the golden ratio, odd */

static inline u64 mix(u64 h, u64 v)
{
	h = (h ^ v) * MULTIPLIER;
	return h ^ h >> 32;
}

/**
 * hash_bytes - hash of a byte string
 * @p: bytes
 * @n: how many
 * @seed: start value; different seeds give independent hashes
 *
 * Context: any. Return: the hash, of which all bits are equally good.
 */
u32 hash_bytes(const void *p, size_t n, u32 seed)
{
	const u8 *s = p;
	u64 h = mix(seed, n), v;

	for (; n >= 8; n -= 8, s += 8) {
		__builtin_memcpy(&v, s, 8);
		h = mix(h, v);
	}
	for (v = 0; n; n--)
		v = v << 8 | *s++;
	return (u32)mix(mix(h, v), 0);
}
