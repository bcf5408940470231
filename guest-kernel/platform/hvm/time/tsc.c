// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the time stamp counter runs: what the CPU or hypervisor says, else
 * measured (SDM vol. 3, 18.7.3).
 */
#define pr_fmt(f) "tsc: " f

#include <log.h>
#include <platform/cpu.h>
#include <time.h>

#include "../hvm.h"

#define LEAF_TSC		0x15
#define LEAF_FREQUENCY		0x16
#define LEAF_HYPERVISOR		0x40000000
#define LEAF_HYPERVISOR_TIMING	0x40000010	/* eax: TSC in kHz (VMware, KVM, Firecracker) */
#define MEASURE_NS		(10 * NSEC_PER_MSEC)
#define SAMPLES			8
#define STUCK_READS		1000	/* without a change: the reference does not run */
#define PIT_TRIES		8
#define TSC_GUESS		1000000000ULL
#define TSC_HZ_MIN		100000000ULL
#define TSC_HZ_MAX		100000000000ULL

/* What the hypervisor says, if it means by this leaf what most do. */
static u64 tsc_from_hypervisor(void)
{
	u64 hz;

	if (!cpu_has.hypervisor || cpuid(LEAF_HYPERVISOR, 0).eax < LEAF_HYPERVISOR_TIMING)
		return 0;
	hz = cpuid(LEAF_HYPERVISOR_TIMING, 0).eax * 1000ULL;
	return hz >= TSC_HZ_MIN && hz <= TSC_HZ_MAX ? hz : 0;
}

static u64 tsc_from_cpuid(void)
{
	u32 max = cpuid(0, 0).eax;
	u64 hz = tsc_from_hypervisor();
	struct cpuid_regs r;

	if (hz || max < LEAF_TSC)
		return hz;
	r = cpuid(LEAF_TSC, 0);
	if (r.eax && r.ebx && r.ecx)
		return (u64)r.ecx * r.ebx / r.eax;
	return 0;
}

struct sample {
	u64 tsc, ns;
};

/*
 * Reads both counters at the same time, or nearly: of several tries the one
 * during which least time passed, as an emulated CPU may be stopped in between.
 */
static struct sample take_sample(u64 (*reference)(void))
{
	struct sample best = { 0, 0 };
	u64 shortest = ~0ULL;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		u64 before = cpu_cycles(), ns = reference(), after = cpu_cycles();

		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best = (struct sample){ .tsc = before + shortest / 2, .ns = ns };
	}
	return best;
}

static u64 measure(u64 (*reference)(void))
{
	struct sample from = take_sample(reference), to;
	u64 now, last = from.ns;
	u32 same = 0;

	while ((now = reference()) - from.ns < MEASURE_NS) {
		same = now == last ? same + 1 : 0;
		if (same == STUCK_READS)
			return 0;
		last = now;
		cpu_relax();
	}
	to = take_sample(reference);
	return mul_div(to.tsc - from.tsc, NSEC_PER_SEC, to.ns - from.ns);
}

/*
 * A machine that is stopped for long in between, as an emulated one may be, sees the counter wrap
 * and time go by too slowly: only what is found twice is believed.
 */
static u64 measure_by_pit(void)
{
	u64 hz, last = 0;
	int i;

	for (i = 0; i < PIT_TRIES; i++) {
		pit_start();
		hz = measure(pit_ns);
		if (!hz || (hz > last ? hz - last : last - hz) < hz / 64)
			return hz;
		last = hz;
	}
	return last;
}

/**
 * tsc_calibrate - frequency of the time stamp counter
 *
 * Context: boot CPU, interrupts off, HPET known. Takes 10 ms if it has to be
 * measured. Return: Hz.
 */
u64 tsc_calibrate(void)
{
	u64 hz = tsc_from_cpuid();

	if (hz)
		return hz;
	hz = hpet_present() ? measure(hpet_ns) : measure_by_pit();
	if (hz)
		return hz;
	pr_warn("nothing to measure it with: taken for 1 GHz\n");
	return TSC_GUESS;
}
