// SPDX-License-Identifier: GPL-2.0-only
/* Tests: no register of a CPU is as somebody before us left it. */
#include <ktest.h>
#include <platform/cpu.h>
#include <platform/mmu.h>
#include <spinlock.h>
#include <thread.h>

#include "../hvm.h"

#define POISON		0x12345678UL
#define PAT_POISON	0x0606060606060606UL
#define PAT_RESET	0x0007040600070406UL
#define CR0_WANTED	0x80050033UL	/* PG, AM, WP, NE, ET, MP, PE */
/* PAE, MCE, PGE, OSFXSR, OSXMMEXCPT, UMIP, PCIDE, OSXSAVE, SMEP, SMAP: nothing that programs use */
#define CR4_POSSIBLE	0x360ee0UL

struct state {
	u64 cr0, cr4, efer, star, lstar, cstar, sfmask, sysenter_cs, sysenter_eip, pat;
	u64 fs_base, gs_base, kernel_gs_base, debugctl, dr[4], dr7, cr8, tsc_aux;
	u16 ldt, tr, gs;
};

static struct state seen[CONFIG_NR_CPUS];

static void read_state(void *arg)
{
	struct state *s = &seen[cpu_id()];

	(void)arg;
	*s = (struct state){
		.cr0 = read_cr0(), .cr4 = read_cr4(), .efer = rdmsr(MSR_EFER),
		.star = rdmsr(MSR_STAR), .lstar = rdmsr(MSR_LSTAR), .cstar = rdmsr(MSR_CSTAR),
		.sfmask = rdmsr(MSR_SFMASK), .sysenter_cs = rdmsr(MSR_SYSENTER_CS),
		.sysenter_eip = rdmsr(MSR_SYSENTER_EIP), .pat = rdmsr(MSR_PAT),
		.fs_base = rdmsr(MSR_FS_BASE), .gs_base = rdmsr(MSR_GS_BASE),
		.kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE), .debugctl = rdmsr(MSR_DEBUGCTL),
		.tsc_aux = cpu_has.tsc_aux ? rdmsr(MSR_TSC_AUX) : cpu_id(),
	};
	__asm__("movq %%dr0, %0; movq %%dr1, %1; movq %%dr2, %2; movq %%dr3, %3; movq %%dr7, %4"
		: "=r"(s->dr[0]), "=r"(s->dr[1]), "=r"(s->dr[2]), "=r"(s->dr[3]), "=r"(s->dr7));
	__asm__("movq %%cr8, %0; sldt %1; str %2; movw %%gs, %3"
		: "=r"(s->cr8), "=m"(s->ldt), "=m"(s->tr), "=m"(s->gs));
}

static void check_entries(struct ktest *test, const struct state *s)
{
	KTEST_EXPECT_EQ(test, s->lstar, (u64)hvm_syscall_entry);
	KTEST_EXPECT_EQ(test, s->cstar, (u64)hvm_syscall32_entry);
	KTEST_EXPECT_EQ(test, s->star, (u64)GDT_USER32_CS << 48 | (u64)GDT_KERNEL_CS << 32);
	KTEST_EXPECT_EQ(test, s->sfmask & (RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC),
			RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC);
	KTEST_EXPECT_EQ(test, s->sysenter_cs, 0);
	KTEST_EXPECT_EQ(test, s->sysenter_eip, 0);
	KTEST_EXPECT_EQ(test, s->ldt, 0);
	KTEST_EXPECT_EQ(test, s->gs, 0);
	KTEST_EXPECT_EQ(test, s->tr, GDT_TSS);
}

static void check_state(struct ktest *test, const struct state *s, u32 cpu)
{
	u32 i;

	check_entries(test, s);
	KTEST_EXPECT_EQ(test, s->cr0, CR0_WANTED);
	KTEST_EXPECT_EQ(test, s->cr4 & ~CR4_POSSIBLE, 0);
	KTEST_EXPECT_EQ(test, s->efer, EFER_SCE | EFER_LME | EFER_LMA | mitigations_efer() |
			(cpu_has.nx ? EFER_NXE : 0));
	KTEST_EXPECT_EQ(test, s->pat, PAT_RESET);
	KTEST_EXPECT_EQ(test, s->fs_base, 0);
	KTEST_EXPECT_EQ(test, s->gs_base, (u64)&hvm_cpus[cpu]);
	KTEST_EXPECT_EQ(test, s->kernel_gs_base, 0);
	KTEST_EXPECT_EQ(test, s->debugctl, 0);
	KTEST_EXPECT_EQ(test, s->dr7, 0x400);
	for (i = 0; i < 4; i++)
		KTEST_EXPECT_EQ(test, s->dr[i], 0);
	KTEST_EXPECT_EQ(test, s->cr8, 0);
	KTEST_EXPECT_EQ(test, s->tsc_aux, cpu);
}

static void each_cpu_has_our_registers(struct ktest *test)
{
	unsigned long flags = irq_save();
	u32 cpu;

	read_state(NULL);
	irq_restore(flags);
	smp_call(~0ULL, read_state, NULL);
	for (cpu = 0; cpu < nr_cpus; cpu++)
		check_state(test, &seen[cpu], cpu);
}

/* As a start-up IPI leaves them. Before the first program runs, so nobody misses the bases. */
static void poison(void)
{
	wrmsr(MSR_CSTAR, POISON);
	wrmsr(MSR_SYSENTER_CS, GDT_KERNEL_CS);
	wrmsr(MSR_SYSENTER_EIP, POISON);
	wrmsr(MSR_PAT, PAT_POISON);
	wrmsr(MSR_FS_BASE, POISON);
	wrmsr(MSR_KERNEL_GS_BASE, POISON);
	if (cpu_has.tsc_aux)
		wrmsr(MSR_TSC_AUX, POISON);
	__asm__ volatile("movq %0, %%dr0; movq %0, %%dr3; movq %1, %%dr7"
			 :: "r"(USER_MIN), "r"(0xffff07ffUL));
}

static void reset_on(void *arg)
{
	(void)arg;
	poison();
	cpu_reset_registers(cpu_id());
	read_state(NULL);
}

static void poisoned_registers_are_reset(struct ktest *test)
{
	unsigned long flags = irq_save();
	u32 cpu;

	reset_on(NULL);
	irq_restore(flags);
	smp_call(~0ULL, reset_on, NULL);
	for (cpu = 0; cpu < nr_cpus; cpu++)
		check_state(test, &seen[cpu], cpu);
}

static const struct ktest_case cpu_state_cases[] = {
	KTEST_CASE(each_cpu_has_our_registers),
	KTEST_CASE(poisoned_registers_are_reset),
	{ 0 },
};

static const struct ktest_suite cpu_state_suite = { .name = "cpu_state", .cases = cpu_state_cases };
ktest_suite_register(cpu_state_suite);
