// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints a right input for a fuzzer to start from: seed image, seed virtio TYPE.
 */
#include <linux/virtio_ring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_maker.h"
#include "fuzz_virtio.h"

static void put(uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		putchar(value >> (8 * i) & 0xff);
}

static void describe(unsigned int index, uint64_t address, uint64_t length, unsigned int flags)
{
	put(FUZZ_DESCRIBE, 1);
	put(index, 1);
	put(address, 4);
	put(length, 4);
	put(flags, 1);
	put(index + 1, 1);
}

/* One request of a type, with a sector of data that goes this way or that. */
static void virtio_seed(unsigned int type)
{
	unsigned int to_driver = type == 0 || type == 8 ? VRING_DESC_F_WRITE : 0;

	put(FUZZ_SET_UP, 1);
	put(3, 1);
	put(FUZZ_STORE, 1);
	put(FUZZ_HEADER, 2);
	put(type, 8);
	put(FUZZ_STORE, 1);
	put(FUZZ_DATA + 8, 2);
	put(4, 8);		/* sectors of a discard */
	describe(0, FUZZ_HEADER, 16, VRING_DESC_F_NEXT);
	describe(1, FUZZ_DATA, type == 11 || type == 13 ? 16 : 512, VRING_DESC_F_NEXT | to_driver);
	describe(2, FUZZ_STATUS, 1, VRING_DESC_F_WRITE);
	put(FUZZ_OFFER, 1);
	put(0, 1);
	put(FUZZ_SERVE, 1);
}

int main(int argc, char **argv)
{
	struct made_elf elf;

	if (argc == 3 && !strcmp(argv[1], "virtio")) {
		virtio_seed(strtoul(argv[2], NULL, 10));
		return 0;
	}
	make_elf(&elf);
	return fwrite(&elf, sizeof(elf), 1, stdout) == 1 ? 0 : 1;
}
