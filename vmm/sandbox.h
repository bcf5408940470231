/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system-call filter of vCPU threads.
 */
#ifndef PVRUN_SANDBOX_H
#define PVRUN_SANDBOX_H

/**
 * sandbox_enter() - filter the system calls of this thread from now on
 *
 * Anything not on the list kills the process: the only code that could ask for it
 * is a guest that has broken out.
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int sandbox_enter(void);

#endif
