/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's console on this side: a terminal, a file or a pseudo-terminal.
 */
#ifndef PVRUN_CONSOLE_H
#define PVRUN_CONSOLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "options.h"

#define CONSOLE_INPUT	4096	/* bytes typed ahead */

/* What console_input() asks of its caller. */
enum console_key {
	CONSOLE_NOTHING,
	CONSOLE_DATA,		/* the guest has something to read */
	CONSOLE_QUIT,		/* Ctrl-a x */
	CONSOLE_POWER,		/* Ctrl-a p */
	CONSOLE_STATS,		/* Ctrl-a s */
	CONSOLE_END,		/* no more input will come */
};

/**
 * struct console - one console
 * @in: input, or -1
 * @out: output, or -1 to throw it away
 * @is_terminal: @in is our terminal, in raw mode
 * @escaped: the last byte was Ctrl-a; only console_input() uses it
 * @saved: mode of the terminal before
 * @lock: guards the fields below
 * @ring: bytes typed, not yet read by the guest
 * @head: next byte to read
 * @used: bytes in @ring
 *
 * The first five are constant after console_open(), but for @escaped.
 */
struct console {
	int in;
	int out;
	bool is_terminal;
	bool escaped;
	struct termios saved;
	pthread_mutex_t lock;
	uint8_t ring[CONSOLE_INPUT];
	size_t head;
	size_t used;
};

/**
 * console_open() - open the console that the command line asks for
 * @console: result
 * @options: @options->serial and @options->serial_path
 *
 * A terminal on stdin goes into raw mode until console_close(). Prints what is wrong.
 *
 * Return: 0, or a negative errno.
 */
int console_open(struct console *console, const struct options *options);

/**
 * console_close() - give the terminal back as it was
 * @console: as console_open() made it
 */
void console_close(struct console *console);

/**
 * console_room() - whether there is room for more input, half of the ring at least
 * @console: the console
 *
 * Return: true if @console->in is worth polling. Context: any thread.
 */
bool console_room(struct console *console);

/**
 * console_input() - take what has been typed
 * @console: the console, whose @in is readable and which has room
 *
 * Context: the thread that polls, only.
 *
 * Return: what the caller has to do.
 */
enum console_key console_input(struct console *console);

/**
 * console_read() - the guest reads
 * @console: the console
 * @buffer: where to
 * @bytes: at most
 * @wanted: set if console_room() has become true by this
 *
 * Return: bytes put into @buffer, 0 if none wait. Context: any thread.
 */
size_t console_read(struct console *console, void *buffer, size_t bytes, bool *wanted);

/**
 * console_write() - the guest writes
 * @console: the console
 * @data: guest memory
 * @bytes: number of them
 *
 * Output that cannot be written is dropped: a guest must not stop because its
 * console is gone.
 *
 * Context: any thread; waits for a slow terminal.
 */
void console_write(struct console *console, const void *data, size_t bytes);

/**
 * console_help() - tell what the keys are
 */
void console_help(void);

#endif
