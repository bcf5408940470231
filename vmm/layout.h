/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things go in guest physical memory.
 */
#ifndef PVRUN_LAYOUT_H
#define PVRUN_LAYOUT_H

#include <stdint.h>

#include "image.h"

/* Every segment, the initrd, the loader's area and the vCPU pages. */
#define LAYOUT_MAX_USED		(IMAGE_MAX_SEGMENTS + 3)
/* The used ranges, and what lies before, between and after them. */
#define LAYOUT_MAX_MAP		(2 * LAYOUT_MAX_USED + 1)

#define LAYOUT_STACK_BYTES	16384

/**
 * struct layout - guest physical memory, planned; all values are multiples of 4096
 * @ram_bytes: RAM starts at 0
 * @vcpu_pages: gpa of the first vCPU page, above RAM
 * @end: of the last vCPU page
 * @initrd: gpa, 0 if there is none
 * @loader: gpa of the loader's area: boot information, stack, page tables
 * @loader_bytes: size of it
 * @boot: gpa of struct pv_boot, at the start of the loader's area; behind it
 *	lie the memory map, the device table and the command line
 * @stack: gpa of the lowest byte of the first stack
 * @tables: gpa of the first page table; the rest of the loader's area
 * @nr_used: entries of @used
 * @used: ascending, not overlapping
 */
struct layout {
	uint64_t ram_bytes;
	uint64_t vcpu_pages;
	uint64_t end;
	uint64_t initrd;
	uint64_t loader;
	uint64_t loader_bytes;
	uint64_t boot;
	uint64_t stack;
	uint64_t tables;
	unsigned int nr_used;
	struct pv_memory used[LAYOUT_MAX_USED];
};

/**
 * struct layout_request - what has to fit into memory
 * @image: parsed image
 * @ram_bytes: size of RAM, a multiple of 2 MiB
 * @nr_vcpus: number of vCPU pages
 * @nr_devices: number of devices
 * @cmdline_bytes: command line with its NUL
 * @initrd_bytes: 0 if there is none
 */
struct layout_request {
	const struct image *image;
	uint64_t ram_bytes;
	unsigned int nr_vcpus;
	unsigned int nr_devices;
	uint64_t cmdline_bytes;
	uint64_t initrd_bytes;
};

/**
 * layout_plan() - find room for everything
 * @layout: result
 * @request: what to find room for
 *
 * Prints what does not fit. Return: 0, -ENOMEM or -EINVAL.
 */
int layout_plan(struct layout *layout, const struct layout_request *request);

/**
 * layout_map() - the memory map of a layout
 * @layout: a plan
 * @map: result, of at least LAYOUT_MAX_MAP entries: ascending, RAM in the gaps
 *
 * Return: number of entries used.
 */
unsigned int layout_map(const struct layout *layout, struct pv_memory *map);

#endif
