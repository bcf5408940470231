// SPDX-License-Identifier: GPL-2.0-only
/*
 * Searching bitmaps a word at a time.
 */
#include <bitmap.h>

/* First bit at or after @from that differs from the bits of @invert. */
static unsigned int find_bit(const unsigned long *map, unsigned int n, unsigned int from,
			     unsigned long invert)
{
	unsigned int i = from / 64;
	unsigned long w;

	if (from >= n)
		return n;
	w = (map[i] ^ invert) & (~0UL << (from % 64));
	while (!w) {
		if (++i * 64 >= n)
			return n;
		w = map[i] ^ invert;
	}
	return min(i * 64 + bit_lowest(w), n);
}

/**
 * bitmap_find_set - first set bit
 * @map: bitmap
 * @n: its bits
 * @from: where to begin
 *
 * Return: index of the bit, @n if there is none.
 */
unsigned int bitmap_find_set(const unsigned long *map, unsigned int n, unsigned int from)
{
	return find_bit(map, n, from, 0);
}

/**
 * bitmap_find_zero - first clear bit
 * @map: bitmap
 * @n: its bits
 * @from: where to begin
 *
 * Return: index of the bit, @n if there is none.
 */
unsigned int bitmap_find_zero(const unsigned long *map, unsigned int n, unsigned int from)
{
	return find_bit(map, n, from, ~0UL);
}

/*
 * Bits in @w, by adding neighbours in ever wider fields: the compiler's builtin would call libgcc.
 */
static unsigned int word_weight(unsigned long w)
{
	w -= w >> 1 & 0x5555555555555555UL;
	w = (w & 0x3333333333333333UL) + (w >> 2 & 0x3333333333333333UL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (unsigned int)(w * 0x0101010101010101UL >> 56);
}

/**
 * bitmap_weight - number of set bits
 * @map: bitmap
 * @n: its bits
 *
 * Return: how many of the first @n bits are set.
 */
unsigned int bitmap_weight(const unsigned long *map, unsigned int n)
{
	unsigned int i, sum = 0;

	for (i = 0; i < n / 64; i++)
		sum += word_weight(map[i]);
	if (n % 64)
		sum += word_weight(map[i] & (BIT(n % 64) - 1));
	return sum;
}
