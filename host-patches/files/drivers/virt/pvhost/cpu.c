// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU is set to while a guest's registers are on it, and the task's own
 * settings again when they are not.
 *
 * SYSENTER forgets where it came from, so nobody could tell the guest. Without a
 * code segment it is #GP, at the instruction. CPUID, where the CPU can make it fault,
 * is answered by the host from the guest's table instead of the processor's.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/cpufeature.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <asm/msr.h>
#include <asm/tlbflush.h>
#include <asm/vsyscall.h>

#include "internal.h"

/* Linux's code segment for SYSENTER; 0 if SYSENTER faults in any case. */
static u32 sysenter_cs __ro_after_init;

static void set_cpuid_faulting(bool on)
{
	u64 features = this_cpu_read(msr_misc_features_shadow);

	features &= ~MSR_MISC_FEATURES_ENABLES_CPUID_FAULT;
	if (on)
		features |= MSR_MISC_FEATURES_ENABLES_CPUID_FAULT;
	this_cpu_write(msr_misc_features_shadow, features);
	wrmsrl(MSR_MISC_FEATURES_ENABLES, features);
}

/**
 * pvhost_cpu_load - set this CPU up for a guest
 *
 * Context: preemption is off.
 */
void pvhost_cpu_load(void)
{
	if (sysenter_cs)
		wrmsr(MSR_IA32_SYSENTER_CS, 0, 0);
	if (cpu_feature_enabled(X86_FEATURE_CPUID_FAULT))
		set_cpuid_faulting(true);
}

/**
 * pvhost_cpu_restore - set this CPU up for the current task's own user mode
 *
 * Context: preemption is off.
 */
void pvhost_cpu_restore(void)
{
	if (sysenter_cs)
		wrmsr(MSR_IA32_SYSENTER_CS, sysenter_cs, 0);
	/* As Linux's own switch between tasks would have left it. */
	if (cpu_feature_enabled(X86_FEATURE_CPUID_FAULT))
		set_cpuid_faulting(test_thread_flag(TIF_NOCPUID));
}

/*
 * The entry that user mode goes by with KPTI: in the page behind. (Linux' own function for it has
 * the name of a configuration around it that is not the same in all of its releases.)
 */
static pgd_t *user_copy(pgd_t *pgd)
{
	return (pgd_t *)((unsigned long)pgd | PAGE_SIZE);
}

/**
 * pvhost_hide_vsyscall - make the vsyscall page the kernel's own in a shadow
 * @mm: the shadow
 *
 * With vsyscall=emulate user mode can read that page, in every mm: the entries of all
 * levels have the U bit. The top-level entry is the mm's own, and one that lacks the bit
 * will do. With KPTI it is the copy for user mode that counts.
 */
void pvhost_hide_vsyscall(struct mm_struct *mm)
{
	pgd_t *pgd = pgd_offset(mm, VSYSCALL_ADDR);

	set_pgd(pgd, __pgd(pgd_val(*pgd) & ~_PAGE_USER));
	if (cpu_feature_enabled(X86_FEATURE_PTI)) {
		pgd = user_copy(pgd);
		set_pgd(pgd, __pgd(pgd_val(*pgd) & ~_PAGE_USER));
	}
}

/**
 * pvhost_localize_vsyscall - let the vsyscall page be looked up in each mm
 *
 * A global translation, made for a program of the host, would serve guests, too.
 */
void pvhost_localize_vsyscall(void)
{
	unsigned int level;
	pte_t *pte = lookup_address(VSYSCALL_ADDR, &level);

	if (!pte || level != PG_LEVEL_4K || !(pte_flags(*pte) & _PAGE_GLOBAL))
		return;
	set_pte(pte, pte_clear_flags(*pte, _PAGE_GLOBAL));
	flush_tlb_all();
}

/**
 * pvhost_cpu_init - find out what this machine's CPUs need
 */
void __init pvhost_cpu_init(void)
{
	u64 cs;

	/* The others have no SYSENTER in 64-bit mode. */
	if (boot_cpu_data.x86_vendor != X86_VENDOR_AMD &&
	    boot_cpu_data.x86_vendor != X86_VENDOR_HYGON &&
	    !rdmsrl_safe(MSR_IA32_SYSENTER_CS, &cs))
		sysenter_cs = cs;
}
