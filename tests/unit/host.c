// SPDX-License-Identifier: GPL-2.0-only
/*
 * The side of the unit tests that is an ordinary program of the build host: runs
 * the registered tests under cmocka and lends the host's library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* As in unit.h, which this side cannot include. */
struct unit_test {
	const char *file, *name;
	void (*run)(void);
	struct unit_test *next;
};

static struct unit_test *tests;
static unsigned int nr_tests;

void host_abort(const char *message);

void unit_register(struct unit_test *test)
{
	test->next = tests;
	tests = test;
	nr_tests++;
}

void unit_expect(bool ok, const char *file, int line, const char *what, long a, long b)
{
	if (ok)
		return;
	print_error("%s:%d: %s failed (%ld, %ld)\n", file, line, what, a, b);
	_fail(file, line);
}

void unit_expect_string(const char *x, const char *y, const char *file, int line)
{
	if (strcmp(x, y) == 0)
		return;
	print_error("%s:%d: \"%s\" is not \"%s\"\n", file, line, x, y);
	_fail(file, line);
}

void *host_alloc(size_t size)
{
	return malloc(size);
}

void *host_alloc_low(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (p == MAP_FAILED)
		host_abort("no memory below 4 GiB");
	return p;
}

void host_free(void *p)
{
	free(p);
}

int host_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	return vsnprintf(buf, size, fmt, ap);
}

void host_abort(const char *message)
{
	fprintf(stderr, "%s\n", message);
	abort();
}

uint8_t *host_gzip(const void *data, size_t size, int level, size_t *compressed)
{
	char name[] = "/tmp/unit.XXXXXX", command[64];
	int fd = mkstemp(name);
	uint8_t *result = NULL;
	FILE *pipe;

	assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
	snprintf(command, sizeof(command), "gzip -n -%d <%s", level, name);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	*compressed = 0;
	for (size_t room = 65536;; room *= 2) {
		result = realloc(result, room);
		*compressed += fread(result + *compressed, 1, room - *compressed, pipe);
		if (*compressed < room)
			break;
	}
	assert_int_equal(pclose(pipe), 0);
	unlink(name);
	/* Exactly as long as the data, so that the sanitizer sees a read past its end. */
	return realloc(result, *compressed);
}

uint32_t unit_random(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 32;
}

static void run_one(void **state)
{
	struct unit_test *test = *state;

	test->run();
}

int main(void)
{
	struct CMUnitTest *table = calloc(nr_tests, sizeof(*table));
	unsigned int i = nr_tests;

	for (struct unit_test *test = tests; test; test = test->next) {
		table[--i].name = test->name;
		table[i].test_func = run_one;
		table[i].initial_state = test;
	}
	return _cmocka_run_group_tests("kernel code on the host", table, nr_tests, NULL, NULL);
}
