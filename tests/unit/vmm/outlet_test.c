// SPDX-License-Identifier: GPL-2.0-only
/*
 * outlet.c: readers that are slow, that stop reading, and that are gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "outlet.h"
#include "vmm_unit.h"

#define SIZE	(16 * 1024)
#define LINE	64
#define STALLED	5	/* ms without progress that a test takes for a reader that has stopped */

/* An outlet into a pipe of one page. Return: where to read. */
static int open_on_pipe(struct outlet *outlet, int flags)
{
	int ends[2];

	assert_int_equal(pipe2(ends, flags), 0);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	memset(outlet, 0, sizeof(*outlet));
	assert_int_equal(outlet_open(outlet, ends[1], SIZE, NULL), 0);
	return ends[0];
}

static void compose(char *line, int number)
{
	snprintf(line, LINE, "%062d", number);
	line[LINE - 2] = '.';
	line[LINE - 1] = '\n';
}

/* Puts lines until one does not fit whole. Return: how many went in; the rest of the last is put. */
static int fill(struct outlet *outlet, int first)
{
	char line[LINE];

	for (int n = first;; n++) {
		compose(line, n);
		if (!outlet_put_whole(outlet, line, LINE))
			return n;
	}
}

/* Lets the thread move what the pipe takes. */
static void settle(struct outlet *outlet)
{
	outlet_wait(outlet, 100, 100);
}

static void read_line(int from, char *line)
{
	size_t n = 0;

	while (n < LINE) {
		ssize_t got = read(from, line + n, LINE - n);

		if (got < 0 && errno == EAGAIN) {
			nanosleep(&(struct timespec) { .tv_nsec = 100000 }, NULL);
			continue;
		}
		assert_true(got > 0);
		n += got;
	}
}

/* A reader that is slower than the writer gets every line, in order. */
static void lose_nothing(int flags)
{
	struct outlet outlet;
	int reader = open_on_pipe(&outlet, flags);
	char line[LINE], got[LINE];
	int put = 0;

	for (int n = 0; n < 3000; n++) {
		while (put < 3000) {
			size_t taken;

			compose(line, put);
			taken = outlet_put(&outlet, line, LINE);
			if (!taken)
				break;
			assert_int_equal(taken, LINE);	/* SIZE is a multiple of it */
			put++;
		}
		compose(line, n);
		read_line(reader, got);
		assert_memory_equal(line, got, LINE);
	}
	assert_true(outlet_wait(&outlet, 1000, 1000));
	assert_int_equal(outlet.lost, 0);
	outlet_close(&outlet);
}

static void loses_nothing(void **state)
{
	(void)state;
	lose_nothing(0);
}

static void loses_nothing_to_eagain(void **state)
{
	(void)state;
	lose_nothing(O_NONBLOCK);
}

static void leaves_the_mode_alone(void **state)
{
	struct outlet outlet;

	(void)state;
	open_on_pipe(&outlet, 0);
	assert_false(fcntl(outlet.fd, F_GETFL) & O_NONBLOCK);
	outlet_close(&outlet);
	open_on_pipe(&outlet, O_NONBLOCK);
	assert_true(fcntl(outlet.fd, F_GETFL) & O_NONBLOCK);
	outlet_close(&outlet);
}

/* Nobody reads: put() takes what fits and returns; the end does not wait. */
static void never_waits(void **state)
{
	int64_t begin = now_ms();
	struct outlet outlet;
	char line[LINE];
	int n;

	(void)state;
	for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
		open_on_pipe(&outlet, flags);
		n = fill(&outlet, 0);
		settle(&outlet);
		n = fill(&outlet, n);
		compose(line, n);
		assert_int_equal(outlet_put(&outlet, line, LINE), 0);
		assert_false(outlet_wait(&outlet, 10, 60000));
		assert_true(outlet_wait(&outlet, 60000, STALLED));
		outlet_close(&outlet);
	}
	assert_true(now_ms() - begin < 5000);
}

/* Makes it look as if the reader had taken nothing for a long time. */
static void age(struct outlet *outlet)
{
	pthread_mutex_lock(&outlet->lock);
	outlet->progress -= OUTLET_ABSENT;
	pthread_mutex_unlock(&outlet->lock);
}

/* An absent reader costs the oldest lines, and finds whole ones when it is back. */
static void drops_the_oldest(void **state)
{
	struct outlet outlet;
	int reader = open_on_pipe(&outlet, 0), n, gap = 0;
	char line[LINE], got[LINE];

	(void)state;
	n = fill(&outlet, 0);
	settle(&outlet);
	n = fill(&outlet, n);
	age(&outlet);
	for (int i = 0; i < 100; i++, n++) {
		compose(line, n);
		assert_int_equal(outlet_put(&outlet, line, LINE), LINE);
	}
	assert_true(outlet.absent);
	assert_int_equal(outlet.lost, 100 * LINE);
	for (int i = 0; i < n - 100; i++) {
		read_line(reader, got);
		compose(line, i + gap);
		if (!gap && memcmp(line, got, LINE)) {
			gap = 100;
			compose(line, i + gap);
		}
		assert_memory_equal(line, got, LINE);
	}
	assert_int_equal(gap, 100);	/* and the last line put is the last line read */
	assert_true(outlet_wait(&outlet, 1000, 1000));
	assert_false(outlet.absent);
	outlet_close(&outlet);
}

/* What cannot be written is lost, and the thread goes on. */
static void survives_a_closed_pipe(void **state)
{
	struct outlet outlet;
	int reader = open_on_pipe(&outlet, 0);

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	close(reader);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(outlet_put(&outlet, "lost\n", 5), 5);
		assert_true(outlet_wait(&outlet, 1000, 1000));
	}
	assert_true(outlet.failing);
	assert_int_equal(outlet.lost, 50);
	outlet_close(&outlet);
}

int run_outlet_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_nothing),
		cmocka_unit_test(loses_nothing_to_eagain),
		cmocka_unit_test(leaves_the_mode_alone),
		cmocka_unit_test(never_waits),
		cmocka_unit_test(drops_the_oldest),
		cmocka_unit_test(survives_a_closed_pipe),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
