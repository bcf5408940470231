/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signal sets: 64 signals in one word, bit n-1 for signal n, as the Linux x86-64 ABI has it.
 */
#ifndef _SIGSET_H
#define _SIGSET_H

#include <compiler.h>

typedef u64 sigset_t;
static inline sigset_t sigmask(int sig) { return 1ULL << (sig - 1); }

#endif
