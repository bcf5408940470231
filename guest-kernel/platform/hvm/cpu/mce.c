// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine checks: what the hardware reports about itself (SDM vol. 3, chapter 15). All banks report;
 * an error that leaves the state of the CPU or the interrupted code in doubt is a panic with what
 * the banks hold, any other is logged. Corrected errors raise nothing: they are logged together
 * with the next error that does, and what was there before us when a CPU starts.
 */
#define pr_fmt(f) "mce: " f

#include <log.h>
#include <panic.h>
#include <platform/cpu.h>

#include "../hvm.h"

#define MSR_MCG_CAP		0x179
#define MSR_MCG_STATUS		0x17a
#define MSR_MCG_CTL		0x17b
#define MSR_MC0_CTL		0x400	/* four registers a bank: CTL, STATUS, ADDR, MISC */
#define MCG_COUNT		0xffUL
#define MCG_CTL_P		BIT(8)
#define MCG_SER_P		BIT(24)
#define MCG_RIPV		BIT(0)
#define STATUS_VAL		BIT(63)
#define STATUS_UC		BIT(61)
#define STATUS_MISCV		BIT(59)
#define STATUS_ADDRV		BIT(58)
#define STATUS_PCC		BIT(57)
#define STATUS_S		BIT(56)
#define STATUS_AR		BIT(55)

struct bank {
	u32 nr;
	u64 status, addr, misc;
};

static u32 nr_banks(void)
{
	return (u32)(rdmsr(MSR_MCG_CAP) & MCG_COUNT);
}

static bool read_bank(u32 nr, struct bank *b)
{
	u32 msr = MSR_MC0_CTL + 4 * nr;

	*b = (struct bank){ .nr = nr, .status = rdmsr(msr + 1) };
	if (!(b->status & STATUS_VAL))
		return false;
	if (b->status & STATUS_ADDRV)
		b->addr = rdmsr(msr + 2);
	if (b->status & STATUS_MISCV)
		b->misc = rdmsr(msr + 3);
	return true;
}

static void clear_bank(const struct bank *b)
{
	wrmsr(MSR_MC0_CTL + 4 * b->nr + 1, 0);
}

static void report(const struct bank *b, const char *what)
{
	pr_err("CPU %u: %s: bank %u status %lx address %lx misc %lx\n", cpu_id(), what, b->nr,
	       (unsigned long)b->status, (unsigned long)b->addr, (unsigned long)b->misc);
}

/*
 * Uncorrected and not marked as one on which software may go on (15.9.3: signalled, no action
 * required), or with the context of the CPU corrupt.
 */
static bool is_fatal(const struct bank *b, u64 cap)
{
	if (b->status & STATUS_PCC)
		return true;
	if (!(b->status & STATUS_UC))
		return false;
	return !(cap & MCG_SER_P) || b->status & STATUS_AR || !(b->status & STATUS_S);
}

/**
 * mce_setup_cpu - let every bank report
 *
 * Bank 0 of Intel's oldest 64-bit CPUs is the firmware's (15.3.2.1); its CTL is left alone there.
 * Context: this CPU, interrupts off; CR4.MCE is set afterwards.
 */
void mce_setup_cpu(void)
{
	struct cpu_model m = cpu_model();
	bool skip_first = !m.amd && m.family == 6 && m.model < 0x1a;
	struct bank b;
	u32 i;

	if (!cpu_has.mce)
		return;
	if (rdmsr(MSR_MCG_CAP) & MCG_CTL_P)
		wrmsr(MSR_MCG_CTL, ~0UL);
	for (i = 0; i < nr_banks(); i++) {
		if (i || !skip_first)
			wrmsr(MSR_MC0_CTL + 4 * i, ~0UL);
		if (!read_bank(i, &b))
			continue;
		report(&b, "from before the start");
		clear_bank(&b);
	}
	wrmsr(MSR_MCG_STATUS, 0);
}

/**
 * mce_trap - a machine check
 * @tf: where it was
 *
 * Context: interrupts off, on a stack of its own. Returns if the interrupted code can go on.
 */
void mce_trap(struct trapframe *tf)
{
	u64 cap = rdmsr(MSR_MCG_CAP), status = rdmsr(MSR_MCG_STATUS);
	struct bank b, worst = { .nr = ~0U };
	bool fatal = !(status & MCG_RIPV);
	u32 i;

	for (i = 0; i < nr_banks(); i++) {
		if (!read_bank(i, &b))
			continue;
		report(&b, "machine check");
		if (is_fatal(&b, cap)) {
			fatal = true;
			worst = b;
		}
		clear_bank(&b);
	}
	if (fatal)
		panic_trap(tf, "machine check: bank %d status %lx address %lx misc %lx, global status %lx",
			   (int)worst.nr, (unsigned long)worst.status, (unsigned long)worst.addr,
			   (unsigned long)worst.misc, (unsigned long)status);
	wrmsr(MSR_MCG_STATUS, 0);
}
