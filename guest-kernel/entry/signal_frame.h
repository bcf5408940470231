/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between signal_deliver.c, which decides, and signal_frame.c, which writes to the user's stack.
 */
#ifndef _SIGNAL_FRAME_H
#define _SIGNAL_FRAME_H

#include <signal.h>

int signal_frame_setup(struct trapframe *tf, int sig, const struct sigaction *action,
		       const struct siginfo *info, sigset_t mask);

#endif
