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
 * Return: -@error, whatever its sign, so that callers can return it.
 */
int fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * note() - tell something that is not an error
 * @format: as for printf(), without the program's name or a newline
 */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * log_raw() - say whether lines must end in CR LF because the terminal is raw
 * @raw: the terminal is in raw mode from now on
 */
void log_raw(int raw);

#endif
