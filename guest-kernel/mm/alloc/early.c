// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory before there is an allocator: a set of free ranges made from
 * boot_info's map, from which platform code takes blocks. mem_init() turns the
 * rest over to the page allocator.
 */
#define pr_fmt(f) "mm: " f
#include "../internal.h"
#include "ranges.h"
#include <boot_info.h>
#include <init.h>
#include <log.h>
#include <panic.h>
#include <string.h>

#define FOUR_GIB	(1ULL << 32)

static struct ranges free_ranges;
static bool ranges_ready, buddy_ready;
static u64 early_end;	/* behind the highest block that was handed out */

struct page *mem_map __ro_after_init;
unsigned long max_pfn __ro_after_init;

static void collect(void)
{
	boot_map_ranges(&free_ranges, &boot_info);
	ranges_ready = true;
}

paddr_t early_alloc(size_t n, size_t align)
{
	u64 at;

	BUG_ON(buddy_ready || !n);
	if (!ranges_ready)
		collect();
	n = ALIGN_UP(n, 64);
	if (!ranges_take(&free_ranges, n, max_t(size_t, align, 64), FOUR_GIB, &at) &&
	    !ranges_take(&free_ranges, n, max_t(size_t, align, 64), ~0ULL, &at))
		panic(boot_info.nr_mem ? "out of memory while booting: %zu bytes wanted" :
		      "the boot loader has given no memory map; %zu bytes wanted", n);
	early_end = max(early_end, at + n);
	memset(phys_to_virt(at), 0, n);
	return at;
}

/* What is not the allocator's: holes, firmware, the kernel, early blocks. */
static void reserve_pages(unsigned long from, unsigned long to)
{
	for (; from < to; from++) {
		mem_map[from].flags = BIT(PG_reserved);
		atomic_set(&mem_map[from].refs, 1);
	}
}

static void round_to_pages(void)
{
	u32 i;

	for (i = 0; i < free_ranges.nr; i++) {
		struct range *r = &free_ranges.r[i];

		r->from = ALIGN_UP(r->from, PAGE_SIZE);
		r->to = max(ALIGN_DOWN(r->to, PAGE_SIZE), r->from);
	}
}

static void make_mem_map(void)
{
	u64 end = max(early_end, boot_info.kernel_base + boot_info.kernel_len);

	if (free_ranges.nr)
		end = max(end, free_ranges.r[free_ranges.nr - 1].to);
	max_pfn = DIV_ROUND_UP(end, PAGE_SIZE);
	mem_map = phys_to_virt(early_alloc(max_pfn * sizeof(struct page), PAGE_SIZE));
}

/**
 * mem_init - hand the memory to the page allocator
 *
 * Honours the boot option mem=SIZE (no RAM at or above that address is used).
 * Context: boot CPU, after cmdline_init(). early_alloc() ends here.
 */
void mem_init(void)
{
	u64 limit = cmdline_get_u64("mem", 0);
	unsigned long pfn = 0;
	u32 i;

	if (!ranges_ready)
		collect();
	if (limit)
		ranges_remove(&free_ranges, ALIGN_DOWN(limit, PAGE_SIZE), ~0ULL);
	make_mem_map();
	buddy_ready = true;
	round_to_pages();
	for (i = 0; i < free_ranges.nr; i++) {
		reserve_pages(pfn, free_ranges.r[i].from / PAGE_SIZE);
		pfn = free_ranges.r[i].to / PAGE_SIZE;
	}
	reserve_pages(pfn, max_pfn);
	/* The lowest addresses are handed out first: boot may have mapped no others yet. */
	for (i = free_ranges.nr; i > 0; i--)
		buddy_add_range(free_ranges.r[i - 1].from / PAGE_SIZE,
				free_ranges.r[i - 1].to / PAGE_SIZE);
	if (boot_info.nr_mem_lost || free_ranges.lost)
		pr_warn("memory map too long or too sparse: %u ranges and %llu KiB are not used",
			boot_info.nr_mem_lost, (unsigned long long)(free_ranges.lost >> 10));
	pr_info("%llu MiB of memory, %llu KiB for its map",
		(unsigned long long)(mem_total_bytes() >> 20),
		(unsigned long long)(max_pfn * sizeof(struct page) >> 10));
}

/**
 * mem_free_range - give boot-time memory to the page allocator
 * @from: physical address; rounded up to a page
 * @to: behind the last byte; rounded down
 *
 * Pages that are not reserved (any more) are left alone. Context: any, after mem_init().
 */
void mem_free_range(paddr_t from, paddr_t to)
{
	unsigned long pfn = DIV_ROUND_UP(from, PAGE_SIZE), end = min(to / PAGE_SIZE, max_pfn);

	for (; pfn < end; pfn++) {
		struct page *p = pfn_to_page(pfn);

		if (!test_and_clear_bit(PG_reserved, &p->flags))
			continue;
		atomic_set(&p->refs, 0);
		buddy_add_range(pfn, pfn + 1);
	}
}
