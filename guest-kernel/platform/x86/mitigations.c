// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done against speculation, as the user sees it: the boot option mitigations= and
 * /proc/vulnerabilities, in the words of Linux's /sys/devices/system/cpu/vulnerabilities.
 */
#define pr_fmt(f) "mitigations: " f

#include <fs.h>
#include <init.h>
#include <log.h>
#include <string.h>

#include "mitigations.h"

/** x86_mitigations_wanted - what the boot option mitigations= says */
enum x86_mitigations x86_mitigations_wanted(void)
{
	const char *value = cmdline_get("mitigations");

	if (!IS_ENABLED(CONFIG_MITIGATIONS) || (value && !strcmp(value, "off")))
		return MITIGATIONS_OFF;
	if (value && !strcmp(value, "all"))
		return MITIGATIONS_ALL;
	if (value && strcmp(value, "auto"))
		pr_warn("mitigations=%s is none of off, auto and all: auto\n", value);
	return MITIGATIONS_AUTO;
}

static int show(struct seq *s, void *arg)
{
	const struct x86_vulnerability *v;

	(void)arg;
	for (v = x86_vulnerabilities(); v->name; v++)
		seq_printf(s, "%s: %s\n", v->name, v->bug ? v->state : "Not affected");
	return 0;
}

static int vulnerabilities_init(void)
{
	return proc_register("vulnerabilities", show, NULL);
}
late_initcall(vulnerabilities_init);
