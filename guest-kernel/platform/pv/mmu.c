// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: page tables are told to the host (specification, section 5). The kernel has one root, each
 * user address space another; neither contains the other.
 *
 * A flush of an address space that one thread alone runs programs in, the current one, is not made
 * at once: only this vCPU can use it, and it cannot do so before it returns to user mode, so the
 * range goes with that hypercall. What was unmapped may be somebody else's by then; no program can
 * reach it. pv_mmu_leave() makes the flush before another thread gets the vCPU, and mm_join() before
 * there is another thread. Processes are not threads: mm->users says nothing about this.
 */
#define pr_fmt(f) "pv: " f
#include <boot_info.h>
#include <mm.h>
#include <panic.h>
#include <process.h>
#include <string.h>
#include "pv.h"

extern char _text[], _etext[], __rodata_start[], __rodata_end[], __data_start[], _end[];
extern char __boot_stack_guard[];
extern char __ro_after_init_start[], __ro_after_init_end[];

static paddr_t empty_root __ro_after_init; /* what a vCPU loads when its user root goes away */

/* ---- the kernel's tables ---- */

static pte_t *next_table(pte_t *entry)
{
	if (!(*entry & PTE_P)) {
		struct page *p = alloc_page(GFP_ATOMIC | GFP_ZERO);

		if (!p)
			panic("no memory for kernel page tables");
		*entry = page_to_phys(p) | PTE_P | PTE_W | PTE_A;
	}
	return phys_to_virt(*entry & PTE_ADDR);
}

/* The entry for @va at level @level (0: 4 KiB, 1: 2 MiB); tables are made. */
static pte_t *kernel_entry(unsigned long va, u32 level)
{
	pte_t *table = phys_to_virt(kernel_mm.root);

	for (u32 l = 3; l > level; l--)
		table = next_table(&table[pt_index(va, l)]);
	return &table[pt_index(va, level)];
}

static void map_small(unsigned long va, paddr_t from, paddr_t to, pte_t prot)
{
	for (paddr_t pa = from; pa < to; pa += PAGE_SIZE, va += PAGE_SIZE)
		*kernel_entry(va, 0) = pa | prot;
}

#define KPROT_TEXT (PTE_P | PTE_A)
#define KPROT_RO (PTE_P | PTE_A | PTE_NX)
#define KPROT_DATA (PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX)
#define LARGE_SIZE (1UL << 21)

/* RAM, initrd, vCPU pages: all that the loader named. */
static paddr_t memory_end(void)
{
	paddr_t end = 0;

	for (u32 i = 0; i < boot_info.nr_mem; i++)
		end = max(end, boot_info.mem[i].base + boot_info.mem[i].len);
	return ALIGN_UP(end, PAGE_SIZE);
}

/* All memory, writable but for the image's text and read-only data, never executable. */
static void map_direct(void)
{
	paddr_t ro_start = virt_to_phys(_text), ro_end = virt_to_phys(__rodata_end),
		end = memory_end();

	for (paddr_t pa = 0; pa < end; pa += LARGE_SIZE) {
		unsigned long va = DIRECT_MAP_BASE + pa;

		if (pa + LARGE_SIZE <= end && (pa + LARGE_SIZE <= ro_start || pa >= ro_end)) {
			*kernel_entry(va, 1) = pa | KPROT_DATA | PTE_PS;
			continue;
		}
		for (paddr_t p = pa; p < min(pa + LARGE_SIZE, end); p += PAGE_SIZE)
			map_small(DIRECT_MAP_BASE + p, p, p + PAGE_SIZE,
				  p >= ro_start && p < ro_end ? KPROT_RO : KPROT_DATA);
	}
}

static void map_image(const char *from, const char *to, pte_t prot)
{
	map_small((unsigned long)from, virt_to_phys(from), virt_to_phys(to), prot);
}

void mmu_init(void)
{
	struct page *root = alloc_page(GFP_ATOMIC | GFP_ZERO),
		    *empty = alloc_page(GFP_ATOMIC | GFP_ZERO);

	if (!root || !empty)
		panic("no memory for kernel page tables");
	kernel_mm.root = page_to_phys(root);
	empty_root = page_to_phys(empty);
	map_direct();
	map_image(_text, _etext, KPROT_TEXT);
	map_image(__rodata_start, __rodata_end, KPROT_RO);
	map_image(__data_start, _end, KPROT_DATA);
	*kernel_entry((unsigned long)__boot_stack_guard, 0) = 0;
	next_table(kernel_entry(VMALLOC_START, 3));
	if (hypercall1(PV_HC_KERNEL_ROOT, kernel_mm.root))
		panic("the host refuses the kernel's page tables");
}

void mmu_protect_ro_after_init(void)
{
	map_image(__ro_after_init_start, __ro_after_init_end, KPROT_RO);
	map_small(DIRECT_MAP_BASE + virt_to_phys(__ro_after_init_start),
		  virt_to_phys(__ro_after_init_start), virt_to_phys(__ro_after_init_end), KPROT_RO);
	mmu_flush_kernel((unsigned long)__ro_after_init_start, (unsigned long)__ro_after_init_end);
	mmu_flush_kernel(DIRECT_MAP_BASE + virt_to_phys(__ro_after_init_start),
			 DIRECT_MAP_BASE + virt_to_phys(__ro_after_init_end));
}

static unsigned long pages_of(unsigned long start, unsigned long end)
{
	return (end - (start & PAGE_MASK) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

void mmu_flush_kernel(unsigned long start, unsigned long end)
{
	hypercall3(PV_HC_FLUSH, kernel_mm.root, start & PAGE_MASK, pages_of(start, end));
}

/* ---- user roots ---- */

int mmu_root_init(struct mm *mm)
{
	mm->plat.registered = false;
	return 0;
}

static paddr_t host_root(struct pv_cpu *cpu)
{
	return READ_ONCE(*pv_ret_bits(cpu->page)) & PV_RET_ROOT ? READ_ONCE(cpu->host_root)
								: READ_ONCE(cpu->user_root);
}

/* This vCPU forgets a root that is about to go: it loads an empty one instead. Masked. */
static void unload_root(void *arg)
{
	struct mm *mm = arg;
	struct pv_cpu *cpu = &this_cpu(pv_cpus);

	if (host_root(cpu) != mm->root && cpu->user_root != mm->root)
		return;
	hypercall2(PV_HC_USER_ROOT, empty_root, 0);
	cpu->host_root = empty_root;
	if (cpu->user_root == mm->root) {
		cpu->user_root = empty_root;
		*pv_ret_bits(cpu->page) = 0;
	}
}

void mmu_root_destroy(struct mm *mm)
{
	unsigned long flags;
	long err;

	if (!mm->plat.registered)
		return;
	do {
		/* "The others" are those of the vCPU that unloaded it itself. */
		preempt_disable();
		flags = irq_save();
		unload_root(mm);
		irq_restore(flags);
		err = hypercall1(PV_HC_DROP_ROOT, mm->root);
		if (err == -EBUSY)
			smp_call(~0ULL, unload_root, mm);
		preempt_enable();
	} while (err == -EBUSY);
	mm->plat.registered = false;
}

/* Makes the flushes that wait for the return to user mode now. Masked. */
static void drain_ranges(struct pv_cpu *cpu)
{
	u32 *bits = pv_ret_bits(cpu->page);
	u32 n = (*bits & PV_RET_RANGES) >> PV_RET_RANGES_SHIFT;

	for (u32 i = 0; i < n; i++) {
		const struct pv_range *r = &cpu->page->ranges[i];

		if (r->flags & PV_RANGE_FLUSH)
			hypercall3(PV_HC_FLUSH, cpu->user_root, r->va, r->npages);
	}
	*bits &= ~(u32)PV_RET_RANGES;
}

void pv_mmu_leave(void)
{
	struct pv_cpu *cpu = &this_cpu(pv_cpus);

	if (*pv_ret_bits(cpu->page) & PV_RET_RANGES)
		drain_ranges(cpu);
}

/* Has this vCPU put off a flush of @root? */
static bool has_deferred(const struct pv_cpu *cpu, paddr_t root)
{
	u32 n = (READ_ONCE(*pv_ret_bits(cpu->page)) & PV_RET_RANGES) >> PV_RET_RANGES_SHIFT;

	if (READ_ONCE(cpu->user_root) != root)
		return false;
	while (n--)
		if (READ_ONCE(cpu->page->ranges[n].flags) & PV_RANGE_FLUSH)
			return true;
	return false;
}

/* What another vCPU has put off counted on nobody else to load @mm. */
static void check_nothing_deferred(const struct mm *mm)
{
	if (!IS_ENABLED(CONFIG_DEBUG_KERNEL))
		return;
	for (u32 i = 0; i < nr_cpus; i++)
		BUG_ON(i != cpu_id() && has_deferred(&pv_cpus[i], mm->root));
}

void mmu_switch(struct mm *prev, struct mm *next)
{
	struct pv_cpu *cpu = &this_cpu(pv_cpus);
	u32 *bits = pv_ret_bits(cpu->page);
	u32 me = cpu_id();

	if (prev == next)
		return;
	if (*bits & PV_RET_RANGES)
		drain_ranges(cpu);
	clear_bit(me, &prev->cpus);
	set_bit(me, &next->cpus);
	if (next == &kernel_mm)
		return;
	/*
	 * Before the host reads the tables, as it changes its own on the way: flush(). And though this
	 * vCPU has the root already: it may be that of an address space that is gone, which the host
	 * was never shown, at the same address.
	 */
	WRITE_ONCE(next->plat.registered, true);
	if (next->root == cpu->user_root)
		return;
	if (!(*bits & PV_RET_ROOT))
		cpu->host_root = cpu->user_root;
	cpu->user_root = next->root;
	check_nothing_deferred(next);
	cpu->page->user_root = next->root;
	*bits = cpu->host_root == next->root ? 0 : PV_RET_ROOT;
}

/* Hands a range to the next return to user mode; false if it must be done otherwise. Masked. */
static bool queue_range(struct pv_cpu *cpu, unsigned long va, unsigned long npages, u32 what)
{
	u32 *bits = pv_ret_bits(cpu->page);
	u32 n = (*bits & PV_RET_RANGES) >> PV_RET_RANGES_SHIFT;

	if (n == PV_MAX_RET_RANGES || npages > 0xffffffff)
		return false;
	cpu->page->ranges[n] = (struct pv_range){va, (u32)npages, what};
	*bits += 1U << PV_RET_RANGES_SHIFT;
	return true;
}

/*
 * True if the current thread alone runs programs in @mm: others begin by way of mm_join(), which it
 * would have to call. Masked.
 */
static bool mm_is_private_here(const struct mm *mm, const struct pv_cpu *cpu)
{
	return current->mm == mm && cpu->user_root == mm->root && atomic_read(&mm->threads) == 1;
}

/* Masked. */
static bool defer_flush(struct mm *mm, unsigned long va, unsigned long npages)
{
	struct pv_cpu *cpu = &this_cpu(pv_cpus);

	return mm_is_private_here(mm, cpu) && queue_range(cpu, va, npages, PV_RANGE_FLUSH);
}

static void flush(struct mm *mm, unsigned long va, unsigned long npages)
{
	unsigned long flags = irq_save();
	bool deferred = defer_flush(mm, va, npages);

	irq_restore(flags);
	if (deferred)
		return;
	smp_mb(); /* the entries before the question whether the host has ever read them */
	if (READ_ONCE(mm->plat.registered))
		hypercall3(PV_HC_FLUSH, mm->root, va, npages);
}

/* No interrupt can come between: a thread that leaves its vCPU takes nothing with it. */
void mmu_flush_deferred(void)
{
	unsigned long flags = irq_save();

	pv_mmu_leave();
	irq_restore(flags);
}

bool mmu_others_may_use(struct mm *mm)
{
	unsigned long flags = irq_save();
	bool private = mm_is_private_here(mm, &this_cpu(pv_cpus));

	irq_restore(flags);
	return !private;
}

void mmu_flush_range(struct mm *mm, unsigned long start, unsigned long end)
{
	flush(mm, start & PAGE_MASK, pages_of(start, end));
}

void mmu_flush_all(struct mm *mm)
{
	flush(mm, 0, PV_ANY);
}

void mmu_announce(struct mm *mm, unsigned long va, unsigned long npages)
{
	unsigned long flags = irq_save();
	struct pv_cpu *cpu = &this_cpu(pv_cpus);

	if (current->mm == mm && cpu->user_root == mm->root)
		queue_range(cpu, va, npages, PV_RANGE_ANNOUNCE); /* a hint: may be lost */
	irq_restore(flags);
}
