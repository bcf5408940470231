// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the CPU can do, and the registers that make it do so (SDM vol. 3, 2.5,
 * 4.1, 5.8.8). Features are read on the boot CPU; all CPUs are taken to be alike.
 */
#define pr_fmt(f) "cpu: " f

#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <platform/platform.h>

#include "../../x86/cpuinfo.h"
#include "../../x86/entropy.h"
#include "../hvm.h"

#define CR0_WANTED		(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG)
#define CR4_WANTED_ALWAYS	(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)
#define XFEATURES_WANTED	0xe7U	/* x87, SSE, AVX, the three parts of AVX-512 */

struct cpu_features cpu_has __ro_after_init;
bool hvm_has_smap __ro_after_init;
u64 hvm_pte_nx __ro_after_init;
struct hvm_cpu hvm_cpus[CONFIG_NR_CPUS] __entry_data;

static u8 boot_ist_stacks[NR_IST * IST_SIZE] __entry_data __aligned(4096);

static bool bit(u32 reg, u32 n)
{
	return reg >> n & 1;
}

/** cpu_detect - read the feature flags; boot CPU, first of all */
void cpu_detect(void)
{
	u32 max = cpuid(0, 0).eax, max_ext = cpuid(0x80000000, 0).eax;
	struct cpuid_regs r = cpuid(1, 0);

	cpu_has.mce = bit(r.edx, 7) && bit(r.edx, 14);
	cpu_has.pge = bit(r.edx, 13);
	cpu_has.x2apic = bit(r.ecx, 21);
	cpu_has.tsc_deadline = bit(r.ecx, 24);
	cpu_has.xsave = bit(r.ecx, 26);
	cpu_has.hypervisor = bit(r.ecx, 31);
	if (max >= 7) {
		r = cpuid(7, 0);
		cpu_has.smep = bit(r.ebx, 7);
		hvm_has_smap = bit(r.ebx, 20);
		cpu_has.umip = bit(r.ecx, 2);
		cpu_has.tsc_aux = bit(r.ecx, 22);
	}
	if (max >= 0xd)
		cpu_has.xsaveopt = bit(cpuid(0xd, 1).eax, 0);
	r = cpuid(0x80000001, 0);
	cpu_has.nx = bit(r.edx, 20);
	hvm_pte_nx = cpu_has.nx ? BIT(63) : 0;
	cpu_has.tsc_aux = cpu_has.tsc_aux || bit(r.edx, 27);
	cpu_has.gbpages = bit(r.edx, 26);
	if (max_ext >= 0x80000007)
		cpu_has.invariant_tsc = bit(cpuid(0x80000007, 0).edx, 8);
}

/** cpu_model - vendor, family and model (SDM vol. 2, CPUID, "Version Information") */
struct cpu_model cpu_model(void)
{
	struct cpuid_regs r = cpuid(0, 0);
	u32 v = cpuid(1, 0).eax;
	struct cpu_model m = {
		/* "Auth"enticAMD, "Hygo"nGenuine */
		.amd = r.ebx == 0x68747541 || r.ebx == 0x6f677948,
		.family = v >> 8 & 0xf, .model = v >> 4 & 0xf,
	};

	if (m.family == 6 || m.family == 15)
		m.model |= (v >> 16 & 0xf) << 4;
	if (m.family == 15)
		m.family += v >> 20 & 0xff;
	return m;
}

/** cpu_arch_capabilities - IA32_ARCH_CAPABILITIES, 0 if there is none (SDM vol. 4, table 2-2) */
u64 cpu_arch_capabilities(void)
{
	if (cpuid(0, 0).eax < 7 || !(cpuid(7, 0).edx & BIT(29)))
		return 0;
	return rdmsr(MSR_ARCH_CAPABILITIES);
}

static void setup_control_registers(void)
{
	/* Whatever firmware used must not become user mode's: FSGSBASE, PCE, PKE, CET, ... */
	u64 cr4 = CR4_WANTED_ALWAYS;

	write_cr0(CR0_WANTED);
	if (cpu_has.mce)
		cr4 |= CR4_MCE;
	if (cpu_has.pge)
		cr4 |= CR4_PGE;
	if (cpu_has.smep)
		cr4 |= CR4_SMEP;
	if (hvm_has_smap)
		cr4 |= CR4_SMAP;
	if (cpu_has.umip)
		cr4 |= CR4_UMIP;
	if (cpu_has.xsave)
		cr4 |= CR4_OSXSAVE;
	write_cr4(cr4);
}

/* The components that fpu.c keeps (SDM vol. 1, 13.3). */
static void setup_extended_state(void)
{
	u32 features;

	if (cpu_has.xsave) {
		features = cpuid(0xd, 0).eax & XFEATURES_WANTED;
		__asm__ volatile("xsetbv" :: "c"(0), "a"(features), "d"(0));
	}
	__asm__ volatile("fninit");
}

/*
 * SYSCALL loads CS and SS from STAR[47:32], SYSRET from STAR[63:48] + 16 and
 * + 8 (SDM vol. 2, SYSRET).
 */
static void setup_syscall(void)
{
	u64 efer = EFER_SCE | EFER_LME | EFER_LMA | mitigations_efer();

	if (cpu_has.nx)
		efer |= EFER_NXE;
	wrmsr(MSR_EFER, efer);
	wrmsr(MSR_STAR, (u64)GDT_USER32_CS << 48 | (u64)GDT_KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)hvm_syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC);
}

/**
 * cpu_setup - make this CPU a kernel's
 * @cpu: its number; hvm_cpus[@cpu].running is set
 *
 * From here on `current` works on it. Context: interrupts off, boot page tables.
 */
void cpu_setup(u32 cpu)
{
	struct hvm_cpu *c = &hvm_cpus[cpu];
	/* The boot CPU has had none allocated. */
	unsigned long ist = c->ist_stacks ? c->ist_stacks : (unsigned long)boot_ist_stacks;

	gdt_load(c, ist);
	wrmsr(MSR_GS_BASE, (u64)c);
	idt_load();
	cpu_reset_registers(cpu);
	setup_syscall();
	mce_setup_cpu();
	setup_control_registers();
	setup_extended_state();
	mitigations_setup_cpu(c);
}

/** platform_entropy - see platform/platform.h */
size_t platform_entropy(void *buf, size_t n)
{
	return x86_entropy(buf, n);
}

/** platform_cpuinfo - see platform/cpu.h */
size_t platform_cpuinfo(u32 cpu, char *buf, size_t size)
{
	return x86_cpuinfo(cpu, hvm_cpus[cpu].apic_id, tsc_hz, buf, size);
}

/** platform_name - which platform this kernel was linked with */
const char *platform_name(void)
{
	return "hvm";
}

/** plat_hwcap - AT_HWCAP of the auxiliary vector: CPUID.1:EDX, as on Linux */
unsigned long plat_hwcap(void)
{
	return cpuid(1, 0).edx;
}
