// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the tests that are linked into the kernel and prints KTAP version 1, which
 * tools/testing/kunit/kunit.py of Linux reads: subtests are indented, a suite's result follows its
 * cases. Time stamps of the log are stripped by that parser, since they are equally long on every
 * line.
 */
#include <ktest.h>

#include <init.h>
#include <string.h>
#include <time.h>
#include <platform/platform.h>

extern const struct ktest_suite *const __ktest_suites_start[], *const __ktest_suites_end[];

/* Above the usual console level, so that "ktest" alone shows the results. */
#define say(fmt, ...) log_printf(LOG_NOTICE, fmt, ##__VA_ARGS__)

void ktest_fail(struct ktest *t, const char *file, int line, const char *what, long a, long b)
{
	t->failed = true;
	say("    # %s: EXPECTATION FAILED at %s:%d\n", t->name, file, line);
	say("    Expected %s, but %ld (0x%lx) and %ld (0x%lx)\n", what, a, (unsigned long)a, b,
	    (unsigned long)b);
}

static u32 count_cases(const struct ktest_suite *s)
{
	u32 n = 0;

	while (s->cases[n].run)
		n++;
	return n;
}

/* Returns whether the case passed or was skipped. */
static bool run_case(const struct ktest_suite *s, u32 n)
{
	struct ktest t = { .name = s->cases[n].name };
	int err = s->init ? s->init(&t) : 0;

	if (err)
		ktest_fail(&t, __FILE__, __LINE__, "init() == 0", err, 0);
	else
		s->cases[n].run(&t);
	if (s->exit)
		s->exit(&t);
	say("    %s %u %s%s%s\n", t.failed ? "not ok" : "ok", n + 1, t.name,
	    t.skip ? " # SKIP " : "", t.skip ? t.skip : "");
	return !t.failed;
}

static u32 run_suite(const struct ktest_suite *s, u32 number)
{
	u32 n, nr = count_cases(s), failed = 0;

	say("    KTAP version 1\n");
	say("    # Subtest: %s\n", s->name);
	say("    1..%u\n", nr);
	for (n = 0; n < nr; n++)
		failed += !run_case(s, n);
	say("%s %u %s\n", failed ? "not ok" : "ok", number, s->name);
	return failed;
}

static bool selected(const struct ktest_suite *s, const char *which)
{
	return !*which || !strcmp(which, s->name);
}

/**
 * ktest_run_all - Run the tests if the boot option ktest asks for them, then power off.
 *
 * The number of failed cases (at most 125) is the machine's exit status. "ktest=SUITE" runs one
 * suite. Context: after the initcalls; may sleep.
 */
void ktest_run_all(void)
{
	const struct ktest_suite *const *s;
	const char *which = cmdline_get("ktest");
	u32 nr = 0, failed = 0;

	if (!which)
		return;
	for (s = __ktest_suites_start; s < __ktest_suites_end; s++)
		nr += selected(*s, which);
	say("KTAP version 1\n");
	say("1..%u\n", nr);
	nr = 0;
	for (s = __ktest_suites_start; s < __ktest_suites_end; s++)
		if (selected(*s, which))
			failed += run_suite(*s, ++nr);
	platform_poweroff(min(failed + !nr, 125U));
}
