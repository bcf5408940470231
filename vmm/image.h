/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest kernel images: ELF64 files with a PVGUEST note (pv-abi/SPECIFICATION.md, 2.1).
 */
#ifndef PVRUN_IMAGE_H
#define PVRUN_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "pv_abi.h"

#define IMAGE_MAX_SEGMENTS	16

/* segment.rights, with the values of ELF's p_flags */
#define IMAGE_EXEC		1
#define IMAGE_WRITE		2
#define IMAGE_READ		4

/**
 * struct segment - a PT_LOAD segment that has passed all checks
 * @data: its bytes in the file
 * @file_size: number of @data
 * @mem_size: bytes in memory, those beyond @file_size being zero
 * @gpa: guest physical address
 * @va: guest virtual address, congruent to @gpa modulo the page size
 * @rights: IMAGE_*
 */
struct segment {
	const uint8_t *data;
	uint64_t file_size;
	uint64_t mem_size;
	uint64_t gpa;
	uint64_t va;
	unsigned int rights;
};

/**
 * struct image - a checked image; points into the bytes it was parsed from
 * @entry: virtual address of the first instruction, in an executable segment
 * @nr_segments: used entries of @segments
 * @segments: ascending by gpa, not overlapping in gpa
 * @note: what the image asks of the host; the host judges it
 */
struct image {
	uint64_t entry;
	unsigned int nr_segments;
	struct segment segments[IMAGE_MAX_SEGMENTS];
	struct pv_note note;
};

/**
 * image_parse() - check an ELF file and find its segments and its note
 * @data: the file; nothing in it is trusted
 * @size: bytes of @data
 * @image: result
 * @why: set to a reason, in words, on failure
 *
 * Pure: touches nothing but its arguments.
 *
 * Return: 0, or -ENOEXEC.
 */
int image_parse(const void *data, size_t size, struct image *image, const char **why);

#endif
