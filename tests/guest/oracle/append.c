// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several processes append records to one file, others read it: each record that was taken is there,
 * whole, once, and in its writer's order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define WRITERS 3U
#define RECORDS 400U

/* Longer than one word and no divisor of a page, so that records lie across its edge. */
struct record {
	uint64_t words[11];
};

static void make_record(struct record *r, unsigned int writer, unsigned int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(r->words); i++)
		r->words[i] = stamp(writer * RECORDS + number, i);
}

static int write_records(const char *name, unsigned int writer)
{
	int fd = open(name, O_WRONLY | O_APPEND);
	struct record r;

	MUST(fd >= 0);
	place(writer);
	for (unsigned int i = 0; i < RECORDS; i++) {
		make_record(&r, writer, i);
		MUST(write(fd, &r, sizeof(r)) == sizeof(r));
	}
	return 0;
}

static void check_records(const struct record *r, size_t n)
{
	unsigned int next[WRITERS] = {0};

	for (size_t i = 0; i < n; i++) {
		unsigned int key = (unsigned int)(r[i].words[0] >> 24 & 0xffffff), writer = key / RECORDS;
		struct record want;

		if (writer >= WRITERS) {
			wrong("record %zu begins with %s", i, whose(r[i].words[0]));
			return;
		}
		make_record(&want, writer, next[writer]++);
		if (!memcmp(&want, &r[i], sizeof(want)))
			continue;
		wrong("record %zu is %s ... %s, not %s", i, whose(r[i].words[0]),
		      whose(r[i].words[10]), whose(want.words[0]));
		return;
	}
	for (unsigned int w = 0; w < WRITERS && n == WRITERS * RECORDS; w++)
		if (next[w] != RECORDS)
			wrong("%u records of writer %u are there", next[w], w);
}

/* A file grows by pages, so the last record may be seen in part until all is written. */
static void read_all(int fd, struct record *all, bool complete)
{
	ssize_t n = pread(fd, all, sizeof(*all) * WRITERS * RECORDS, 0);

	MUST(n >= 0);
	if (complete && (size_t)n % sizeof(*all))
		wrong("the file ends within a record: %zd bytes", n);
	check_records(all, (size_t)n / sizeof(*all));
}

static void one_file(const char *name, struct record *all)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	pid_t pids[WRITERS];
	bool complete = true;

	MUST(fd >= 0);
	for (unsigned int i = 0; i < WRITERS; i++) {
		pids[i] = try_fork();
		if (pids[i] == 0)
			_exit(write_records(name, i));
		complete = complete && pids[i] > 0;
	}
	read_all(fd, all, false);
	for (unsigned int i = 0; i < WRITERS; i++)
		if (pids[i] > 0 && wait_for(pids[i]))
			complete = false; /* it has said why */
	read_all(fd, all, complete);
	if (complete && lseek(fd, 0, SEEK_END) != (off_t)(sizeof(*all) * WRITERS * RECORDS))
		wrong("the file has %lld bytes", (long long)lseek(fd, 0, SEEK_END));
	close(fd);
	MUST(unlink(name) == 0);
}

static void run(void)
{
	struct record *all = map_pages(sizeof(*all) * WRITERS * RECORDS / PAGE + 1, MAP_PRIVATE);
	char name[40];

	snprintf(name, sizeof(name), "append.%d", (int)getpid());
	while (going()) {
		one_file(name, all);
		round_done();
	}
}

const struct actor actor_append = {
	.name = "append",
	.what = "processes append to one file: every record once, whole, in order",
	.run = run,
};
