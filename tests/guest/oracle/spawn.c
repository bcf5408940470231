// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfork(2) and execve(2), also by one of several threads: the new program has its own data, its
 * arguments and environment, zeroed memory and nothing of who started it.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define BSS_WORDS (64 * WORDS)
#define ARGUMENTS 24

static uint64_t bss[BSS_WORDS];
static uint64_t data[4 * WORDS] = {[0 ... 4 * WORDS - 1] = 0x0102030405060708UL};

/* Arguments: the status to exit with, then ARGUMENTS texts that follow from their numbers. */
static void make_argument(char *text, size_t size, unsigned int key, unsigned int number)
{
	int length = (int)((key * 31 + number * 97) % (size - 32));

	snprintf(text, size, "%u.%u.%0*u", key, number, length, number);
}

static bool arguments_are_right(unsigned int key, int argc, char **argv)
{
	static char want[256];

	if (argc != ARGUMENTS)
		return false;
	for (unsigned int i = 0; i < ARGUMENTS; i++) {
		make_argument(want, sizeof(want), key, i);
		if (strcmp(want, argv[i]))
			return false;
	}
	return true;
}

int spawn_child(int argc, char **argv)
{
	const char *env = getenv("ORACLE_KEY");
	unsigned int key = argc > 0 ? (unsigned int)strtoul(argv[0], NULL, 10) : 0;
	uint64_t *fresh;

	if (!arguments_are_right(key, argc - 1, argv + 1))
		return 101;
	if (!env || strtoul(env, NULL, 10) != key)
		return 102;
	for (size_t i = 0; i < BSS_WORDS; i++)
		if (bss[i])
			return 103;
	for (size_t i = 0; i < ARRAY_SIZE(data); i++)
		if (data[i] != 0x0102030405060708UL)
			return 104;
	fresh = malloc(64 * PAGE);
	for (size_t i = 0; fresh && i < 64 * WORDS; i += 32)
		if (fresh[i] && i > 2) /* a fresh heap, but for malloc's head */
			return 105;
	memset(bss, 0xee, sizeof(bss));
	memset(data, 0xee, sizeof(data));
	return (int)(key % 100);
}

static char texts[ARGUMENTS][256];
static char key_text[16], environment[40];
static char *arguments[ARGUMENTS + 4], *variables[2];

static void prepare(unsigned int key)
{
	snprintf(key_text, sizeof(key_text), "%u", key);
	snprintf(environment, sizeof(environment), "ORACLE_KEY=%u", key);
	arguments[0] = (char *)"guest-oracle";
	arguments[1] = (char *)"--child";
	arguments[2] = key_text;
	for (unsigned int i = 0; i < ARGUMENTS; i++) {
		make_argument(texts[i], sizeof(texts[i]), key, i);
		arguments[3 + i] = texts[i];
	}
	variables[0] = environment;
}

static void *spin(void *arg)
{
	volatile uint64_t *words = arg;

	for (;;)
		for (size_t i = 0; i < 8 * WORDS; i += WORDS / 2)
			words[i]++;
	return NULL;
}

static void *execute(void *arg)
{
	(void)arg;
	execve("/proc/self/exe", arguments, variables);
	_exit(110);
}

/* In a child: threads run and write, and one of them executes. */
static void execute_among_threads(void)
{
	pthread_t t;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&t, NULL, spin, bss))
			_exit(111);
	if (pthread_create(&t, NULL, execute, NULL))
		_exit(111);
	for (;;)
		pause();
}

static pid_t launch(uint64_t *rng)
{
	pid_t pid;

	switch (rnd(rng) % 4) {
	case 0:
		if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, variables))
			return -1;
		return pid;
	case 1:
		pid = try_fork();
		if (pid == 0)
			execute_among_threads();
		return pid;
	case 2:
		pid = try_fork();
		if (pid == 0)
			execute(NULL);
		return pid;
	default:
		pid = vfork();
		if (pid == 0) {
			execve("/proc/self/exe", arguments, variables);
			_exit(110);
		}
		return pid;
	}
}

static void run(void)
{
	uint64_t rng = random_seed(0);

	/* What the new programs must not see. */
	for (size_t i = 0; i < BSS_WORDS; i++)
		bss[i] = stamp(1, i);
	for (size_t i = 0; i < ARRAY_SIZE(data); i++)
		data[i] = stamp(2, i);
	while (going()) {
		unsigned int key = (unsigned int)(rnd(&rng) % 100000);
		int status;
		pid_t pid;

		prepare(key);
		pid = launch(&rng);
		if (pid < 0)
			continue;
		status = wait_for(pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != (int)(key % 100))
			wrong("a program ended with status %#x, not %u (101: arguments, 102: "
			      "environment, 103: bss, 104: data, 105: heap)", status, key % 100);
		round_done();
	}
}

const struct actor actor_spawn = {
	.name = "spawn",
	.what = "vfork, execve by threads: a new program has only its own",
	.run = run,
};
