// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: time from the clock in the vCPU page (specification, section 8), one-shot timer, steal time.
 */
#include <errno.h>
#include <time.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include "pv.h"

static u64 clock_at(const struct pv_clock *c, u64 tsc)
{
	u64 delta = tsc - READ_ONCE(c->tsc);
	int shift = READ_ONCE(c->shift);

	delta = shift >= 0 ? delta << shift : delta >> -shift;
	return READ_ONCE(c->ns) + (u64)((unsigned __int128)delta * READ_ONCE(c->mul) >> 32);
}

/* vCPU 0's fields serve all of them: they are good everywhere when stable, and nothing else is
 * read. */
u64 platform_clock_ns(void)
{
	const struct pv_clock *c = &pv_cpus[0].page->clock;
	u32 version;
	u64 ns;

	if (unlikely(!(READ_ONCE(c->flags) & PV_CLOCK_F_STABLE)))
		return (u64)hypercall1(PV_HC_CLOCK, PV_CLOCK_MONOTONIC);
	do {
		version = smp_load_acquire(&c->version) & ~1U;
		ns = clock_at(c, cpu_cycles());
		smp_rmb();
	} while (unlikely(READ_ONCE(c->version) != version));
	return ns;
}

/* 0 would disarm, ~0 is never. */
void platform_timer_set(u64 ns)
{
	hypercall1(PV_HC_SET_TIMER, ns == ~0ULL ? 0 : max(ns, (u64)1));
}

u64 platform_rtc_read(void)
{
	return (u64)hypercall1(PV_HC_CLOCK, PV_CLOCK_REALTIME);
}

/* The host's clock is not the guest's to set. */
int platform_rtc_write(u64 ns)
{
	(void)ns;
	return -ENODEV;
}

u64 platform_steal_ns(u32 cpu)
{
	const struct pv_vcpu *v = pv_cpus[cpu].page;

	return v ? READ_ONCE(v->steal_ns) : 0;
}
