/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads: made before the guest's first instruction, each with its system-call filter,
 * and ended without waiting for whoever they wait for.
 */
#ifndef PVRUN_THREAD_H
#define PVRUN_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#include "sandbox.h"

/**
 * struct thread - one thread
 * @id: of pthreads
 * @kind: its filter
 * @main: what it runs
 * @arg: for @main
 * @filtered: result of sandbox_enter(), valid after @entered
 * @entered: posted when the filter is in force, or has been refused
 * @ended: posted when @main has returned
 * @started: thread_start() has succeeded, and nobody has waited for the end yet
 */
struct thread {
	pthread_t id;
	enum sandbox kind;
	void (*main)(void *arg);
	void *arg;
	int filtered;
	sem_t entered;
	sem_t ended;
	bool started;
};

/**
 * thread_start() - start a thread and wait until its system calls are filtered
 * @thread: zero
 * @what: it is for, for a message
 * @kind: its filter
 * @main: what it runs
 * @arg: for @main
 *
 * Prints what is wrong. Context: the main thread, before sandbox_enter(SANDBOX_MAIN).
 *
 * Return: 0, or a negative errno; then there is no thread.
 */
int thread_start(struct thread *thread, const char *what, enum sandbox kind,
		 void (*main)(void *arg), void *arg);

/**
 * thread_join() - wait for the end of a thread
 * @thread: has been told to end; one that was not started is none to wait for
 */
void thread_join(struct thread *thread);

/**
 * thread_stop() - interrupt a thread's system calls until it has ended
 * @thread: has been told to end, and looks whether it has before each system call that may
 *	wait; one that was not started is none to stop
 */
void thread_stop(struct thread *thread);

/**
 * thread_kick() - interrupt the system call that a thread is in
 * @thread: started
 */
void thread_kick(struct thread *thread);

#endif
