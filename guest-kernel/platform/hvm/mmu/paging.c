// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel half of every address space (SDM vol. 3, chapter 4): the direct map
 * of memory, the image with W^X, one top-level entry for the vmalloc area. Built
 * once, before kernel_main(); user halves are generic code's.
 */
#define pr_fmt(f) "paging: " f

#include <boot_info.h>
#include <log.h>
#include <mm.h>
#include <string.h>

#include "../hvm.h"

#define PT_ENTRIES	512
#define LARGE_PAGE	BIT(21)
#define HUGE_PAGE	BIT(30)
#define KERNEL_HALF	256		/* first top-level entry of the kernel */
#define LOW_MEMORY	0x100000UL	/* BIOS data, EBDA, ROMs: tables are looked for there */
#define KERNEL_RW	(PTE_P | PTE_W | PTE_A | PTE_D)
#define KERNEL_RO	(PTE_P | PTE_A | PTE_D)

extern char _text[], _etext[], __rodata_start[], __rodata_end[], __data_start[], __data_end[];
extern char __ro_after_init_start[], __ro_after_init_end[], __boot_stack_guard[];

paddr_t hvm_root __ro_after_init;
bool hvm_pages_ready __ro_after_init;
static u64 nr_roots;

static pte_t *table_of(pte_t entry)
{
	return phys_to_virt(entry & PTE_ADDR);
}

/* The table below entry @i of @table, made if it is not there. */
static pte_t *next_table(pte_t *table, u32 i)
{
	if (!(table[i] & PTE_P))
		table[i] = early_alloc(PAGE_SIZE, PAGE_SIZE) | PTE_P | PTE_W | PTE_A;
	return table_of(table[i]);
}

static u32 index_at(unsigned long va, u32 level)
{
	return va >> (PAGE_SHIFT + 9 * level) & (PT_ENTRIES - 1);
}

/* The largest page that fits at @va and @pa, as a level: 0, 1 (2 MiB), 2 (1 GiB). */
static u32 best_level(unsigned long va, paddr_t pa, size_t len, u32 max_level)
{
	u32 level = max_level;

	while (level) {
		size_t size = PAGE_SIZE << 9 * level;

		if (len >= size && IS_ALIGNED(va | pa, size))
			break;
		level--;
	}
	return level;
}

static bool is_table(pte_t entry)
{
	return (entry & (PTE_P | PTE_PS)) == PTE_P;
}

/*
 * Maps one page at @va of level @target or lower. Ranges of the memory map may overlap: a larger
 * page that is there already maps the same, and a table that is there is filled.
 *
 * Return: bytes from @va on that are mapped now.
 */
static size_t map_one(unsigned long va, paddr_t pa, pte_t prot, u32 target)
{
	pte_t *table = phys_to_virt(hvm_root), *entry;
	u32 level = 3;

	for (;; level--) {
		entry = &table[index_at(va, level)];
		if (level && level <= target && is_table(*entry))
			target = level - 1;
		if (level == target || (level && *entry & PTE_PS))
			break;
		table = next_table(table, index_at(va, level));
	}
	if (level == target && !(level && *entry & PTE_PS))
		*entry = pa | prot | (target ? PTE_PS : 0);
	return (PAGE_SIZE << 9 * level) - (va & ((PAGE_SIZE << 9 * level) - 1));
}

/* Maps page-aligned [pa, pa + len) at @va with pages of at most @max_level. */
static void map(unsigned long va, paddr_t pa, size_t len, pte_t prot, u32 max_level)
{
	while (len) {
		size_t done = map_one(va, pa, prot, best_level(va, pa, len, max_level));

		done = min(done, len);
		va += done;
		pa += done;
		len -= done;
	}
}

static pte_t global(void)
{
	return cpu_has.pge ? PTE_G : 0;
}

static void map_direct_part(paddr_t from, paddr_t to, pte_t rights, u32 max_level)
{
	if (from < to)
		map(DIRECT_MAP_BASE + from, from, to - from, rights | PTE_NX | global(),
		    max_level);
}

/*
 * Within the direct map the image is mapped by 4 KiB pages, and what is
 * read-only in the image is so here too.
 */
static void map_direct(paddr_t from, paddr_t to)
{
	u32 max_level = cpu_has.gbpages ? 2 : 1;
	paddr_t text = virt_to_phys(_text), data = virt_to_phys(__data_start);
	paddr_t end = virt_to_phys(__data_end);

	from = ALIGN_DOWN(from, PAGE_SIZE);
	to = ALIGN_UP(to, PAGE_SIZE);
	map_direct_part(from, min(to, text), KERNEL_RW, max_level);
	map_direct_part(max(from, text), min(to, data), KERNEL_RO, 0);
	map_direct_part(max(from, data), min(to, end), KERNEL_RW, 0);
	map_direct_part(max(from, end), to, KERNEL_RW, max_level);
}

static void map_all_memory(void)
{
	u32 i;

	map_direct(0, LOW_MEMORY);
	for (i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];

		if (m->type != BOOT_MEM_RAM && m->type != BOOT_MEM_ACPI && m->type != BOOT_MEM_NVS)
			continue;
		if (m->base < DIRECT_MAP_SIZE && m->base + m->len > LOW_MEMORY)
			map_direct(max(m->base, LOW_MEMORY),
				   min(m->base + m->len, DIRECT_MAP_SIZE));
	}
}

static void map_image_part(const char *from, const char *to, pte_t rights)
{
	map((unsigned long)from, virt_to_phys(from), (size_t)(to - from), rights | global(), 0);
}

static void map_image(void)
{
	map_image_part(_text, _etext, KERNEL_RO);
	map_image_part(__rodata_start, __rodata_end, KERNEL_RO | PTE_NX);
	map_image_part(__data_start, __data_end, KERNEL_RW | PTE_NX);
	*pt_walk(hvm_root, (unsigned long)__boot_stack_guard) = 0;
	*pt_walk(hvm_root, (unsigned long)phys_to_virt(virt_to_phys(__boot_stack_guard))) = 0;
}

/**
 * paging_init - build and load the kernel's page tables
 *
 * Context: boot CPU, boot page tables, boot_info filled. Tables come from
 * early_alloc(). The identity mapping is gone afterwards.
 */
void paging_init(void)
{
	hvm_root = early_alloc(PAGE_SIZE, PAGE_SIZE);
	map_all_memory();
	map_image();
	next_table(phys_to_virt(hvm_root), index_at(VMALLOC_START, 3));
	kpti_init();
	write_cr3(hvm_root);
}

/** mmu_init - tell mm which tables the kernel runs on */
void mmu_init(void)
{
	kernel_mm.root = hvm_root;
	hvm_pages_ready = true;
}

/** mmu_protect_ro_after_init - see platform/mmu.h */
void mmu_protect_ro_after_init(void)
{
	char *alias = phys_to_virt(virt_to_phys(__ro_after_init_start));
	size_t size = (size_t)(__ro_after_init_end - __ro_after_init_start), at;

	for (at = 0; at < size; at += PAGE_SIZE) {
		*pt_walk(hvm_root, (unsigned long)__ro_after_init_start + at) &= ~PTE_W;
		*pt_walk(hvm_root, (unsigned long)alias + at) &= ~PTE_W;
	}
	mmu_flush_kernel((unsigned long)__ro_after_init_start, (unsigned long)__ro_after_init_end);
	mmu_flush_kernel((unsigned long)alias, (unsigned long)alias + size);
}

/**
 * mmu_root_init - see platform/mmu.h
 *
 * The kernel's top-level entries never change after paging_init(), so a copy
 * stays true. Return: 0 or -ENOMEM.
 */
int mmu_root_init(struct mm *mm)
{
	const pte_t *kernel = phys_to_virt(hvm_root);
	pte_t *root = phys_to_virt(mm->root);

	memcpy(root + KERNEL_HALF, kernel + KERNEL_HALF,
	       (PT_ENTRIES - KERNEL_HALF) * sizeof(*root));
	mm->plat.id = __atomic_add_fetch(&nr_roots, 1, __ATOMIC_RELAXED);
	return kpti_root_init(mm);
}

/** mmu_root_destroy - see platform/mmu.h */
void mmu_root_destroy(struct mm *mm)
{
	kpti_root_destroy(mm);
}
