/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test of kernel code on the build host is made of. Test files see the
 * kernel's headers and none of the host's; host.c is the other side.
 */
#ifndef UNIT_H
#define UNIT_H

#include <compiler.h>

struct unit_test {
	const char *file, *name;
	void (*run)(void);
	struct unit_test *next;
};
void unit_register(struct unit_test *test);
void unit_expect(bool ok, const char *file, int line, const char *what, long a, long b);

/* UNIT_TEST(name) { body } */
#define UNIT_TEST(test_name) \
	static void test_name(void); \
	__attribute__((constructor)) static void register_##test_name(void) \
	{ \
		static struct unit_test test = { __FILE__, #test_name, test_name, NULL }; \
		unit_register(&test); \
	} \
	static void test_name(void)

/* A failed expectation ends the test. */
#define EXPECT(condition) unit_expect(condition, __FILE__, __LINE__, #condition, 0, 1)
#define EXPECT_EQ(x, y) do { \
	long _x = (long)(x), _y = (long)(y); \
	unit_expect(_x == _y, __FILE__, __LINE__, #x " == " #y, _x, _y); \
} while (0)
#define EXPECT_STR(x, y) unit_expect_string(x, y, __FILE__, __LINE__)
void unit_expect_string(const char *x, const char *y, const char *file, int line);

/* The host's own, to compare with. */
void *host_alloc(size_t size);
void host_free(void *p);
/* Whole pages below 2 GiB, kept for good. */
void *host_alloc_low(size_t size);
int host_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
/* Compresses with gzip(1); the result is to be freed with host_free(). */
u8 *host_gzip(const void *data, size_t size, int level, size_t *compressed);
void host_abort(const char *message) __noreturn;

/* Numbers that are the same in every run. */
u32 unit_random(void);

#endif
