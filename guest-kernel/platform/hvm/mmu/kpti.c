// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two sets of tables for each address space, where a program could read what only the kernel may
 * (Meltdown): the kernel's, mm->root, with everything, and the program's, which has its own half and
 * of the kernel just what an entry needs before it has loaded the other: the entry code, struct
 * hvm_cpu with descriptors and entry stack, the interrupt stacks and the interrupt table.
 *
 * The program's half of both is the same tables below the top-level entries, which are copied when
 * they change; the kernel's copy forbids to execute, so that a way back to user mode that forgot to
 * change tables is a fault and no hole. No kernel mapping is global. With PCIDs (SDM vol. 3, 4.10.1)
 * the kernel's is 0, the program's 1, and neither load flushes; what has to be flushed of the
 * program's is done at the next way out, by a load without bit 63.
 */
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <preempt.h>

#include "../hvm.h"
#include "../mitigate.h"

#define PCID_USER	1UL
#define CR3_NO_FLUSH	BIT(63)
#define KERNEL_SLOT	511u		/* top-level entry of the image */

extern char __entry_text_start[], __entry_text_end[];
extern char __entry_data_start[], __entry_data_end[];

static paddr_t user_half_root __ro_after_init;	/* pattern of the programs' top-level tables */

/* Boot: the page allocator is not there yet. */
static paddr_t new_table(void)
{
	struct page *p;

	if (!hvm_pages_ready)
		return early_alloc(PAGE_SIZE, PAGE_SIZE);
	p = alloc_page(GFP_KERNEL | GFP_ZERO);
	return p ? page_to_phys(p) : 0;
}

static bool map_page(unsigned long va, pte_t entry)
{
	pte_t *table = phys_to_virt(user_half_root);
	u32 level;

	for (level = 3; level; level--) {
		pte_t *e = &table[pt_index(va, level)];

		if (!(*e & PTE_P)) {
			paddr_t below = new_table();

			if (!below)
				return false;
			*e = below | PTE_P | PTE_W | PTE_A;
		}
		table = phys_to_virt(*e & PTE_ADDR);
	}
	table[pt_index(va, 0)] = entry;
	return true;
}

/**
 * kpti_map - show pages of the kernel to its entry code on the programs' tables
 * @start: first address, in the image or the vmalloc area; mapped by 4 KiB pages
 * @end: behind the last
 * @rights: PTE_W: as writable as it is for the kernel; 0: not
 *
 * Context: boot, other CPUs' included; may sleep once the page allocator is there.
 * Return: false if there is no memory.
 */
bool kpti_map(unsigned long start, unsigned long end, u64 rights)
{
	pte_t keep = ~(PTE_G | PTE_W) | rights;
	unsigned long va;

	if (!mitigated(MIT_KPTI))
		return true;
	for (va = start & PAGE_MASK; va < end; va += PAGE_SIZE) {
		if (!map_page(va, *pt_walk(hvm_root, va) & keep))
			return false;
	}
	return true;
}

/** kpti_init - make the pattern; boot CPU, when the kernel's tables are made */
void kpti_init(void)
{
	bool ok;

	if (!mitigated(MIT_KPTI))
		return;
	user_half_root = early_alloc(PAGE_SIZE, PAGE_SIZE);
	ok = kpti_map((unsigned long)__entry_text_start, (unsigned long)__entry_text_end, 0) &&
	     kpti_map((unsigned long)__entry_data_start, (unsigned long)__entry_data_end, PTE_W) &&
	     kpti_map(idt_address(), idt_address() + 1, 0) &&
	     map_page(VMALLOC_START, 0);	/* the tables: their top-level entry is copied */
	BUG_ON(!ok);
}

/** kpti_root_init - the program's tables of a new address space; 0 or -ENOMEM */
int kpti_root_init(struct mm *mm)
{
	const pte_t *pattern = phys_to_virt(user_half_root);
	u32 vmalloc = pt_index(VMALLOC_START, 3);
	struct page *p;
	pte_t *root;

	mm->plat.user_root = 0;
	if (!mitigated(MIT_KPTI))
		return 0;
	p = alloc_page(GFP_KERNEL | GFP_ZERO);
	if (!p)
		return -ENOMEM;
	mm->plat.user_root = page_to_phys(p);
	root = phys_to_virt(mm->plat.user_root);
	root[KERNEL_SLOT] = pattern[KERNEL_SLOT];
	root[vmalloc] = pattern[vmalloc];
	preempt_disable();
	mem_count(MEM_PAGETABLES, 1);
	preempt_enable();
	return 0;
}

/** kpti_root_destroy - free them; no CPU has them loaded. May be called twice */
void kpti_root_destroy(struct mm *mm)
{
	if (!mm->plat.user_root)
		return;
	page_put(phys_to_page(mm->plat.user_root));
	mm->plat.user_root = 0;
	preempt_disable();
	mem_count(MEM_PAGETABLES, -1);
	preempt_enable();
}

/** mmu_top_changed - see platform/mmu.h */
void mmu_top_changed(struct mm *mm, u32 index)
{
	pte_t *root, *user;

	if (!mm->plat.user_root)
		return;
	root = phys_to_virt(mm->root);
	user = phys_to_virt(mm->plat.user_root);
	WRITE_ONCE(user[index], root[index] & ~PTE_NX);
	if (root[index])
		WRITE_ONCE(root[index], root[index] | PTE_NX);
}

/**
 * kpti_load - load the tables of an address space
 * @c: this CPU
 * @next: whose; kernel threads' too, which never leave the kernel
 *
 * Context: interrupts off. An NMI in between finds either of the kernel's halves, which are alike.
 */
void kpti_load(struct hvm_cpu *c, const struct mm *next)
{
	bool pcid = mitigated(MIT_PCID);
	paddr_t user = next->plat.user_root ? next->plat.user_root : hvm_root;

	c->kernel_cr3 = next->root | (pcid ? CR3_NO_FLUSH : 0);
	c->user_cr3 = user | (pcid ? PCID_USER : 0);
	write_cr3(next->root);
}

/**
 * kpti_flush_user - forget what this CPU remembers of the program's tables, before they are used
 * @c: this CPU
 *
 * Without PCIDs they are forgotten in any case. Context: preemption off; one instruction, so that
 * an interrupt that does the same is not in the way.
 */
void kpti_flush_user(struct hvm_cpu *c)
{
	if (mitigated(MIT_PCID))
		__asm__ volatile("btrq $63, %0" : "+m"(c->user_cr3) :: "cc");
}
