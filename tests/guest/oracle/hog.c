// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes all memory there is, again and again: up to the last few pages, and beyond, until it is
 * killed. The others must not notice but for the time it takes, and none of them is to be killed.
 * Only where the machine is small and ours.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define CHUNK 64UL /* pages at a time */
#define MOST (1UL << 30)
#define FULL 5 /* status: there was an error instead of a kill */

static long free_kilobytes(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long free = -1;

	while (f && free < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &free) != 1)
			free = -1;
	if (f)
		fclose(f);
	return free;
}

static void check(uint64_t *const *chunks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t p = 0; p < CHUNK; p++)
			if (chunks[i][p * WORDS + 1] != stamp(i, p) || chunks[i][p * WORDS]) {
				wrong("chunk %zu page %zu holds %s and %s", i, p,
				      whose(chunks[i][p * WORDS]), whose(chunks[i][p * WORDS + 1]));
				return;
			}
}

/* Leaves @spare kilobytes, or nothing if that is 0: then it is killed, or there is an error. */
static int eat(long spare)
{
	static uint64_t *chunks[MOST / PAGE / CHUNK];
	size_t n = 0;

	while (n < ARRAY_SIZE(chunks) && going() && (!spare || free_kilobytes() > spare)) {
		chunks[n] = mmap(NULL, CHUNK * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (chunks[n] == MAP_FAILED)
			return FULL;
		for (size_t p = 0; p < CHUNK; p++)
			chunks[n][p * WORDS + 1] = stamp(n, p);
		n++;
	}
	for (unsigned int i = 0; i < 5 && going(); i++) {
		check(chunks, n);
		sleep_us(100000);
	}
	return 0;
}

static void run(void)
{
	uint64_t rng = random_seed(0);
	struct sysinfo si;

	MUST(sysinfo(&si) == 0);
	if (si.totalram * si.mem_unit > 600UL << 20)
		give_up("not on a machine with so much memory");
	while (going()) {
		bool all = rnd(&rng) % 2;
		pid_t pid = try_fork();
		int status;

		if (pid == 0)
			_exit(eat(all ? 0 : 4096 + (long)(rnd(&rng) % 16384)));
		if (pid < 0)
			continue;
		status = wait_for(pid);
		if (status && status != FULL << 8 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			wrong("the hog ended with status %#x", status);
		round_done();
	}
}

const struct actor actor_hog = {
	.name = "hog",
	.what = "takes all memory, again and again",
	.run = run,
	.asked = true,
};
