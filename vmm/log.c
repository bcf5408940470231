// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: one write(2) each, so that those of several threads do not mix. While a
 * machine runs they go through a thread of their own: a reader of stderr that has
 * stopped reading must stop nothing else.
 */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outlet.h"

#define ROOM		(64 * 1024)
#define LINE		1024
#define LAST_WORDS	1000	/* ms for what waits at the end */

static atomic_int raw_terminal;
static struct outlet outlet;
static atomic_bool is_open;
static atomic_ulong missed;	/* messages without room, not yet told */

void log_raw(int raw)
{
	atomic_store(&raw_terminal, raw);
}

/* Return: bytes put into @line, which has LINE of them. */
static size_t compose(char *line, const char *format, va_list args)
{
	const char *end = atomic_load(&raw_terminal) ? "\r\n" : "\n";
	size_t room = LINE - 3, used;
	int n;

	used = snprintf(line, room, "pvrun: ");
	n = vsnprintf(line + used, room - used, format, args);
	if (n > 0)
		used += (size_t)n < room - used ? (size_t)n : room - used - 1;
	memcpy(line + used, end, strlen(end));
	return used + strlen(end);
}

static size_t compose_missed(char *line, const char *format, ...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	used = compose(line, format, args);
	va_end(args);
	return used;
}

/* Tells how many messages are missing before the next one. Return: whether none is. */
static bool tell_missed(void)
{
	unsigned long n = atomic_exchange(&missed, 0);
	char line[LINE];

	if (!n)
		return true;
	if (outlet_put_whole(&outlet, line, compose_missed(line, "%lu messages were lost", n)))
		return true;
	atomic_fetch_add(&missed, n);
	return false;
}

static void vsay(const char *format, va_list args)
{
	char line[LINE];
	size_t used = compose(line, format, args);

	if (atomic_load(&is_open)) {
		if (!tell_missed() || !outlet_put_whole(&outlet, line, used))
			atomic_fetch_add(&missed, 1);
	} else if (write(STDERR_FILENO, line, used) < 0) {
		return;	/* nowhere left to say so */
	}
}

int fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
	return -abs(error);
}

void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
}

int log_open(void)
{
	int result = outlet_open(&outlet, STDERR_FILENO, ROOM, NULL);

	atomic_store(&is_open, !result);
	return result;
}

void log_close(void)
{
	if (!atomic_load(&is_open))
		return;
	outlet_wait(&outlet, LAST_WORDS, LAST_WORDS);
	atomic_store(&is_open, false);
	outlet_close(&outlet);
}
