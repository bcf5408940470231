// SPDX-License-Identifier: GPL-2.0-only
/* lib/parse.c: numbers at the edges, and what is no number. */
#include <string.h>
#include <errno.h>

#include "unit.h"

static void expect_number(const char *text, unsigned int base, int error, u64 value)
{
	u64 got = 12345;

	EXPECT_EQ(kstrtou64(text, base, &got), error);
	EXPECT_EQ(got, error ? 12345 : value);
}

UNIT_TEST(kstrtou64_takes_whole_numbers)
{
	expect_number("0", 10, 0, 0);
	expect_number("42\n", 10, 0, 42);
	expect_number("18446744073709551615", 10, 0, ~0ULL);
	expect_number("18446744073709551616", 10, -ERANGE, 0);
	expect_number("0xfF", 0, 0, 255);
	expect_number("0xfF", 16, 0, 255);
	expect_number("017", 0, 0, 15);
	expect_number("777", 8, 0, 511);
	expect_number("", 10, -EINVAL, 0);
	expect_number("-1", 10, -EINVAL, 0);
	expect_number(" 1", 10, -EINVAL, 0);
	expect_number("1 ", 10, -EINVAL, 0);
	expect_number("0x", 16, -EINVAL, 0);
	expect_number("8", 8, -EINVAL, 0);
}

UNIT_TEST(memparse_knows_suffixes)
{
	const char *end;

	EXPECT_EQ(memparse("64M", &end), 64UL << 20);
	EXPECT_STR(end, "");
	EXPECT_EQ(memparse("1g,x", &end), 1UL << 30);
	EXPECT_STR(end, ",x");
	EXPECT_EQ(memparse("0x10K", NULL), 16384);
	EXPECT_EQ(memparse("512", NULL), 512);
	EXPECT_EQ(memparse("junk", &end), 0);
	EXPECT_STR(end, "junk");
	EXPECT_EQ(memparse("99999999999T", NULL), ~0UL);
}
