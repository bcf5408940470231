// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the memory map of firmware or host to the ranges that may be used. The
 * map is not trusted: ranges may overlap (the more restrictive holds), overflow,
 * be absurdly many or far apart. Pure code, tested on the build host.
 */
#include "ranges.h"
#include <boot_info.h>
#include <mm.h>

#define LOW_RESERVED	0x10000ULL	/* real-mode data; the platform starts CPUs from here */
#define FOUR_GIB	(1ULL << 32)

static u64 range_end(u64 base, u64 len)
{
	return base + len < base ? ~0ULL : base + len;
}

/* Rounded up to a page, but never past the end of the address space. */
static u64 page_up(u64 addr)
{
	return addr > ~0ULL - PAGE_SIZE ? ~0ULL : ALIGN_UP(addr, PAGE_SIZE);
}

/* Only whole pages count: RAM shrinks to page bounds, everything else grows. */
static void apply_entry(struct ranges *s, const struct boot_mem *m, bool ram)
{
	u64 end = range_end(m->base, m->len);

	if (ram != (m->type == BOOT_MEM_RAM))
		return;
	if (ram)
		ranges_add(s, page_up(m->base), min(ALIGN_DOWN(end, PAGE_SIZE), DIRECT_MAP_SIZE));
	else if (m->len)
		ranges_remove(s, ALIGN_DOWN(m->base, PAGE_SIZE), page_up(end));
}

static void remove_block(struct ranges *s, u64 base, u64 len)
{
	if (len)
		ranges_remove(s, ALIGN_DOWN(base, PAGE_SIZE), page_up(range_end(base, len)));
}

/*
 * mem_map has an entry for every frame up to the highest. RAM so far up that
 * its entries would take an eighth of all memory is not worth having.
 */
static void drop_far_ranges(struct ranges *s)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < s->nr; i++) {
		const struct range *r = &s->r[i];

		sum += r->to - r->from;
		if (r->to / PAGE_SIZE * sizeof(struct page) > sum / 8 && r->to > FOUR_GIB) {
			s->lost += ranges_total(s) - (sum - (r->to - r->from));
			s->nr = i;
		}
	}
}

/**
 * boot_map_ranges - the memory that may be used
 * @s: empty set, filled with whole pages
 * @bi: what the boot path has told
 *
 * Context: any; the first code that runs on the boot CPU.
 */
void boot_map_ranges(struct ranges *s, const struct boot_info *bi)
{
	u32 n = min(bi->nr_mem, (u32)BOOT_MEM_MAX), i;

	for (i = 0; i < n; i++)
		apply_entry(s, &bi->mem[i], true);
	for (i = 0; i < n; i++)
		apply_entry(s, &bi->mem[i], false);
	remove_block(s, 0, LOW_RESERVED);
	remove_block(s, bi->kernel_base, bi->kernel_len);
	remove_block(s, bi->initrd_base, bi->initrd_len);
	drop_far_ranges(s);
}
