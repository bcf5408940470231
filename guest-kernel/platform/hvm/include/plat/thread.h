/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVM: what a thread keeps for the CPU, and how the current thread is found: GS
 * points at this CPU's struct hvm_cpu, whose first word is it.
 */
#ifndef _PLAT_THREAD_H
#define _PLAT_THREAD_H

#include <compiler.h>

struct thread;

/**
 * struct plat_thread - CPU state of a thread that does not run
 * @sp: kernel stack pointer, behind the registers that plat_switch() pushed
 * @fsbase: user FS base
 * @gsbase: user GS base
 * @fs: selectors of user mode, 0 in nearly every program
 * @gs: the same
 * @ds: the same
 * @es: the same
 * @fpu_cpu: CPU whose registers hold the extended state if that CPU agrees
 * @fpu: XSAVE (or FXSAVE) area, 64-byte aligned; NULL in kernel threads
 */
struct plat_thread {
	unsigned long sp;
	unsigned long fsbase, gsbase;
	u16 fs, gs, ds, es;
	u32 fpu_cpu;
	void *fpu;
};

static __always_inline struct thread *get_current(void)
{
	struct thread *t;

	/* Not volatile: within one thread the answer never changes, whatever CPU it is on. */
	__asm__("movq %%gs:0, %0" : "=r"(t));
	return t;
}
#define current get_current()

#endif
