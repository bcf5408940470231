/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system-call filters of the threads that a guest talks to.
 */
#ifndef PVRUN_SANDBOX_H
#define PVRUN_SANDBOX_H

enum sandbox {
	SANDBOX_VCPU,		/* runs a vCPU */
	SANDBOX_DEVICE,		/* serves a device's queues, from files that are open */
};

/**
 * sandbox_enter() - filter the system calls of this thread from now on
 * @kind: what it is for
 *
 * Anything not on the list kills the process: the only code that could ask for it
 * is a guest that has broken out.
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int sandbox_enter(enum sandbox kind);

#endif
