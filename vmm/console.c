// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console. The guest asks for input when it likes, so a thread reads it into a small
 * ring; it, and nobody else, waits for somebody to type. Output is an outlet.
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "log.h"
#include "pv_abi.h"
#include "terminal.h"

#define ESCAPE	1	/* Ctrl-a */
#define LOW	(CONSOLE_INPUT / 2)	/* with more in the ring, input has to wait */

_Static_assert(PV_MAX_CONSOLE <= OUTLET_CHUNK, "what outlet_put() takes");

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

static int open_ends(struct console *console, const struct options *options)
{
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
	console->in = STDIN_FILENO;
	console->out = STDOUT_FILENO;
	console->is_terminal = terminal_open();
	return 0;
}

bool console_has_room(const struct console *console)
{
	return console->used <= LOW;
}

/* Waits until input may be read. Return: whether it is to be read. */
static bool may_read(struct console *console)
{
	pthread_mutex_lock(&console->lock);
	while (!atomic_load(&console->ending) &&
	       (!console_has_room(console) || (console->is_terminal && !terminal_is_ours())))
		pthread_cond_wait(&console->change, &console->lock);
	pthread_mutex_unlock(&console->lock);
	return !atomic_load(&console->ending);
}

static void ask_for(struct console *console, enum console_key key)
{
	uint64_t one = 1;

	atomic_fetch_or(&console->keys, 1U << key);
	if (write(console->wake, &one, sizeof(one)) < 0)
		return;	/* the counter is full: it is awake already */
}

static void reader_main(void *arg)
{
	struct console *console = arg;
	struct pollfd fd = { .fd = console->in, .events = POLLIN };

	while (may_read(console)) {
		enum console_key key;

		/* Somebody else may have taken the terminal meanwhile. */
		if (poll(&fd, 1, -1) <= 0 || (console->is_terminal && !terminal_is_ours()))
			continue;
		key = console_input(console);
		if (key != CONSOLE_NOTHING)
			ask_for(console, key);
		if (key == CONSOLE_END)
			break;
	}
}

int console_open(struct console *console, const struct options *options, int wake)
{
	int result;

	console->in = -1;
	console->out = -1;
	console->wake = wake;
	pthread_mutex_init(&console->lock, NULL);
	pthread_cond_init(&console->change, NULL);
	result = open_ends(console, options);
	if (!result && console->out >= 0)
		result = outlet_open(&console->output, console->out, CONSOLE_OUTPUT, "console");
	if (!result && console->in >= 0)
		result = thread_start(&console->reader, "input", SANDBOX_INPUT, reader_main, console);
	return result;
}

void console_close(struct console *console)
{
	if (console->reader.started) {
		pthread_mutex_lock(&console->lock);
		atomic_store(&console->ending, true);
		pthread_cond_broadcast(&console->change);
		pthread_mutex_unlock(&console->lock);
		thread_stop(&console->reader);
	}
	outlet_close(&console->output);
	if (console->is_terminal)
		terminal_restore();
}

unsigned int console_keys(struct console *console)
{
	return atomic_exchange(&console->keys, 0);
}

void console_resume(struct console *console)
{
	if (!console->is_terminal)
		return;
	terminal_raw();
	pthread_mutex_lock(&console->lock);
	pthread_cond_broadcast(&console->change);
	pthread_mutex_unlock(&console->lock);
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

bool console_waiting(struct console *console)
{
	bool waiting;

	pthread_mutex_lock(&console->lock);
	waiting = console->used;
	pthread_mutex_unlock(&console->lock);
	return waiting;
}

size_t console_read(struct console *console, void *buffer, size_t bytes)
{
	uint8_t *to = buffer;
	size_t n = 0;
	bool had_room;

	pthread_mutex_lock(&console->lock);
	had_room = console_has_room(console);
	for (; n < bytes && console->used; n++) {
		to[n] = console->ring[console->head];
		console->head = (console->head + 1) % CONSOLE_INPUT;
		console->used--;
	}
	if (!had_room && console_has_room(console))
		pthread_cond_broadcast(&console->change);
	pthread_mutex_unlock(&console->lock);
	return n;
}

size_t console_write(struct console *console, const void *data, size_t bytes)
{
	return console->out < 0 ? bytes : outlet_put(&console->output, data, bytes);
}

void console_help(void)
{
	note("Ctrl-a x  end the guest now");
	note("Ctrl-a p  ask the guest to shut down");
	note("Ctrl-a s  print counters");
	note("Ctrl-a a  send Ctrl-a to the guest");
	note("Ctrl-a h  this help");
}
