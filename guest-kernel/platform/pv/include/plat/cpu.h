/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: the interrupt flag is the mask byte of the vCPU page (specification, section 4).
 *
 * A thread may be moved to another vCPU between finding its page and using it, unless it is masked
 * already. pv_irq_save() and pv_irq_masked() are therefore short restartable sequences (entry.S):
 * the event entry sends a thread that it interrupted inside one back to its start.
 */
#ifndef _PLAT_CPU_H
#define _PLAT_CPU_H

#include <plat/hypercall.h>
#include <plat/thread.h>

/* Masks; RAX is whether it was masked. Both clobber RAX and RCX alone. */
static __always_inline unsigned long irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("call pv_irq_save" : "=a"(flags)::"rcx", "cc", "memory");
	return flags;
}

static __always_inline void irq_disable(void)
{
	irq_save();
}

static __always_inline bool irqs_disabled(void)
{
	unsigned long flags;

	__asm__ volatile("call pv_irq_masked" : "=a"(flags)::"rcx", "cc", "memory");
	return flags;
}

/* Plain store, then test: section 4.3 says why nothing is lost. The caller is masked, so the page
 * is this vCPU's up to the store. */
static __always_inline void irq_enable(void)
{
	struct pv_vcpu *v = this_vcpu();

	WRITE_ONCE(v->mask, 0);
	barrier();
	if (unlikely(READ_ONCE(v->pending)))
		hypercall0(PV_HC_NOP);
}

static __always_inline void irq_restore(unsigned long flags)
{
	if (!flags)
		irq_enable();
}

static __always_inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* platform/pv/spin.c: gives the time to a holder that the host has preempted. */
void cpu_spin_yield(u32 holder);

/* BLOCK returns when something is pending, whatever the mask; unmasking delivers it. */
static __always_inline void cpu_idle(void)
{
	hypercall1(PV_HC_BLOCK, PV_ANY);
	irq_enable();
}

static __always_inline u64 cpu_cycles(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

/* The same, not before what stands in front of it has been done (SDM vol. 2, RDTSC). */
static __always_inline u64 cpu_cycles_ordered(void)
{
	u32 lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (u64)hi << 32 | lo;
}

/* CPUID as the host wants the guest to see it: eax, ebx, ecx, edx. */
static inline void plat_cpuid(u32 leaf, u32 sub, u32 regs[4])
{
	unsigned long flags = irq_save();
	const struct pv_vcpu *v = this_vcpu();

	hypercall2(PV_HC_CPUID, leaf, sub);
	for (int i = 0; i < 4; i++)
		regs[i] = READ_ONCE(v->out[i]);
	irq_restore(flags);
}

#endif
