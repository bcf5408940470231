// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monotonic time and the one-shot timer: contracts in include/platform/platform.h.
 *
 * The clock is the TSC where it runs evenly on all CPUs: the CPU says so, or the
 * machine is emulated, where one counter serves all; and nobody is seen to be
 * ahead or behind. Else the HPET.
 */
#define pr_fmt(f) "clock: " f

#include <log.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <time.h>

#include "acpi/acpi.h"
#include "hvm.h"

#define TSC_SHIFT 32

u64 tsc_hz __ro_after_init;
static u64 tsc_start __ro_after_init;
static u64 tsc_mult __ro_after_init;		/* ns per tick << TSC_SHIFT; 0: no clock yet */
static u64 hpet_start __ro_after_init;
static bool use_hpet __ro_after_init;

u64 platform_clock_ns(void)
{
	if (use_hpet)
		return hpet_ns() - hpet_start;
	return (u64)((unsigned __int128)(cpu_cycles() - tsc_start) * tsc_mult >> TSC_SHIFT);
}

void platform_timer_set(u64 ns)
{
	u64 now;

	if (ns == ~0ULL) {
		apic_timer_arm(~0ULL);
		return;
	}
	now = platform_clock_ns();
	apic_timer_arm(ns > now ? ns - now : 0);
}

u64 platform_steal_ns(u32 cpu)
{
	return 0;
}

static void read_cycles(void *arg)
{
	*(u64 *)arg = cpu_cycles();
}

static void switch_to_hpet(void)
{
	hpet_start = hpet_ns() - platform_clock_ns();
	use_hpet = true;
}

/**
 * clock_check_cpu - compare the TSC of a CPU that has just started with this one's
 * @cpu: its number
 *
 * A time read there must lie between two read here. What remains unseen is less than
 * a call takes. Context: boot CPU, interrupts on, before user mode.
 */
void clock_check_cpu(u32 cpu)
{
	u64 before = cpu_cycles(), there = before, after;

	if (use_hpet)
		return;
	smp_call(BIT(cpu), read_cycles, &there);
	after = cpu_cycles();
	if (there - before <= after - before)
		return;
	pr_warn("TSC of CPU %u is off by about %lld cycles\n", cpu, (long long)(there - before));
	if (hpet_present())
		switch_to_hpet();
	else
		pr_err("and there is no HPET: time differs between CPUs\n");
}

/** clock_init - choose and start the clock; boot CPU, interrupts off, ACPI tables read */
void clock_init(void)
{
	bool hpet = hpet_init(acpi_hpet_base());

	tsc_start = cpu_cycles();
	tsc_hz = tsc_calibrate();
	tsc_mult = (NSEC_PER_SEC << TSC_SHIFT) / tsc_hz;
	if (!cpu_has.invariant_tsc && !cpu_has.hypervisor && hpet) {
		hpet_start = hpet_ns();
		use_hpet = true;
	}
	pr_info("%s; TSC runs at %u.%03u MHz\n", use_hpet ? "HPET" : "TSC",
		(u32)(tsc_hz / 1000000), (u32)(tsc_hz / 1000 % 1000));
}
