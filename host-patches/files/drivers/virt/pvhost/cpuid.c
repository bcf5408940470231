// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPU a guest is told it has: the host's, less what ring 3 cannot use.
 */
#include <linux/cpufeature.h>
#include <linux/processor.h>
#include <linux/ptrace.h>

#include "frame.h"
#include "internal.h"

#define SIGNATURE_LEAF	0x40000000
#define VERSION_LEAF	0x40000001

static u32 bits(const unsigned int *list, unsigned int n)
{
	u32 mask = 0;

	while (n--)
		mask |= BIT(list[n] & 31);
	return mask;
}

/* Leaf 1: nothing of virtualisation, debugging by MSR, power, x2APIC, PCID. */
static void filter_1(u32 out[4])
{
	static const unsigned int ecx[] = {
		X86_FEATURE_DTES64, X86_FEATURE_MWAIT, X86_FEATURE_DSCPL, X86_FEATURE_VMX,
		X86_FEATURE_SMX, X86_FEATURE_EST, X86_FEATURE_TM2, X86_FEATURE_PDCM,
		X86_FEATURE_PCID, X86_FEATURE_X2APIC, X86_FEATURE_TSC_DEADLINE_TIMER,
	};
	static const unsigned int edx[] = {
		X86_FEATURE_VME, X86_FEATURE_DE, X86_FEATURE_MSR, X86_FEATURE_MCE,
		X86_FEATURE_APIC, X86_FEATURE_MTRR, X86_FEATURE_PGE, X86_FEATURE_MCA,
		X86_FEATURE_DS, X86_FEATURE_ACPI, X86_FEATURE_ACC,
	};

	out[2] &= ~bits(ecx, ARRAY_SIZE(ecx));
	out[2] |= BIT(X86_FEATURE_HYPERVISOR & 31);
	out[3] &= ~bits(edx, ARRAY_SIZE(edx));
}

/* Leaf 7: no supervisor protections, no protection keys, no shadow stacks, no AMX. */
static void filter_7(u32 subleaf, u32 out[4])
{
	static const unsigned int ebx[] = {
		X86_FEATURE_SMEP, X86_FEATURE_SMAP, X86_FEATURE_INVPCID,
		X86_FEATURE_INTEL_PT, X86_FEATURE_CQM, X86_FEATURE_RDT_A,
		X86_FEATURE_TSC_ADJUST, X86_FEATURE_SGX,
	};
	static const unsigned int ecx[] = {
		X86_FEATURE_UMIP, X86_FEATURE_PKU, X86_FEATURE_OSPKE, X86_FEATURE_WAITPKG,
		X86_FEATURE_SHSTK, X86_FEATURE_LA57, X86_FEATURE_ENQCMD,
		X86_FEATURE_BUS_LOCK_DETECT,
	};
	static const unsigned int edx[] = {
		X86_FEATURE_IBT, X86_FEATURE_SPEC_CTRL, X86_FEATURE_INTEL_STIBP,
		X86_FEATURE_FLUSH_L1D, X86_FEATURE_ARCH_CAPABILITIES,
		X86_FEATURE_SPEC_CTRL_SSBD, X86_FEATURE_CORE_CAPABILITIES,
		X86_FEATURE_AMX_BF16, X86_FEATURE_AMX_TILE, X86_FEATURE_AMX_INT8,
	};

	if (subleaf) {
		memset(out, 0, 4 * sizeof(*out));
		return;
	}
	out[0] = 0;
	out[1] &= ~bits(ebx, ARRAY_SIZE(ebx));
	out[2] &= ~bits(ecx, ARRAY_SIZE(ecx));
	out[3] &= ~bits(edx, ARRAY_SIZE(edx));
	if (!boot_cpu_has(X86_FEATURE_FSGSBASE))
		out[1] &= ~BIT(X86_FEATURE_FSGSBASE & 31);
}

/* Leaf 0xd: only what the vCPU's state holds. */
static void filter_d(u32 subleaf, u32 out[4])
{
	if (subleaf == 0) {
		out[0] &= fpu_user_cfg.default_features;
		out[2] = out[1];
		out[3] &= fpu_user_cfg.default_features >> 32;
	} else if (subleaf == 1) {
		out[0] &= 0x7;		/* XSAVEOPT, XSAVEC, XGETBV(1); no XSAVES */
		memset(&out[1], 0, 3 * sizeof(*out));
	} else if (subleaf > 62 || !(fpu_user_cfg.default_features & BIT_ULL(subleaf))) {
		memset(out, 0, 4 * sizeof(*out));
	}
}

static void filter_80000001(u32 out[4])
{
	static const unsigned int ecx[] = {
		X86_FEATURE_SVM, X86_FEATURE_EXTAPIC, X86_FEATURE_OSVW, X86_FEATURE_IBS,
		X86_FEATURE_SKINIT, X86_FEATURE_WDT, X86_FEATURE_LWP, X86_FEATURE_NODEID_MSR,
		X86_FEATURE_TOPOEXT, X86_FEATURE_PERFCTR_CORE, X86_FEATURE_PERFCTR_NB,
		X86_FEATURE_PERFCTR_LLC,
	};

	out[2] &= ~bits(ecx, ARRAY_SIZE(ecx));
}

static void signature(struct pvhost_vm *vm, u32 leaf, u32 out[4])
{
	memset(out, 0, 4 * sizeof(*out));
	if (leaf == SIGNATURE_LEAF) {
		out[0] = VERSION_LEAF;
		memcpy(&out[1], "PVhostPVhost", 12);
	} else if (leaf == VERSION_LEAF) {
		out[0] = PV_ABI_MAJOR << 16 | PV_ABI_MINOR;
		out[1] = lower_32_bits(vm->features);
		out[2] = upper_32_bits(vm->features);
	}
}

/* The number of this processor is the vCPU's, wherever it runs. */
static void number(u32 leaf, u32 index, u32 out[4])
{
	switch (leaf) {
	case 0x1:
		out[1] = (out[1] & 0x00ffffff) | index << 24;
		break;
	case 0xb: case 0x1f:
		out[3] = index;
		break;
	case 0x8000001e:
		out[0] = index;
		break;
	}
}

/**
 * pvhost_cpuid - PV_HC_CPUID
 * @v: the vCPU
 * @leaf: eax
 * @subleaf: ecx
 * @out: eax, ebx, ecx, edx
 *
 * Leaves that describe only the host (topology, caches, power, monitoring) are
 * passed through where they are harmless and zero where they are not.
 */
void pvhost_cpuid(struct pvhost_vcpu *v, u32 leaf, u32 subleaf, u32 out[4])
{
	if ((leaf & 0xf0000000) == 0x40000000) {
		signature(v->vm, leaf, out);
		return;
	}
	cpuid_count(leaf, subleaf, &out[0], &out[1], &out[2], &out[3]);
	switch (leaf) {
	case 0x1:
		filter_1(out);
		break;
	case 0x5: case 0x6: case 0xa: case 0xf: case 0x10: case 0x12: case 0x14: case 0x18:
	case 0x1b: case 0x1c: case 0x1d: case 0x1e: case 0x23:
	case 0x8000000a: case 0x8000001b: case 0x8000001f: case 0x80000020:
		memset(out, 0, 4 * sizeof(*out));
		break;
	case 0x7:
		filter_7(subleaf, out);
		break;
	case 0xd:
		filter_d(subleaf, out);
		break;
	case 0x80000001:
		filter_80000001(out);
		break;
	}
	number(leaf, v->index, out);
}

/**
 * pvhost_cpuid_insn - answer the CPUID instruction, if that is what has faulted
 * @v: the vCPU, on its own thread
 * @regs: its registers
 *
 * Context: may sleep.
 * Return: 0; -EFAULT if it is something else; else as pvhost_fill().
 */
int pvhost_cpuid_insn(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	u32 out[4];
	u8 code[2];
	int ret;

	ret = pvhost_fetch(v, v->space, regs->ip, code, sizeof(code));
	if (ret)
		return ret;
	if (!pvhost_is_cpuid(code))
		return -EFAULT;
	pvhost_cpuid(v, regs->ax, regs->cx, out);
	regs->ax = out[0];
	regs->bx = out[1];
	regs->cx = out[2];
	regs->dx = out[3];
	regs->ip = pvhost_next_ip(regs->ip, sizeof(code), regs->cs);
	regs->flags &= ~X86_EFLAGS_RF;
	return 0;
}
