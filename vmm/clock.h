/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time, as everything here that waits or expires counts it.
 */
#ifndef PVRUN_CLOCK_H
#define PVRUN_CLOCK_H

#include <stdint.h>
#include <time.h>

/**
 * now_ms() - the time
 *
 * Context: any thread.
 *
 * Return: ms of CLOCK_MONOTONIC.
 */
static inline int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/**
 * ms_to_timespec() - a time in the form that pthreads take
 * @ms: of CLOCK_MONOTONIC
 *
 * Return: the same time.
 */
static inline struct timespec ms_to_timespec(int64_t ms)
{
	return (struct timespec) { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

#endif
