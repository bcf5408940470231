// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeats an operation in rounds; the cheapest round counts, since all disturbance
 * only adds. A figure is printed as "@NAME TICKS", which can be told from what else
 * there is on a console.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "mb.h"

#define CONSOLE_KIB 256
#define LINE 64
#define SECOND 1000000000ULL /* some tenths of one where ticks are no instructions */
#define CLOCK_NS 5e7

/* Counting needs few rounds; times want many, since the cheapest is to be undisturbed. */
const struct effort efforts[] = {
	{ "run", 5, 5, 1 },
	{ "time", 5, 60, 1 },
	{ "quick", 2, 2, 2 },
	{ NULL, 0, 0, 0 },
};

static const struct operation *const tables[] = { calls, processes, memory_operations };

uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static double one_round(const struct operation *o, long n)
{
	uint64_t start, took;
	long done;

	if (o->setup)
		o->setup();
	start = ticks();
	done = o->run(n);
	took = ticks() - start;
	if (o->teardown)
		o->teardown();
	if (done <= 0) {
		fprintf(stderr, "mb: %s did nothing\n", o->name);
		exit(1);
	}
	return (double)took / done;
}

static double cheapest_round(const struct operation *o, const struct effort *effort)
{
	uint64_t begin = ticks();
	double best = 1e300, again;

	for (int i = 0; i < effort->rounds || (i < effort->most && ticks() - begin < SECOND); i++) {
		again = one_round(o, o->n / effort->divisor);
		if (again < best)
			best = again;
	}
	return best;
}

/* Both ends of a pipe on one CPU: what is measured is the kernel, not its balancing. */
static void stay_on_first_cpu(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
}

static bool wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	while (*names)
		if (strcmp(*names++, name) == 0)
			return true;
	return false;
}

int measure(char **names, const struct effort *effort)
{
	int found = 0;

	stay_on_first_cpu();
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct operation *o = tables[t]; o->name; o++) {
			if (!wanted(o->name, names))
				continue;
			printf("@%s %.1f\n", o->name, cheapest_round(o, effort));
			fflush(stdout);
			found++;
		}
	}
	return found ? 0 : 2;
}

/* Writes KiB after KiB; stops early where that takes too long. Returns how many it were. */
static long write_console(long most)
{
	uint64_t start = ticks();
	char line[LINE];
	long bytes = 0;

	memset(line, '.', LINE);
	line[LINE - 1] = '\n';
	while (bytes < most * 1024 && (bytes < 4096 || bytes % 1024 || ticks() - start < SECOND)) {
		if (write(STDOUT_FILENO, line, LINE) != LINE)
			die("write");
		bytes += LINE;
	}
	tcdrain(STDOUT_FILENO);
	return bytes / 1024;
}

static void drain_console(void)
{
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

/* In no table: what is read there has to be kept apart from what is printed. */
static const struct operation console_kib = {
	"console_kib", drain_console, write_console, NULL, CONSOLE_KIB,
};

static const struct operation *find_operation(const char *name)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct operation *o = tables[t]; o->name; o++)
			if (strcmp(name, o->name) == 0)
				return o;
	return strcmp(name, console_kib.name) == 0 ? &console_kib : NULL;
}

int profile(const char *name, long n)
{
	const struct operation *o = find_operation(name);
	long done;

	if (!o) {
		fprintf(stderr, "mb: there is no operation %s\n", name);
		return 2;
	}
	stay_on_first_cpu();
	one_round(o, n);
	if (o->setup)
		o->setup();
	MARK(1);
	done = o->run(n);
	MARK(2);
	if (o->teardown)
		o->teardown();
	printf("@done %ld\n", done);
	return 0;
}

/* How fast the time-stamp counter runs, for runs that do not count instructions. */
int measure_clock(void)
{
	struct timespec begin, now;
	uint64_t start = ticks();
	double passed;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (now.tv_sec - begin.tv_sec) * 1e9 + now.tv_nsec - begin.tv_nsec;
	} while (passed < CLOCK_NS);
	printf("@ticks_per_ns %.6f\n", (ticks() - start) / passed);
	return 0;
}

int measure_console(const struct effort *effort)
{
	printf("@%s %.1f\n", console_kib.name, one_round(&console_kib, console_kib.n / effort->divisor));
	fflush(stdout);
	return 0;
}
