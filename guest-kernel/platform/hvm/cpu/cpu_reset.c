// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that firmware, a loader or the kernel before us may have left in any state, and that
 * nothing else in this folder sets: each gets the value it has after reset, or the one we mean. A
 * start-up IPI does not reset most of them (SDM vol. 3, table 9-1), so every CPU does this. MTRRs
 * are the firmware's and stay.
 */
#include "../hvm.h"

#define PAT_RESET	0x0007040600070406UL	/* SDM vol. 3, 11.12.4 */
#define DR6_RESET	0xffff0ff0UL
#define DR7_RESET	0x400UL
#define MSR_XFD		0x1c4
#define MSR_LBR_CTL	0x14ce

/* A register of the CPU's model: without it (and in some hypervisors) the write is a #GP. */
static void wrmsr_if_there(u32 msr, u64 v)
{
	__asm__ volatile("1:\twrmsr\n2:\n" EXTABLE("1b", "2b")
			 :: "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

static void reset_debug_registers(void)
{
	__asm__ volatile("movq %0, %%dr7" :: "r"(DR7_RESET));
	__asm__ volatile("movq %0, %%dr0; movq %0, %%dr1; movq %0, %%dr2; movq %0, %%dr3"
			 :: "r"(0UL));
	__asm__ volatile("movq %0, %%dr6" :: "r"(DR6_RESET));
}

/*
 * What records or counts behind our back, some of it into memory at an address that is not ours
 * (SDM vol. 3, chapters 17 to 19 and 33). In DEBUGCTL, BTF would also change what a single step is.
 */
static void stop_tracing(void)
{
	u32 max = cpuid(0, 0).eax;
	struct cpuid_regs r = { 0 };

	wrmsr_if_there(MSR_DEBUGCTL, 0);
	if (max >= 7)
		r = cpuid(7, 0);
	if (r.ebx & BIT(25))
		wrmsr_if_there(MSR_RTIT_CTL, 0);
	if (r.edx & BIT(19))
		wrmsr_if_there(MSR_LBR_CTL, 0);
	if (cpuid(1, 0).edx & BIT(21))
		wrmsr_if_there(MSR_PEBS_ENABLE, 0);
	if (max >= 0xa && (cpuid(0xa, 0).eax & 0xff) >= 2)
		wrmsr_if_there(MSR_PERF_GLOBAL_CTRL, 0);
}

/*
 * There is no 32-bit ABI. SYSENTER is a #GP with a null code segment (SDM vol. 2, SYSENTER); SYSCALL
 * of 32-bit code, which AMD's CPUs have, goes to CSTAR whatever stands there.
 */
static void close_compat_entries(void)
{
	if (cpuid(1, 0).edx & BIT(11)) {
		wrmsr(MSR_SYSENTER_CS, 0);
		wrmsr(MSR_SYSENTER_ESP, 0);
		wrmsr(MSR_SYSENTER_EIP, 0);
	}
	wrmsr(MSR_CSTAR, (u64)hvm_syscall32_entry);
}

/* Caches are written back if memory has had other types until now (SDM vol. 3, 11.12.4). */
static void reset_pat(void)
{
	if (!(cpuid(1, 0).edx & BIT(16)) || rdmsr(MSR_PAT) == PAT_RESET)
		return;
	__asm__ volatile("wbinvd" ::: "memory");
	wrmsr(MSR_PAT, PAT_RESET);
	__asm__ volatile("wbinvd" ::: "memory");
	tlb_flush_global();
}

/* XSAVE components of the supervisor, and those that trap when they are first used. */
static void reset_extended_state(void)
{
	u32 features = cpu_has.xsave && cpuid(0, 0).eax >= 0xd ? cpuid(0xd, 1).eax : 0;

	if (features & BIT(3))
		wrmsr(MSR_XSS, 0);
	if (features & BIT(4))
		wrmsr(MSR_XFD, 0);
}

/**
 * cpu_reset_registers - leave nothing to chance
 * @cpu: this CPU's number, which RDTSCP and RDPID tell programs, as on Linux
 *
 * Context: this CPU; interrupts off, descriptor tables loaded.
 */
void cpu_reset_registers(u32 cpu)
{
	reset_debug_registers();
	stop_tracing();
	close_compat_entries();
	reset_pat();
	reset_extended_state();
	__asm__ volatile("lldt %w0" :: "r"(0));
	if (cpu_has.tsc_aux)
		wrmsr(MSR_TSC_AUX, cpu);
	/* A null selector leaves the base alone on AMD's CPUs, and struct hvm_cpu says that both are 0. */
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}
