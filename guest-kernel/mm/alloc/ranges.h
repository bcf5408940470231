/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of physical address ranges (mm/alloc/ranges.c): what boot-time memory is kept in.
 */
#ifndef _MM_RANGES_H
#define _MM_RANGES_H

#include <types.h>

#define RANGES_MAX 320

struct range {
	u64 from, to;	/* [from, to), never empty */
};

/**
 * struct ranges - disjoint ranges in ascending order
 * @nr: used entries of @r
 * @lost: bytes left out because @r was full
 * @r: the ranges
 */
struct ranges {
	u32 nr;
	u64 lost;
	struct range r[RANGES_MAX];
};

void ranges_add(struct ranges *s, u64 from, u64 to);
void ranges_remove(struct ranges *s, u64 from, u64 to);
bool ranges_take(struct ranges *s, u64 n, u64 align, u64 below, u64 *at);
u64 ranges_total(const struct ranges *s);

struct boot_info;
void boot_map_ranges(struct ranges *s, const struct boot_info *bi);	/* mm/alloc/boot_map.c */

#endif
