// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page tables that boot runs on until the platform has made the real ones:
 * the first 4 GiB one to one, for the loader's structures, and the image at its
 * link address. The low part of the direct map shows the same 4 GiB, so that
 * phys_to_virt() works from the start for what lies there. Runs at the physical
 * address of the image, so it may use nothing but itself: no pointer constants,
 * no other function.
 */
#include "boot.h"

#define PTE_PW		0x3ULL
#define PTE_PW_LARGE	0x83ULL
#define LARGE_PAGE	0x200000ULL
#define DIRECT_MAP_SLOT	256		/* top-level entry of DIRECT_MAP_BASE */

extern u64 boot_pml4[512], boot_pdpt_low[512], boot_pd_low[4 * 512];
extern u64 boot_pdpt_high[512], boot_pd_high[512];

/**
 * early_map - build the boot page tables of an image
 * @load: physical address of the image's first byte; congruent to 1 MiB modulo
 *	  2 MiB, below 4 GiB together with its end
 *
 * Context: interrupts off. The 32-bit doors run on the low half of these very
 * tables already, so no entry may change on the way to its value.
 * Return: physical address of the PML4.
 */
u64 early_map(u64 load)
{
	u64 base = load - KERNEL_LMA;
	unsigned int i;

	for (i = 0; i < 4 * 512; i++)
		boot_pd_low[i] = i * LARGE_PAGE + PTE_PW_LARGE;
	for (i = 0; i < 512; i++) {
		boot_pml4[i] = i == 0 || i == DIRECT_MAP_SLOT ? (u64)boot_pdpt_low + PTE_PW :
			       i == 511 ? (u64)boot_pdpt_high + PTE_PW : 0;
		boot_pdpt_low[i] = i < 4 ? (u64)&boot_pd_low[i * 512] + PTE_PW : 0;
		boot_pdpt_high[i] = i == 510 ? (u64)boot_pd_high + PTE_PW : 0;
		boot_pd_high[i] = base + i * LARGE_PAGE + PTE_PW_LARGE;
	}
	return (u64)boot_pml4;
}
