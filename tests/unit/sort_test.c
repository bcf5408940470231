// SPDX-License-Identifier: GPL-2.0-only
/* lib/sort.c: arrays of all small sizes, in all kinds of order. */
#include <sort.h>

#include "unit.h"

static void expect_sorted(u32 *a, size_t n, u32 sum)
{
	for (size_t i = 0; i < n; i++)
		sum -= a[i];
	EXPECT_EQ(sum, 0);
	for (size_t i = 1; i < n; i++)
		EXPECT(a[i - 1] <= a[i]);
}

UNIT_TEST(sort_u32_sorts)
{
	static u32 a[300];

	for (u32 mask = 0; mask < 4; mask++)
		for (size_t n = 0; n <= ARRAY_SIZE(a); n++) {
			u32 sum = 0;

			/* Many equal ones, all equal, few equal ones, and in reverse. */
			for (size_t i = 0; i < n; i++) {
				a[i] = mask == 3 ? ~0U - (u32)i : unit_random() & (0xffffff >> (mask * 12));
				sum += a[i];
			}
			sort_u32(a, n);
			expect_sorted(a, n, sum);
		}
}
