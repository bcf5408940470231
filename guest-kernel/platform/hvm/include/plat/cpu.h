/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVM: interrupt flag, pause, halt (SDM vol. 2).
 */
#ifndef _PLAT_CPU_H
#define _PLAT_CPU_H

#include <compiler.h>

#define RFLAGS_IF 0x200UL

static __always_inline void irq_disable(void) { __asm__ volatile("cli" ::: "memory"); }
static __always_inline void irq_enable(void) { __asm__ volatile("sti" ::: "memory"); }

static __always_inline unsigned long irq_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags) :: "memory");
	return flags;
}

static __always_inline bool irqs_disabled(void) { return !(irq_flags() & RFLAGS_IF); }

static __always_inline unsigned long irq_save(void)
{
	unsigned long flags = irq_flags();

	irq_disable();
	return flags;
}

static __always_inline void irq_restore(unsigned long flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

static __always_inline void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
static __always_inline void cpu_spin_yield(u32 holder) { (void)holder; cpu_relax(); }

/*
 * STI takes effect after the next instruction, so that no interrupt can slip in
 * before HLT (SDM vol. 2, STI).
 */
static __always_inline void cpu_idle(void) { __asm__ volatile("sti; hlt" ::: "memory"); }

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

/* CPUID as eax, ebx, ecx, edx. */
static inline void plat_cpuid(u32 leaf, u32 sub, u32 regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]), "=d"(regs[3])
			 : "a"(leaf), "c"(sub));
}

#endif
