/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Door: memory management. The format of page tables is x86-64's 4 levels on every platform, so
 * generic code reads and writes entries itself; what the hardware (or the host) must be told goes
 * through here.
 */
#ifndef _PLATFORM_MMU_H
#define _PLATFORM_MMU_H

#include <compiler.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096UL
#define PAGE_MASK	(~(PAGE_SIZE - 1))

/* Entry bits (SDM vol. 3, 4.5). Bits 9-11 and 52-58 are software's. */
#define PTE_P		BIT(0)
#define PTE_W		BIT(1)
#define PTE_U		BIT(2)
#define PTE_PWT		BIT(3)
#define PTE_PCD		BIT(4)
#define PTE_A		BIT(5)
#define PTE_D		BIT(6)
#define PTE_PS		BIT(7)
#define PTE_G		BIT(8)
#define PTE_SPECIAL	BIT(9)	/* no struct page behind it */
#define PTE_ADDR	0x000ffffffffff000UL

#define PTES_PER_TABLE	512u

/* Where @va's entry stands in a table: level 0 holds pages, level 3 is the top. */
static inline u32 pt_index(unsigned long va, u32 level)
{
	return va >> (PAGE_SHIFT + 9 * level) & (PTES_PER_TABLE - 1);
}

/*
 * User addresses are [USER_MIN, USER_TOP) on every platform, so that a program sees the same
 * layout.
 */
#define USER_MIN	0x10000UL
#define USER_TOP	0x00007f0000000000UL

struct mm;
/* <plat/mmu.h>: what a platform keeps for an address space (PCID, host handle) */
struct plat_mm;

/*
 * <plat/mmu.h> also defines: DIRECT_MAP_BASE, VMALLOC_START, VMALLOC_END, KERNEL_BASE, struct
 * plat_mm and, as static inlines, void *phys_to_virt(paddr_t) and paddr_t virt_to_phys(const void
 * *), for addresses of the direct map and the kernel image.
 */
#include <plat/mmu.h>

/* Not executable. A platform whose CPU may lack it defines it as a variable that is 0 then. */
#ifndef PTE_NX
#define PTE_NX			BIT(63)
#endif

/* Entries of kernel tables and kernel data; a platform whose kernel needs others defines them. */
#ifndef PTE_KERNEL_TABLE
#define PTE_KERNEL_TABLE	(PTE_P | PTE_W | PTE_A)
#define PTE_KERNEL_DATA		(PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | PTE_NX)
#endif

/**
 * mmu_root_init - Make @mm->root (a zeroed page that the caller allocated) a valid top-level table.
 * HVM copies the kernel half; PV registers nothing until it is first loaded.
 * Return: 0 or -ENOMEM.
 */
int mmu_root_init(struct mm *mm);
/* Before the table pages of @mm are freed: no CPU has it loaded. May be called twice. */
void mmu_root_destroy(struct mm *mm);
/*
 * Loads @mm on this CPU for the next return to user mode and for uaccess. Interrupts off. @prev is
 * what was loaded. Maintains mm->cpus.
 */
void mmu_switch(struct mm *prev, struct mm *next);
/*
 * After entries of [@start, @end) lost rights or changed frame: no CPU uses the old ones on return.
 * Any context with interrupts on, or own-CPU-only use.
 */
void mmu_flush_range(struct mm *mm, unsigned long start, unsigned long end);
void mmu_flush_all(struct mm *mm);
/*
 * A platform may put off the flush of the current thread's address space while no other thread runs
 * programs in it (mm->threads). Makes what was put off, before there is another: mm_join().
 */
void mmu_flush_deferred(void);
/*
 * After an entry of @mm was changed and before its flush: may another CPU read, or come to read, the
 * page through what it remembers of the old one? Preemption off.
 */
bool mmu_others_may_use(struct mm *mm);
/*
 * <plat/mmu.h>: void mmu_announce(mm, va, npages): after entries gained rights or became present; a
 * hint that saves a second fault on PV, nothing on HVM.
 */
/*
 * <plat/mmu.h>: void mmu_top_changed(mm, index): after entry @index of the user half of mm->root was
 * written, ptl held, before it is flushed or used. The platform may keep a copy, and may set PTE_NX
 * in the entry.
 */
/* Kernel half: entries of the vmalloc area changed. Flush on all CPUs. */
void mmu_flush_kernel(unsigned long start, unsigned long end);
/*
 * Called once by mm after mem_init(): builds final kernel mappings with W^X; kernel_mm.root is set
 * by it.
 */
void mmu_init(void);
/*
 * Once, when booting is done: .data.ro_after_init becomes read-only, its alias in the direct map
 * too. May sleep.
 */
void mmu_protect_ro_after_init(void);

#endif
