/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sorting arrays in place (lib/sort.c).
 */
#ifndef _SORT_H
#define _SORT_H

#include <types.h>

void sort_u32(u32 *a, size_t n);

#endif
