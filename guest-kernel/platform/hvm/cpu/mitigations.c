// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which defences against speculation this machine needs, and switching them on. What they are is
 * told in Documentation/mitigations.md; the sources are those of bugs.c.
 */
#define pr_fmt(f) "mitigations: " f

#include <atomic.h>
#include <boot_info.h>
#include <init.h>
#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <string.h>

#include "../../x86/mitigations.h"
#include "../hvm.h"
#include "../mitigate.h"

#define MSR_SPEC_CTRL	0x48
#define MSR_PRED_CMD	0x49
#define SPEC_IBRS	BIT(0)
#define SPEC_BHI_DIS_S	BIT(10)
#define PRED_IBPB	BIT(0)
#define EFER_AIBRSE	BIT(21)
#define CAP_IBRS_ALL	BIT(1)
#define CAP_FB_CLEAR	BIT(17)
#define CAP_RFDS_CLEAR	BIT(28)
#define BUGS_VERW	(BIT(BUG_MDS) | BIT(BUG_TAA) | BIT(BUG_MMIO) | BIT(BUG_RFDS))

u64 hvm_mitigations __ro_after_init;

/* What the CPU offers against it. */
static struct {
	bool spec_ctrl, ibpb, eibrs, autoibrs, bhi_ctrl, clears_buffers, pcid;
} offers __ro_after_init;

static char spectre_v2_text[120] __ro_after_init;

/* In the order of Linux's folder; a state is filled in by describe(). */
static struct x86_vulnerability list[] __ro_after_init = {
	[BUG_MELTDOWN] = { "meltdown", "cpu_meltdown", NULL },
	[BUG_L1TF] = { "l1tf", "l1tf", NULL },
	[BUG_MDS] = { "mds", "mds", NULL },
	[BUG_TAA] = { "tsx_async_abort", "taa", NULL },
	[BUG_MMIO] = { "mmio_stale_data", "mmio_stale_data", NULL },
	[BUG_RFDS] = { "reg_file_data_sampling", "rfds", NULL },
	[BUG_SPECTRE_V1] = { "spectre_v1", "spectre_v1", NULL },
	[BUG_SPECTRE_V2] = { "spectre_v2", "spectre_v2", NULL },
	[BUG_SSB] = { "spec_store_bypass", "spec_store_bypass", NULL },
	[BUG_RETBLEED] = { "retbleed", "retbleed", NULL },
	[BUG_SRSO] = { "spec_rstack_overflow", "srso", NULL },
	[BUG_BHI] = { "branch_history_injection", "bhi", NULL },
	{ NULL, NULL, NULL },
};

/** x86_vulnerabilities - see x86/mitigations.h */
const struct x86_vulnerability *x86_vulnerabilities(void)
{
	return list;
}

static void find_offers(void)
{
	u32 max = cpuid(0, 0).eax, max_ext = cpuid(0x80000000, 0).eax;
	u64 caps = cpu_arch_capabilities();
	struct cpuid_regs r = { 0 }, ext = { 0 };

	if (max >= 7)
		r = cpuid(7, 0);
	if (max_ext >= 0x80000008)
		ext = cpuid(0x80000008, 0);
	offers.spec_ctrl = r.edx & BIT(26) || ext.ebx & BIT(14);
	offers.ibpb = r.edx & BIT(26) || ext.ebx & BIT(12);
	offers.clears_buffers = r.edx & BIT(10) || caps & (CAP_FB_CLEAR | CAP_RFDS_CLEAR);
	offers.eibrs = offers.spec_ctrl && caps & CAP_IBRS_ALL;
	offers.autoibrs = max_ext >= 0x80000021 && cpuid(0x80000021, 0).eax & BIT(8);
	offers.bhi_ctrl = offers.spec_ctrl && max >= 7 && cpuid(7, 0).eax >= 2 &&
			  cpuid(7, 2).edx & BIT(4);
	offers.pcid = cpuid(1, 0).ecx & BIT(17);
}

/* Against indirect branches that a program has trained; with the history they depend on. */
static u64 choose_branches(u32 bugs)
{
	u64 m = BIT(MIT_RSB);

	if (offers.ibpb)
		m |= BIT(MIT_IBPB);
	if (offers.autoibrs)
		return m | BIT(MIT_AUTOIBRS);
	if (offers.eibrs) {
		m |= BIT(MIT_EIBRS);
		if (bugs & BIT(BUG_BHI))
			m |= BIT(offers.bhi_ctrl ? MIT_BHI_DIS : MIT_BHB);
		return m;
	}
	/* A RET there is no better than an indirect jump, which undoes the thunks. */
	if (bugs & BIT(BUG_RETBLEED) && !cpu_model().amd && offers.spec_ctrl)
		return m | BIT(MIT_IBRS);
	return m | BIT(MIT_RETPOLINE);
}

static u64 choose(u32 bugs)
{
	u64 m = BIT(MIT_ENTRY) | choose_branches(bugs);

	if (bugs & BIT(BUG_MELTDOWN))
		m |= BIT(MIT_KPTI) | (offers.pcid ? BIT(MIT_PCID) : 0);
	if (bugs & BUGS_VERW)
		m |= BIT(MIT_VERW);	/* attempted without the microcode, too */
	return m;
}

/* Whatever this CPU has an instruction or a register for. */
static u64 choose_all(void)
{
	return BIT(MIT_ENTRY) | BIT(MIT_KPTI) | BIT(MIT_VERW) | BIT(MIT_BHB) | BIT(MIT_RETPOLINE) |
	       BIT(MIT_RSB) | (offers.pcid ? BIT(MIT_PCID) : 0) | (offers.ibpb ? BIT(MIT_IBPB) : 0) |
	       (offers.spec_ctrl ? BIT(MIT_IBRS) : 0);
}

static void describe_branches(u64 m)
{
	const char *how = m & BIT(MIT_AUTOIBRS) ? "Enhanced / Automatic IBRS" :
			  m & BIT(MIT_EIBRS) ? "Enhanced / Automatic IBRS" :
			  m & BIT(MIT_IBRS) ? "IBRS" : "Retpolines";

	scnprintf(spectre_v2_text, sizeof(spectre_v2_text), "Mitigation: %s; IBPB: %s; RSB filling",
		  how, m & BIT(MIT_IBPB) ? "always-on" : "disabled");
}

/* With everything off, all that a CPU is prone to is open, but for what is compiled in. */
static void describe(u32 bugs, u64 m)
{
	const char *buffers = offers.clears_buffers ? "Mitigation: Clear CPU buffers" :
			      "Vulnerable: Clear CPU buffers attempted, no microcode";
	u32 i;

	for (i = 0; list[i].name; i++) {
		list[i].state = "Vulnerable";
		if (!(bugs >> i & 1))
			list[i].bug = NULL;
		else if (m && BUGS_VERW >> i & 1)
			list[i].state = buffers;
	}
	list[BUG_L1TF].state = "Mitigation: absent entries name a program's own pages";
	list[BUG_SPECTRE_V1].state = m ?
		"Mitigation: usercopy/swapgs barriers and __user pointer sanitization" :
		"Vulnerable: __user pointer sanitization and usercopy barriers only; no swapgs barriers";
	if (!m)
		return;
	describe_branches(m);
	list[BUG_SPECTRE_V2].state = spectre_v2_text;
	list[BUG_MELTDOWN].state = "Mitigation: PTI";
	if (m & BIT(MIT_IBRS))
		list[BUG_RETBLEED].state = "Mitigation: IBRS";
	list[BUG_BHI].state = m & BIT(MIT_BHI_DIS) ? "Mitigation: BHI_DIS_S" :
			      m & BIT(MIT_BHB) ? "Mitigation: SW loop" : "Mitigation: Retpolines";
}

/**
 * mitigations_init - choose and patch the entry code
 *
 * Context: boot CPU, alone; cpu_setup() has run, the kernel's own tables are not made yet.
 */
void mitigations_init(void)
{
	u32 bugs = bugs_detect();
	enum x86_mitigations wanted;

	cmdline_init(boot_info.cmdline, CONFIG_DEFAULT_CMDLINE);
	find_offers();
	wanted = x86_mitigations_wanted();
	if (wanted == MITIGATIONS_AUTO)
		hvm_mitigations = choose(bugs);
	else if (wanted == MITIGATIONS_ALL)
		hvm_mitigations = choose_all();
	describe(bugs, hvm_mitigations);
	if (!IS_ENABLED(CONFIG_MITIGATIONS))
		return;
	x86_patch_sites(hvm_mitigations);
	if (!mitigated(MIT_RETPOLINE))
		x86_patch_thunks();
}

/** mitigations_efer - bits that EFER has on every CPU */
u64 mitigations_efer(void)
{
	return mitigated(MIT_AUTOIBRS) ? EFER_AIBRSE : 0;
}

static void setup_kpti(struct hvm_cpu *c)
{
	u64 cr4 = read_cr4() & ~CR4_PGE;

	write_cr4(mitigated(MIT_PCID) ? cr4 | CR4_PCIDE : cr4);
	c->kernel_cr3 = read_cr3();
}

/**
 * mitigations_setup_cpu - switch on what is a CPU's own
 * @c: this CPU
 *
 * SPEC_CTRL is written in any case: a kernel before us may have left it.
 * Context: interrupts off, the kernel's tables loaded.
 */
void mitigations_setup_cpu(struct hvm_cpu *c)
{
	c->spec_ctrl = (mitigated(MIT_EIBRS) ? SPEC_IBRS : 0) |
		       (mitigated(MIT_BHI_DIS) ? SPEC_BHI_DIS_S : 0);
	c->verw_selector = GDT_KERNEL_DS;
	c->entry_top = (unsigned long)c->entry_stack + ENTRY_STACK_SIZE;
	if (offers.spec_ctrl)
		wrmsr(MSR_SPEC_CTRL, c->spec_ctrl | (mitigated(MIT_IBRS) ? SPEC_IBRS : 0));
	if (mitigated(MIT_KPTI))
		setup_kpti(c);
	hvm_set_kstack(c, c->kstack_top);
}

/**
 * mitigations_switch_mm - what one process has taught the CPU's predictors, another must not meet
 * @c: this CPU
 * @next: address space that is loaded
 *
 * Kernel threads use what is there. Context: interrupts off; for MIT_IBPB.
 */
void mitigations_switch_mm(struct hvm_cpu *c, const struct mm *next)
{
	DEBUG_ON(!mitigated(MIT_IBPB));
	if (next == &kernel_mm || c->last_mm == next->plat.id)
		return;
	c->last_mm = next->plat.id;
	wrmsr(MSR_PRED_CMD, PRED_IBPB);
}
