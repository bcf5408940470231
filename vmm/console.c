// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console. Input goes through a small ring, because the guest asks for it when
 * it likes; output goes straight out on the vCPU's thread.
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define ESCAPE	1	/* Ctrl-a */
#define LOW	(CONSOLE_INPUT / 2)	/* with more in the ring, input has to wait */

static int open_file(struct console *console, const char *path)
{
	console->out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (console->out < 0)
		return fail(errno, "-serial file:%s: %s", path, strerror(errno));
	return 0;
}

static int open_pty(struct console *console)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;

	if (fd < 0 || grantpt(fd) || unlockpt(fd) || tcgetattr(fd, &mode))
		return fail(errno, "-serial pty: %s", strerror(errno));
	cfmakeraw(&mode);
	tcsetattr(fd, TCSANOW, &mode);
	/* Held open, so that reads wait instead of failing while nobody is there. */
	if (open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
		return fail(errno, "-serial pty: %s: %s", ptsname(fd), strerror(errno));
	note("the console is on %s", ptsname(fd));
	console->in = fd;
	console->out = fd;
	return 0;
}

static void open_stdio(struct console *console)
{
	struct termios raw;

	console->in = STDIN_FILENO;
	console->out = STDOUT_FILENO;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &console->saved))
		return;
	raw = console->saved;
	cfmakeraw(&raw);
	if (!tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)) {
		console->is_terminal = true;
		log_raw(isatty(STDERR_FILENO));
	}
}

int console_open(struct console *console, const struct options *options)
{
	memset(console, 0, sizeof(*console));
	console->in = -1;
	console->out = -1;
	pthread_mutex_init(&console->lock, NULL);
	switch (options->serial) {
	case SERIAL_FILE:
		return open_file(console, options->serial_path);
	case SERIAL_PTY:
		return open_pty(console);
	case SERIAL_NONE:
		return 0;
	case SERIAL_STDIO:
		break;
	}
	open_stdio(console);
	return 0;
}

void console_close(struct console *console)
{
	if (console->is_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &console->saved);
	console->is_terminal = false;
	log_raw(0);
}

bool console_room(struct console *console)
{
	bool room;

	pthread_mutex_lock(&console->lock);
	room = console->used <= LOW;
	pthread_mutex_unlock(&console->lock);
	return room;
}

static enum console_key put(struct console *console, uint8_t byte)
{
	pthread_mutex_lock(&console->lock);
	console->ring[(console->head + console->used++) % CONSOLE_INPUT] = byte;
	pthread_mutex_unlock(&console->lock);
	return CONSOLE_DATA;
}

static enum console_key escape(struct console *console, uint8_t byte)
{
	switch (byte) {
	case 'x':
		return CONSOLE_QUIT;
	case 'p':
		return CONSOLE_POWER;
	case 's':
		return CONSOLE_STATS;
	case 'h':
		console_help();
		return CONSOLE_NOTHING;
	case ESCAPE:
	case 'a':
		return put(console, ESCAPE);
	default:
		return CONSOLE_NOTHING;
	}
}

/* What read() has said, if there is nothing to take. */
static enum console_key no_input(ssize_t n)
{
	return n < 0 && (errno == EINTR || errno == EAGAIN) ? CONSOLE_NOTHING : CONSOLE_END;
}

/*
 * One byte at a time: what follows Ctrl-a must not be lost when the ring fills up,
 * and nobody types fast enough for it to matter.
 */
static enum console_key typed(struct console *console)
{
	enum console_key key = CONSOLE_NOTHING;
	uint8_t byte;
	ssize_t n = read(console->in, &byte, 1);

	if (n <= 0)
		return no_input(n);
	if (console->escaped)
		key = escape(console, byte);
	else if (byte != ESCAPE)
		return put(console, byte);
	console->escaped = !console->escaped;
	return key;
}

/* As much as there is and fits: only this thread fills the ring. */
static enum console_key piped(struct console *console)
{
	uint8_t bytes[CONSOLE_INPUT];
	size_t room;
	ssize_t n;

	pthread_mutex_lock(&console->lock);
	room = CONSOLE_INPUT - console->used;
	pthread_mutex_unlock(&console->lock);
	n = read(console->in, bytes, room);
	if (n <= 0)
		return no_input(n);
	for (ssize_t i = 0; i < n; i++)
		put(console, bytes[i]);
	return CONSOLE_DATA;
}

enum console_key console_input(struct console *console)
{
	return console->is_terminal ? typed(console) : piped(console);
}

size_t console_read(struct console *console, void *buffer, size_t bytes, bool *wanted)
{
	uint8_t *to = buffer;
	size_t n = 0;

	pthread_mutex_lock(&console->lock);
	*wanted = console->used > LOW;
	for (; n < bytes && console->used; n++) {
		to[n] = console->ring[console->head];
		console->head = (console->head + 1) % CONSOLE_INPUT;
		console->used--;
	}
	*wanted = *wanted && console->used <= LOW;
	pthread_mutex_unlock(&console->lock);
	return n;
}

void console_write(struct console *console, const void *data, size_t bytes)
{
	const char *from = data;

	while (bytes && console->out >= 0) {
		ssize_t n = write(console->out, from, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		from += n;
		bytes -= n;
	}
}

void console_help(void)
{
	note("Ctrl-a x  end the guest now");
	note("Ctrl-a p  ask the guest to shut down");
	note("Ctrl-a s  print counters");
	note("Ctrl-a a  send Ctrl-a to the guest");
	note("Ctrl-a h  this help");
}
