/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: the kernel's address space, the top of the lower half. User address spaces are other roots
 * and do not contain it.
 *
 *	7f0000000000	direct map of all memory (512 GiB)
 *	7f8000000000	vmalloc area (256 GiB)
 *	7fff80000000	kernel image
 */
#ifndef _PLAT_MMU_H
#define _PLAT_MMU_H

#include <compiler.h>

#define DIRECT_MAP_BASE 0x7f0000000000UL
#define DIRECT_MAP_SIZE 0x008000000000UL
#define VMALLOC_START 0x7f8000000000UL
#define VMALLOC_END 0x7fc000000000UL
#define KERNEL_BASE 0x7fff80000000UL /* the image's virtual minus physical address */

/**
 * struct plat_mm - what PV keeps for an address space
 * @registered: the host has seen the root (it was loaded at least once); atomic
 */
struct plat_mm {
	bool registered;
};

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(DIRECT_MAP_BASE + pa);
}

static inline paddr_t virt_to_phys(const void *v)
{
	unsigned long a = (unsigned long)v;

	return a >= KERNEL_BASE ? a - KERNEL_BASE : a - DIRECT_MAP_BASE;
}

struct mm;
static inline void mmu_top_changed(struct mm *mm, u32 index)
{
	(void)mm;
	(void)index;
}

/* platform/pv/mmu.c: goes with the next return to user mode. */
void mmu_announce(struct mm *mm, unsigned long va, unsigned long npages);

#endif
