// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns whatever the loader left into struct boot_info. Runs at the link
 * address with the first 4 GiB still mapped one to one.
 */
#include <string.h>

#include "boot.h"

extern u64 boot_load_address;

struct boot_info boot_info __bootbss;
u64 hvm_phys_offset;

/**
 * boot_collect - fill boot_info
 * @proto: BOOT_PROTO_*
 * @info: physical address of the loader's structure
 *
 * Context: boot CPU, interrupts off, identity mapping present.
 */
void boot_collect(u32 proto, u64 info)
{
	struct boot_info *bi = &boot_info;

	boot_check_cpu();
	if (proto != BOOT_PROTO_EFI)
		memset(bi, 0, sizeof(*bi));
	bi->kernel_base = boot_load_address;
	bi->kernel_len = (u64)(_end - _start);
	hvm_phys_offset = boot_load_address - KERNEL_LMA;

	switch (proto) {
	case BOOT_PROTO_PVH:
		boot_from_pvh(bi, info);
		break;
	case BOOT_PROTO_MB2:
		boot_from_multiboot2(bi, info);
		break;
	case BOOT_PROTO_LINUX:
		boot_from_linux(bi, info);
		break;
	case BOOT_PROTO_EFI:
		bi->loader = "efi";
		break;
	}
}
