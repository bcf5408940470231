/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From TSC ticks to guest nanoseconds, as the PV ABI's struct pv_clock has it.
 * Testable anywhere.
 */
#ifndef _PVHOST_CLOCK_MATH_H
#define _PVHOST_CLOCK_MATH_H

#include <linux/math64.h>
#include <linux/pv_abi.h>
#include <linux/time64.h>
#include <linux/types.h>

/**
 * pvhost_clock_scale - the parameters for a rate
 * @clock: mul and shift are set
 * @khz: ticks a millisecond, not 0
 *
 * @clock->mul gets all of its 32 bits, so that the rate is good to 2^-31.
 */
static inline void pvhost_clock_scale(struct pv_clock *clock, u32 khz)
{
	u64 ns = NSEC_PER_MSEC, ticks = khz;
	s8 shift = 0;

	/* ns / ticks in [1/2, 1) */
	while (ns >= ticks) {
		ticks <<= 1;
		shift++;
	}
	while (ns * 2 < ticks) {
		ns <<= 1;
		shift--;
	}
	clock->mul = div64_u64(ns << 32, ticks);
	clock->shift = shift;
}

/**
 * pvhost_clock_ns - guest time at a TSC value
 * @clock: parameters
 * @tsc: time stamp counter
 *
 * Return: nanoseconds.
 */
static inline u64 pvhost_clock_ns(const struct pv_clock *clock, u64 tsc)
{
	u64 delta = tsc - clock->tsc;

	if (clock->shift >= 0)
		delta <<= clock->shift;
	else
		delta >>= -clock->shift;
	return clock->ns + mul_u64_u32_shr(delta, clock->mul, 32);
}

/**
 * pvhost_clock_continue - where guest time goes on when the TSC is given up
 * @tsc_ns: guest time by the TSC, now
 * @host_ns: guest time by the host's monotonic clock since guest time was last set
 *
 * Both went at the same rate as far as anybody can tell: NTP slews one of them, and a rate is
 * known to some millionths. The later one is taken, so that nobody who has looked sees time run
 * backwards; unless the TSC has leapt.
 *
 * Return: nanoseconds.
 */
static inline u64 pvhost_clock_continue(u64 tsc_ns, u64 host_ns)
{
	u64 leap = host_ns + 60 * NSEC_PER_SEC + (host_ns >> 10);

	return tsc_ns > host_ns && tsc_ns < leap ? tsc_ns : host_ns;
}

#endif /* _PVHOST_CLOCK_MATH_H */
