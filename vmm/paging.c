// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds x86-64 page tables in guest memory. Accessed and dirty bits are set from
 * the start, so that the host never has to write to them.
 */
#include "paging.h"

#include <errno.h>

#define PAGE		4096ULL
#define LARGE_PAGE	(2ULL << 20)
#define TABLE		(PV_PTE_P | PV_PTE_W | PV_PTE_A)
#define LEAF		(PV_PTE_P | PV_PTE_A)

/* The tables of one level that a range of addresses needs at most. */
static uint64_t tables_over(uint64_t bytes, unsigned int shift)
{
	return (bytes >> shift) + 2;
}

static uint64_t tables_of(uint64_t bytes, int large)
{
	return (large ? 2 : tables_over(bytes, 21)) + tables_over(bytes, 30) + tables_over(bytes, 39);
}

uint64_t paging_tables_needed(const struct image *image, uint64_t direct_end)
{
	uint64_t tables = 1 + tables_of(direct_end, 1);

	for (unsigned int i = 0; i < image->nr_segments; i++)
		tables += tables_of(image->segments[i].mem_size, 0);
	return tables;
}

/* Return: the table at entry, made if it is not there, or NULL. */
static uint64_t *descend(struct paging *paging, uint64_t *entry)
{
	if (!(*entry & PV_PTE_P)) {
		if (paging->next == paging->end)
			return NULL;
		*entry = paging->next | TABLE;
		paging->next += PAGE;
	}
	return memory_at(paging->memory, *entry & PV_PTE_ADDR, PAGE);
}

static unsigned int index_of(uint64_t va, unsigned int level)
{
	return (va >> (12 + 9 * (level - 1))) & 511;
}

static int map_one(struct paging *paging, uint64_t va, uint64_t leaf, unsigned int leaf_level)
{
	uint64_t *table = memory_at(paging->memory, paging->root, PAGE), *entry;

	for (unsigned int level = 4; level > leaf_level && table; level--)
		table = descend(paging, table + index_of(va, level));
	if (!table)
		return -ENOMEM;
	entry = table + index_of(va, leaf_level);
	if (*entry & PV_PTE_P)	/* two segments share the page: it has the rights of both */
		leaf = (leaf & ~PV_PTE_NX) | (leaf & *entry & PV_PTE_NX) | (*entry & PV_PTE_W);
	*entry = leaf;
	return 0;
}

static int map_range(struct paging *paging, uint64_t va, uint64_t gpa, uint64_t end, uint64_t bits)
{
	while (gpa < end) {
		int large = !((va | gpa) & (LARGE_PAGE - 1)) && end - gpa >= LARGE_PAGE;
		uint64_t step = large ? LARGE_PAGE : PAGE;
		int result = map_one(paging, va, gpa | bits | (large ? PV_PTE_PS : 0), large ? 2 : 1);

		if (result)
			return result;
		va += step;
		gpa += step;
	}
	return 0;
}

static int map_segment(struct paging *paging, const struct segment *segment)
{
	uint64_t offset = segment->gpa & (PAGE - 1), bits = LEAF;

	if (segment->rights & IMAGE_WRITE)
		bits |= PV_PTE_W | PV_PTE_D;
	if (!(segment->rights & IMAGE_EXEC))
		bits |= PV_PTE_NX;
	return map_range(paging, segment->va - offset, segment->gpa - offset,
			 segment->gpa + segment->mem_size, bits);
}

int paging_build(struct paging *paging, const struct image *image, uint64_t direct_end)
{
	int result = 0;

	paging->root = paging->next;
	paging->next += PAGE;
	for (unsigned int i = 0; !result && i < image->nr_segments; i++)
		result = map_segment(paging, image->segments + i);
	if (!result)
		result = map_range(paging, PV_VA_DIRECT, 0, direct_end,
				   LEAF | PV_PTE_W | PV_PTE_D | PV_PTE_NX);
	return result;
}
