// SPDX-License-Identifier: GPL-2.0-only
/*
 * lib/vsnprintf.c against the host's C library: every combination of flags,
 * width, precision and length for a set of values.
 */
#include <string.h>

#include "unit.h"

static int host_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = host_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

static int ours(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

#define COMPARE(fmt, ...) do { \
	char _a[128], _b[128]; \
	int _n = ours(_a, sizeof(_a), fmt, __VA_ARGS__), _m = host_snprintf(_b, sizeof(_b), fmt, __VA_ARGS__); \
	EXPECT_STR(_a, _b); \
	EXPECT_EQ(_n, _m); \
} while (0)

static void compare_number(const char *fmt, const char *length)
{
	static const u64 values[] = { 0, 1, 9, 10, 255, 0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 63, ~0ULL };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (*length == 'l' || *length == 'z')
			COMPARE(fmt, values[i]);
		else
			COMPARE(fmt, (int)values[i]);
	}
}

UNIT_TEST(integers_as_the_c_library)
{
	static const char *const flags[] = { "", "-", "0", "+", " ", "#", "-+", "0+", "-#", "0#", "+ " };
	static const char *const widths[] = { "", "1", "7", "25" };
	static const char *const precisions[] = { "", ".", ".0", ".3", ".22" };
	static const char *const lengths[] = { "", "hh", "h", "l", "ll", "z" };

	for (size_t i = 0; i < ARRAY_SIZE(flags) * ARRAY_SIZE(widths) * ARRAY_SIZE(precisions) * ARRAY_SIZE(lengths) * 6; i++) {
		size_t n = i;
		const char *flag = flags[n % ARRAY_SIZE(flags)], *width, *precision, *length;
		char conversion, fmt[32];

		n /= ARRAY_SIZE(flags);
		width = widths[n % ARRAY_SIZE(widths)];
		n /= ARRAY_SIZE(widths);
		precision = precisions[n % ARRAY_SIZE(precisions)];
		n /= ARRAY_SIZE(precisions);
		length = lengths[n % ARRAY_SIZE(lengths)];
		n /= ARRAY_SIZE(lengths);
		conversion = "diuxXo"[n];
		host_snprintf(fmt, sizeof(fmt), "[%%%s%s%s%s%c]", flag, width, precision, length, conversion);
		compare_number(fmt, length);
	}
}

UNIT_TEST(strings_and_characters)
{
	COMPARE("[%s][%5s][%-5s][%.2s][%5.1s]", "abc", "abc", "abc", "abc", "abc");
	COMPARE("[%c][%3c][%-3c]", 'x', 'y', 'z');
	COMPARE("[%*d][%-*d][%.*d][%*d]", 5, 1, 5, 2, 5, 3, -5, 4);
	COMPARE("100%% of %s", "it");
}

UNIT_TEST(a_small_buffer_is_terminated_and_not_overrun)
{
	char buf[8] = "1234567";

	EXPECT_EQ(snprintf(buf, 4, "%d", 123456), 6);
	EXPECT_STR(buf, "123");
	EXPECT_EQ(buf[4], '5');
	EXPECT_EQ(scnprintf(buf, 4, "%d", 123456), 3);
	EXPECT_EQ(snprintf(NULL, 0, "%d", 123456), 6);
}
