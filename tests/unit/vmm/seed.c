// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints a right image, the seed of fuzz_image.
 */
#include <stdio.h>

#include "elf_maker.h"

int main(void)
{
	struct made_elf elf;

	make_elf(&elf);
	return fwrite(&elf, sizeof(elf), 1, stdout) == 1 ? 0 : 1;
}
