/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: the current thread is found from the stack pointer, because no segment base is switched at
 * kernel entry. The last 16 bytes of a kernel stack hold
 *
 *	top - 8		its struct thread
 *	top - 16	the page of the vCPU it runs on, rewritten by each plat_switch()
 */
#ifndef _PLAT_THREAD_H
#define _PLAT_THREAD_H

#define PV_KSTACK_SIZE 16384 /* KSTACK_SIZE, for assembly */
#define PV_STACK_LAST 16383 /* or-ed into RSP: the last byte of the stack */
#define PV_STACK_SLOTS 16

#ifndef __ASSEMBLY__

#include <compiler.h>

struct thread;
struct pv_vcpu;

/**
 * struct plat_thread - CPU state of a thread that does not run
 * @sp: kernel stack pointer, behind the registers that plat_switch() pushed
 * @fsbase: user FS base
 * @gsbase: user GS base
 * @selectors: FS, GS, DS and ES of user mode, 0 in nearly every program
 * @fpu_cpu: CPU whose registers hold the extended state if that CPU agrees
 * @fpu: XSAVE (or FXSAVE) area, 64-byte aligned; NULL in kernel threads
 */
struct plat_thread {
	unsigned long sp;
	unsigned long fsbase, gsbase;
	u16 selectors[4];
	u32 fpu_cpu;
	void *fpu;
};

/* Not volatile: within one thread the answer never changes, whatever CPU it is on. */
static __always_inline struct thread *get_current(void)
{
	struct thread *t;

	__asm__("movq %%rsp, %0; orq $16383, %0; movq -7(%0), %0" : "=r"(t)::"cc");
	return t;
}
#define current get_current()

/* Only where this CPU cannot change: events masked or preemption off. */
static __always_inline struct pv_vcpu *this_vcpu(void)
{
	struct pv_vcpu *v;

	__asm__ volatile("movq %%rsp, %0; orq $16383, %0; movq -15(%0), %0"
			 : "=r"(v)::"cc", "memory");
	return v;
}

#endif
#endif
