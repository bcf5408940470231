// SPDX-License-Identifier: GPL-2.0-only
/*
 * The HPET's main counter: a reference to calibrate the TSC against, and the
 * clock where the TSC is not to be trusted (IA-PC HPET Specification 1.0a, 2.3).
 */
#define pr_fmt(f) "hpet: " f

#include <log.h>
#include <mm.h>

#include "../hvm.h"

#define HPET_CAP	0x000
#define HPET_CONFIG	0x010
#define HPET_COUNTER	0x0f0
#define CAP_64BIT	BIT(13)
#define CONFIG_ENABLE	BIT(0)
#define FS_PER_NS	1000000
#define PERIOD_MAX_FS	100000000	/* 100 ns, the specification's limit */

static u8 *regs __ro_after_init;
static u32 period_fs __ro_after_init;

/**
 * hpet_init - start the counter
 * @base: physical address of the registers, 0: none
 *
 * Return: false if there is none, or one of 32 bits, which would wrap.
 */
bool hpet_init(paddr_t base)
{
	u64 cap;

	regs = base ? ioremap(base, PAGE_SIZE) : NULL;
	if (!regs)
		return false;
	cap = mmio_read64(regs + HPET_CAP);
	period_fs = (u32)(cap >> 32);
	if (!(cap & CAP_64BIT) || !period_fs || period_fs > PERIOD_MAX_FS) {
		regs = NULL;
		return false;
	}
	mmio_write64(regs + HPET_CONFIG, mmio_read64(regs + HPET_CONFIG) | CONFIG_ENABLE);
	return true;
}

/** hpet_present - has hpet_init() found one? */
bool hpet_present(void)
{
	return regs != NULL;
}

/** hpet_ns - the counter in nanoseconds; any context */
u64 hpet_ns(void)
{
	return mul_div(mmio_read64(regs + HPET_COUNTER), period_fs, FS_PER_NS);
}
