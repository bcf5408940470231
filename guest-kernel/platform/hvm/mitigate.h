/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of the defences against speculation are on: bits of hvm_mitigations, which are also the
 * features of the patch sites in the entry code. Included by assembly too.
 */
#ifndef _HVM_MITIGATE_H
#define _HVM_MITIGATE_H

#define MIT_ENTRY	0	/* entry_mitigated.S is used: registers cleared, SWAPGS fenced */
#define MIT_KPTI	1	/* programs run without the kernel's mappings */
#define MIT_PCID	2	/* with KPTI: the two sets of tables do not flush each other */
#define MIT_IBRS	3	/* SPEC_CTRL.IBRS is set at each entry and cleared at each exit */
#define MIT_VERW	4	/* the CPU's buffers are overwritten at each exit */
#define MIT_BHB		5	/* the branch history is overwritten at each entry */
#define MIT_RETPOLINE	6	/* indirect branches are not predicted */
#define MIT_EIBRS	7	/* SPEC_CTRL.IBRS is always set */
#define MIT_AUTOIBRS	8	/* EFER.AIBRSE is: the same on AMD's CPUs */
#define MIT_BHI_DIS	9	/* SPEC_CTRL.BHI_DIS_S is set */
#define MIT_IBPB	10	/* a barrier between processes */
#define MIT_RSB		11	/* the return stack buffer is filled when threads are switched */

#ifdef __ASSEMBLY__

#ifdef CONFIG_MITIGATIONS
/* What follows, at least 5 bytes, becomes a jump to @target if @feature is on. */
	.macro DETOUR target, feature
	.pushsection .patch_sites, "a"
	.balign 4
	.long .Lsite_\@ - ., \target - ., \feature
	.popsection
.Lsite_\@:
	.endm
#else
	.macro DETOUR target, feature
	.endm
#endif

/* Jumps to @label unless @feature is on. */
	.macro SKIP_UNLESS feature, label
	.pushsection .patch_sites, "a"
	.balign 4
	.long .Lsite_\@ - ., 0, \feature
	.popsection
.Lsite_\@:
	.byte 0xe9
	.long \label - . - 4
	.endm

#else

#include <types.h>

struct hvm_cpu;
struct mm;

extern u64 hvm_mitigations;		/* constant after mitigations_init() */

static inline bool mitigated(u32 bit)
{
	return IS_ENABLED(CONFIG_MITIGATIONS) && hvm_mitigations >> bit & 1;
}

/* bugs.c: what the CPU is known to do; flags of one word */
enum {
	BUG_MELTDOWN, BUG_L1TF, BUG_MDS, BUG_TAA, BUG_MMIO, BUG_RFDS, BUG_SPECTRE_V1, BUG_SPECTRE_V2,
	BUG_SSB, BUG_RETBLEED, BUG_SRSO, BUG_BHI,
};
u32 bugs_detect(void);

/* mitigations.c */
void mitigations_init(void);
void mitigations_setup_cpu(struct hvm_cpu *c);
u64 mitigations_efer(void);
void mitigations_switch_mm(struct hvm_cpu *c, const struct mm *next);

/* kpti.c */
void kpti_init(void);
bool kpti_map(unsigned long start, unsigned long end, u64 rights);
void kpti_load(struct hvm_cpu *c, const struct mm *next);
void kpti_flush_user(struct hvm_cpu *c);
int kpti_root_init(struct mm *mm);
void kpti_root_destroy(struct mm *mm);

/* entry_mitigated.S */
void hvm_fill_rsb(void);

#endif
#endif
