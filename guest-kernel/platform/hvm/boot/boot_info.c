// SPDX-License-Identifier: GPL-2.0-only
/* The parts of struct boot_info that every loader fills, bounded. */
#include "boot.h"

/**
 * boot_add_mem - append a range to the memory map
 * @bi: boot information
 * @base: first byte, physical
 * @len: bytes; 0 is ignored
 * @type: enum boot_mem_type; other values are taken as reserved
 *
 * Joins neighbours of one type, as EFI maps come in many small pieces.
 */
void boot_add_mem(struct boot_info *bi, u64 base, u64 len, u32 type)
{
	struct boot_mem *last = bi->nr_mem ? &bi->mem[bi->nr_mem - 1] : NULL;

	if (!len || base + len < base)
		return;
	if (type < BOOT_MEM_RAM || type > BOOT_MEM_UNUSABLE)
		type = BOOT_MEM_RESERVED;
	if (last && last->type == type && last->base + last->len == base) {
		last->len += len;
		return;
	}
	if (bi->nr_mem == BOOT_MEM_MAX) {
		bi->nr_mem_lost++;
		return;
	}
	bi->mem[bi->nr_mem++] = (struct boot_mem){ .base = base, .len = len, .type = type };
}

/**
 * boot_set_cmdline - copy the command line
 * @bi: boot information
 * @src: the loader's string, or NULL
 * @max: bytes that may be read at @src
 *
 * What does not fit is counted; kernel_main() says so.
 */
void boot_set_cmdline(struct boot_info *bi, const char *src, size_t max)
{
	size_t n, len = 0;

	for (n = 0; src && n < max && src[n]; n++) {
		if (len < BOOT_CMDLINE_MAX - 1)
			bi->cmdline[len++] = src[n];
	}
	bi->cmdline[len] = '\0';
	bi->cmdline_lost = (u32)(n - len);
}
