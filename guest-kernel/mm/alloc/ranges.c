// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of physical address ranges. Memory maps of firmware overlap, touch and
 * contradict each other; adding what is RAM and then removing all else makes a
 * clean set of them. Pure code without locks: used by the boot CPU alone.
 */
#include "ranges.h"
#include <compiler.h>

static void insert_at(struct ranges *s, u32 i, u64 from, u64 to)
{
	u32 j;

	if (s->nr == RANGES_MAX) {
		s->lost += to - from;
		return;
	}
	for (j = s->nr++; j > i; j--)
		s->r[j] = s->r[j - 1];
	s->r[i] = (struct range){ from, to };
}

static void delete_at(struct ranges *s, u32 i)
{
	for (s->nr--; i < s->nr; i++)
		s->r[i] = s->r[i + 1];
}

/**
 * ranges_remove - take [@from, @to) out of a set
 * @s: the set
 * @from: first byte
 * @to: byte behind the last
 */
void ranges_remove(struct ranges *s, u64 from, u64 to)
{
	u32 i = 0;

	while (i < s->nr && from < to) {
		struct range *r = &s->r[i];

		if (r->to <= from || r->from >= to) {
			i++;
		} else if (r->from < from && r->to > to) {
			u64 end = r->to;

			r->to = from;
			insert_at(s, i + 1, to, end);
			return;
		} else if (r->from < from) {
			r->to = from;
			i++;
		} else if (r->to > to) {
			r->from = to;
			return;
		} else {
			delete_at(s, i);
		}
	}
}

/**
 * ranges_add - put [@from, @to) into a set, of which parts may be in it already
 * @s: the set
 * @from: first byte
 * @to: byte behind the last
 */
void ranges_add(struct ranges *s, u64 from, u64 to)
{
	u32 i;

	if (from >= to)
		return;
	/* Everything that it touches becomes one with it. */
	for (i = 0; i < s->nr; i++) {
		if (s->r[i].to >= from && s->r[i].from <= to) {
			from = min(from, s->r[i].from);
			to = max(to, s->r[i].to);
		}
	}
	ranges_remove(s, from, to);
	for (i = 0; i < s->nr && s->r[i].from < from; i++)
		;
	insert_at(s, i, from, to);
}

/**
 * ranges_take - remove a block of the highest range that has room for it
 * @s: the set
 * @n: bytes, above 0
 * @align: alignment of the first byte, a power of two
 * @below: address that the block must end at or under
 * @at: set to the first byte
 *
 * Return: false if there is no room.
 */
bool ranges_take(struct ranges *s, u64 n, u64 align, u64 below, u64 *at)
{
	u32 i;

	for (i = s->nr; i > 0; i--) {
		const struct range *r = &s->r[i - 1];
		u64 to = min(r->to, below);
		u64 start;

		if (to < n)
			continue;
		start = ALIGN_DOWN(to - n, align);
		if (start < r->from)
			continue;
		ranges_remove(s, start, start + n);
		*at = start;
		return true;
	}
	return false;
}

/**
 * ranges_total - bytes in a set
 * @s: the set
 *
 * Return: their sum.
 */
u64 ranges_total(const struct ranges *s)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < s->nr; i++)
		sum += s->r[i].to - s->r[i].from;
	return sum;
}
