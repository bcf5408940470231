/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defences against speculation that both platforms share: indirect branches, patching of code while
 * booting, what /proc says. Included by assembly too. Documented in mitigations.c and patch.c.
 */
#ifndef _PLATFORM_X86_MITIGATIONS_H
#define _PLATFORM_X86_MITIGATIONS_H

#define THUNK_SIZE	32
#define NR_THUNKS	16	/* by number of the register */
#define THUNK_RSP	4	/* there is none */

#ifndef __ASSEMBLY__

#include <types.h>

/**
 * struct x86_vulnerability - one line of /proc/vulnerabilities
 * @name: as Linux calls it, in /sys/devices/system/cpu/vulnerabilities
 * @bug: name in the line "bugs" of /proc/cpuinfo, NULL: not affected
 * @state: what is done about it
 */
struct x86_vulnerability {
	const char *name;
	const char *bug;
	const char *state;
};

/* Given by the platform: ends with an empty one. Constant once other CPUs run. */
const struct x86_vulnerability *x86_vulnerabilities(void);

/* off: none; auto: what the CPU needs; all: whatever it can do, needed or not (for tests, too) */
enum x86_mitigations { MITIGATIONS_OFF, MITIGATIONS_AUTO, MITIGATIONS_ALL };
enum x86_mitigations x86_mitigations_wanted(void);
void x86_patch_thunks(void);
void x86_patch_sites(u64 features);

#endif
#endif
