/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame of the guest tests. A test is a function that runs in a child process of its own; it
 * fails by CHECK() or by dying. Everything here is POSIX or Linux, and the same binary runs on
 * Twinix (HVM and PV) and on Linux, whose result is the reference.
 */
#ifndef GT_H
#define GT_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct gt_test {
	const char *name;
	void (*run)(void);
	unsigned int seconds; /* limit; 0: the usual 60 */
};

struct gt_group {
	const char *name;
	const struct gt_test *tests;
	size_t n;
};

#define GT_GROUP(group)                                                                            \
	extern const struct gt_group gt_##group;                                                   \
	const struct gt_group gt_##group = {#group, tests, ARRAY_SIZE(tests)}

/* Ends the test as failed, saying where and why. */
void gt_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
/* Ends the test as skipped. */
void gt_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			gt_fail(__FILE__, __LINE__, "%s (errno %d)", #cond, errno);                \
	} while (0)

/* The expression has this integer value. */
#define CHECK_EQ(a, b)                                                                             \
	do {                                                                                       \
		long long _a = (long long)(a), _b = (long long)(b);                                \
		if (_a != _b)                                                                      \
			gt_fail(__FILE__, __LINE__, "%s is %lld, not %s = %lld (errno %d)", #a,    \
				_a, #b, _b, errno);                                                \
	} while (0)

/* The call fails with this errno. */
#define CHECK_ERR(call, e)                                                                         \
	do {                                                                                       \
		errno = 0;                                                                         \
		long long _r = (long long)(call);                                                  \
		if (_r != -1 || errno != (e))                                                      \
			gt_fail(__FILE__, __LINE__, "%s gave %lld, errno %d, not errno %s", #call, \
				_r, errno, #e);                                                    \
	} while (0)

/* Forks; the child runs @fn and exits with its result. Returns the pid. */
pid_t gt_child(int (*fn)(void *), void *arg);
/* Waits for that very child; its wait status. */
int gt_wait(pid_t pid);
/* Runs @fn in a child and returns its wait status. */
int gt_run(int (*fn)(void *), void *arg);
/* Children's bodies: end at once with 0; wait until killed. */
int gt_return_0(void *arg);
int gt_pause(void *arg) __attribute__((noreturn));

static inline bool EXITED(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static inline bool KILLED(int status, int sig)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

/* Monotonic time in ns. */
uint64_t gt_now(void);
/* Sleeps, restarting after signals. */
void gt_sleep_ms(unsigned int ms);
/* A path in the scratch directory of this test (removed afterwards); a static buffer per call site
 * of up to four in use. */
const char *gt_path(const char *name);
/* Whole content of a small file; terminated, static buffer. */
const char *gt_slurp(const char *path);
/* True on Twinix, by /proc/version. */
bool gt_on_twinix(void);
/* Path of this binary. */
const char *gt_self(void);
/* xorshift64*, for repeatable random tests. */
uint64_t gt_random(uint64_t *state);

/* An address that is never mapped, for tests of bad pointers. */
#define BAD_PTR ((void *)0x10)
#define KERNEL_PTR ((void *)0xffff800000000000UL)

#endif
