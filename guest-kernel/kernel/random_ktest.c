// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the random number generator: the platform is asked again and again, and what it gives
 * goes into every key.
 */
#include <ktest.h>

#include <random.h>
#include <string.h>
#include <platform/platform.h>

static void platform_gives_each_time(struct ktest *test)
{
	u8 a[24], b[24];
	u32 i;

	if (!platform_entropy(a, 1))
		KTEST_SKIP(test, "the CPU has no source");
	for (i = 0; i < 100; i++) {
		KTEST_EXPECT_EQ(test, platform_entropy(a, sizeof(a)), sizeof(a));
		KTEST_EXPECT_EQ(test, platform_entropy(b, sizeof(b)), sizeof(b));
		KTEST_EXPECT_TRUE(test, memcmp(a, b, sizeof(a)));
	}
}

static void each_key_is_seeded(struct ktest *test)
{
	u64 before = random_seeded();
	u8 byte;

	if (!platform_entropy(&byte, 1))
		KTEST_SKIP(test, "the CPU has no source");
	random_add_entropy("x", 1);
	KTEST_EXPECT_EQ(test, random_seeded() - before, 32);
}

static const struct ktest_case random_cases[] = {
	KTEST_CASE(platform_gives_each_time),
	KTEST_CASE(each_key_is_seeded),
	{ },
};
static const struct ktest_suite random_suite = { .name = "random", .cases = random_cases };
ktest_suite_register(random_suite);
