/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest RAM: one range from guest physical address 0, a memory file of ours that
 * takes pages as they are touched.
 */
#ifndef PVRUN_MEMORY_H
#define PVRUN_MEMORY_H

#include <stdint.h>

/**
 * struct memory - guest RAM; constant once it is made
 * @base: where it is mapped here
 * @bytes: its size
 * @fd: the memory file
 */
struct memory {
	uint8_t *base;
	uint64_t bytes;
	int fd;
};

/**
 * memory_create() - make guest RAM, zeroed, no page of it taken yet
 * @memory: result
 * @bytes: size, a multiple of 2 MiB
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int memory_create(struct memory *memory, uint64_t bytes);

/**
 * memory_clear() - make it as memory_create() did: zeroed, no page of it taken
 * @memory: not used by any machine
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int memory_clear(const struct memory *memory);

/**
 * memory_destroy() - give all of it back
 * @memory: as memory_create() made it
 */
void memory_destroy(struct memory *memory);

/**
 * memory_at() - translate a guest physical range
 * @memory: guest RAM
 * @gpa: first byte; any value
 * @bytes: length; any value
 *
 * Context: any thread. The guest may change what is there at any time.
 *
 * Return: the address here, or NULL if the range is not all RAM.
 */
void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t bytes);

#endif
