/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal on standard input: raw while a guest has it, and as it was before
 * whenever somebody else has it.
 */
#ifndef PVRUN_TERMINAL_H
#define PVRUN_TERMINAL_H

#include <stdbool.h>

/**
 * terminal_open() - remember the terminal's mode, and make it raw
 *
 * Also when a fault ends pvrun, the mode is restored. Nothing happens to a terminal that
 * is another process group's: terminal_raw() does it later.
 *
 * Context: the main thread, once.
 *
 * Return: whether standard input is a terminal.
 */
bool terminal_open(void);

/**
 * terminal_raw() - make it raw if it is ours now
 *
 * Context: the main thread.
 */
void terminal_raw(void);

/**
 * terminal_restore() - give it back as it was
 *
 * Does not wait for output. Context: the main thread.
 */
void terminal_restore(void);

/**
 * terminal_is_ours() - whether reading from it would not stop us
 *
 * Context: any thread, after terminal_open().
 *
 * Return: true if we are in the terminal's foreground, or it is none.
 */
bool terminal_is_ours(void);

#endif
