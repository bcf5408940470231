// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring and the thread that empties it. Blocking and non-blocking descriptors are
 * served alike, and neither is made the other: the mode belongs to everybody who has
 * the same file open.
 */
#include "outlet.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define PAUSE	1	/* ms in which more may come, to be written together */

_Static_assert(OUTLET_CHUNK <= 4096, "what poll() finds room for in a pipe");

/* Takes bytes out of the ring. The lock is held. */
static void take(struct outlet *outlet, size_t bytes)
{
	outlet->head = (outlet->head + bytes) % outlet->size;
	outlet->used -= bytes;
}

/* Moves bytes to the thread's own buffer. The lock is held. */
static void take_chunk(struct outlet *outlet)
{
	size_t bytes = outlet->used < OUTLET_CHUNK ? outlet->used : OUTLET_CHUNK;
	size_t first = outlet->size - outlet->head;

	if (first > bytes)
		first = bytes;
	memcpy(outlet->chunk, outlet->ring + outlet->head, first);
	memcpy(outlet->chunk + first, outlet->ring, bytes - first);
	take(outlet, bytes);
	outlet->left = bytes;
}

static void tell_lost(const struct outlet *outlet, uint64_t bytes)
{
	if (bytes && outlet->name)
		note("%s: %llu bytes of output were lost", outlet->name, (unsigned long long)bytes);
}

static void wrote(struct outlet *outlet, size_t bytes)
{
	uint64_t lost;

	pthread_mutex_lock(&outlet->lock);
	outlet->left -= bytes;
	outlet->progress = now_ms();
	outlet->absent = false;
	outlet->failing = false;
	lost = outlet->lost;
	outlet->lost = 0;
	pthread_mutex_unlock(&outlet->lock);
	tell_lost(outlet, lost);
}

/* The rest of the chunk cannot be written: say so once, go on with the next. */
static void lose(struct outlet *outlet, int error)
{
	bool first;

	pthread_mutex_lock(&outlet->lock);
	first = !outlet->failing;
	outlet->failing = true;
	outlet->lost += outlet->left;
	outlet->left = 0;
	pthread_mutex_unlock(&outlet->lock);
	if (first && outlet->name)
		note("%s: %s: what cannot be written is lost", outlet->name, strerror(error));
}

/* Waits until a non-blocking descriptor has room, and does not trust it blindly. */
static void wait_for_room(const struct outlet *outlet, unsigned int times)
{
	struct pollfd fd = { .fd = outlet->fd, .events = POLLOUT };
	struct timespec time = ms_to_timespec(PAUSE);

	if (times)	/* poll() has found room for fewer bytes than we have */
		nanosleep(&time, NULL);
	poll(&fd, 1, -1);
}

static void write_chunk(struct outlet *outlet, size_t bytes)
{
	size_t done = 0;
	unsigned int refused = 0;

	while (done < bytes && !atomic_load(&outlet->ending)) {
		ssize_t n = write(outlet->fd, outlet->chunk + done, bytes - done);

		if (n > 0) {
			done += n;
			refused = 0;
			wrote(outlet, n);
		} else if (n < 0 && errno == EAGAIN) {
			wait_for_room(outlet, refused++);
		} else if (!n || errno != EINTR) {
			lose(outlet, n ? errno : EIO);
			return;
		}
	}
}

/* Waits for bytes. The lock is held. Return: whether there are any. */
static bool await_data(struct outlet *outlet)
{
	struct timespec time = ms_to_timespec(now_ms() + PAUSE);

	if (!outlet->used) {
		pthread_cond_broadcast(&outlet->idle);
		/* Nobody signals this pause but outlet_close(): it is to cost the writers nothing. */
		while (!atomic_load(&outlet->ending) &&
		       !pthread_cond_timedwait(&outlet->data, &outlet->lock, &time))
			;
	}
	while (!outlet->used && !atomic_load(&outlet->ending)) {
		outlet->waits = true;
		pthread_cond_wait(&outlet->data, &outlet->lock);
		outlet->waits = false;
	}
	return !atomic_load(&outlet->ending);
}

static void outlet_main(void *arg)
{
	struct outlet *outlet = arg;

	pthread_mutex_lock(&outlet->lock);
	while (await_data(outlet)) {
		size_t bytes;

		take_chunk(outlet);
		bytes = outlet->left;
		pthread_mutex_unlock(&outlet->lock);
		write_chunk(outlet, bytes);
		pthread_mutex_lock(&outlet->lock);
	}
	pthread_mutex_unlock(&outlet->lock);
}

int outlet_open(struct outlet *outlet, int fd, size_t size, const char *name)
{
	pthread_condattr_t attributes;

	outlet->fd = fd;
	outlet->name = name;
	outlet->size = size;
	outlet->ring = malloc(size);
	if (!outlet->ring)
		return fail(ENOMEM, "a buffer for output: %s", strerror(ENOMEM));
	pthread_mutex_init(&outlet->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&outlet->data, &attributes);
	pthread_cond_init(&outlet->idle, &attributes);
	pthread_condattr_destroy(&attributes);
	return thread_start(&outlet->thread, "output", SANDBOX_OUTPUT, outlet_main, outlet);
}

/* Bytes from the front of the ring up to the end of a line, at least @bytes. The lock is held. */
static size_t whole_lines(const struct outlet *outlet, size_t bytes)
{
	size_t limit = bytes + OUTLET_CHUNK < outlet->used ? bytes + OUTLET_CHUNK : outlet->used;

	for (size_t i = bytes; i <= limit; i++)
		if (outlet->ring[(outlet->head + i - 1) % outlet->size] == '\n')
			return i;
	return bytes;
}

/* Drops the oldest bytes if nobody reads them. The lock is held. Return: whether to say so. */
static bool make_room(struct outlet *outlet, size_t bytes)
{
	bool first = !outlet->absent;

	if (now_ms() - outlet->progress < OUTLET_ABSENT)
		return false;
	bytes = whole_lines(outlet, bytes);
	take(outlet, bytes);
	outlet->lost += bytes;
	outlet->absent = true;
	return first;
}

/* Puts bytes that fit into the ring. The lock is held. */
static void append(struct outlet *outlet, const void *data, size_t bytes)
{
	size_t tail = (outlet->head + outlet->used) % outlet->size;
	size_t first = outlet->size - tail < bytes ? outlet->size - tail : bytes;

	if (!outlet->used && !outlet->left)
		outlet->progress = now_ms();
	memcpy(outlet->ring + tail, data, first);
	memcpy(outlet->ring, (const char *)data + first, bytes - first);
	outlet->used += bytes;
	if (outlet->waits)
		pthread_cond_signal(&outlet->data);
}

size_t outlet_put(struct outlet *outlet, const void *data, size_t bytes)
{
	bool tell = false;
	size_t room;

	pthread_mutex_lock(&outlet->lock);
	room = outlet->size - outlet->used;
	if (room < bytes) {
		tell = make_room(outlet, bytes - room);
		room = outlet->size - outlet->used;
	}
	if (bytes > room)
		bytes = room;
	append(outlet, data, bytes);
	pthread_mutex_unlock(&outlet->lock);
	if (tell && outlet->name)
		note("%s: nobody reads: from now on the oldest output is dropped", outlet->name);
	return bytes;
}

bool outlet_put_whole(struct outlet *outlet, const void *data, size_t bytes)
{
	bool fits;

	pthread_mutex_lock(&outlet->lock);
	fits = bytes <= outlet->size - outlet->used;
	if (fits)
		append(outlet, data, bytes);
	pthread_mutex_unlock(&outlet->lock);
	return fits;
}

bool outlet_wait(struct outlet *outlet, int64_t ms, int64_t patience)
{
	int64_t end = now_ms() + ms, last;
	bool done;

	pthread_mutex_lock(&outlet->lock);
	do {
		struct timespec time;

		last = outlet->progress + patience;
		done = !outlet->used && !outlet->left;
		if (done || now_ms() >= last)
			break;
		time = ms_to_timespec(last < end ? last : end);
		pthread_cond_timedwait(&outlet->idle, &outlet->lock, &time);
	} while (now_ms() < end);
	done = (!outlet->used && !outlet->left) || now_ms() >= outlet->progress + patience;
	pthread_mutex_unlock(&outlet->lock);
	return done;
}

void outlet_close(struct outlet *outlet)
{
	if (!outlet->ring)
		return;
	pthread_mutex_lock(&outlet->lock);
	atomic_store(&outlet->ending, true);
	pthread_cond_broadcast(&outlet->data);
	pthread_mutex_unlock(&outlet->lock);
	thread_stop(&outlet->thread);
	tell_lost(outlet, outlet->lost + outlet->used + outlet->left);
	free(outlet->ring);
	outlet->ring = NULL;
}
