/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Hypercalls from C: the register contract of SPECIFICATION.md, section 6, in one place.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include "pv_abi.h"

/**
 * hypercall() - call the host
 * @nr: PV_HC_*
 * @a: first argument
 * @b: second argument
 * @c: third argument
 * @d: fourth argument
 * @e: fifth argument
 *
 * Return: result, or a negative errno.
 */
static inline long hypercall(unsigned long nr, unsigned long a, unsigned long b, unsigned long c,
			     unsigned long d, unsigned long e)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

#endif
