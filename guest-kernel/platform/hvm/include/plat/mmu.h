/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVM: the kernel half of the address space.
 *
 *	ffff800000000000	direct map of all RAM (64 TiB)
 *	ffffc00000000000	stacks, vmalloc, ioremap (512 GiB: one top-level entry)
 *	ffffffff80000000	kernel image
 */
#ifndef _PLAT_MMU_H
#define _PLAT_MMU_H

#include <compiler.h>

#define DIRECT_MAP_BASE	0xffff800000000000UL
#define DIRECT_MAP_SIZE	0x0000400000000000UL
#define VMALLOC_START	0xffffc00000000000UL
#define VMALLOC_END	0xffffc08000000000UL
/* The image's virtual minus physical address if it was loaded at 1 MiB. */
#define KERNEL_BASE	0xffffffff80000000UL

/* Bit 63 of an entry where the CPU has it, else 0: it is a reserved bit then. Set by cpu_detect(). */
extern u64 hvm_pte_nx;
#define PTE_NX		hvm_pte_nx

/* How far above 1 MiB the image was loaded (EFI). Constant after boot_collect(). */
extern u64 hvm_phys_offset;

/**
 * struct plat_mm - what HVM keeps for an address space
 * @user_root: table of the top level that is loaded in user mode (kpti.c), 0: mm->root is
 * @id: number that no other has had
 */
struct plat_mm {
	paddr_t user_root;
	u64 id;
};

static inline void *phys_to_virt(paddr_t pa) { return (void *)(DIRECT_MAP_BASE + pa); }

static inline paddr_t virt_to_phys(const void *v)
{
	unsigned long a = (unsigned long)v;

	return a >= KERNEL_BASE ? a - KERNEL_BASE + hvm_phys_offset : a - DIRECT_MAP_BASE;
}

struct mm;
void mmu_top_changed(struct mm *mm, u32 index);

/* The hardware walks the tables itself: nothing to announce. */
static inline void mmu_announce(struct mm *mm, unsigned long va, unsigned long npages)
{
	(void)mm;
	(void)va;
	(void)npages;
}

#endif
