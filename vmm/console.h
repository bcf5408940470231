/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's console on this side: a terminal, a file or a pseudo-terminal.
 */
#ifndef PVRUN_CONSOLE_H
#define PVRUN_CONSOLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "outlet.h"
#include "thread.h"

#define CONSOLE_INPUT	4096		/* bytes typed ahead */
#define CONSOLE_OUTPUT	(1 << 20)	/* bytes not yet read by anybody */

/* What input asks for. */
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
 * @is_terminal: @in is our terminal, and has keys
 * @escaped: the last byte was Ctrl-a; only console_input() uses it
 * @output: what the guest has written; not open if @out is -1
 * @reader: the thread that reads @in
 * @wake: eventfd to signal when @keys has changed
 * @keys: asked for and not yet seen, as bits numbered by enum console_key
 * @ending: set to make @reader end
 * @lock: guards the fields below
 * @change: @reader may find room now, or the terminal ours, or has to end
 * @ring: bytes typed, not yet read by the guest
 * @head: next byte to read
 * @used: bytes in @ring
 *
 * @in, @out, @is_terminal and @wake are constant after console_open().
 */
struct console {
	int in;
	int out;
	bool is_terminal;
	bool escaped;
	struct outlet output;
	struct thread reader;
	int wake;
	atomic_uint keys;
	atomic_bool ending;
	pthread_mutex_t lock;
	pthread_cond_t change;
	uint8_t ring[CONSOLE_INPUT];
	size_t head;
	size_t used;
};

/**
 * console_open() - open the console that the command line asks for, start its threads
 * @console: result, zero before
 * @options: @options->serial and @options->serial_path
 * @wake: eventfd to be signalled when console_keys() has something to say
 *
 * A terminal on stdin goes into raw mode until console_close(). Prints what is wrong.
 * Context: as for thread_start().
 *
 * Return: 0, or a negative errno.
 */
int console_open(struct console *console, const struct options *options, int wake);

/**
 * console_close() - end the threads, give the terminal back as it was
 * @console: as console_open() left it, also after it failed
 *
 * What nobody has read is dropped, and told. Context: the main thread; waits for nobody.
 */
void console_close(struct console *console);

/**
 * console_keys() - what has been asked for since the last call
 * @console: the console
 *
 * Context: the main thread.
 *
 * Return: bits numbered by enum console_key.
 */
unsigned int console_keys(struct console *console);

/**
 * console_resume() - the process goes on after having been stopped
 * @console: the console
 *
 * Makes the terminal raw again if it is ours. Context: the main thread.
 */
void console_resume(struct console *console);

/**
 * console_input() - take what has been typed
 * @console: the console, whose @in is readable and which has room
 *
 * Context: the thread that reads, only.
 *
 * Return: what the caller has to do.
 */
enum console_key console_input(struct console *console);

/**
 * console_has_room() - whether there is room for more input, half of the ring at least
 * @console: the console
 *
 * Context: @console->lock is held.
 *
 * Return: true if @console->in is worth reading.
 */
bool console_has_room(const struct console *console);

/**
 * console_waiting() - whether there is something to read
 * @console: the console
 *
 * Context: any thread.
 *
 * Return: true if console_read() would give something.
 */
bool console_waiting(struct console *console);

/**
 * console_read() - the guest reads
 * @console: the console
 * @buffer: where to
 * @bytes: at most
 *
 * Return: bytes put into @buffer, 0 if none wait. Context: any thread.
 */
size_t console_read(struct console *console, void *buffer, size_t bytes);

/**
 * console_write() - the guest writes
 * @console: the console
 * @data: guest memory
 * @bytes: number of them, at most PV_MAX_CONSOLE
 *
 * Output that nobody reads is dropped as outlet_put() says: a guest must not stop
 * because its console is gone.
 *
 * Context: any thread; does not wait.
 *
 * Return: bytes taken, the first ones; may be 0: the guest tries again.
 */
size_t console_write(struct console *console, const void *data, size_t bytes);

/**
 * console_help() - tell what the keys are
 */
void console_help(void);

#endif
