// SPDX-License-Identifier: GPL-2.0-only
/* Linked instead of drivers/char/rtc_cmos.c when that is not configured. */
#include <errno.h>
#include <platform/platform.h>

u64 platform_rtc_read(void)
{
	return 0;
}

int platform_rtc_write(u64 ns)
{
	return -ENODEV;
}
