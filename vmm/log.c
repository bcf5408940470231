// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: one write(2) each, so that those of several threads do not mix.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int raw_terminal;

void log_raw(int raw)
{
	atomic_store(&raw_terminal, raw);
}

static void vsay(const char *format, va_list args)
{
	char line[1024];
	const char *end = atomic_load(&raw_terminal) ? "\r\n" : "\n";
	size_t room = sizeof(line) - 3, used;
	int n;

	n = snprintf(line, room, "pvrun: ");
	used = n;
	n = vsnprintf(line + used, room - used, format, args);
	if (n > 0)
		used += (size_t)n < room - used ? (size_t)n : room - used - 1;
	memcpy(line + used, end, strlen(end));
	used += strlen(end);
	if (write(STDERR_FILENO, line, used) < 0)
		return;	/* nowhere left to say so */
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
