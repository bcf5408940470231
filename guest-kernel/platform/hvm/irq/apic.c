// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC of each CPU: end of interrupt, interrupts between CPUs, the
 * one-shot timer (SDM vol. 3, chapter 10). x2APIC where the CPU has it, else
 * registers in memory.
 */
#define pr_fmt(f) "apic: " f

#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <time.h>

#include "../hvm.h"

#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_SVR	0x0f0
#define APIC_ESR	0x280
#define APIC_LVT_CMCI	0x2f0
#define APIC_ICR	0x300
#define APIC_ICR_HIGH	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TIMER_INIT	0x380
#define APIC_TIMER_NOW	0x390
#define APIC_TIMER_DIV	0x3e0

#define APIC_BASE_ENABLE BIT(11)
#define APIC_BASE_X2	BIT(10)
#define SVR_ENABLE	BIT(8)
#define LVT_MASKED	BIT(16)
#define LVT_NMI		(4U << 8)
#define LVT_DEADLINE	(2U << 17)
#define DIVIDE_BY_16	0x3
#define ICR_NMI		(4U << 8)
#define ICR_INIT	(5U << 8)
#define ICR_STARTUP	(6U << 8)
#define ICR_PENDING	BIT(12)
#define ICR_ASSERT	BIT(14)

#define CALIBRATE_NS	(2 * NSEC_PER_MSEC)

static u8 *regs __ro_after_init;	/* NULL: x2APIC */
static u64 timer_hz __ro_after_init;	/* of the divided counter */

static u32 apic_read(u32 reg)
{
	return regs ? mmio_read32(regs + reg) : (u32)rdmsr(MSR_X2APIC_BASE + (reg >> 4));
}

static void apic_write(u32 reg, u32 v)
{
	if (regs)
		mmio_write32(regs + reg, v);
	else
		wrmsr(MSR_X2APIC_BASE + (reg >> 4), v);
}

/** apic_id - of this CPU */
u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return regs ? id >> 24 : id;
}

/** apic_eoi - the interrupt in service is done; interrupts off */
void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/*
 * The ICR is one register in x2APIC mode and two otherwise, of which the second
 * write sends. Interrupts are held off in between: a handler may send too.
 */
static void send(u32 dest, u32 what)
{
	unsigned long flags = irq_save();

	if (regs) {
		while (apic_read(APIC_ICR) & ICR_PENDING)
			cpu_relax();
		apic_write(APIC_ICR_HIGH, dest << 24);
		apic_write(APIC_ICR, what);
	} else {
		smp_mb();	/* WRMSR to the x2APIC orders nothing (SDM vol. 3, 10.12.3) */
		wrmsr(MSR_X2APIC_BASE + (APIC_ICR >> 4), (u64)dest << 32 | what);
	}
	irq_restore(flags);
}

/** apic_send_ipi - interrupt the CPU with APIC number @dest; any context */
void apic_send_ipi(u32 dest, u32 vector)
{
	send(dest, vector | ICR_ASSERT);
}

/** apic_send_nmi - the same with an NMI */
void apic_send_nmi(u32 dest)
{
	send(dest, ICR_NMI | ICR_ASSERT);
}

/** apic_send_init - put a CPU into the state in which it waits for a start-up IPI */
void apic_send_init(u32 dest)
{
	send(dest, ICR_INIT | ICR_ASSERT);
}

/** apic_send_startup - start a CPU in real mode at @page, below 1 MiB */
void apic_send_startup(u32 dest, paddr_t page)
{
	send(dest, ICR_STARTUP | ICR_ASSERT | (u32)(page >> PAGE_SHIFT));
}

/** apic_error_interrupt - report what the APIC complains about */
void apic_error_interrupt(void)
{
	apic_write(APIC_ESR, 0);
	pr_ratelimited(LOG_WARNING, "error status %x\n", apic_read(APIC_ESR));
}

/** apic_init - find the registers; boot CPU, once ioremap() works */
void apic_init(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if (cpu_has.x2apic || base & APIC_BASE_X2) {
		cpu_has.x2apic = true;
		return;
	}
	regs = ioremap(base & PTE_ADDR, PAGE_SIZE);
	if (!regs)
		panic("cannot map the local APIC");
}

/* Sources of interrupts that we do not use; newer APICs have more of them (SDM vol. 3, 10.5.1). */
static void mask_unused(void)
{
	u32 last = apic_read(APIC_VERSION) >> 16 & 0xff;

	if (last >= 4)
		apic_write(APIC_LVT_PERF, LVT_MASKED);
	if (last >= 5)
		apic_write(APIC_LVT_THERMAL, LVT_MASKED);
	if (last >= 6)
		apic_write(APIC_LVT_CMCI, LVT_MASKED);
}

/** apic_setup - switch this CPU's APIC on; interrupts off */
void apic_setup(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (!regs)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	mask_unused();
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
	apic_write(APIC_TIMER_DIV, DIVIDE_BY_16);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (cpu_has.tsc_deadline ? LVT_DEADLINE : 0));
	apic_eoi();
}

/**
 * apic_timer_calibrate - measure the timer against the TSC
 *
 * Context: boot CPU, interrupts off, clock running. Nothing to do where the
 * timer is compared with the TSC itself.
 */
void apic_timer_calibrate(void)
{
	u64 start, now;
	u32 count;

	if (cpu_has.tsc_deadline)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	start = platform_clock_ns();
	apic_write(APIC_TIMER_INIT, ~0U);
	do {
		count = ~0U - apic_read(APIC_TIMER_NOW);
		now = platform_clock_ns();
	} while (now - start < CALIBRATE_NS);
	apic_write(APIC_TIMER_INIT, 0);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	timer_hz = count * NSEC_PER_SEC / (now - start);
	if (!timer_hz)
		panic("the local APIC's timer does not count");
	pr_debug("timer %u kHz\n", (u32)(timer_hz / 1000));
}

/**
 * apic_timer_arm - one interrupt after some time
 * @delta_ns: from now; ~0: none. Cut to what the counter can hold: the interrupt
 *	      then comes early and the caller arms again
 *
 * Context: interrupts off.
 */
void apic_timer_arm(u64 delta_ns)
{
	u64 count;

	if (cpu_has.tsc_deadline) {
		delta_ns = min(delta_ns, 1ULL << 40);
		count = mul_div(delta_ns, tsc_hz, NSEC_PER_SEC);
		wrmsr(MSR_TSC_DEADLINE, cpu_cycles() + count);
		return;
	}
	if (delta_ns == ~0ULL) {
		apic_write(APIC_TIMER_INIT, 0);
		return;
	}
	delta_ns = min(delta_ns, 1ULL << 36);
	count = delta_ns * (timer_hz / 1000) / (NSEC_PER_SEC / 1000);
	apic_write(APIC_TIMER_INIT, (u32)clamp(count, 1ULL, 0xffffffffULL));
}
