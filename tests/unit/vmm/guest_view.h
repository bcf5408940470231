/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory as the guest sees it: through its page tables.
 */
#ifndef GUEST_VIEW_H
#define GUEST_VIEW_H

#include "memory.h"
#include "pv_abi.h"

/**
 * guest_walk() - find the leaf that maps an address
 * @memory: guest RAM
 * @root: gpa of the top table
 * @va: address
 * @size: result: bytes the leaf maps
 *
 * Return: the leaf, or 0, also if a table lies outside memory.
 */
static inline uint64_t guest_walk(const struct memory *memory, uint64_t root, uint64_t va,
				  uint64_t *size)
{
	uint64_t table = root;

	for (int level = 4; level >= 1; level--) {
		uint64_t *entries = memory_at(memory, table, 4096), entry;

		if (!entries)
			return 0;
		entry = entries[va >> (12 + 9 * (level - 1)) & 511];
		if (!(entry & PV_PTE_P))
			return 0;
		*size = 4096ULL << (9 * (level - 1));
		if (level == 1 || (entry & PV_PTE_PS))
			return entry;
		table = entry & PV_PTE_ADDR;
	}
	return 0;
}

/**
 * guest_gpa() - the guest physical address behind an address
 * @leaf: of guest_walk(), not 0
 * @size: of guest_walk()
 * @va: address
 *
 * Return: its gpa.
 */
static inline uint64_t guest_gpa(uint64_t leaf, uint64_t size, uint64_t va)
{
	return (leaf & PV_PTE_ADDR & -size) + va % size;
}

#endif
