// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storms: vCPUs change page tables and pages, flush, announce and discard, while the
 * launcher takes memory away; every page says whose it is (storm.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "storm_lib.h"

static const char usage[] =
	"usage: storm [-s SEED] [-t SECONDS] [-c VCPUS] [-b 4k|thp|hugetlb]\n"
	"             [-p random|sweeps|around]\n"
	"Each program on each backing, for SECONDS (4) with VCPUS (random: 4, others: 2).\n";

static struct storm_options given = {.seed = 1, .seconds = 4};
static int only_backing = -1, only_program = -1;

static int index_of(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	fputs(usage, stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:t:c:b:p:")) != -1)
		switch (c) {
		case 's':
			given.seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			given.seconds = strtoul(optarg, NULL, 0);
			break;
		case 'c':
			given.vcpus = atoi(optarg);
			break;
		case 'b':
			only_backing = index_of(backing_names, BACKINGS, optarg);
			break;
		case 'p':
			only_program = index_of(program_names, STORM_PROGRAMS, optarg);
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	if (given.vcpus < 0 || given.vcpus > STORM_VCPUS)
		given.vcpus = STORM_VCPUS;
}

/* The races need no changes of the launcher's, which would only disturb them, and small pages. */
static struct storm_options options_of(enum storm_program program, enum backing backing)
{
	struct storm_options o = given;

	o.program = program;
	o.backing = backing;
	o.change = program == STORM_RANDOM;
	if (!o.vcpus)
		o.vcpus = program == STORM_RANDOM ? 4 : 2;
	if (program != STORM_RANDOM && o.vcpus < 2)
		o.vcpus = 2;
	/* Much should happen while one of them flushes: with each second seed, too. */
	o.fast = program == STORM_SWEEPS ? 1 : o.vcpus;
	if (program == STORM_RANDOM && o.seed % 2 == 0 && o.vcpus > 1)
		o.fast = o.vcpus - 1;
	o.alone = program == STORM_AROUND;
	return o;
}

static bool wanted(int program, int backing)
{
	if (only_program >= 0 && only_program != program)
		return false;
	if (only_backing >= 0)
		return backing == only_backing;
	return program == STORM_RANDOM || backing == BACKING_4K;
}

static void run(enum storm_program program, enum backing backing)
{
	struct storm_options o = options_of(program, backing);

	switch (storm_run(&o)) {
	case STORM_SKIPPED:
		ksft_test_result_skip("%s, %s\n", program_names[program], backing_names[backing]);
		break;
	case STORM_OK:
		ksft_test_result_pass("%s, %s\n", program_names[program], backing_names[backing]);
		break;
	default:
		ksft_test_result_fail("%s, %s\n", program_names[program], backing_names[backing]);
	}
}

int main(int argc, char **argv)
{
	int n = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	parse(argc, argv);
	ksft_print_header();
	close(open_device());
	ksft_print_msg("seed %llu, %u seconds each\n", (unsigned long long)given.seed,
		       given.seconds);
	for (int p = 0; p < STORM_PROGRAMS; p++)
		for (int b = 0; b < BACKINGS; b++)
			n += wanted(p, b);
	ksft_set_plan(n);
	for (int p = 0; p < STORM_PROGRAMS; p++)
		for (int b = 0; b < BACKINGS; b++)
			if (wanted(p, b))
				run(p, b);
	ksft_finished();
}
