/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests inside the kernel, in KUnit's shape, printed as KTAP (kernel/ktest.c): CONFIG_KTEST, run at
 * boot by the option ktest (ktest=SUITE for one). Test files stand beside the code as *_ktest.c.
 */
#ifndef _KTEST_H
#define _KTEST_H

#include <log.h>

struct ktest {
	const char *name;
	bool failed;
	const char *skip;
	void *priv;
};
struct ktest_case {
	void (*run)(struct ktest *test);
	const char *name;
};
struct ktest_suite {
	const char *name;
	int (*init)(struct ktest *test);	/* before each case; may be NULL */
	void (*exit)(struct ktest *test);	/* after each case; may be NULL */
	const struct ktest_case *cases;		/* ends with an empty one */
};
#define KTEST_CASE(fn) { fn, #fn }
#define ktest_suite_register(suite) \
	static const struct ktest_suite *const __ktest_##suite __used \
		__section(".ktest_suites") = &suite
void ktest_fail(struct ktest *t, const char *file, int line, const char *what, long a, long b);
/* Then powers off with the number of failures as status if ktest is a boot option. */
void ktest_run_all(void);
#define KTEST_EXPECT_TRUE(t, c) do { \
	if (!(c)) \
		ktest_fail(t, __FILE__, __LINE__, #c, 0, 1); \
} while (0)
#define KTEST_EXPECT_EQ(t, a, b) do { \
	long _a = (long)(a), _b = (long)(b); \
	if (_a != _b) \
		ktest_fail(t, __FILE__, __LINE__, #a " == " #b, _a, _b); \
} while (0)
/* Ends the test if it fails. */
#define KTEST_ASSERT_TRUE(t, c) do { \
	if (!(c)) { \
		ktest_fail(t, __FILE__, __LINE__, #c, 0, 1); \
		return; \
	} \
} while (0)
#define KTEST_SKIP(t, why) do { (t)->skip = (why); return; } while (0)

#endif
