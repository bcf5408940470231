// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monotonic time and the one-shot timer: contracts in include/platform/platform.h.
 *
 * The clock is the TSC where it runs evenly on all CPUs: the CPU says so, or the
 * machine is emulated, where one counter serves all; and nobody is seen to be
 * ahead or behind. Else the HPET.
 */
#define pr_fmt(f) "clock: " f

#include <atomic.h>
#include <log.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <time.h>

#include "../acpi/acpi.h"
#include "../hvm.h"

#define TSC_SHIFT 32
#define SYNC_ROUNDS 2000U	/* questions to a CPU that starts ... */
#define SYNC_ROUNDS_MIN 3U	/* ... fewer if they take longer than ... */
#define SYNC_PART 200U		/* ... this part of a second: an emulated CPU may be slow to answer */
#define SYNC_END ~0U

u64 tsc_hz __ro_after_init;
static u64 tsc_start __ro_after_init;
static u64 tsc_mult __ro_after_init;		/* ns per tick << TSC_SHIFT; 0: no clock yet */
static u64 hpet_start __ro_after_init;
static bool use_hpet __ro_after_init;

u64 platform_clock_ns(void)
{
	if (use_hpet)
		return hpet_ns() - hpet_start;
	return (u64)((unsigned __int128)(cpu_cycles_ordered() - tsc_start) * tsc_mult >> TSC_SHIFT);
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

static void switch_to_hpet(void)
{
	hpet_start = hpet_ns() - platform_clock_ns();
	use_hpet = true;
}

/* What a CPU that starts and the boot CPU tell each other while they compare their counters. */
static struct {
	u32 cpu;			/* who answers; 0: nobody yet */
	u32 ask, answer;		/* number of the question; SYNC_END: no more */
	u64 there;			/* the answer */
} sync;

/**
 * clock_answer - let the boot CPU compare this CPU's TSC with its own
 * @cpu: number of this CPU
 *
 * Context: a CPU that starts, before anybody waits for it; interrupts off.
 */
void clock_answer(u32 cpu)
{
	u32 asked, answered = 0;

	if (use_hpet)
		return;
	smp_store_release(&sync.cpu, cpu);
	while ((asked = smp_load_acquire(&sync.ask)) != SYNC_END) {
		if (asked == answered) {
			cpu_relax();
			continue;
		}
		answered = asked;
		sync.there = cpu_cycles_ordered();
		smp_store_release(&sync.answer, answered);
	}
	smp_store_release(&sync.cpu, 0);
}

/* One question: by how much the other counter is outside of what was read here before and
 * after. */
static s64 ask_once(u32 number, u64 *took)
{
	u64 before = cpu_cycles_ordered(), after;

	smp_store_release(&sync.ask, number);
	while (smp_load_acquire(&sync.answer) != number)
		cpu_relax();
	after = cpu_cycles_ordered();
	*took = min(*took, after - before);
	if ((s64)(sync.there - before) < 0)
		return (s64)(sync.there - before);
	return max((s64)(sync.there - after), (s64)0);
}

static u64 magnitude(s64 v)
{
	return (u64)(v < 0 ? -v : v);
}

static void report_offset(u32 cpu, s64 offset, u64 shortest)
{
	if (!offset) {
		pr_debug("TSC of CPU %u: no difference seen in %llu cycles\n", cpu,
			 (unsigned long long)shortest);
		return;
	}
	pr_warn("TSC of CPU %u is off by %lld cycles or more\n", cpu, (long long)offset);
	if (hpet_present())
		switch_to_hpet();
	else
		pr_err("and there is no HPET: time differs between CPUs\n");
}

/**
 * clock_compare - compare the TSC of a CPU that is starting with this one's
 * @cpu: its number
 *
 * A time read there, when asked from here, must lie between one read before and one read after.
 * The question and the answer are a cache line each way, as anything by which two programs could
 * see that their clocks differ. Many are asked, as the shortest is the sharpest. Context: boot CPU,
 * before user mode. Return: false if the CPU is not there yet.
 */
bool clock_compare(u32 cpu)
{
	u64 shortest = ~0ULL, start = cpu_cycles_ordered();
	s64 offset = 0, one;
	unsigned long flags;
	u32 i;

	if (use_hpet || smp_load_acquire(&sync.cpu) != cpu)
		return use_hpet;
	flags = irq_save();
	for (i = 1; i <= SYNC_ROUNDS; i++) {
		if (i > SYNC_ROUNDS_MIN && cpu_cycles_ordered() - start > tsc_hz / SYNC_PART)
			break;
		one = ask_once(i, &shortest);
		if (magnitude(one) > magnitude(offset))
			offset = one;
	}
	irq_restore(flags);
	smp_store_release(&sync.ask, SYNC_END);
	while (smp_load_acquire(&sync.cpu) == cpu)
		cpu_relax();
	sync.ask = 0;
	sync.answer = 0;
	report_offset(cpu, offset, shortest);
	return true;
}

/** clock_init - choose and start the clock; boot CPU, interrupts off, ACPI tables read */
void clock_init(void)
{
	bool hpet = hpet_init(acpi_hpet_base());

	tsc_start = cpu_cycles_ordered();
	tsc_hz = tsc_calibrate();
	tsc_mult = (NSEC_PER_SEC << TSC_SHIFT) / tsc_hz;
	if (!cpu_has.invariant_tsc && !cpu_has.hypervisor && hpet) {
		hpet_start = hpet_ns();
		use_hpet = true;
	}
	pr_info("%s; TSC runs at %u.%03u MHz\n", use_hpet ? "HPET" : "TSC",
		(u32)(tsc_hz / 1000000), (u32)(tsc_hz / 1000 % 1000));
}
