// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: what programs may learn about the CPU. Programs that execute CPUID themselves see the host's
 * answer; this is the guest's.
 */
#include <time.h>
#include <platform/cpu.h>
#include <platform/trap.h>
#include "../x86/cpuinfo.h"
#include "pv.h"

/* Ticks a second, from the clock's multiplier: ns = (ticks << shift) * mul >> 32. */
static u64 tsc_hz(void)
{
	const struct pv_clock *c = &pv_cpus[0].page->clock;
	u64 hz;

	if (!c->mul)
		return 0;
	hz = (NSEC_PER_SEC << 32) / c->mul;
	return c->shift >= 0 ? hz >> c->shift : hz << -c->shift;
}

size_t platform_cpuinfo(u32 cpu, char *buf, size_t size)
{
	return x86_cpuinfo(cpu, cpu, tsc_hz(), buf, size);
}

/** plat_hwcap - AT_HWCAP of the auxiliary vector: CPUID.1:EDX, as on Linux */
unsigned long plat_hwcap(void)
{
	u32 regs[4];

	plat_cpuid(1, 0, regs);
	return regs[3];
}
