// SPDX-License-Identifier: GPL-2.0-only
/*
 * lib/string.c against plain loops, at every alignment and length that a word-wise
 * version could get wrong.
 */
#include <string.h>
#include <errno.h>

#include "unit.h"

#define SPAN 96

static void fill(u8 *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (u8)unit_random();
}

static bool same(const u8 *a, const u8 *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return false;
	}
	return true;
}

/* What memmove() has to do, by way of a copy. */
static void move_slowly(u8 *to, const u8 *from, size_t n)
{
	u8 copy[SPAN];

	for (size_t i = 0; i < n; i++)
		copy[i] = from[i];
	for (size_t i = 0; i < n; i++)
		to[i] = copy[i];
}

UNIT_TEST(memmove_any_overlap)
{
	u8 a[SPAN], b[SPAN];

	for (size_t from = 0; from < 24; from++) {
		for (size_t to = 0; to < 24; to++) {
			for (size_t n = 0; n <= 40; n++) {
				fill(a, SPAN);
				memcpy(b, a, SPAN);
				EXPECT(memmove(a + to, a + from, n) == a + to);
				move_slowly(b + to, b + from, n);
				EXPECT(same(a, b, SPAN));
			}
		}
	}
}

UNIT_TEST(memset_only_its_range)
{
	u8 a[SPAN];

	for (size_t at = 0; at < 16; at++) {
		for (size_t n = 0; n <= 64; n++) {
			fill(a, SPAN);
			a[at + n] = 1;
			memset(a + at, 0xfee, n);
			for (size_t i = 0; i < n; i++)
				EXPECT_EQ(a[at + i], 0xee);
			EXPECT_EQ(a[at + n], 1);
		}
	}
}

UNIT_TEST(memcmp_sign_is_that_of_first_difference)
{
	u8 a[40], b[40];

	for (size_t at = 0; at < 40; at++) {
		fill(a, 40);
		memcpy(b, a, 40);
		EXPECT_EQ(memcmp(a, b, 40), 0);
		a[at] = 0x80;
		b[at] = 0x7f;
		EXPECT(memcmp(a, b, 40) > 0);
		EXPECT(memcmp(b, a, 40) < 0);
		EXPECT_EQ(memcmp(a, b, at), 0);
	}
}

UNIT_TEST(strings_compare_as_unsigned)
{
	EXPECT(strcmp("\xff", "a") > 0);
	EXPECT(strcmp("a", "ab") < 0);
	EXPECT_EQ(strcmp("", ""), 0);
	EXPECT_EQ(strncmp("abc", "abd", 2), 0);
	EXPECT(strncmp("abc", "abd", 3) < 0);
	EXPECT_EQ(strncmp("a", "b", 0), 0);
}

UNIT_TEST(searching)
{
	const char *text = "one two two";

	EXPECT_EQ(strlen(text), 11);
	EXPECT_EQ(strnlen(text, 3), 3);
	EXPECT_EQ(strchr(text, 't') - text, 4);
	EXPECT_EQ(strrchr(text, 't') - text, 8);
	EXPECT_EQ(strchr(text, 0) - text, 11);
	EXPECT(strchr(text, 'x') == NULL);
	EXPECT_EQ(strstr(text, "two") - text, 4);
	EXPECT(strstr(text, "") == text);
	EXPECT(strstr("aab", "ab") != NULL);
	EXPECT(strstr(text, "twos") == NULL);
	EXPECT(memchr(text, 'w', 5) == NULL);
	EXPECT_EQ((const char *)memchr(text, 'w', 6) - text, 5);
}

UNIT_TEST(strscpy_cuts_and_terminates)
{
	char buf[4] = "???";

	EXPECT_EQ(strscpy(buf, "ab", sizeof(buf)), 2);
	EXPECT_STR(buf, "ab");
	EXPECT_EQ(strscpy(buf, "abc", sizeof(buf)), 3);
	EXPECT_EQ(strscpy(buf, "abcd", sizeof(buf)), -E2BIG);
	EXPECT_STR(buf, "abc");
}
