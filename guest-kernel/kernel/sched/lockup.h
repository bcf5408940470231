/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lockup detector shares with its test.
 */
#ifndef _KERNEL_LOCKUP_H
#define _KERNEL_LOCKUP_H

#include <compiler.h>

enum lockup_kind { LOCKUP_SOFT, LOCKUP_HARD };

/**
 * struct lockup_settings - changed by the test only
 * @interval_ns: time between two turns
 * @limit: turns that a CPU may miss; 0: nobody watches
 * @found: called in the timer's interrupt instead of a panic
 */
struct lockup_settings {
	u64 interval_ns;
	u32 limit;
	void (*found)(enum lockup_kind kind, u32 cpu);
};
extern struct lockup_settings lockup;

#endif
