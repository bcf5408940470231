// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads. A system call that waits is interrupted by a signal whose handler does
 * nothing. The signal may come just before the call instead of in it, so whoever waits
 * for the end of such a thread sends it again and again.
 */
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "clock.h"
#include "log.h"

#define KICK	SIGUSR1
#define AGAIN	5	/* ms between two kicks */

static void on_kick(int signal)
{
	(void)signal;
}

static void *enter(void *arg)
{
	struct thread *thread = arg;

	thread->filtered = sandbox_enter(thread->kind);
	sem_post(&thread->entered);
	if (!thread->filtered)
		thread->main(thread->arg);
	sem_post(&thread->ended);
	return NULL;
}

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) && errno == EINTR)
		;
}

int thread_start(struct thread *thread, const char *what, enum sandbox kind,
		 void (*main)(void *arg), void *arg)
{
	struct sigaction action = { .sa_handler = on_kick };	/* without SA_RESTART */
	int error;

	sigaction(KICK, &action, NULL);
	thread->kind = kind;
	thread->main = main;
	thread->arg = arg;
	sem_init(&thread->entered, 0, 0);
	sem_init(&thread->ended, 0, 0);
	error = pthread_create(&thread->id, NULL, enter, thread);
	if (error)
		return fail(error, "no thread for %s: %s", what, strerror(error));
	wait_for(&thread->entered);
	thread->started = true;
	if (thread->filtered)
		thread_join(thread);
	return thread->filtered;
}

void thread_join(struct thread *thread)
{
	if (!thread->started)
		return;
	pthread_join(thread->id, NULL);
	thread->started = false;
}

void thread_kick(struct thread *thread)
{
	pthread_kill(thread->id, KICK);
}

/* Return: whether it has ended. */
static bool ended_soon(struct thread *thread)
{
	struct timespec time = ms_to_timespec(now_ms() + AGAIN);

	return !sem_clockwait(&thread->ended, CLOCK_MONOTONIC, &time);
}

void thread_stop(struct thread *thread)
{
	if (!thread->started)
		return;
	do
		thread_kick(thread);
	while (!ended_soon(thread));
	thread_join(thread);
}
