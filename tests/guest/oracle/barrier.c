// SPDX-License-Identifier: GPL-2.0-only
/*
 * membarrier(2), which interrupts all CPUs, beside processes and threads that begin and end as fast
 * as they can: whoever waits for the other CPUs gets their answer.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define MOST 4 /* children at a time */
#define STATUS 40
#define GLOBAL 1
#define PRIVATE_EXPEDITED 8
#define REGISTER_PRIVATE_EXPEDITED 16

/* Nobody is bound to a CPU here: who moves leaves its tables loaded on one that is idle then. */
static void *barriers(void *arg)
{
	int command = (int)(uintptr_t)arg;

	while (going()) {
		for (unsigned int i = 0; i < 16; i++)
			MUST(syscall(SYS_membarrier, command, 0, 0) == 0);
		if (command == PRIVATE_EXPEDITED)
			sleep_us(1000);
	}
	return NULL;
}

static void *end_at_once(void *arg)
{
	return arg;
}

static void *threads(void *arg)
{
	(void)arg;
	while (going()) {
		pthread_t t;
		void *result;

		start_thread(&t, end_at_once, 77);
		MUST(pthread_join(t, &result) == 0);
		if (result != (void *)77)
			wrong("a thread's result is %p", result);
		sleep_us(2000);
	}
	return NULL;
}

/*
 * Writes more than a pipe holds, for ever: it wakes, writes on and sleeps again without leaving the
 * kernel.
 */
static void write_on(int fd, unsigned int cpu)
{
	static char data[4 * 65536];

	signal(SIGPIPE, SIG_DFL);
	pin(cpu);
	while (write(fd, data, sizeof(data)) > 0)
		;
	_exit(0);
}

/*
 * Was on the first CPU, leaves a second one idle, makes the writer run on the first, and ends on a
 * third.
 */
static void read_some_and_end(int fd, unsigned int first, unsigned int step)
{
	char data[8192];

	pin(first);
	pin(first + step);
	pin(first + 2 * step);
	MUST(read(fd, data, sizeof(data)) > 0);
	sleep_us(1000);
	_exit(STATUS);
}

/*
 * A process ends while its tables are still loaded on a CPU that has run only kernel code since, for
 * another, and borrowed by one that is idle: when that gets something to run, it has the last
 * reference, and the first one has to be asked to forget them.
 */
static void leave_tables_behind(uint64_t *rng)
{
	unsigned int first = (unsigned int)(rnd(rng) % stage->cpus);
	unsigned int step = rnd(rng) % 2 ? 1 : stage->cpus - 1;
	pid_t writer, reader = -1;
	int fds[2], status;

	MUST(pipe(fds) == 0);
	writer = try_fork();
	if (writer == 0)
		write_on(fds[1], first);
	sleep_us(2000);
	if (writer > 0)
		reader = try_fork();
	if (reader == 0)
		read_some_and_end(fds[0], first, step);
	if (reader > 0 && (status = wait_for(reader)) != STATUS << 8)
		wrong("a child ended with status %#x, not %d", status, STATUS);
	if (writer > 0) {
		MUST(kill(writer, SIGKILL) == 0);
		status = wait_for(writer);
		if (!WIFSIGNALED(status))
			wrong("a killed child ended with status %#x", status);
	}
	close(fds[0]);
	close(fds[1]);
}

static void processes(uint64_t *rng)
{
	int n = rnd(rng) % 4 ? 1 : MOST;
	pid_t pids[MOST];

	for (int i = 0; i < n; i++) {
		pids[i] = try_fork();
		if (pids[i] == 0)
			_exit(STATUS + i);
	}
	for (int i = 0; i < n; i++) {
		int status = pids[i] > 0 ? wait_for(pids[i]) : -1;

		if (pids[i] > 0 && status != (STATUS + i) << 8)
			wrong("a child ended with status %#x, not %d", status, STATUS + i);
	}
	leave_tables_behind(rng);
}

/* Each in a process of its own: all CPUs are interrupted, while tables of other processes go away. */
static void other_process(unsigned int number)
{
	uint64_t rng = random_seed(number);

	if (number == 0)
		barriers((void *)GLOBAL);
	while (going())
		processes(&rng);
	_exit(0);
}

static void run(void)
{
	uint64_t rng = random_seed(9);
	pthread_t t[2];
	pid_t pids[2];

	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = try_fork();
		if (pids[i] == 0)
			other_process(i);
	}
	MUST(syscall(SYS_membarrier, REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0);
	start_thread(&t[0], barriers, PRIVATE_EXPEDITED);
	start_thread(&t[1], threads, 0);
	while (going()) {
		processes(&rng);
		round_done();
	}
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		MUST(pthread_join(t[i], NULL) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		if (pids[i] > 0 && wait_for(pids[i]))
			wrong("process %zu failed", i);
}

const struct actor actor_barrier = {
	.name = "barrier",
	.what = "membarrier beside fork, exit and short threads",
	.run = run,
	.killable = true,
};
