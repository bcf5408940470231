/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: the hypercall instruction (pv-abi/SPECIFICATION.md, section 6), and where the running vCPU's
 * page is.
 */
#ifndef _PLAT_HYPERCALL_H
#define _PLAT_HYPERCALL_H

#include <compiler.h>
#include <pv_abi.h>

/* RAX number, RDI RSI RDX R10 R8 arguments; RCX and R11 are lost. */
static __always_inline long hypercall5(unsigned long nr, unsigned long a, unsigned long b,
				       unsigned long c, unsigned long d, unsigned long e)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

static __always_inline long hypercall3(unsigned long nr, unsigned long a, unsigned long b,
				       unsigned long c)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

static __always_inline long hypercall2(unsigned long nr, unsigned long a, unsigned long b)
{
	return hypercall3(nr, a, b, 0);
}
static __always_inline long hypercall1(unsigned long nr, unsigned long a)
{
	return hypercall3(nr, a, 0, 0);
}
static __always_inline long hypercall0(unsigned long nr)
{
	return hypercall3(nr, 0, 0, 0);
}

#endif
