// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that end in the middle: with threads that map, unmap, write to pipes, sleep and wait for
 * each other, by SIGKILL, exit_group(2) of any thread, or a fault. All of them end, with the status
 * that belongs to it.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define FUTEX_WAIT_PRIVATE 128
#define THREADS 5
#define STATUS 33

enum { BY_KILL, BY_EXIT, BY_FAULT, WAYS };

static unsigned int way;
static unsigned int delay_us;
static uint32_t never;
static int fds[2];

static void *map_and_unmap(void *arg)
{
	for (;;) {
		uint64_t *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			continue;
		for (size_t i = 0; i < 64; i++) {
			if (p[i * WORDS])
				wrong("fresh page %zu holds %s", i, whose(p[i * WORDS]));
			p[i * WORDS] = stamp((uintptr_t)arg, i);
		}
		mprotect(p + 16 * WORDS, 16 * PAGE, PROT_READ);
		munmap(p, 64 * PAGE);
	}
	return NULL;
}

static void *pass_bytes(void *arg)
{
	char c[600] = "";

	(void)arg;
	for (;;)
		if (write(fds[1], c, sizeof(c)) < 0 || read(fds[0], c, sizeof(c)) < 0)
			_exit(120);
	return NULL;
}

static void *wait_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

static void *end_it(void *arg)
{
	(void)arg;
	sleep_us(delay_us);
	if (way == BY_EXIT)
		_exit(STATUS);
	if (way == BY_FAULT)
		*(volatile int *)16 = 1;
	return NULL;
}

static void live(void)
{
	static void *(*const bodies[THREADS])(void *) = {map_and_unmap, map_and_unmap, pass_bytes, wait_for_ever, end_it};
	pthread_t t;

	if (pipe(fds))
		_exit(121);
	signal(SIGSEGV, SIG_DFL);
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&t, NULL, bodies[i], (void *)i))
			_exit(121);
	map_and_unmap((void *)77);
}

static bool right(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 121)
		return true; /* too many threads for now */
	switch (way) {
	case BY_KILL:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	case BY_EXIT:
		return WIFEXITED(status) && WEXITSTATUS(status) == STATUS;
	default:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
	}
}

static void run(void)
{
	uint64_t rng = random_seed(0);

	MUST(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) == 0);
	while (going()) {
		int status;
		pid_t pid;

		way = (unsigned int)(rnd(&rng) % WAYS);
		delay_us = (unsigned int)(rnd(&rng) % 20000);
		pid = try_fork();
		if (pid == 0)
			live();
		if (pid < 0)
			continue;
		if (way == BY_KILL) {
			sleep_us(delay_us);
			MUST(kill(pid, SIGKILL) == 0);
		}
		status = wait_for(pid);
		if (!right(status))
			wrong("a process ended with status %#x, way %u", status, way);
		round_done();
	}
}

const struct actor actor_leave = {
	.name = "leave",
	.what = "processes with busy threads end by kill, exit and fault",
	.run = run,
};
