/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes on their way out, to a descriptor of which nothing is known: it may be slow,
 * non-blocking, full, closed at its other end, or read by nobody. Whoever writes never
 * waits: bytes go into a ring, and a thread carries them on.
 */
#ifndef PVRUN_OUTLET_H
#define PVRUN_OUTLET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thread.h"

#define OUTLET_CHUNK	4096	/* bytes a write(2); no pipe with any room takes fewer */
#define OUTLET_ABSENT	5000	/* ms without taking anything after which a reader is absent */

/**
 * struct outlet - one way out
 * @fd: where to
 * @name: what it is, for messages; NULL for no messages
 * @size: bytes of @ring
 * @ring: bytes not yet taken by the thread
 * @thread: the thread
 * @ending: set to make the thread end, whatever is left
 * @lock: guards the fields below
 * @data: there are bytes, or @ending is set
 * @idle: nothing is left, or @ending is set
 * @head: next byte to take
 * @used: bytes in @ring
 * @left: bytes that the thread has taken and not yet written
 * @waits: the thread waits for @data
 * @progress: when something was last written, or the first byte came, by now_ms()
 * @lost: bytes dropped and not yet told
 * @absent: bytes were dropped since the reader last took something
 * @failing: the last write(2) was an error
 * @chunk: only the thread uses it
 */
struct outlet {
	int fd;
	const char *name;
	size_t size;
	uint8_t *ring;
	struct thread thread;
	atomic_bool ending;
	pthread_mutex_t lock;
	pthread_cond_t data;
	pthread_cond_t idle;
	size_t head;
	size_t used;
	size_t left;
	bool waits;
	int64_t progress;
	uint64_t lost;
	bool absent;
	bool failing;
	uint8_t chunk[OUTLET_CHUNK];
};

/**
 * outlet_open() - make a way out
 * @outlet: zero
 * @fd: where to; of any kind and mode, which stay as they are
 * @size: bytes that may be on their way, more than OUTLET_CHUNK
 * @name: what it is, for messages, or NULL if there is nobody to tell
 *
 * Prints what is wrong. Context: as for thread_start().
 *
 * Return: 0, or a negative errno.
 */
int outlet_open(struct outlet *outlet, int fd, size_t size, const char *name);

/**
 * outlet_put() - send bytes
 * @outlet: the way out
 * @data: bytes; memory that a guest changes meanwhile is allowed
 * @bytes: number of them, at most OUTLET_CHUNK
 *
 * While the reader takes something at least every OUTLET_ABSENT ms, nothing is lost:
 * what does not fit is not taken. After that time the oldest bytes make room, as whole
 * lines where possible, until the reader takes something again.
 *
 * Context: any thread; does not wait.
 *
 * Return: bytes taken, the first ones; may be 0.
 */
size_t outlet_put(struct outlet *outlet, const void *data, size_t bytes);

/**
 * outlet_put_whole() - send bytes together or not at all
 * @outlet: the way out
 * @data: bytes
 * @bytes: number of them
 *
 * Context: any thread; does not wait.
 *
 * Return: whether they were taken.
 */
bool outlet_put_whole(struct outlet *outlet, const void *data, size_t bytes);

/**
 * outlet_wait() - wait until all is written
 * @outlet: the way out; nobody puts anything into it
 * @ms: wait no longer than this
 * @patience: ms without progress after which nobody is waited for
 *
 * Context: the main thread.
 *
 * Return: whether there is nothing more to wait for: all is written, or the reader has
 * taken nothing for @patience.
 */
bool outlet_wait(struct outlet *outlet, int64_t ms, int64_t patience);

/**
 * outlet_close() - end the thread; what has not been written is dropped, and told
 * @outlet: opened, or zero
 *
 * Does not close the descriptor. Context: the main thread; does not wait for the reader.
 */
void outlet_close(struct outlet *outlet);

#endif
