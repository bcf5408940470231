/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system-call filters of pvrun's threads.
 */
#ifndef PVRUN_SANDBOX_H
#define PVRUN_SANDBOX_H

#include <stdbool.h>

enum sandbox {
	SANDBOX_VCPU,		/* runs a vCPU */
	SANDBOX_DEVICE,		/* serves a device's queues, from files that are open */
	SANDBOX_OUTPUT,		/* writes to a descriptor that is open */
	SANDBOX_INPUT,		/* reads from one */
	SANDBOX_MAIN,		/* signals, the end, and a machine made anew by a reboot */
};

/**
 * sandbox_switch() - whether there are filters
 * @on: what sandbox_enter() does from now on; on at first
 *
 * Context: before the first thread.
 */
void sandbox_switch(bool on);

/**
 * sandbox_enter() - filter the system calls of this thread from now on
 * @kind: what it is for
 *
 * Anything not on the list kills the process: the only code that could ask for it
 * is a guest that has broken out. All threads share one memory, so each of them is
 * filtered: none can open or execute anything, or make a process, a thread, a socket
 * or memory that can be executed.
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int sandbox_enter(enum sandbox kind);

#endif
