// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a PV kernel does against speculation by itself: bounds without speculation, and indirect
 * branches that are not predicted, since its programs run at its own level of privilege and no
 * mode of the CPU tells them apart. Address spaces, barriers and buffers are the host's.
 */
#include <boot_info.h>
#include <init.h>

#include "../x86/mitigations.h"
#include "pv.h"

static struct x86_vulnerability list[] __ro_after_init = {
	{ "spectre_v1", "spectre_v1", "Mitigation: __user pointer sanitization; entries are the host's" },
	{ "spectre_v2", "spectre_v2", "Mitigation: Retpolines; barriers are the host's" },
	{ "others", "others", "Unknown: the host's matter" },
	{ NULL, NULL, NULL },
};

const struct x86_vulnerability *x86_vulnerabilities(void)
{
	return list;
}

/**
 * pv_mitigations_init - obey mitigations=
 *
 * Context: vCPU 0, alone; the loader's tables, which map all memory writable.
 */
void pv_mitigations_init(void)
{
	cmdline_init(boot_info.cmdline, CONFIG_DEFAULT_CMDLINE);
	if (x86_mitigations_wanted() != MITIGATIONS_OFF)
		return;
	list[1].state = "Vulnerable";
	if (IS_ENABLED(CONFIG_MITIGATIONS))
		x86_patch_thunks();
}
