/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of /proc/cpuinfo, for the platforms' platform_cpuinfo(). Documented in cpuinfo.c. */
#ifndef _PLATFORM_X86_CPUINFO_H
#define _PLATFORM_X86_CPUINFO_H

#include <types.h>

size_t x86_cpuinfo(u32 cpu, u32 apic_id, u64 tsc_hz, char *buf, size_t size);

#endif
