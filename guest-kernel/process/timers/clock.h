/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks by number (clock_gettime(2)), for the calls about time and timers. */
#ifndef _KERNEL_CLOCK_H
#define _KERNEL_CLOCK_H

#include <types.h>

enum {
	CLOCK_REALTIME,
	CLOCK_MONOTONIC,
	CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID,
	CLOCK_MONOTONIC_RAW,
	CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE,
	CLOCK_BOOTTIME,
	CLOCK_REALTIME_ALARM,
	CLOCK_BOOTTIME_ALARM,
	CLOCK_TAI = 11
};

/* What clock @id shows, ns. 0 or -EINVAL. */
int clock_read(int id, u64 *ns);

#endif
