// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which address space a CPU has loaded, and forgetting what it remembers of the
 * tables (SDM vol. 3, 4.10): contracts in include/platform/mmu.h.
 */
#include <atomic.h>
#include <mm.h>
#include <platform/cpu.h>
#include <preempt.h>

#include "../hvm.h"

#define FLUSH_SINGLE_MAX 32		/* pages that are cheaper to flush one by one */

/* With a barrier between programs, or tables without the kernel for them. */
static __noinline void switch_mitigated(struct mm *prev, struct mm *next)
{
	u32 cpu = cpu_id();

	if (mitigated(MIT_IBPB))
		mitigations_switch_mm(&hvm_cpus[cpu], next);
	if (mitigated(MIT_KPTI))
		kpti_load(&hvm_cpus[cpu], next);
	else
		write_cr3(next->root);
	clear_bit(cpu, &prev->cpus);
}

/**
 * mmu_switch - load another address space on this CPU
 * @prev: the one loaded
 * @next: the one to load
 *
 * The bit in @next->cpus is set before its tables are used, so that a flush that
 * does not see the bit has changed the entries before they can be cached here.
 * Context: interrupts off.
 */
void mmu_switch(struct mm *prev, struct mm *next)
{
	u32 cpu = cpu_id();

	set_bit(cpu, &next->cpus);
	if (mitigated(MIT_IBPB) || mitigated(MIT_KPTI)) {
		switch_mitigated(prev, next);
		return;
	}
	write_cr3(next->root);
	clear_bit(cpu, &prev->cpus);
}

struct flush {
	struct mm *mm;			/* NULL: kernel addresses */
	unsigned long start, end;
};

/**
 * tlb_flush_global - forget all on this CPU
 *
 * Global entries survive a load of CR3 but not a change of CR4.PGE (SDM vol. 3,
 * 4.10.4.1).
 */
void tlb_flush_global(void)
{
	u64 cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
}

static void flush_here(const struct flush *f)
{
	unsigned long va;

	if (f->mm && mitigated(MIT_KPTI))
		kpti_flush_user(&hvm_cpus[cpu_id()]);
	if (f->end - f->start <= FLUSH_SINGLE_MAX * PAGE_SIZE) {
		for (va = f->start & PAGE_MASK; va < f->end; va += PAGE_SIZE)
			invlpg(va);
	} else if (f->mm) {
		write_cr3(read_cr3());
	} else {
		tlb_flush_global();
	}
}

static void flush_ipi(void *arg)
{
	const struct flush *f = arg;

	if (!f->mm || current->active_mm == f->mm)
		flush_here(f);
}

/**
 * mmu_flush_range - forget translations of user addresses on all CPUs
 * @mm: address space
 * @start: first address
 * @end: behind the last
 */
void mmu_flush_range(struct mm *mm, unsigned long start, unsigned long end)
{
	struct flush f = { .mm = mm, .start = start, .end = end };
	u64 others;

	preempt_disable();
	if (current->active_mm == mm)
		flush_here(&f);
	smp_mb();		/* the entries before the question who uses them */
	others = READ_ONCE(mm->cpus) & ~BIT(cpu_id());
	if (others)
		smp_call(others, flush_ipi, &f);
	preempt_enable();
}

/** mmu_flush_deferred - see platform/mmu.h; flushes are made at once */
void mmu_flush_deferred(void)
{
}

/** mmu_others_may_use - see platform/mmu.h; a CPU that loads @mm later remembers nothing */
bool mmu_others_may_use(struct mm *mm)
{
	smp_mb();	/* the entry before the question */
	return READ_ONCE(mm->cpus) & ~BIT(cpu_id());
}

/** mmu_flush_all - the same for all user addresses of @mm */
void mmu_flush_all(struct mm *mm)
{
	mmu_flush_range(mm, 0, USER_TOP);
}

/** mmu_flush_kernel - forget translations of kernel addresses on all CPUs */
void mmu_flush_kernel(unsigned long start, unsigned long end)
{
	struct flush f = { .start = start, .end = end };

	preempt_disable();
	flush_here(&f);
	smp_mb();		/* the entries before the question who is there */
	if (READ_ONCE(online_cpus) & ~BIT(cpu_id()))
		smp_call(~0UL, flush_ipi, &f);
	preempt_enable();
}
