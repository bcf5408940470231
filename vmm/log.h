/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pvrun says to the person who started it, on stderr.
 */
#ifndef PVRUN_LOG_H
#define PVRUN_LOG_H

/**
 * fail() - report an error
 * @error: errno value, positive or negative
 * @format: what went wrong, as for printf(), without the program's name or a newline
 *
 * Context: as note().
 *
 * Return: -@error, whatever its sign, so that callers can return it.
 */
int fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * note() - tell something that is not an error
 * @format: as for printf(), without the program's name or a newline
 *
 * Context: any thread; between log_open() and log_close() it does not wait for a reader.
 */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * log_raw() - say whether lines must end in CR LF because the terminal is raw
 * @raw: the terminal is in raw mode from now on
 */
void log_raw(int raw);

/**
 * log_open() - let a thread write messages from now on
 *
 * As many as fit into some 64 KiB wait for a slow reader; newer ones are counted, and
 * the number is told when there is room again.
 *
 * Prints what is wrong. Context: the main thread, as for thread_start().
 *
 * Return: 0, or a negative errno.
 */
int log_open(void);

/**
 * log_close() - write what waits, for a second at most, and write directly again
 *
 * Context: the main thread, the only one left that says anything.
 */
void log_close(void);

#endif
