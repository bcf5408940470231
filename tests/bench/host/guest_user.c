// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user program of the benchmark guest. All of it lies in one page, mapped at
 * USER_CODE, so nothing here may need data or functions from elsewhere.
 */
#include "bench.h"
#include "guest.h"

#define USER	__attribute__((section(".user")))
#define ROUNDS	20000

static inline __attribute__((always_inline)) long call(long number, unsigned long a,
						       unsigned long b, unsigned long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result), "+D"(a), "+S"(b), "+d"(c)
			 : "a"(number)
			 : "rcx", "r8", "r9", "r10", "r11", "memory");
	return result;
}

static inline __attribute__((always_inline)) void measure_calls(int id, long number)
{
	unsigned long start;

	for (int i = 0; i < 100; i++)
		call(number, 0, 0, 0);
	start = ticks_now();
	for (int i = 0; i < ROUNDS; i++)
		call(number, 0, 0, 0);
	call(SYS_REPORT, id, ticks_now() - start, ROUNDS);
}

/* By call @number the pages are lost, and by touching them they come back. */
static inline __attribute__((always_inline)) void measure_pages(int id, long number, int announce)
{
	unsigned long ticks = 0;

	for (int round = 0; round < 9; round++) {
		unsigned long start;

		call(number, announce, 0, 0);
		start = ticks_now();
		for (unsigned long page = 0; page < USER_PAGES; page++)
			*(volatile char *)(USER_DATA + page * 4096) = 1;
		if (round)	/* the first one makes shadow tables */
			ticks += ticks_now() - start;
	}
	call(SYS_REPORT, id, ticks, 8 * USER_PAGES);
}

USER __attribute__((noreturn)) void user_main(void)
{
	measure_calls(BENCH_SYSCALL, SYS_NULL);
	measure_calls(BENCH_SWITCH, SYS_SWITCH);
	measure_pages(BENCH_FAULT, SYS_UNMAP, 0);
	measure_pages(BENCH_FAULT_ANNOUNCED, SYS_UNMAP, 1);
	measure_pages(BENCH_REFILL, SYS_FLUSH, 0);
	call(SYS_EXIT, 0, 0, 0);
	__builtin_unreachable();
}
