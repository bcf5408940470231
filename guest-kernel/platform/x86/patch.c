// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing the kernel's code once, while booting: the boot CPU is alone, and the image's alias in
 * the direct map can still be written to.
 */
#include <compiler.h>
#include <platform/mmu.h>
#include <string.h>

#include "mitigations.h"

#define INSN_SIZE	5	/* JMP rel32, and the NOP of its size */
#define JMP_REL32	0xe9

/*
 * Made by macros of entry code: @site is followed by at least INSN_SIZE bytes of instructions
 * into which nothing jumps. They become a jump to @target, or, if that is 0, a NOP. Both are
 * relative to the fields.
 */
struct patch_site {
	s32 site;
	s32 target;
	u32 feature;		/* number of a bit: only if it is set */
};

extern const struct patch_site __patch_sites_start[], __patch_sites_end[];
extern char x86_thunks[];

static void patch(const void *site, const u8 *code, size_t n)
{
	memcpy(phys_to_virt(virt_to_phys(site)), code, n);
}

/* What the CPU may have fetched already goes (SDM vol. 3, 8.1.3). */
static void serialize(void)
{
	u32 a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) :: "memory");
}

/**
 * x86_patch_sites - let entry code do what this CPU needs
 * @features: bit mask
 *
 * Context: boot, the boot CPU alone, once.
 */
void x86_patch_sites(u64 features)
{
	static const u8 nop[INSN_SIZE] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	const struct patch_site *p;

	for (p = __patch_sites_start; p < __patch_sites_end; p++) {
		const char *site = (const char *)&p->site + p->site;
		const char *target = (const char *)&p->target + p->target;
		u8 jump[INSN_SIZE] = { JMP_REL32 };
		s32 distance = (s32)(target - (site + INSN_SIZE));

		if (!(features >> p->feature & 1))
			continue;
		memcpy(jump + 1, &distance, sizeof(distance));
		patch(site, p->target ? jump : nop, INSN_SIZE);
	}
	serialize();
}

/**
 * x86_patch_thunks - make indirect branches plain ones
 *
 * Each thunk becomes JMP *%reg (FF /4; 41 before it for r8 and up) with an INT3 behind it.
 * Context: boot, the boot CPU alone, once.
 */
void x86_patch_thunks(void)
{
	u32 i;

	for (i = 0; i < NR_THUNKS; i++) {
		u8 low[] = { 0xff, (u8)(0xe0 + i), 0xcc }, high[] = { 0x41, 0xff, (u8)(0xe0 + i - 8), 0xcc };

		if (i == THUNK_RSP)
			continue;
		patch(x86_thunks + i * THUNK_SIZE, i < 8 ? low : high,
		      i < 8 ? sizeof(low) : sizeof(high));
	}
	serialize();
}
