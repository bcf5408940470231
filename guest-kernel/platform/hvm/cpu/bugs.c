// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the known ways to speculate where it must not be a CPU has: by vendor and family, and by
 * what newer ones say of themselves in IA32_ARCH_CAPABILITIES (SDM vol. 4, table 2-2; Intel,
 * "Guidance on Speculative Execution Side Channels"; AMD, "Software Techniques for Managing
 * Speculation", "Technical Guidance for Mitigating Branch Type Confusion"). A CPU that says nothing
 * is taken to have what its vendor's had.
 */
#include <types.h>

#include "../hvm.h"
#include "../mitigate.h"

#define CAP_RDCL_NO	BIT(0)
#define CAP_IBRS_ALL	BIT(1)
#define CAP_SSB_NO	BIT(4)
#define CAP_MDS_NO	BIT(5)
#define CAP_TAA_NO	BIT(8)
#define CAP_SBDR_NO	BIT(13)
#define CAP_FBSDP_NO	BIT(14)
#define CAP_PSDP_NO	BIT(15)
#define CAP_BHI_NO	BIT(20)
#define CAP_RFDS_NO	BIT(27)
#define CAP_RFDS_CLEAR	BIT(28)

/* Intel's CPUs between Skylake and Cascade Lake, whose RET may use the indirect predictor. */
static bool returns_are_predicted(u32 family, u32 model)
{
	static const u8 models[] = { 0x4e, 0x5e, 0x55, 0x66, 0x8e, 0x9e, 0xa5, 0xa6 };
	u32 i;

	for (i = 0; family == 6 && i < ARRAY_SIZE(models); i++) {
		if (models[i] == model)
			return true;
	}
	return false;
}

static u32 intel_bugs(const struct cpu_model *m, u64 caps)
{
	u64 mmio = CAP_SBDR_NO | CAP_FBSDP_NO | CAP_PSDP_NO;
	struct cpuid_regs r = { 0 };
	u32 bugs = 0;

	if (cpuid(0, 0).eax >= 7)
		r = cpuid(7, 0);
	if (!(caps & CAP_RDCL_NO))
		bugs |= BIT(BUG_MELTDOWN) | BIT(BUG_L1TF);
	if (!(caps & CAP_MDS_NO))
		bugs |= BIT(BUG_MDS);
	if (r.ebx & BIT(11) && !(caps & CAP_TAA_NO))
		bugs |= BIT(BUG_TAA);
	if ((caps & mmio) != mmio)
		bugs |= BIT(BUG_MMIO);
	if (caps & CAP_RFDS_CLEAR && !(caps & CAP_RFDS_NO))
		bugs |= BIT(BUG_RFDS);
	if (!(caps & CAP_IBRS_ALL) && returns_are_predicted(m->family, m->model))
		bugs |= BIT(BUG_RETBLEED);
	if (!(caps & CAP_BHI_NO))
		bugs |= BIT(BUG_BHI);
	return bugs;
}

/* Zen and Zen 2 confuse branches of different types; these and their successors have SRSO. */
static u32 amd_bugs(const struct cpu_model *m)
{
	u32 bugs = 0;

	if (m->family >= 0x15 && m->family <= 0x18)
		bugs |= BIT(BUG_RETBLEED);
	if (m->family >= 0x17 && m->family <= 0x19)
		bugs |= BIT(BUG_SRSO);
	return bugs;
}

/** bugs_detect - bit mask of BUG_*; boot CPU */
u32 bugs_detect(void)
{
	struct cpu_model m = cpu_model();
	u64 caps = cpu_arch_capabilities();
	u32 bugs = BIT(BUG_SPECTRE_V1) | BIT(BUG_SPECTRE_V2);

	if (!(caps & CAP_SSB_NO))
		bugs |= BIT(BUG_SSB);
	return bugs | (m.amd ? amd_bugs(&m) : intel_bugs(&m, caps));
}
