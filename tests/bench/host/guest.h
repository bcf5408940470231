/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the C parts of the benchmark guest share.
 */
#ifndef GUEST_H
#define GUEST_H

#define USER_PAGES	512

/* What is measured; names are in guest.c. */
enum {
	BENCH_HYPERCALL,
	BENCH_EXIT,
	BENCH_EVENT,
	BENCH_IPI,
	BENCH_SYSCALL,
	BENCH_SWITCH,
	BENCH_FAULT,
	BENCH_FAULT_ANNOUNCED,
	BENCH_REFILL,
};

/**
 * ticks_now() - time stamp counter
 *
 * Return: ticks; executed instructions where QEMU counts them.
 */
static inline __attribute__((always_inline)) unsigned long ticks_now(void)
{
	unsigned int low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (unsigned long)high << 32;
}

#endif
