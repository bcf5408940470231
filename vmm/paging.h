/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables a guest starts on.
 */
#ifndef PVRUN_PAGING_H
#define PVRUN_PAGING_H

#include <stdint.h>

#include "image.h"
#include "memory.h"

/**
 * struct paging - page tables under construction
 * @memory: guest RAM, where they lie
 * @next: gpa of the next free table
 * @end: behind the last one
 * @root: gpa of the top table
 */
struct paging {
	const struct memory *memory;
	uint64_t next;
	uint64_t end;
	uint64_t root;
};

/**
 * paging_tables_needed() - bound the number of tables
 * @image: its segments will be mapped
 * @direct_end: bytes of the direct map
 *
 * Return: number of 4 KiB pages that certainly suffice.
 */
uint64_t paging_tables_needed(const struct image *image, uint64_t direct_end);

/**
 * paging_build() - make the boot page tables (SPECIFICATION.md, 2.2)
 * @paging: @paging->memory, @paging->next and @paging->end are set; the tables' memory is zero
 * @image: its segments are mapped with their rights
 * @direct_end: everything below is mapped at PV_VA_DIRECT, writable
 *
 * Return: 0, or -ENOMEM.
 */
int paging_build(struct paging *paging, const struct image *image, uint64_t direct_end);

#endif
