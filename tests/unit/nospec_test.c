// SPDX-License-Identifier: GPL-2.0-only
/* include/nospec.h: bounds without a branch. */
#include <nospec.h>
#include <uaccess.h>

#include "unit.h"

UNIT_TEST(index_inside_is_kept)
{
	EXPECT_EQ(array_index_nospec(0, 1), 0);
	EXPECT_EQ(array_index_nospec(5, 6), 5);
	EXPECT_EQ(array_index_nospec(USER_TOP - 1, USER_TOP), USER_TOP - 1);
	EXPECT_EQ(array_index_nospec(~0UL - 1, ~0UL), ~0UL - 1);
}

UNIT_TEST(index_outside_is_zero)
{
	EXPECT_EQ(array_index_nospec(0, 0), 0);
	EXPECT_EQ(array_index_nospec(1, 1), 0);
	EXPECT_EQ(array_index_nospec(0x80000000UL, 1UL << 20), 0);
	EXPECT_EQ(array_index_nospec(~0UL, 462), 0);
	EXPECT_EQ(array_index_nospec(1UL << 63, USER_TOP), 0);
}
