// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: time from the clock in the vCPU page (specification, section 8), one-shot timer, steal time.
 */
#include <init.h>
#include <time.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include "pv.h"

/*
 * The counter of another vCPU's page, or that of the host CPU that wrote this one, may be a little
 * ahead of this CPU's: that is no time yet, and not half an eternity.
 */
static u64 clock_at(const struct pv_clock *c, u64 tsc)
{
	u64 from = READ_ONCE(c->tsc), delta = tsc > from ? tsc - from : 0;
	int shift = READ_ONCE(c->shift);

	delta = shift >= 0 ? delta << shift : delta >> -shift;
	return READ_ONCE(c->ns) + (u64)((unsigned __int128)delta * READ_ONCE(c->mul) >> 32);
}

/*
 * What each vCPU may be told goes forward, but not between them: nobody is told less than another
 * was.
 */
static u64 clock_unstable(void)
{
	static u64 latest; /* atomic */
	u64 now = (u64)hypercall1(PV_HC_CLOCK, PV_CLOCK_MONOTONIC), last = READ_ONCE(latest);

	do {
		if (now <= last)
			return last;
	} while (!__atomic_compare_exchange_n(&latest, &last, now, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return now;
}

/* vCPU 0's fields serve all of them: they are good everywhere when stable, and nothing else is
 * read. */
u64 platform_clock_ns(void)
{
	const struct pv_clock *c = &pv_cpus[0].page->clock;
	u32 version, flags;
	u64 ns;

	/* The host may find out while we run that its counters differ. */
	do {
		version = smp_load_acquire(&c->version) & ~1U;
		flags = READ_ONCE(c->flags);
		ns = clock_at(c, cpu_cycles_ordered());
		smp_rmb();
	} while (unlikely(READ_ONCE(c->version) != version));
	return likely(flags & PV_CLOCK_F_STABLE) ? ns : clock_unstable();
}

/* 0 would disarm, ~0 is never. */
void platform_timer_set(u64 ns)
{
	hypercall1(PV_HC_SET_TIMER, ns == ~0ULL ? 0 : max(ns, (u64)1));
}

static u64 host_clock_read(void)
{
	return (u64)hypercall1(PV_HC_CLOCK, PV_CLOCK_REALTIME);
}

/* The host's clock is not the guest's to set. */
static const struct rtc host_clock = { .read = host_clock_read };

static int host_clock_init(void)
{
	rtc_register(&host_clock);
	return 0;
}
early_initcall(host_clock_init);

u64 platform_steal_ns(u32 cpu)
{
	const struct pv_vcpu *v = pv_cpus[cpu].page;

	return v ? READ_ONCE(v->steal_ns) : 0;
}
