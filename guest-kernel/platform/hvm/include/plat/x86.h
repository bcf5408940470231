/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that C has no words for: ports, model-specific and control
 * registers, CPUID. For platform/hvm and the PC's drivers (SDM vol. 2).
 */
#ifndef _PLAT_X86_H
#define _PLAT_X86_H

#include <compiler.h>

static __always_inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static __always_inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static __always_inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static __always_inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static __always_inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static __always_inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static __always_inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}

static __always_inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr"
			 :: "c"(msr), "a"((u32)(v & 0xffffffff)), "d"((u32)(v >> 32)) : "memory");
}

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

static __always_inline struct cpuid_regs cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

/* a * b / c with 128 bits in between; the quotient must fit into 64. */
static __always_inline u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 hi, lo, rest;

	__asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(a), "rm"(b));
	__asm__("divq %4" : "=a"(lo), "=d"(rest) : "0"(lo), "1"(hi), "rm"(c));
	return lo;
}

#define DEFINE_CR(n) \
static __always_inline u64 read_cr##n(void) \
{ \
	u64 v; \
	__asm__ volatile("movq %%cr" #n ", %0" : "=r"(v) :: "memory"); \
	return v; \
} \
static __always_inline void write_cr##n(u64 v) \
{ \
	__asm__ volatile("movq %0, %%cr" #n :: "r"(v) : "memory"); \
}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
#undef DEFINE_CR

static __always_inline void invlpg(unsigned long va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

/* Device registers in memory: one access of exactly this width. */
static __always_inline u32 mmio_read32(const volatile void *p) { return *(const volatile u32 *)p; }
static __always_inline void mmio_write32(volatile void *p, u32 v) { *(volatile u32 *)p = v; }
static __always_inline u64 mmio_read64(const volatile void *p) { return *(const volatile u64 *)p; }
static __always_inline void mmio_write64(volatile void *p, u64 v) { *(volatile u64 *)p = v; }

/* Model-specific registers (SDM vol. 4, table 2-2). */
#define MSR_APIC_BASE		0x1b
#define MSR_ARCH_CAPABILITIES	0x10a
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_DEBUGCTL		0x1d9
#define MSR_PAT			0x277
#define MSR_PERF_GLOBAL_CTRL	0x38f
#define MSR_PEBS_ENABLE		0x3f1
#define MSR_RTIT_CTL		0x570
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_X2APIC_BASE		0x800
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_XSS			0xda0

#define EFER_SCE	BIT(0)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)

#define CR0_PE		BIT(0)
#define CR0_MP		BIT(1)
#define CR0_ET		BIT(4)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_AM		BIT(18)
#define CR0_PG		BIT(31)

#define CR4_PAE		BIT(5)
#define CR4_MCE		BIT(6)
#define CR4_PGE		BIT(7)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_PCIDE	BIT(17)
#define CR4_OSXSAVE	BIT(18)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)

#define RFLAGS_TF	BIT(8)
#define RFLAGS_DF	BIT(10)
#define RFLAGS_NT	BIT(14)
#define RFLAGS_RF	BIT(16)
#define RFLAGS_AC	BIT(18)

#endif
