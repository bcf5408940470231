// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: threads as the vCPU sees them: a kernel stack with its two last words, user segment bases,
 * extended state. Contracts stand in include/platform/trap.h.
 */
#include <errno.h>
#include <mm.h>
#include <process.h>
#include <sched.h>
#include <string.h>
#include <platform/trap.h>
#include "../x86/fpu.h"
#include "../x86/switch.h"
#include "pv.h"

void plat_thread_init(struct thread *t, void (*entry)(void *), void *arg)
{
	pv_stack_link(t->kstack, NULL, t);
	x86_thread_init(t, entry, arg);
}

/* ---- segment bases: one pair a vCPU, not switched between the modes ---- */

static bool have_fsgsbase(void)
{
	return pv_features & PV_FEAT_FSGSBASE;
}

/* Not -mfsgsbase intrinsics: the kernel is compiled for any x86-64. Preemption off. */
static void write_base(bool gs, unsigned long base)
{
	unsigned long *loaded = &this_cpu(pv_cpus).base[gs];

	if (have_fsgsbase()) {
		if (gs)
			__asm__ volatile("wrgsbase %0" ::"r"(base));
		else
			__asm__ volatile("wrfsbase %0" ::"r"(base));
	} else if (*loaded != base) {
		hypercall2(PV_HC_SET_BASE, gs ? PV_BASE_GS : PV_BASE_FS, base);
		*loaded = base;
	}
}

/* Programs may change the bases themselves where the instructions work. */
static void save_bases(struct plat_thread *p)
{
	if (!have_fsgsbase())
		return;
	__asm__ volatile("rdfsbase %0" : "=r"(p->fsbase));
	__asm__ volatile("rdgsbase %0" : "=r"(p->gsbase));
}

static void save_selectors(u16 sel[4])
{
	__asm__ volatile("movw %%fs, %0; movw %%gs, %1; movw %%ds, %2; movw %%es, %3"
			 : "=m"(sel[0]), "=m"(sel[1]), "=m"(sel[2]), "=m"(sel[3]));
}

/* Loading FS or GS changes its base, too (SDM vol. 3, 3.4.4): the bases come afterwards. */
static void load_selectors(const u16 sel[4])
{
	unsigned long *base = this_cpu(pv_cpus).base;

	__asm__ volatile("movw %0, %%fs; movw %1, %%gs; movw %2, %%ds; movw %3, %%es"
			 :
			 : "m"(sel[0]), "m"(sel[1]), "m"(sel[2]), "m"(sel[3])
			 : "memory");
	base[0] = base[1] = ~0UL;
}

static bool any_selector(const u16 sel[4])
{
	return sel[0] | sel[1] | sel[2] | sel[3];
}

static void switch_segments(struct thread *prev, struct thread *next)
{
	u16 now[4];

	save_selectors(now);
	if (prev->plat.fpu) {
		save_bases(&prev->plat);
		memcpy(prev->plat.selectors, now, sizeof(now));
	}
	if (!next->plat.fpu)
		return;
	if (any_selector(now) || any_selector(next->plat.selectors))
		load_selectors(next->plat.selectors);
	write_base(false, next->plat.fsbase);
	write_base(true, next->plat.gsbase);
}

int plat_set_base(bool gs, unsigned long base)
{
	if (base >= PV_VA_MAX)
		return -EPERM;
	preempt_disable();
	if (gs)
		current->plat.gsbase = base;
	else
		current->plat.fsbase = base;
	write_base(gs, base);
	preempt_enable();
	return 0;
}

unsigned long plat_get_base(bool gs)
{
	unsigned long base;

	preempt_disable();
	save_bases(&current->plat);
	base = gs ? current->plat.gsbase : current->plat.fsbase;
	preempt_enable();
	return base;
}

/* ---- life of a thread ---- */

int plat_thread_fork(struct thread *t, const struct trapframe *tf, unsigned long sp,
		     unsigned long tls)
{
	struct trapframe *child = user_frame(t);

	memset(&t->plat, 0, sizeof(t->plat));
	*child = *tf;
	child->rax = 0;
	if (sp)
		child->rsp = sp;
	t->plat.fsbase = tls == ~0UL ? plat_get_base(false) : tls;
	t->plat.gsbase = plat_get_base(true);
	save_selectors(t->plat.selectors);
	pv_stack_link(t->kstack, NULL, t);
	x86_fork_init(t);
	return fpu_fork(t);
}

void plat_thread_free(struct thread *t)
{
	fpu_free(t);
}

void plat_exec(struct trapframe *tf, unsigned long ip, unsigned long sp)
{
	memset(tf, 0, sizeof(*tf));
	tf->rip = ip;
	tf->rsp = sp;
	tf->rflags = 0x202;
	tf->cs = USER_CS;
	tf->ss = USER_DS;
	fpu_exec();
	preempt_disable();
	load_selectors((u16[4]){0});
	preempt_enable();
	plat_set_base(false, 0);
	plat_set_base(true, 0);
}

/**
 * plat_switch - Give the vCPU from one thread to another.
 * @prev: the current thread
 * @next: the one that comes
 *
 * Context: masked. Returns when @prev gets a vCPU again, perhaps another one.
 */
void plat_switch(struct thread *prev, struct thread *next)
{
	struct pv_vcpu *v = this_vcpu();

	if (prev->mm)
		pv_mmu_leave();
	if (prev->active_mm != next->active_mm)
		mmu_switch(prev->active_mm, next->active_mm);
	switch_segments(prev, next);
	fpu_switch(prev, next);
	pv_stack_link(next->kstack, v, next);
	v->kernel_sp = next->kstack + KSTACK_SIZE - PV_STACK_SLOTS;
	x86_switch_stack(&prev->plat.sp, next->plat.sp);
}

bool plat_stack_ok(unsigned long fp)
{
	unsigned long base = current->kstack;

	return fp >= base && fp <= base + KSTACK_SIZE - PV_STACK_SLOTS - 16 && !(fp & 7);
}
